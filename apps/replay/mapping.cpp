#include "apps/replay/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cp/words.h"

namespace vmlan::apps {

namespace {

constexpr unsigned whole_address = 128;
constexpr unsigned bits_of_v4 = 32;
constexpr std::uint16_t highest_vlan = 4094;

std::optional<unsigned> number_of(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

std::optional<std::uint16_t> vlan_of(std::string_view text) {
  const auto vlan = number_of(text, highest_vlan);
  if (!vlan || *vlan == 0) return std::nullopt;
  return static_cast<std::uint16_t>(*vlan);
}

// "NAME" of SYSTEM, or "OWNER.NAME".
std::optional<LanName> lan_of(const std::string& word) {
  LanName lan;
  const auto dot = word.find('.');
  if (dot != std::string::npos) lan.owner = word.substr(0, dot);
  lan.name = word.substr(dot == std::string::npos ? 0 : dot + 1);
  if (!cp::valid_name(lan.owner) || !cp::valid_name(lan.name)) return std::nullopt;
  return lan;
}

struct Range {
  wire::IpAddress address;
  unsigned length;
};

std::optional<Range> range_of(const std::string& word) {
  if (const auto mac = wire::parse_mac_address(word))
    return Range{StationKey::of(*mac, 0).address, whole_address};
  const auto slash = word.find('/');
  const auto address = wire::parse_ip_address(word.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned width = address->is_v4() ? bits_of_v4 : whole_address;
  const auto length = slash == std::string::npos ? width : number_of(word.substr(slash + 1), width);
  if (!length) return std::nullopt;
  // IPv4 addresses lie at the end of the key.
  return Range{*address, *length + whole_address - width};
}

std::vector<std::string> words_of(std::string_view line) {
  if (const auto comment = line.find_first_of("#*"); comment != std::string_view::npos)
    line = line.substr(0, comment);
  cp::Words words(line);
  std::vector<std::string> all;
  for (auto word = words.next(); !word.empty(); word = words.next()) all.push_back(std::move(word));
  return all;
}

}  // namespace

wire::IpAddress Mapping::cut(wire::IpAddress address, unsigned length) noexcept {
  for (unsigned byte = 0; byte < address.bytes.size(); ++byte) {
    const unsigned kept = std::clamp(length, byte * 8, byte * 8 + 8) - byte * 8;
    address.bytes[byte] = static_cast<std::uint8_t>(address.bytes[byte] & 0xff00U >> kept);
  }
  return address;
}

template <class Value>
std::string Mapping::take_prefixes(const std::vector<std::string>& words, std::size_t from,
                                   Prefixes<Value>& to, const Value& value) {
  if (words.size() <= from) return "no address; which ones are meant, as in 10.1.0.0/16?";
  for (std::size_t i = from; i < words.size(); ++i) {
    const auto range = range_of(words[i]);
    if (!range) return fmt::format("{} is no address, ADDRESS/LENGTH or MAC address", words[i]);
    to.add(range->address, range->length, value);
  }
  return {};
}

std::string Mapping::take_line(const std::vector<std::string>& words) {
  constexpr std::string_view which_vlan = "behind VLAN stands one number from 1 to 4094";
  if (words[0] == "IGNORE") return take_prefixes(words, 1, ignored_, Yes{});
  if (words.size() > 1 && words[0] == "USER") {
    if (!cp::valid_userid(words[1])) return fmt::format("{} is no user id", words[1]);
    return take_prefixes(words, 2, users_, words[1]);
  }
  if (words.size() > 1 && words[0] == "LAN") {
    const auto lan = lan_of(words[1]);
    if (!lan) return fmt::format("{} is no LAN's NAME or OWNER.NAME", words[1]);
    if (words.size() < 4 || words[2] != "VLAN") return take_prefixes(words, 2, lans_, *lan);
    const auto vlan = vlan_of(words[3]);
    if (!vlan || words.size() > 4) return std::string(which_vlan);
    vlans_.insert_or_assign(*vlan, *lan);
    return {};
  }
  if (words.size() > 2 && words[0] == "PORT" && words[1] == "VLAN") {
    const auto vlan = vlan_of(words[2]);
    if (!vlan) return std::string(which_vlan);
    return take_prefixes(words, 3, port_vlans_, *vlan);
  }
  return fmt::format(
      "{} is none of USER NAME, LAN NAME, PORT VLAN NUMBER and IGNORE, each with addresses behind", words[0]);
}

std::variant<Mapping, std::string> Mapping::parse(std::string_view text) {
  Mapping mapping;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line > most_lines) return fmt::format("{}: more than {} lines", line, most_lines);
    if (words.empty()) continue;
    if (auto wrong = mapping.take_line(words); !wrong.empty()) return fmt::format("{}: {}", line, wrong);
  }
  return mapping;
}

Placement Mapping::place(const wire::IpAddress& address, std::uint16_t vlan) const {
  const auto user = users_.find(address);
  const auto lan = lans_.find(address);
  const auto port_vlan = port_vlans_.find(address);
  Placement placement;
  if (user.value != nullptr) placement.userid = *user.value;
  if (lan.value != nullptr) placement.lan = *lan.value;
  if (port_vlan.value != nullptr) placement.port_vlan = *port_vlan.value;
  placement.ignored = ignored_.find(address).rank > std::max({user.rank, lan.rank, port_vlan.rank});
  if (const auto whole = vlans_.find(vlan); whole != vlans_.end()) placement.lan = whole->second;
  return placement;
}

}  // namespace vmlan::apps
