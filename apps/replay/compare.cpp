#include "apps/replay/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <variant>

#include "apps/replay/report_text.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

using Side = std::vector<Document>;
constexpr std::uintmax_t largest_report = std::uintmax_t{1} << 30U;

std::variant<Document, std::string> read_report(const std::string& path) {
  const auto text = read_file(path, largest_report);
  if (const auto* error = std::get_if<FileError>(&text))
    return format(Message::cannot_read_file, {path, error->message});
  auto document = Document::parse(std::get<std::string>(text), nullptr, false);
  if (!document.is_object() || document.value("format", "") != document_format) {
    return format(Message::cannot_read_file,
                  {path, fmt::format("it is no report of vmlan replay --json ({})", document_format)});
  }
  return document;
}

// Digests of what was read, or names where there are none.
std::string inputs_of(const Document& document) {
  std::string text;
  const auto inputs = document.value("inputs", Document::array());
  for (const auto& input : inputs) {
    const auto digest = input.find("sha256");
    const bool known = digest != input.end() && digest->is_string();
    text += (known ? digest->get<std::string>() : input.value("name", "")) + " ";
  }
  return text;
}

double number_at(const Document& document, std::initializer_list<const char*> path) {
  const Document* at = &document;
  for (const char* key : path) {
    if (!at->is_object()) return 0;
    const auto member = at->find(key);
    if (member == at->end()) return 0;
    at = &*member;
  }
  return at->is_number() ? at->get<double>() : 0;
}

std::string shown_number(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{:.1f}", value);
}

std::string shown_spread(const Spread& spread, bool time) {
  const auto one = [time](double value) {
    return time ? shown_time(arch::Time(std::llround(value))) : shown_number(value);
  };
  if (spread.least == spread.most) return one(spread.mean);
  return fmt::format("{} ({} to {})", one(spread.mean), one(spread.least), one(spread.most));
}

std::string change_of(const Spread& a, const Spread& b) {
  if (a.mean == 0) return "new";
  if (b.mean == 0) return "gone";
  return fmt::format("{:+.1f} %", (b.mean - a.mean) / a.mean * 100);
}

struct Figure {
  std::string name;
  Spread a;
  Spread b;
  bool is_time = false;
};

template <class Value>
Figure figure(std::string name, const Side& a, const Side& b, bool is_time, Value value) {
  std::vector<double> left;
  std::vector<double> right;
  for (const auto& document : a) left.push_back(value(document));
  for (const auto& document : b) right.push_back(value(document));
  return {std::move(name), spread_of(left), spread_of(right), is_time};
}

std::vector<Figure> sums(const Side& a, const Side& b) {
  std::vector<Figure> figures;
  const auto add = [&](std::string name, std::initializer_list<const char*> path, bool is_time = false) {
    figures.push_back(figure(std::move(name), a, b, is_time,
                             [path](const Document& document) { return number_at(document, path); }));
  };
  add("records", {"trace", "records"});
  add("users", {"run", "users"});
  add("sent", {"run", "sent"});
  add("received", {"run", "received"});
  add("bytes received", {"run", "received_bytes"});
  add("time", {"run", "time_ns"}, true);
  add("latency, median", {"run", "latency", "p50_ns"}, true);
  add("latency, 99 %", {"run", "latency", "p99_ns"}, true);
  add("latency, most", {"run", "latency", "most_ns"}, true);
  const auto closed = [](const Document& document) { return document.contains("closed"); };
  if (std::ranges::none_of(a, closed) && std::ranges::none_of(b, closed)) return figures;
  add("connections ended", {"closed", "ended"});
  add("connections reset or given up", {"closed", "reset_or_given_up"});
  add("bytes verified", {"closed", "verified"});
  add("segments of stacks", {"closed", "segments"});
  add("segments sent again", {"closed", "sent_again"});
  add("packets of stacks lost on links", {"closed", "lost_on_link"});
  add("packets of stacks, queue full", {"closed", "queue_full"});
  add("packets of stacks received", {"closed", "packets", "received"});
  add("connections' duration, median", {"closed", "duration", "p50_ns"}, true);
  add("connections' duration, 99 %", {"closed", "duration", "p99_ns"}, true);
  return figures;
}

// Of every name that one of the documents has.
std::vector<Figure> names(const Side& a, const Side& b, const char* section, const char* member,
                          std::string_view prefix) {
  std::map<std::string, bool> all;
  for (const auto* side : {&a, &b}) {
    for (const auto& document : *side) {
      if (!document.contains(section)) continue;
      const auto counts = document[section].value(member, Document::object());
      for (const auto& [name, count] : counts.items()) all[name] = true;
    }
  }
  std::vector<Figure> figures;
  for (const auto& [name, ignored] : all) {
    figures.push_back(
        figure(fmt::format("{}{}", prefix, name), a, b, false, [&, key = name](const Document& document) {
          return number_at(document, {section, member, key.c_str()});
        }));
  }
  return figures;
}

std::string text_at(const Document& row, const char* key) {
  const auto member = row.find(key);
  if (member == row.end()) return {};
  return member->is_string() ? member->get<std::string>() : member->dump();
}

// A user's name here is what it is in both traces: its first address.
std::string name_of(const Document& row) {
  if (const auto list = row.find("addresses"); list != row.end() && list->is_array() && !list->empty()) {
    return fmt::format("{} {}", text_at(row, "user"),
                       list->front().is_string() ? list->front().get<std::string>() : "");
  }
  return fmt::format("{} {}:{} > {}:{}{}", text_at(row, "protocol"), text_at(row, "source"),
                     text_at(row, "source_port"), text_at(row, "destination"),
                     text_at(row, "destination_port"),
                     number_at(row, {"vlan"}) == 0 ? "" : fmt::format(" vlan {}", text_at(row, "vlan")));
}

