// The flow a frame belongs to: its MAC addresses, its IP addresses, its TCP or UDP ports. Fragments have no
// ports, so all of them have none that matter.
#include <algorithm>
#include <array>
#include <cstring>

#include "host/uplink/group_device.h"
#include "wire/ethernet.h"
#include "wire/transport_packet.h"

namespace vmlan::host {
namespace {

// The first bytes of a frame, which may lie in several pieces.
struct FlowBytes {
  std::array<std::byte, 96> bytes{};
  std::size_t length = 0;

  explicit FlowBytes(std::span<const std::span<const std::byte>> pieces) noexcept {
    for (const auto piece : pieces) {
      const auto part = std::min(piece.size(), bytes.size() - length);
      std::memcpy(bytes.data() + length, piece.data(), part);
      length += part;
    }
  }
  unsigned at(std::size_t position) const noexcept { return std::to_integer<unsigned>(bytes[position]); }
  unsigned type_at(std::size_t position) const noexcept { return at(position) << 8U | at(position + 1); }
};

class FlowHash {
 public:
  void add(const FlowBytes& frame, std::size_t from, std::size_t count) noexcept {
    for (std::size_t at = from; at < from + count; ++at) {
      value_ = (value_ ^ frame.at(at)) * 0x100000001b3ULL;  // FNV-1a
    }
  }
  std::uint64_t value() const noexcept { return value_ ^ value_ >> 32U; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

bool has_ports(unsigned protocol) noexcept {
  return protocol == wire::ip_protocol::tcp || protocol == wire::ip_protocol::udp;
}

}  // namespace

std::uint64_t flow_of(std::span<const std::span<const std::byte>> pieces) noexcept {
  constexpr std::size_t tag = 4, ports = 4;
  constexpr unsigned fragment_bits = 0x3fff;
  const FlowBytes frame(pieces);
  FlowHash hash;
  hash.add(frame, 0, offsetof(wire::EthernetHeader, type));
  std::size_t type = offsetof(wire::EthernetHeader, type);
  if (frame.type_at(type) == wire::ether_type::vlan) type += tag;
  const std::size_t ip = type + 2;
  if (frame.type_at(type) == wire::ether_type::ipv4) {
    hash.add(frame, ip + offsetof(wire::Ipv4Header, source), 8);
    const std::size_t header = (frame.at(ip) & 0x0fU) * 4U;
    const bool whole = (frame.type_at(ip + offsetof(wire::Ipv4Header, fragment)) & fragment_bits) == 0;
    if (whole && has_ports(frame.at(ip + offsetof(wire::Ipv4Header, protocol)))) {
      hash.add(frame, ip + header, ports);
    }
  } else if (frame.type_at(type) == wire::ether_type::ipv6) {
    hash.add(frame, ip + offsetof(wire::Ipv6Header, source), 32);
    if (has_ports(frame.at(ip + offsetof(wire::Ipv6Header, next_header)))) {
      hash.add(frame, ip + sizeof(wire::Ipv6Header), ports);
    }
  }
  return hash.value();
}

}  // namespace vmlan::host
