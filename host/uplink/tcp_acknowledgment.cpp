#include "host/uplink/tcp_acknowledgment.h"

#include <cstring>

#include "wire/ethernet.h"
#include "wire/transport_packet.h"

namespace vmlan::host {

namespace {

// Nothing: no acknowledgment, or one with something else in it.
struct BareAcknowledgment {
  bool is_one = false;
  std::span<const std::byte> path;  // the addresses of the IP header
  wire::TcpHeader tcp;
};

BareAcknowledgment bare_acknowledgment(std::span<const std::byte> frame) noexcept {
  BareAcknowledgment found;
  const auto ip = wire::find_ip(frame, true);
  if (!ip || ip->fragment || ip->next != wire::ip_protocol::tcp) return found;
  const bool v4 = ip->version == wire::IpVersion::v4;
  const std::size_t header = v4 ? sizeof(wire::Ipv4Header) : sizeof(wire::Ipv6Header);
  const std::size_t addresses = v4 ? 8 : 32;
  if (ip->payload != ip->ip + header || ip->end != ip->payload + sizeof(wire::TcpHeader)) return found;
  if (frame.size() < ip->end) return found;
  std::memcpy(&found.tcp, frame.data() + ip->payload, sizeof(found.tcp));
  found.path = frame.subspan(ip->payload - addresses, addresses);
  found.is_one = found.tcp.flags == wire::tcp_flag::acknowledgment && found.tcp.data_offset == 0x50;
  return found;
}

bool same_path(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

bool supersedes_acknowledgment(std::span<const std::byte> newer, std::span<const std::byte> older) noexcept {
  const auto last = bare_acknowledgment(newer);
  if (!last.is_one) return false;
  const auto first = bare_acknowledgment(older);
  if (!first.is_one || !same_path(last.path, first.path)) return false;
  if (std::memcmp(newer.data(), older.data(), sizeof(wire::EthernetHeader)) != 0) return false;
  const auto more = last.tcp.acknowledgment.value() - first.tcp.acknowledgment.value();
  return last.tcp.source_port.value() == first.tcp.source_port.value() &&
         last.tcp.destination_port.value() == first.tcp.destination_port.value() &&
         last.tcp.sequence.value() == first.tcp.sequence.value() && more != 0 && more < 0x80000000U;
}

}  // namespace vmlan::host
