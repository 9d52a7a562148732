#include "apps/replay/report_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "apps/replay/report_page.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

std::string csv_cell(const std::string& cell) {
  // A leading sign would make a spreadsheet take text for a formula; numbers here are never negative.
  const bool plain = cell.find_first_of("\",\r\n") == std::string::npos;
  if (plain) return cell;
  std::string quoted = "\"";
  for (const char character : cell)
    quoted += character == '"' ? std::string("\"\"") : std::string(1, character);
  return quoted + "\"";
}

bool is_number(const std::string& cell) {
  return !cell.empty() &&
         std::all_of(cell.begin(), cell.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::string write(const std::filesystem::path& path, const std::string& text) {
  const auto error = write_file(path, std::as_bytes(std::span(text)));
  return error.message.empty() ? "" : format(Message::cannot_write_file, {path.string(), error.message});
}

}  // namespace

std::string csv_of(const Table& table) {
  std::string text;
  for (const auto& row : table) {
    for (std::size_t column = 0; column < row.size(); ++column)
      text += (column == 0 ? "" : ",") + csv_cell(row[column]);
    text += "\r\n";
  }
  return text;
}

Table without_details(const Table& table) {
  constexpr std::array details{"copies",          "first_ns",         "last_ns",
                               "latency_packets", "latency_least_ns", "latency_mean_ns",
                               "latency_p90_ns",  "queue_mean",       "interruptions"};
  Table kept(table.size());
  if (table.empty()) return kept;
  for (std::size_t column = 0; column < table.front().size(); ++column) {
    if (std::find(details.begin(), details.end(), table.front()[column]) != details.end()) continue;
    for (std::size_t row = 0; row < table.size(); ++row) kept[row].push_back(table[row][column]);
  }
  return kept;
}

std::vector<std::string> text_of(const Table& table, std::size_t most) {
  std::vector<std::string> lines;
  if (table.empty()) return lines;
  const std::size_t rows = std::min(table.size(), most + 1);
  std::vector<std::size_t> widths(table.front().size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < table[row].size(); ++column) {
      widths[column] = std::max(widths[column], table[row][column].size());
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    std::string line;
    for (std::size_t column = 0; column < table[row].size(); ++column) {
      const auto& cell = table[row][column];
      const std::string room(widths[column] - cell.size(), ' ');
      line += column == 0 ? "" : "  ";
      line += is_number(cell) ? room + cell : cell + room;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  if (table.size() > rows) lines.push_back(fmt::format("... and {} more", table.size() - rows));
  return lines;
}

std::vector<std::string> write_reports(const Document& document, const ReplayOptions& options) {
  std::vector<std::string> failures;
  const auto note = [&](std::string failure) {
    if (!failure.empty()) failures.push_back(std::move(failure));
  };
  if (!options.json.empty())
    note(write(options.json, document.dump(1, ' ', true, Document::error_handler_t::replace) + "\n"));
  if (!options.csv.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.csv, error);
    for (const char* name : document_tables) {
      note(write(std::filesystem::path(options.csv) / fmt::format("{}.csv", name),
                 csv_of(table_of(document, name))));
    }
  }
  const auto page = options.html.empty() ? std::nullopt : page_template();
  if (page) note(write(options.html, page_of(document, *page)));
  return failures;
}

}  // namespace vmlan::apps
