// The user directory: the text of USER DIRECT turned into user entries.
//
// Source of the statements: CP Planning and Administration, "Creating and Updating a User Directory".
// Ours: `MDISK vdev HOST path [RR|MR]`, a folder of the host as a minidisk.
//
// Owns: the entries. Threads: the base's. All errors of a text are reported, and a text with errors
// changes nothing.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cp/user_entry.h"

namespace vmlan::cp {

struct DirectoryError {
  std::string file;
  unsigned line = 0;      // 1-based; of the statement's first line
  std::string statement;  // as it was written, but for passwords and what is not printable
  std::string message;    // id and text: "HCPDIR751E Invalid operand - 12Q"
  bool warning = false;   // what it says is ignored, and the text is loaded all the same
};

// "USER DIRECT, line 7: NICDEF 600 TYPE FOO: HCPDIR..."
std::string to_string(const DirectoryError& error);

// Is any of them more than a warning?
bool has_errors(const std::vector<DirectoryError>& errors) noexcept;

class Directory {
 public:
  // Adds the users of `text`; warnings alone do not keep it from that. A user that came from an earlier text
  // is an error too.
  std::vector<DirectoryError> load(std::string_view text, std::string_view file_name);
  // Adds one user, or replaces it.
  void add(UserEntry entry);
  // nullptr = not in the directory; stays valid as long as somebody holds it.
  std::shared_ptr<const UserEntry> find(std::string_view userid) const;
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  std::map<std::string, std::shared_ptr<const UserEntry>, std::less<>> entries_;
  std::set<std::string, std::less<>> loaded_;  // those that came from a text
};

}  // namespace vmlan::cp
