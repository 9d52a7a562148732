#include "cp/directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "cp/directory_parser.h"

namespace vmlan::cp {

std::string to_string(const DirectoryError& error) {
  return fmt::format("{}, line {}: {}: {}", error.file, error.line, error.statement, error.message);
}

bool has_errors(const std::vector<DirectoryError>& errors) noexcept {
  return std::any_of(errors.begin(), errors.end(),
                     [](const DirectoryError& error) { return !error.warning; });
}

std::vector<DirectoryError> Directory::load(std::string_view text, std::string_view file_name) {
  DirectoryParser parser(file_name,
                         [this](std::string_view userid) { return loaded_.find(userid) != loaded_.end(); });
  parser.parse(text);
  if (has_errors(parser.errors())) return std::move(parser.errors());
  for (auto& entry : parser.users()) {
    loaded_.insert(entry.userid);
    add(std::move(entry));
  }
  return std::move(parser.errors());
}

void Directory::add(UserEntry entry) {
  auto userid = entry.userid;
  entries_.insert_or_assign(std::move(userid), std::make_shared<const UserEntry>(std::move(entry)));
}

std::shared_ptr<const UserEntry> Directory::find(std::string_view userid) const {
  const auto found = entries_.find(userid);
  return found == entries_.end() ? nullptr : found->second;
}

}  // namespace vmlan::cp
