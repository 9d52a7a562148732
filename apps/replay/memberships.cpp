#include "apps/replay/memberships.h"

#include <cstdint>

namespace vmlan::apps {

namespace {

using Packet = std::span<const std::byte>;

std::uint8_t octet(Packet packet, std::size_t at) noexcept {
  return std::to_integer<std::uint8_t>(packet[at]);
}
std::size_t number16(Packet packet, std::size_t at) noexcept {
  return static_cast<std::size_t>(octet(packet, at)) << 8U | octet(packet, at + 1);
}

// The group records of IGMPv3 and MLDv2 differ in nothing but the length of an address.
void take_records(Packet records, std::size_t count, std::size_t address_size, Memberships& found) noexcept {
  constexpr std::size_t head = 4;
  constexpr std::uint8_t is_include = 1;
  constexpr std::uint8_t is_exclude = 2;
  constexpr std::uint8_t to_include = 3;
  constexpr std::uint8_t to_exclude = 4;
  constexpr std::uint8_t allow = 5;
  for (; count > 0 && found.count < Memberships::most; --count) {
    if (records.size() < head + address_size) return;
    const auto type = octet(records, 0);
    const std::size_t sources = number16(records, 2);
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < address_size; ++i) bytes[i] = octet(records, head + i);
    const auto group =
        address_size == 4 ? wire::IpAddress::v4(bytes.data()) : wire::IpAddress::v6(bytes.data());
    if (type == is_exclude || type == to_exclude ||
        ((type == allow || type == is_include || type == to_include) && sources > 0)) {
      found.add(group, true);
    } else if (type == to_include) {
      found.add(group, false);
    }
    const std::size_t size =
        head + address_size + sources * address_size + static_cast<std::size_t>(octet(records, 1)) * 4;
    if (size > records.size()) return;
    records = records.subspan(size);
  }
}

Memberships in_igmp(Packet packet) noexcept {
  constexpr std::size_t shortest_header = 20;
  constexpr std::uint8_t igmp = 2;
  constexpr std::uint8_t report_v1 = 0x12;
  constexpr std::uint8_t report_v2 = 0x16;
  constexpr std::uint8_t leave = 0x17;
  constexpr std::uint8_t report_v3 = 0x22;
  Memberships found;
  if (packet.size() < shortest_header || octet(packet, 9) != igmp) return found;
  const std::size_t header = static_cast<std::size_t>(octet(packet, 0) & 0x0fU) * 4;
  if (packet.size() < header + 8) return found;
  const auto message = packet.subspan(header);
  const auto type = octet(message, 0);
  if (type == report_v3) {
    take_records(message.subspan(8), number16(message, 6), 4, found);
  } else if (type == report_v1 || type == report_v2 || type == leave) {
    found.add(wire::IpAddress::v4(octet(message, 4), octet(message, 5), octet(message, 6), octet(message, 7)),
              type != leave);
  }
  return found;
}

Memberships in_mld(Packet packet) noexcept {
  constexpr std::size_t fixed_header = 40;
  constexpr std::uint8_t hop_by_hop = 0;  // MLD always has the router alert in one (RFC 2710, 3)
  constexpr std::uint8_t icmp6 = 58;
  constexpr std::uint8_t report_v1 = 131;
  constexpr std::uint8_t done_v1 = 132;
  constexpr std::uint8_t report_v2 = 143;
  Memberships found;
  if (packet.size() < fixed_header + 8 || octet(packet, 6) != hop_by_hop ||
      octet(packet, fixed_header) != icmp6)
    return found;
  const std::size_t options = (static_cast<std::size_t>(octet(packet, fixed_header + 1)) + 1) * 8;
  if (packet.size() < fixed_header + options + 8) return found;
  const auto message = packet.subspan(fixed_header + options);
  const auto type = octet(message, 0);
  if (type == report_v2) {
    take_records(message.subspan(8), number16(message, 6), 16, found);
  } else if ((type == report_v1 || type == done_v1) && message.size() >= 24) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = octet(message, 8 + i);
    found.add(wire::IpAddress::v6(bytes.data()), type == report_v1);
  }
  return found;
}

}  // namespace

Memberships memberships_in(wire::IpVersion version, std::span<const std::byte> packet) noexcept {
  return version == wire::IpVersion::v4 ? in_igmp(packet) : in_mld(packet);
}

}  // namespace vmlan::apps
