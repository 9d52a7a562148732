#include "apps/transcripts/test_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace vmlan::apps {

namespace {

double in_seconds(arch::Time time) { return std::chrono::duration<double>(time).count(); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// A line for a terminal.
std::string plain(std::string_view text) {
  std::string result(text);
  std::replace_if(result.begin(), result.end(), is_control, '?');
  return result;
}

// A '#' would begin TAP's remark.
std::string description(std::string_view file) {
  std::string result;
  for (const char c : plain(file)) {
    if (c == '#' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

// How many bytes of well-formed UTF-8 begin `text`; 0 = none do.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  if (length < 3) return length;
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
  const bool beyond = lead == 0xf4 && byte(1) >= 0x90;
  const bool none = lead == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe;  // U+FFFE, U+FFFF
  return overlong || surrogate || beyond || none ? 0 : length;
}

// Text of an XML document: what XML 1.0 has no character for becomes '?'.
std::string xml(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0 || (is_control(c) && c != '\n')) {
      result += '?';
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string junit_case(const TestResult& result) {
  std::string text = fmt::format("    <testcase classname=\"vmlan\" name=\"{}\" time=\"{:.3f}\"",
                                 xml(result.file), in_seconds(result.time));
  if (is_good(result)) return text + "/>\n";
  const char* element = result.verdict == Verdict::differs ? "failure" : "error";
  text += fmt::format(">\n      <{} message=\"{}\">", element, xml(result.message));
  for (const std::string& line : result.details) text += xml(line) + "\n";
  return text + fmt::format("</{}>\n    </testcase>\n", element);
}

}  // namespace

bool is_good(const TestResult& result) {
  return result.verdict == Verdict::same || result.verdict == Verdict::updated;
}

std::vector<std::string> tap_lines(const TestResult& result, std::size_t number) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} {} - {}{}", is_good(result) ? "ok" : "not ok", number,
                              description(result.file),
                              result.verdict == Verdict::updated ? " # updated" : ""));
  if (is_good(result)) return lines;
  lines.push_back("# " + plain(result.message));
  for (const std::string& line : result.details) lines.push_back("# " + plain(line));
  return lines;
}

std::string junit_xml(std::span<const TestResult> results) {
  const auto count = [results](Verdict verdict) {
    return std::count_if(results.begin(), results.end(),
                         [verdict](const TestResult& result) { return result.verdict == verdict; });
  };
  arch::Time time{0};
  for (const TestResult& result : results) time += result.time;
  const std::string numbers =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"", results.size(),
                  count(Verdict::differs), count(Verdict::failed), in_seconds(time));
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format("<testsuites {}>\n  <testsuite name=\"vmlan test\" {}>\n", numbers, numbers);
  for (const TestResult& result : results) text += junit_case(result);
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace vmlan::apps
