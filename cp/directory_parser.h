// Turns the text of a user directory into entries, statement by statement.
//
// Lines that begin with an asterisk and empty lines are comments. A statement whose last character is a
// comma goes on in the next line. The order of statements within an entry is not checked beyond what gives
// them their meaning (INCLUDE first, NICDEF statements of one NIC together): CP is stricter there.
//
// Owns: what it has parsed so far. Threads: the base's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cp/directory.h"
#include "cp/messages.h"
#include "cp/words.h"

namespace vmlan::cp {

class DirectoryParser {
 public:
  // `taken`: is this user in the directory already?
  DirectoryParser(std::string_view file_name, std::function<bool(std::string_view)> taken)
      : file_(file_name), taken_(std::move(taken)) {}

  void parse(std::string_view text);
  std::vector<DirectoryError>& errors() noexcept { return errors_; }
  std::vector<UserEntry>& users() noexcept { return users_; }

  // --- For the functions of the statements ------------------------------------------------------------
  Words& words() noexcept { return words_; }
  UserEntry& entry() noexcept { return *entry_; }
  void fail(Message message, std::initializer_list<std::string_view> values = {});
  // `what`, a statement or an operand, is accepted and has no effect.
  void ignore(std::string_view what);
  // Required operands; when they return nothing, the error has been noted.
  std::optional<std::string> take_name();
  std::optional<arch::DeviceNumber> take_device();
  void expect_end();

  void begin_user(UserEntry entry);
  void begin_profile(const std::string& name);
  void include(const std::string& name);
  // The entry gets a device at this number; false: it has one there.
  bool claim(arch::DeviceNumber device);
  // The NIC that the statement right before this one was about, if it is this one.
  NicDefinition* nic_in_progress(arch::DeviceNumber device);
  NicDefinition& begin_nic(const NicDefinition& nic);

 private:
  struct Statement {
    unsigned line = 0;
    std::string text;
  };

  void parse_statement(Statement statement);
  void fail_at(const Statement& statement, Message message, std::initializer_list<std::string_view> values);
  void note(const Statement& statement, std::string_view text, bool warning);
  void end_entry();
  // Device ranges of NICs are known only when their last statement is.
  void claim_nics();
  void merge_profile(const UserEntry& profile);

  std::string file_;
  std::function<bool(std::string_view)> taken_;
  Statement statement_;
  Words words_{std::string_view()};
  unsigned statements_in_entry_ = 0;
  bool nic_statement_before_ = false;

  std::optional<UserEntry> entry_;  // the one being read
  std::optional<std::string> profile_name_;
  const UserEntry* included_ = nullptr;
  std::vector<arch::DeviceNumber> claimed_;
  std::vector<Statement> nic_statements_;  // one for each NIC of the entry

  std::map<std::string, UserEntry, std::less<>> profiles_;
  std::vector<UserEntry> users_;
  std::vector<DirectoryError> errors_;
};

// A statement as a row of a table.
struct StatementRow {
  std::string_view name;
  enum class Place : std::uint8_t { begins_entry, in_entry, anywhere } place;
  void (*function)(DirectoryParser&);
};

// nullptr = no such statement.
const StatementRow* find_statement(std::string_view word) noexcept;

// R RR W WR M MR MW and the like; nothing = not an access mode, else whether it only reads.
std::optional<bool> read_only_mode(std::string_view word);

// directory_nicdef.cpp; of a NIC's definition, also for SPECIAL. false: the error has been noted.
void parse_nicdef(DirectoryParser& parser);
bool parse_nic_devices(DirectoryParser& parser, NicDefinition& nic);
bool parse_nic_lan(DirectoryParser& parser, NicDefinition& nic);
bool nic_fits(DirectoryParser& parser, const NicDefinition& nic);

// directory_devices.cpp
void parse_console(DirectoryParser& parser);
void parse_link(DirectoryParser& parser);
void parse_mdisk(DirectoryParser& parser);
void parse_special(DirectoryParser& parser);
void parse_spool(DirectoryParser& parser);

}  // namespace vmlan::cp
