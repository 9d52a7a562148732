// Tables of the document, for whoever reads no JSON.
#include <algorithm>

#include "apps/replay/report_document.h"

namespace vmlan::apps {

namespace {

std::string cell_of(const Document& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const auto& element : value) text += (text.empty() ? "" : " ") + cell_of(element);
  return text;
}

// Names of drops in the order in which they stand first in the table.
std::vector<std::string> drop_names(const Document& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    for (const auto& [name, packets] : row["dropped"].items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

}  // namespace

Table table_of(const Document& document, const std::string& name) {
  Table table;
  const auto& rows = document.at(name);
  if (rows.empty()) return table;
  const auto drops = drop_names(rows);
  std::vector<std::string> head;
  for (const auto& [key, value] : rows.front().items()) {
    if (key == "dropped") {
      for (const auto& drop : drops) head.push_back("dropped: " + drop);
    } else if (value.is_object()) {
      for (const auto& [part, ignored] : value.items()) head.push_back(key + "_" + part);
    } else {
      head.push_back(key);
    }
  }
  table.push_back(std::move(head));
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (const auto& [key, value] : row.items()) {
      if (key == "dropped") {
        for (const auto& drop : drops) cells.push_back(value.contains(drop) ? cell_of(value[drop]) : "0");
      } else if (value.is_object()) {
        for (const auto& [part, element] : value.items()) cells.push_back(cell_of(element));
      } else {
        cells.push_back(cell_of(value));
      }
    }
    table.push_back(std::move(cells));
  }
  return table;
}

}  // namespace vmlan::apps
