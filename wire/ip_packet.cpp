#include "wire/ip_packet.h"

#include <array>
#include <cstring>

#include "wire/ethernet.h"
#include "wire/transport_packet.h"

namespace vmlan::wire {

namespace {

constexpr std::uint8_t no_next_header = 59;
// An Ethernet frame has so many at least: as long as there are no more, what follows the IP header may be
// padding.
constexpr std::size_t padded_size = 46;

IpPacket parse_v4(std::span<const std::byte> bytes) noexcept {
  constexpr unsigned shortest_header_words = sizeof(Ipv4Header) / 4;
  IpPacket packet;
  Ipv4Header header;
  if (bytes.size() < sizeof(header)) {
    packet.flaw = IpFlaw::cut_short;
    return packet;
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  const unsigned header_words = header.version_ihl & 0x0fU;
  packet.source = IpAddress::v4(header.source.data());
  packet.destination = IpAddress::v4(header.destination.data());
  packet.length = header.total_length;
  if (packet.length == 0 && header_words >= shortest_header_words) {
    packet.flaw = IpFlaw::no_length;
  } else if (header_words < shortest_header_words || packet.length < header_words * 4) {
    packet.flaw = IpFlaw::bad_length;
  } else if (packet.length > bytes.size()) {
    packet.flaw = IpFlaw::cut_short;
  }
  return packet;
}

IpPacket parse_v6(std::span<const std::byte> bytes) noexcept {
  IpPacket packet;
  Ipv6Header header;
  if (bytes.size() < sizeof(header)) {
    packet.flaw = IpFlaw::cut_short;
    return packet;
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  packet.source = IpAddress::v6(header.source.data());
  packet.destination = IpAddress::v6(header.destination.data());
  packet.length = static_cast<std::uint32_t>(sizeof(header)) + header.payload_length;
  if (packet.length > bytes.size()) packet.flaw = IpFlaw::cut_short;
  const bool nothing_follows = header.next_header == no_next_header || bytes.size() <= padded_size;
  if (header.payload_length == 0 && !nothing_follows) packet.flaw = IpFlaw::no_length;
  return packet;
}

// The jumbo payload option of a hop-by-hop header; 0: there is none.
std::uint32_t jumbo_payload(std::span<const std::byte> bytes) noexcept {
  constexpr std::size_t option_at = sizeof(Ipv6Header) + 2;
  constexpr std::array jumbo{std::byte{0xc2}, std::byte{4}};
  if (bytes.size() < option_at + 6 || std::memcmp(&bytes[option_at], jumbo.data(), jumbo.size()) != 0)
    return 0;
  arch::be32 length;
  std::memcpy(&length, &bytes[option_at + 2], sizeof(length));
  return length;
}

bool may_be_segmented(std::uint8_t protocol) noexcept {
  return protocol == ip_protocol::tcp || protocol == ip_protocol::udp;
}

}  // namespace

std::uint32_t length_by_record(IpVersion version, std::span<const std::byte> bytes) noexcept {
  constexpr std::size_t longest = 0xffff'ffff;
  if (bytes.size() > longest) return 0;
  if (version == IpVersion::v4) {
    Ipv4Header header;
    if (bytes.size() <= padded_size) return 0;
    std::memcpy(&header, bytes.data(), sizeof(header));
    return may_be_segmented(header.protocol) ? static_cast<std::uint32_t>(bytes.size()) : 0;
  }
  Ipv6Header header;
  if (bytes.size() <= padded_size) return 0;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.next_header == ip_protocol::hop_by_hop) {
    const std::uint64_t length = sizeof(header) + std::uint64_t{jumbo_payload(bytes)};
    return length > sizeof(header) && length <= bytes.size() ? static_cast<std::uint32_t>(length) : 0;
  }
  return may_be_segmented(header.next_header) ? static_cast<std::uint32_t>(bytes.size()) : 0;
}

IpPacket parse_ip_packet(IpVersion version, std::span<const std::byte> bytes) noexcept {
  IpPacket packet;
  packet.flaw = bytes.empty() ? IpFlaw::cut_short : IpFlaw::wrong_version;
  if (bytes.empty() || std::to_integer<unsigned>(bytes[0]) >> 4U != static_cast<unsigned>(version))
    return packet;
  return version == IpVersion::v4 ? parse_v4(bytes) : parse_v6(bytes);
}

}  // namespace vmlan::wire
