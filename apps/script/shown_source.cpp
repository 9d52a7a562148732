#include "apps/script/shown_source.h"

#include <algorithm>
#include <string_view>

#include "cp/passwords.h"

namespace vmlan::apps {

std::string shown_source(const Statement& statement, const cp::ControlProgram* system) {
  const std::string_view source = statement.source;
  if (const auto* typed = std::get_if<Typed>(&statement.action)) {
    std::size_t begin = std::min(source.find('>'), source.size() - 1) + 1;
    if (begin < source.size() && source[begin] == ' ') ++begin;
    const std::string_view text = source.substr(begin);
    const std::string shown =
        system != nullptr ? system->shown_line(typed->console, text) : cp::without_passwords(text);
    return std::string(source.substr(0, begin)) + shown;
  }
  if (!std::holds_alternative<LoadDirectoryText>(statement.action)) return statement.source;
  const std::size_t begin = std::min(source.find('\n'), source.size());
  return std::string(source.substr(0, begin)) + cp::without_directory_passwords(source.substr(begin));
}

}  // namespace vmlan::apps
