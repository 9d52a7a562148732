#include "cp/directory_parser.h"

#include <algorithm>

#include "cp/passwords.h"

namespace vmlan::cp {
namespace {

// Cuts the next line off `text`.
std::string_view take_line(std::string_view& text) noexcept {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// The line as a terminal may have it: what is not printable ASCII as a point, and not without end.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 160;
  std::string line(text.substr(0, longest));
  const auto is_other = [](char c) { return c < ' ' || c > '~'; };
  std::replace_if(line.begin(), line.end(), is_other, '.');
  if (text.size() > longest) line += "...";
  return line;
}

template <class Definition>
void add_missing(std::vector<Definition>& own, const std::vector<Definition>& profile,
                 const std::vector<arch::DeviceNumber>& claimed) {
  for (const auto& definition : profile) {
    if (std::find(claimed.begin(), claimed.end(), definition.device) == claimed.end()) {
      own.push_back(definition);
    }
  }
}

}  // namespace

void DirectoryParser::parse(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  Statement statement;
  unsigned number = 0;
  while (!text.empty()) {
    const auto line = trim(take_line(text));
    ++number;
    const bool continues = !statement.text.empty();
    if (!continues && (line.empty() || line.front() == '*')) continue;
    if (!continues) statement.line = number;
    if (continues) statement.text += ' ';
    statement.text += printable(line);
    if (statement.text.back() == ',' && !text.empty()) {
      statement.text.pop_back();
      continue;
    }
    parse_statement(std::move(statement));
    statement = {};
  }
  if (!statement.text.empty()) parse_statement(std::move(statement));
  end_entry();
}

void DirectoryParser::parse_statement(Statement statement) {
  statement_ = std::move(statement);
  words_ = Words(statement_.text);
  const auto name = words_.next();
  const auto* row = find_statement(name);
  if (row == nullptr) return fail(Message::directory_unknown_statement, {name});
  if (row->place == StatementRow::Place::begins_entry) end_entry();
  if (row->place == StatementRow::Place::in_entry && !entry_) return fail(Message::directory_no_user);
  row->function(*this);
  ++statements_in_entry_;
  nic_statement_before_ = row->function == parse_nicdef;
}

void DirectoryParser::fail(Message message, std::initializer_list<std::string_view> values) {
  fail_at(statement_, message, values);
}

void DirectoryParser::fail_at(const Statement& statement, Message message,
                              std::initializer_list<std::string_view> values) {
  note(statement, format(message, "DIR", values), false);
}

void DirectoryParser::ignore(std::string_view what) {
  note(statement_, format(Message::directory_ignored, "DIR", {what}), true);
}

void DirectoryParser::note(const Statement& statement, std::string_view text, bool warning) {
  const auto said = without_passwords_of(statement.text, text);
  const auto written = without_directory_passwords(statement.text);
  errors_.push_back({file_, statement.line, shown(written), shown(said), warning});
}

std::optional<std::string> DirectoryParser::take_name() {
  auto name = words_.next();
  if (valid_name(name)) return name;
  if (name.empty()) {
    fail(Message::operand_missing);
  } else {
    fail(Message::invalid_operand, {name});
  }
  return std::nullopt;
}

std::optional<arch::DeviceNumber> DirectoryParser::take_device() {
  const auto device = parse_device(words_.next());
  if (!device) fail(Message::device_number_invalid);
  return device;
}

void DirectoryParser::expect_end() {
  if (!words_.empty()) fail(Message::invalid_operand, {words_.next()});
}

void DirectoryParser::begin_user(UserEntry entry) {
  const auto same = [&](const UserEntry& user) { return user.userid == entry.userid; };
  const bool named = !entry.userid.empty();  // a wrong userid is an error already
  if (named && (taken_(entry.userid) || std::any_of(users_.begin(), users_.end(), same))) {
    fail(Message::directory_duplicate_user, {entry.userid});
  }
  entry_ = std::move(entry);
  statements_in_entry_ = 0;
}

void DirectoryParser::begin_profile(const std::string& name) {
  if (profiles_.find(name) != profiles_.end()) fail(Message::directory_duplicate_user, {name});
  entry_.emplace();
  profile_name_ = name;
  statements_in_entry_ = 0;
}

void DirectoryParser::include(const std::string& name) {
  constexpr unsigned after_user = 1;
  if (profile_name_ || statements_in_entry_ != after_user) return fail(Message::directory_order, {"INCLUDE"});
  const auto profile = profiles_.find(name);
  if (profile == profiles_.end()) return fail(Message::directory_no_profile, {name});
  included_ = &profile->second;
}

bool DirectoryParser::claim(arch::DeviceNumber device) {
  if (std::find(claimed_.begin(), claimed_.end(), device) != claimed_.end()) {
    fail(Message::directory_duplicate_device, {to_string(device)});
    return false;
  }
  claimed_.push_back(device);
  return true;
}

NicDefinition* DirectoryParser::nic_in_progress(arch::DeviceNumber device) {
  if (!nic_statement_before_ || entry_->nics.empty() || entry_->nics.back().device != device) return nullptr;
  return &entry_->nics.back();
}

NicDefinition& DirectoryParser::begin_nic(const NicDefinition& nic) {
  entry_->nics.push_back(nic);
  nic_statements_.push_back(statement_);
  return entry_->nics.back();
}

void DirectoryParser::claim_nics() {
  for (std::size_t i = 0; i < entry_->nics.size(); ++i) {
    const auto& nic = entry_->nics[i];
    const bool says_more = nic.port.trunk || nic.port.priority || nic.port.vlans.any() || nic.port_number;
    if (says_more && nic.lan_name.empty()) {
      note(nic_statements_[i],
           format(Message::directory_ignored, "DIR", {"what a NICDEF without LAN says of its port"}), true);
    }
    for (unsigned offset = 0; offset < nic.devices; ++offset) {
      const arch::DeviceNumber device{static_cast<std::uint16_t>(nic.device.value + offset)};
      if (std::find(claimed_.begin(), claimed_.end(), device) != claimed_.end()) {
        fail_at(nic_statements_[i], Message::directory_duplicate_device, {to_string(device)});
        break;
      }
      claimed_.push_back(device);
    }
  }
}

// The profile's devices come after the user's; where both have a device at a number the user's counts.
void DirectoryParser::merge_profile(const UserEntry& profile) {
  auto& entry = *entry_;
  if (entry.ipl_system.empty()) {
    entry.ipl_system = profile.ipl_system;
    entry.ipl_parameters = profile.ipl_parameters;
  }
  entry.commands.insert(entry.commands.begin(), profile.commands.begin(), profile.commands.end());
  entry.autologgers.insert(entry.autologgers.end(), profile.autologgers.begin(), profile.autologgers.end());
  add_missing(entry.disks, profile.disks, claimed_);
  add_missing(entry.links, profile.links, claimed_);
  add_missing(entry.nics, profile.nics, claimed_);
}

void DirectoryParser::end_entry() {
  if (entry_) {
    claim_nics();
    if (included_ != nullptr) merge_profile(*included_);
    if (profile_name_) {
      profiles_.emplace(*profile_name_, std::move(*entry_));
    } else {
      for (auto& nic : entry_->nics) {
        if (nic.lan_owner == "*") nic.lan_owner = entry_->userid;
      }
      for (auto& link : entry_->links) {
        if (link.owner == "*") link.owner = entry_->userid;
      }
      users_.push_back(std::move(*entry_));
    }
  }
  entry_.reset();
  profile_name_.reset();
  included_ = nullptr;
  claimed_.clear();
  nic_statements_.clear();
  nic_statement_before_ = false;
}

}  // namespace vmlan::cp
