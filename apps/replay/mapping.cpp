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

bool Mapping::Prefix::covers(const wire::IpAddress& candidate) const noexcept {
  const unsigned whole = length / 8;
  for (unsigned i = 0; i < whole; ++i) {
    if (address.bytes[i] != candidate.bytes[i]) return false;
  }
  const unsigned rest = length % 8;
  return rest == 0 || (address.bytes[whole] ^ candidate.bytes[whole]) >> (8 - rest) == 0;
}

std::string Mapping::take_prefixes(const std::vector<std::string>& words, std::size_t from,
                                   const Placement& placement) {
  if (words.size() <= from) return "no address; which ones are meant, as in 10.1.0.0/16?";
  for (std::size_t i = from; i < words.size(); ++i) {
    const auto range = range_of(words[i]);
    if (!range) return fmt::format("{} is no address, ADDRESS/LENGTH or MAC address", words[i]);
    prefixes_.push_back({range->address, range->length, placement});
  }
  return {};
}

std::string Mapping::take_line(const std::vector<std::string>& words) {
  Placement placement;
  if (words[0] == "IGNORE") {
    placement.ignored = true;
    return take_prefixes(words, 1, placement);
  }
  if (words.size() > 1 && words[0] == "USER") {
    if (!cp::valid_userid(words[1])) return fmt::format("{} is no user id", words[1]);
    placement.userid = words[1];
    return take_prefixes(words, 2, placement);
  }
  if (words.size() > 1 && words[0] == "LAN") {
    placement.lan = lan_of(words[1]);
    if (!placement.lan) return fmt::format("{} is no LAN's NAME or OWNER.NAME", words[1]);
    if (words.size() < 4 || words[2] != "VLAN") return take_prefixes(words, 2, placement);
    const auto vlan = vlan_of(words[3]);
    if (!vlan || words.size() > 4) return "behind VLAN stands one number from 1 to 4094";
    vlans_.push_back({*vlan, *placement.lan});
    return {};
  }
  if (words.size() > 2 && words[0] == "PORT" && words[1] == "VLAN") {
    placement.port_vlan = vlan_of(words[2]);
    if (!placement.port_vlan) return "behind VLAN stands one number from 1 to 4094";
    return take_prefixes(words, 3, placement);
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
  // Each kind of line has its own longest prefix.
  Placement placement;
  unsigned user_length = 0;
  unsigned lan_length = 0;
  unsigned port_length = 0;
  unsigned ignored_length = 0;
  for (const Prefix& prefix : prefixes_) {
    if (!prefix.covers(address)) continue;
    const unsigned rank = prefix.length + 1;
    const auto& line = prefix.placement;
    if (!line.userid.empty() && rank > user_length) {
      user_length = rank;
      placement.userid = line.userid;
    }
    if (line.lan && rank > lan_length) {
      lan_length = rank;
      placement.lan = line.lan;
    }
    if (line.port_vlan && rank > port_length) {
      port_length = rank;
      placement.port_vlan = line.port_vlan;
    }
    if (line.ignored && rank > ignored_length) ignored_length = rank;
  }
  placement.ignored = ignored_length > std::max({user_length, lan_length, port_length});
  for (const VlanLine& line : vlans_) {
    if (vlan != 0 && line.vlan == vlan) placement.lan = line.lan;
  }
  return placement;
}

}  // namespace vmlan::apps