// "received" of each row of a table, and its latency.
std::vector<Figure> rows(const Side& a, const Side& b, const char* table) {
  struct Values {
    std::vector<double> received[2];
    std::vector<double> latency[2];
  };
  std::map<std::string, Values> all;
  const Side* sides[] = {&a, &b};
  for (std::size_t side = 0; side < 2; ++side) {
    for (const auto& document : *sides[side]) {
      const auto list = document.value(table, Document::array());
      for (const auto& row : list) {
        auto& values = all[name_of(row)];
        values.received[side].push_back(number_at(row, {"received"}));
        values.latency[side].push_back(number_at(row, {"latency", "p99_ns"}));
      }
    }
  }
  std::vector<Figure> figures;
  for (auto& [name, values] : all) {
    // A row that a report does not have is one of zeros.
    for (std::size_t side = 0; side < 2; ++side) {
      values.received[side].resize(sides[side]->size());
      values.latency[side].resize(sides[side]->size());
    }
    figures.push_back(
        {name + ", received", spread_of(values.received[0]), spread_of(values.received[1]), false});
    figures.push_back(
        {name + ", latency 99 %", spread_of(values.latency[0]), spread_of(values.latency[1]), true});
  }
  return figures;
}

double weight(const Figure& figure) {
  const double larger = std::max(std::abs(figure.a.mean), std::abs(figure.b.mean));
  return larger == 0 ? 0 : std::abs(figure.b.mean - figure.a.mean) / larger;
}

// Those that differ; returns how many.
std::size_t tell(std::string_view title, std::vector<Figure> figures, std::size_t most,
                 const Output& output) {
  std::erase_if(figures, [](const Figure& figure) { return !is_apart(figure.a, figure.b); });
  if (figures.empty()) return 0;
  if (figures.size() > most) {
    std::stable_sort(figures.begin(), figures.end(),
                     [](const Figure& a, const Figure& b) { return weight(a) > weight(b); });
  }
  output.transcript(fmt::format("{}: {} differ", title, figures.size()));
  for (std::size_t i = 0; i < std::min(figures.size(), most); ++i) {
    const auto& figure = figures[i];
    output.transcript(fmt::format("  {:<44} {:>14} -> {:<14} {}", figure.name,
                                  shown_spread(figure.a, figure.is_time),
                                  shown_spread(figure.b, figure.is_time), change_of(figure.a, figure.b)));
  }
  if (figures.size() > most) output.transcript(fmt::format("  ... and {} more", figures.size() - most));
  return figures.size();
}

// What was changed between the two, first of all.
void tell_options(const Document& a, const Document& b, const Output& output) {
  const auto empty = Document::object();
  const auto left = a.value("options", empty);
  const auto right = b.value("options", empty);
  for (const auto& [name, value] : right.items()) {
    const auto before = left.find(name);
    if (before != left.end() && *before == value) continue;
    output.transcript(fmt::format("Option {}: {} -> {}", name, before == left.end() ? "none" : before->dump(),
                                  value.dump()));
  }
}

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  if (values.empty()) return spread;
  spread.count = values.size();
  spread.least = *std::min_element(values.begin(), values.end());
  spread.most = *std::max_element(values.begin(), values.end());
  for (const double value : values) spread.mean += value / static_cast<double>(values.size());
  // Equal ones have no rounding.
  if (spread.least == spread.most) spread.mean = spread.least;
  return spread;
}

bool is_apart(const Spread& a, const Spread& b) noexcept { return a.most < b.least || b.most < a.least; }

ExitCode compare_replays(const CompareOptions& options, const Output& output) {
  Side sides[2];
  const std::vector<std::string>* paths[] = {&options.files, &options.against};
  for (std::size_t side = 0; side < 2; ++side) {
    for (const auto& path : *paths[side]) {
      auto read = read_report(path);
      if (const auto* why = std::get_if<std::string>(&read)) {
        output.errors(*why);
        return ExitCode::usage;
      }
      sides[side].push_back(std::get<Document>(std::move(read)));
    }
  }
  const auto& [a, b] = sides;
  for (const auto* side : {&a, &b}) {
    for (const auto& document : *side) {
      if (document.value("partial", false))
        output.transcript("Note: one of the reports is about a part of its trace");
      if (inputs_of(document) != inputs_of(a.front()))
        output.transcript("Note: the reports are about different traces");
    }
  }
  tell_options(a.front(), b.front(), output);
  std::size_t differ = tell("Sums", sums(a, b), options.most_rows, output);
  differ += tell("Dropped", names(a, b, "run", "dropped", ""), options.most_rows, output);
  differ += tell("Dropped, of stacks", names(a, b, "closed", "dropped", ""), options.most_rows, output);
  differ += tell("Not sent", names(a, b, "trace", "not_sent", ""), options.most_rows, output);
  differ += tell("Users", rows(a, b, "users"), options.most_rows, output);
  differ += tell("Flows", rows(a, b, "flows"), options.most_rows, output);
  if (differ == 0)
    output.transcript(a.size() + b.size() > 2 ? "Nothing differs by more than its spread"
                                              : "Nothing differs");
  return differ == 0 ? ExitCode::success : ExitCode::failure;
}

}  // namespace vmlan::apps
