#include "hercules/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "link/protocol.h"

namespace vmlan::hercules {

namespace {

// Why a value is wrong; empty: it is right.
using Complaint = std::string;

char upper(char character) noexcept {
  return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char character) { return upper(character); });
  return result;
}

bool is_name_character(char character) noexcept {
  return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
         std::string_view("@#$_-+:").find(character) != std::string_view::npos;
}

// A user identifier or LAN name: one to eight characters of CP's alphabet.
std::optional<std::string> name(std::string_view text) {
  if (text.empty() || text.size() > link::name_length) return std::nullopt;
  std::string result = upper(text);
  if (!std::all_of(result.begin(), result.end(), is_name_character)) return std::nullopt;
  return result;
}

std::optional<unsigned> number(std::string_view text, int base, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

Complaint set_user(Statement& statement, std::string_view value) {
  const auto user = name(value);
  if (!user) return "not a user identifier of up to 8 characters";
  statement.user = *user;
  return {};
}

Complaint set_system(Statement& statement, std::string_view value) {
  statement.system = value;
  return {};
}

Complaint set_nic(Statement& statement, std::string_view value) {
  const auto nic = number(value, 16, 0xffff);
  if (!nic) return "not a device number of up to 4 hexadecimal digits";
  statement.nic = arch::DeviceNumber{static_cast<std::uint16_t>(*nic)};
  return {};
}

Complaint set_devices(Statement& statement, std::string_view value) {
  const auto devices = number(value, 10, link::max_devices);
  if (!devices || *devices < link::min_devices) {
    return fmt::format("not a number from {} to {}", link::min_devices, link::max_devices);
  }
  statement.devices = *devices;
  return {};
}

Complaint set_lan(Statement& statement, std::string_view value) {
  const auto period = value.find('.');
  const auto owner = name(period == std::string_view::npos ? "SYSTEM" : value.substr(0, period));
  const auto lan = name(period == std::string_view::npos ? value : value.substr(period + 1));
  if (!owner || !lan) return "not OWNER.NAME, each of up to 8 characters";
  statement.lan_owner = *owner;
  statement.lan_name = *lan;
  return {};
}

Complaint set_vlan(Statement& statement, std::string_view value) {
  const auto vlan = number(value, 10, link::highest_vlan);
  if (!vlan || *vlan == 0) return fmt::format("not a VLAN from 1 to {}", link::highest_vlan);
  statement.vlan = static_cast<std::uint16_t>(*vlan);
  return {};
}

Complaint set_type(Statement& statement, std::string_view value) {
  const std::string type = upper(value);
  if (type == "QDIO") {
    statement.kind = qdio::AdapterKind::osd;
  } else if (type == "HIPERS" || type == "HIPERSOCKETS") {
    statement.kind = qdio::AdapterKind::iqd;
  } else {
    return "neither 'qdio' nor 'hipers'";
  }
  return {};
}

Complaint set_mac(Statement& statement, std::string_view value) {
  const auto mac = wire::parse_mac_address(value);
  if (!mac || mac->is_group() || mac->is_zero()) return "not the MAC address of one station";
  statement.mac = *mac;
  return {};
}

Complaint set_channel_path(Statement& statement, std::string_view value) {
  const auto path = number(value, 16, 0xff);
  if (!path) return "not a channel-path identifier of 2 hexadecimal digits";
  statement.channel_path = static_cast<std::uint8_t>(*path);
  return {};
}

Complaint set_lro(Statement& statement, std::string_view value) {
  const std::string state = upper(value);
  if (state != "ON" && state != "OFF") return "neither 'on' nor 'off'";
  statement.whole_super_frames = state == "ON";
  return {};
}

Complaint set_trace(Statement& statement, std::string_view value) {
  statement.trace = value;
  return {};
}

struct Keyword {
  std::string_view name;
  Complaint (*set)(Statement&, std::string_view);
};

constexpr std::array<Keyword, 11> keywords = {{
    {"USER", set_user},
    {"SYSTEM", set_system},
    {"NIC", set_nic},
    {"DEVICES", set_devices},
    {"LAN", set_lan},
    {"VLAN", set_vlan},
    {"TYPE", set_type},
    {"MAC", set_mac},
    {"CHPID", set_channel_path},
    {"LRO", set_lro},
    {"TRACE", set_trace},
}};

}  // namespace

std::variant<Statement, std::string> parse_statement(std::span<const std::string_view> operands) {
  Statement statement;
  std::array<bool, keywords.size()> seen{};
  for (std::size_t index = 0; index < operands.size(); index += 2) {
    const std::string word = upper(operands[index]);
    const auto* keyword = std::find_if(keywords.begin(), keywords.end(),
                                       [&word](const Keyword& entry) { return entry.name == word; });
    if (keyword == keywords.end()) return fmt::format("HHC03812E Unknown keyword '{}'", operands[index]);
    if (index + 1 == operands.size())
      return fmt::format("HHC03813E Keyword '{}' has no value", operands[index]);
    bool& used = seen[static_cast<std::size_t>(keyword - keywords.begin())];
    if (used) return fmt::format("HHC03814E Keyword '{}' is given twice", operands[index]);
    used = true;
    const std::string_view value = operands[index + 1];
    const Complaint complaint = keyword->set(statement, value);
    if (!complaint.empty()) {
      return fmt::format("HHC03815E Keyword '{}': '{}' is {}", operands[index], value, complaint);
    }
  }
  if (statement.user.empty()) return "HHC03816E Keyword 'user' is missing: the user this guest logs on as";
  return statement;
}

}  // namespace vmlan::hercules
