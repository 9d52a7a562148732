#include "apps/replay/flow_key.h"

#include "apps/replay/hashing.h"

namespace vmlan::apps {

namespace {

constexpr std::uint16_t protocol_tcp = 6;
constexpr std::uint16_t protocol_udp = 17;
constexpr std::uint16_t protocol_dccp = 33;
constexpr std::uint16_t protocol_sctp = 132;
constexpr std::uint16_t protocol_udp_lite = 136;

bool has_ports(std::uint16_t protocol) noexcept {
  return protocol == protocol_tcp || protocol == protocol_udp || protocol == protocol_dccp ||
         protocol == protocol_sctp || protocol == protocol_udp_lite;
}

std::uint16_t byte_at(std::span<const std::byte> packet, std::size_t at) noexcept {
  return std::to_integer<std::uint16_t>(packet[at]);
}
std::uint16_t half_at(std::span<const std::byte> packet, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(byte_at(packet, at) << 8U | byte_at(packet, at + 1));
}

struct Transport {
  std::uint16_t protocol = FlowKey::no_protocol;
  std::size_t at = 0;  // where its header begins; 0: not in this packet
};

Transport transport_v4(std::span<const std::byte> packet) noexcept {
  constexpr std::size_t shortest = 20;
  constexpr std::uint16_t fragment_offset = 0x1fff;
  if (packet.size() < shortest) return {};
  const bool later_fragment = (half_at(packet, 6) & fragment_offset) != 0;
  return {byte_at(packet, 9), later_fragment ? 0 : static_cast<std::size_t>(byte_at(packet, 0) & 0x0fU) * 4};
}

Transport transport_v6(std::span<const std::byte> packet) noexcept {
  constexpr std::size_t fixed_header = 40;
  constexpr unsigned most_extensions = 8;
  constexpr std::uint16_t hop_by_hop = 0;
  constexpr std::uint16_t routing = 43;
  constexpr std::uint16_t fragment = 44;
  constexpr std::uint16_t destination_options = 60;
  if (packet.size() < fixed_header) return {};
  std::uint16_t protocol = byte_at(packet, 6);
  std::size_t at = fixed_header;
  for (unsigned count = 0; count < most_extensions; ++count) {
    const bool options = protocol == hop_by_hop || protocol == routing || protocol == destination_options;
    if (!options && protocol != fragment) return {protocol, at};
    if (at + 8 > packet.size()) return {protocol, 0};
    const auto next = byte_at(packet, at);
    if (protocol == fragment) {
      constexpr std::uint16_t offset = 0xfff8;
      if ((half_at(packet, at + 2) & offset) != 0) return {next, 0};
      at += 8;
    } else {
      at += (static_cast<std::size_t>(byte_at(packet, at + 1)) + 1) * 8;
    }
    protocol = next;
  }
  return {protocol, 0};
}

}  // namespace

FlowKey flow_of(wire::IpVersion version, std::span<const std::byte> packet, const StationKey& source,
                const StationKey& destination) noexcept {
  FlowKey key{source, destination};
  const auto transport = version == wire::IpVersion::v4 ? transport_v4(packet) : transport_v6(packet);
  key.protocol = transport.protocol;
  if (transport.at != 0 && has_ports(transport.protocol) && transport.at + 4 <= packet.size()) {
    key.source_port = half_at(packet, transport.at);
    key.destination_port = half_at(packet, transport.at + 2);
  }
  return key;
}

std::size_t FlowKey::Hash::operator()(const FlowKey& key) const noexcept {
  std::uint64_t hash = mixed(mixed(0, key.source.address), key.destination.address);
  hash = mixed(hash, key.source.domain | std::uint64_t{key.protocol} << 32U);
  return static_cast<std::size_t>(mixed(hash, key.source_port | std::uint64_t{key.destination_port} << 16U));
}

const char* protocol_name(std::uint16_t protocol) noexcept {
  switch (protocol) {
    case 1:
      return "icmp";
    case 2:
      return "igmp";
    case protocol_tcp:
      return "tcp";
    case protocol_udp:
      return "udp";
    case protocol_dccp:
      return "dccp";
    case 47:
      return "gre";
    case 50:
      return "esp";
    case 58:
      return "icmp6";
    case 89:
      return "ospf";
    case protocol_sctp:
      return "sctp";
    case protocol_udp_lite:
      return "udplite";
    default:
      return "";
  }
}

}  // namespace vmlan::apps
