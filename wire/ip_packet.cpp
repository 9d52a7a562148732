#include "wire/ip_packet.h"

#include <cstring>

#include "wire/ethernet.h"

namespace vmlan::wire {

namespace {

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
  if (header_words < shortest_header_words || packet.length < header_words * 4) {
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
  return packet;
}

}  // namespace

IpPacket parse_ip_packet(IpVersion version, std::span<const std::byte> bytes) noexcept {
  IpPacket packet;
  packet.flaw = bytes.empty() ? IpFlaw::cut_short : IpFlaw::wrong_version;
  if (bytes.empty() || std::to_integer<unsigned>(bytes[0]) >> 4U != static_cast<unsigned>(version))
    return packet;
  return version == IpVersion::v4 ? parse_v4(bytes) : parse_v6(bytes);
}

}  // namespace vmlan::wire
