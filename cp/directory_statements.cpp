// USER, PROFILE, INCLUDE and the general statements of a directory entry.
#include <algorithm>
#include <array>

#include "cp/directory_parser.h"

namespace vmlan::cp {
namespace {

// More would not fit the address space a host gives a process.
constexpr std::uint64_t most_storage = std::uint64_t{1} << 44U;

LogonRule logon_rule(std::string_view password) {
  if (password == "NOPASS") return LogonRule::no_password;
  if (password == "AUTOONLY" || password == "LBYONLY") return LogonRule::autolog_only;
  if (password == "NOLOG") return LogonRule::never;
  return LogonRule::password;
}

// A storage size, if the next word is there; false: it is wrong, the error has been noted.
bool take_storage(DirectoryParser& parser, std::uint64_t& storage) {
  if (parser.words().empty()) return true;
  const auto word = parser.words().next();
  const auto size = parse_storage(word);
  if (!size) {
    parser.fail(Message::invalid_operand, {word});
    return false;
  }
  if (*size > most_storage) {
    parser.fail(Message::directory_limit, {word, "16384G"});
    return false;
  }
  storage = *size;
  return true;
}

bool take_classes(DirectoryParser& parser, std::string& classes) {
  if (parser.words().empty()) return true;
  auto word = parser.words().next();
  const bool valid = std::all_of(word.begin(), word.end(),
                                 [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '1' && c <= '6'); });
  if (!valid) {
    parser.fail(Message::invalid_operand, {word});
    return false;
  }
  classes = std::move(word);
  return true;
}

// The priority of old, which z/VM ignores, then the characters that end a line, delete a line, delete a
// character and escape one: only the first counts here.
void take_logical_characters(DirectoryParser& parser, std::optional<char>& line_end) {
  constexpr unsigned after_line_end = 3;
  if (parse_decimal(parser.words().peek())) parser.words().next();
  if (parser.words().empty()) return;
  const auto first = parser.words().next();
  const auto parsed = parse_line_end(first);
  if (!parsed) return parser.fail(Message::invalid_operand, {first});
  line_end = parsed->character;
  for (unsigned i = 0; i < after_line_end && !parser.words().empty(); ++i) {
    const auto word = parser.words().next();
    const bool valid = word.size() <= 2 || word == "OFF";
    if (!valid) return parser.fail(Message::invalid_operand, {word});
  }
  parser.expect_end();
}

void parse_user(DirectoryParser& parser) {
  UserEntry entry;
  // A wrong userid must not make every statement of the entry an error: the entry goes on without a name.
  if (const auto userid = parser.take_name()) {
    if (!valid_userid(*userid)) parser.fail(Message::invalid_userid, {*userid});
    entry.userid = *userid;
  }
  const auto password = parser.words().next();
  if (password.empty()) parser.fail(Message::operand_missing);
  entry.password = password;
  entry.rule = logon_rule(password);
  std::uint64_t maximum = 0;
  const bool operands_good = take_storage(parser, entry.storage) && take_storage(parser, maximum) &&
                             take_classes(parser, entry.classes);
  if (operands_good && maximum != 0 && entry.storage > maximum) {
    parser.fail(Message::directory_limit, {"Storage", "the maximum storage"});
  }
  if (operands_good) take_logical_characters(parser, entry.line_end);
  parser.begin_user(std::move(entry));
}

void parse_profile(DirectoryParser& parser) {
  const auto name = parser.take_name();
  parser.begin_profile(name.value_or(""));
  parser.expect_end();
}

void parse_include(DirectoryParser& parser) {
  const auto name = parser.take_name();
  if (!name) return;
  parser.include(*name);
  parser.expect_end();
}

void parse_ipl(DirectoryParser& parser) {
  const auto system = parser.take_name();
  if (!system) return;
  parser.entry().ipl_system = *system;
  if (parser.words().take("PARM")) {
    parser.entry().ipl_parameters = parser.words().rest();
  } else if (parser.words().take("LOADPARM")) {
    parser.ignore("LOADPARM");
  } else {
    parser.expect_end();
  }
}

void parse_command(DirectoryParser& parser) {
  const auto command = parser.words().rest();
  if (command.empty()) return parser.fail(Message::operand_missing);
  parser.entry().commands.emplace_back(command);
}

void parse_machine(DirectoryParser& parser) {
  constexpr std::array<std::string_view, 4> modes{"ESA", "XA", "XC", "Z"};
  const auto mode = parser.words().next();
  if (mode.empty()) return parser.fail(Message::operand_missing);
  if (std::find(modes.begin(), modes.end(), mode) == modes.end()) {
    return parser.fail(Message::invalid_operand, {mode});
  }
  if (parser.words().empty()) return;
  const auto processors = parser.words().next();
  if (!parse_decimal(processors)) return parser.fail(Message::invalid_operand, {processors});
  parser.expect_end();
}

void parse_cpu(DirectoryParser& parser) {
  const auto address = parser.words().next();
  if (!parse_hex(address, 2)) parser.fail(Message::operand_missing);
}

void parse_autolog(DirectoryParser& parser) {
  if (parser.words().empty()) return parser.fail(Message::operand_missing);
  while (!parser.words().empty()) {
    if (auto userid = parser.take_name()) parser.entry().autologgers.push_back(std::move(*userid));
  }
}

// Statements about things this system does not have (processor shares, accounting numbers): a directory
// from a real system may keep them.
void accept(DirectoryParser& parser) {
  if (parser.words().empty()) parser.fail(Message::operand_missing);
}

// Statements of a real directory about what this system does not have.
constexpr std::array<std::string_view, 31> ignored_statements{
    "ACIgroup",  "APPCpass",   "BUILD",      "CRYpto",     "D8ONECMD", "DASDOPT",    "DATEFormat", "DEDicate",
    "DUMP",      "IOPRIORITY", "LOADDEV",    "LOADPARM",   "LOGONBY",  "MAXSTORage", "MINIOPT",    "NAMESAVE",
    "NOPDATA",   "POOL",       "POSIXGLIST", "POSIXINFO",  "POSIXOPT", "RELOCATE",   "SCReen",     "SETOPTN",
    "SPOOLFile", "STDEVOPT",   "SYSAFFIN",   "VMRELOCATE", "XCONFIG",  "XSTORE",     "INITCMD",
};
constexpr std::array<std::string_view, 3> ignored_anywhere{"GLOBALDefs", "GLOBALOpts", "POSIXGROUP"};

void ignore_statement(DirectoryParser& parser) { parser.ignore("The statement"); }

void parse_storage_statement(DirectoryParser& parser) {
  if (parser.words().empty()) return parser.fail(Message::operand_missing);
  take_storage(parser, parser.entry().storage);
}

void parse_class(DirectoryParser& parser) {
  if (parser.words().empty()) return parser.fail(Message::operand_missing);
  take_classes(parser, parser.entry().classes);
}

// A part of an identity for one system of a cluster: read, so that errors are found, and not used.
void parse_subconfig(DirectoryParser& parser) {
  const auto name = parser.take_name();
  parser.begin_profile("SUBCONFIG " + name.value_or(""));
  parser.ignore("SUBCONFIG");
}

constexpr auto begins_entry = StatementRow::Place::begins_entry;
constexpr auto in_entry = StatementRow::Place::in_entry;
constexpr auto anywhere = StatementRow::Place::anywhere;

constexpr std::array statements{
    StatementRow{"User", begins_entry, parse_user},
    StatementRow{"PROFile", begins_entry, parse_profile},
    StatementRow{"INCLude", in_entry, parse_include},
    StatementRow{"Ipl", in_entry, parse_ipl},
    StatementRow{"COMMAND", in_entry, parse_command},
    StatementRow{"CMD", in_entry, parse_command},
    StatementRow{"MAchine", in_entry, parse_machine},
    StatementRow{"CPU", in_entry, parse_cpu},
    StatementRow{"XAUTOLOG", in_entry, parse_autolog},
    StatementRow{"AUTOLOG", in_entry, parse_autolog},
    StatementRow{"Option", in_entry, accept},
    StatementRow{"Account", in_entry, accept},
    StatementRow{"SHARE", in_entry, accept},
    StatementRow{"IUCV", in_entry, accept},
    StatementRow{"Console", in_entry, parse_console},
    StatementRow{"Link", in_entry, parse_link},
    StatementRow{"Mdisk", in_entry, parse_mdisk},
    StatementRow{"NICDEF", in_entry, parse_nicdef},
    StatementRow{"SPEcial", in_entry, parse_special},
    StatementRow{"Spool", in_entry, parse_spool},
    StatementRow{"DIRECTORY", anywhere, accept},
    StatementRow{"IDENTity", begins_entry, parse_user},
    StatementRow{"CLass", in_entry, parse_class},
    StatementRow{"STORage", in_entry, parse_storage_statement},
    StatementRow{"SUBCONfig", begins_entry, parse_subconfig},
};
constexpr StatementRow ignored_in_entry{"", in_entry, ignore_statement};
constexpr StatementRow ignored_at_any_place{"", anywhere, ignore_statement};

template <std::size_t size>
bool names(const std::array<std::string_view, size>& keywords, std::string_view word) noexcept {
  return std::any_of(keywords.begin(), keywords.end(),
                     [&](std::string_view keyword) { return matches(word, keyword); });
}

}  // namespace

const StatementRow* find_statement(std::string_view word) noexcept {
  const auto found = std::find_if(statements.begin(), statements.end(),
                                  [&](const StatementRow& row) { return matches(word, row.name); });
  if (found != statements.end()) return &*found;
  if (names(ignored_anywhere, word)) return &ignored_at_any_place;
  return names(ignored_statements, word) ? &ignored_in_entry : nullptr;
}

}  // namespace vmlan::cp
