#include "apps/script/script_statements.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace vmlan::apps {

namespace {

constexpr double longest_time_seconds = 1e7;

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("$#@+-_").find(c) != std::string_view::npos;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

// A user id, a file name or a file type; empty = it is none.
std::string short_name(std::string_view word) {
  if (word.empty() || word.size() > 8 || !std::all_of(word.begin(), word.end(), is_name_character)) return {};
  return upper(word);
}

template <class Number>
std::optional<Number> number(const std::string& word, auto... base) {
  Number value{};
  const char* end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, value, base...);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<arch::DeviceNumber> device_number(const std::string& word) {
  const auto value = word.size() <= 4 ? number<std::uint16_t>(word, 16) : std::nullopt;
  if (!value) return std::nullopt;
  return arch::DeviceNumber{*value};
}

std::optional<arch::Time> seconds(const std::string& word) {
  const auto value = number<double>(word);
  if (!value || !(*value >= 0 && *value <= longest_time_seconds)) return std::nullopt;
  return std::chrono::duration_cast<arch::Time>(std::chrono::duration<double>(*value));
}

// userid vdev FN FT in words[first...]; or the word that is wrong.
std::variant<DiskFile, Invalid> disk_file(const std::vector<Word>& words, std::size_t first) {
  DiskFile file;
  file.userid = short_name(words[first].text);
  if (file.userid.empty()) return Invalid{words[first].text};
  const auto device = device_number(words[first + 1].text);
  if (!device) return Invalid{words[first + 1].text};
  file.device = *device;
  for (const std::size_t part : {first + 2, first + 3}) {
    const std::string name = short_name(words[part].text);
    if (name.empty()) return Invalid{words[part].text};
    file.name += (file.name.empty() ? "" : " ") + name;
  }
  return file;
}

HostPath host_path(const Word& word) { return {word.text, word.from_caller}; }

Parsed parse_default(Operands operands) {
  const std::string& name = operands.words[0].text;
  if (name.size() != 2 || name[0] != '&' || name[1] < '1' || name[1] > '9') return Invalid{name};
  return SetDefault{static_cast<std::size_t>(name[1] - '1'), std::move(operands.words[1].text)};
}

Parsed parse_directory(Operands operands) {
  if (operands.words.empty()) return LoadDirectoryText{std::move(operands.block), operands.block_line};
  return LoadDirectoryFile{host_path(operands.words[0])};
}

Parsed parse_expect(Operands operands) {
  Expect expect{short_name(operands.words[0].text), 0, false};
  if (expect.console.empty()) return Invalid{operands.words[0].text};
  if (operands.words.size() == 3) {
    expect.negated = !operands.words[1].quoted && upper(operands.words[1].text) == "NOT";
    if (!expect.negated) return Invalid{operands.words[2].text};
  }
  Word& what = operands.words.back();
  if (what.quoted && !what.text.empty()) {
    expect.what = std::move(what.text);
    return expect;
  }
  const auto code = what.quoted ? std::nullopt : number<int>(what.text);
  if (!code) return Invalid{what.text};
  expect.what = *code;
  return expect;
}

Parsed parse_file(Operands operands) {
  auto file = disk_file(operands.words, 0);
  if (auto* invalid = std::get_if<Invalid>(&file)) return std::move(*invalid);
  return WriteFile{std::get<DiskFile>(std::move(file)), std::move(operands.block)};
}

Parsed parse_get(Operands operands) {
  auto file = disk_file(operands.words, 0);
  if (auto* invalid = std::get_if<Invalid>(&file)) return std::move(*invalid);
  return GetFile{std::get<DiskFile>(std::move(file)), host_path(operands.words[4])};
}

Parsed parse_ignore(Operands operands) {
  const std::string& name = operands.words[0].text;
  if (!name.ends_with(':') || short_name(name.substr(0, name.size() - 1)).empty()) return Invalid{name};
  return Ignore{operands.text.empty() ? name : name + " " + operands.text};
}

Parsed parse_put(Operands operands) {
  auto file = disk_file(operands.words, 1);
  if (auto* invalid = std::get_if<Invalid>(&file)) return std::move(*invalid);
  return PutFile{host_path(operands.words[0]), std::get<DiskFile>(std::move(file))};
}

Parsed parse_sleep(Operands operands) {
  const auto time = seconds(operands.words[0].text);
  if (!time) return Invalid{operands.words[0].text};
  return Sleep{*time};
}

Parsed parse_strict(Operands operands) {
  const std::string word = operands.words.empty() ? "ON" : upper(operands.words[0].text);
  if (word != "ON" && word != "OFF") return Invalid{operands.words[0].text};
  return SetStrict{word == "ON"};
}

Parsed parse_timeout(Operands operands) {
  const auto time = seconds(operands.words[0].text);
  if (!time || *time == arch::Time{0}) return Invalid{operands.words[0].text};
  return SetTimeout{*time};
}

Parsed parse_wait(Operands operands) {
  WaitFor wait{short_name(operands.words[0].text), std::move(operands.text)};
  if (wait.console.empty()) return Invalid{operands.words[0].text};
  return wait;
}

constexpr std::array forms{
    StatementForm{".DEFAULT", ".DEFAULT &n value", 2, 2, false, std::nullopt, parse_default},
    StatementForm{".DIRECTORY", ".DIRECTORY path, or .DIRECTORY, its lines and .END", 0, 1, false, 0,
                  parse_directory},
    StatementForm{".EXPECT", ".EXPECT NAME [NOT] returncode, or .EXPECT NAME [NOT] \"text\"", 2, 3, false,
                  std::nullopt, parse_expect},
    StatementForm{".FILE", ".FILE userid vdev FN FT, its lines and .END", 4, 4, false, 4, parse_file},
    StatementForm{".GET", ".GET userid vdev FN FT hostpath", 5, 5, false, std::nullopt, parse_get},
    StatementForm{".IGNORE", ".IGNORE NAME: text, with ... for what differs", 1, 1, true, std::nullopt,
                  parse_ignore},
    StatementForm{".PUT", ".PUT hostpath userid vdev FN FT", 5, 5, false, std::nullopt, parse_put},
    StatementForm{".SLEEP", ".SLEEP seconds", 1, 1, false, std::nullopt, parse_sleep},
    StatementForm{".STRICT", ".STRICT [ON|OFF]", 0, 1, false, std::nullopt, parse_strict},
    StatementForm{".TIMEOUT", ".TIMEOUT seconds", 1, 1, false, std::nullopt, parse_timeout},
    StatementForm{".WAIT", ".WAIT NAME [text]", 1, 1, true, std::nullopt, parse_wait},
};

}  // namespace

const StatementForm* find_statement(std::string_view name) {
  const std::string wanted = upper(name);
  const auto found = std::find_if(forms.begin(), forms.end(),
                                  [&wanted](const StatementForm& form) { return form.name == wanted; });
  return found == forms.end() ? nullptr : &*found;
}

std::string console_name(std::string_view word) { return short_name(word); }

}  // namespace vmlan::apps
