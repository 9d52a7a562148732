#include "host/uplink/tcp_acknowledgment.h"

#include <cstring>

#include "wire/ethernet.h"
#include "wire/transport_packet.h"

namespace vmlan::host {

namespace {

constexpr std::size_t longest_bare =
    sizeof(wire::EthernetHeader) + 4 + sizeof(wire::Ipv6Header) + sizeof(wire::TcpHeader);  // with a VLAN tag

struct BareAcknowledgment {
  bool is_one = false;               // else there is something else in it, and the rest says nothing
  std::span<const std::byte> front;  // before the IP header
  std::span<const std::byte> path;   // the addresses in it
  wire::TcpHeader tcp;
};

BareAcknowledgment bare_acknowledgment(std::span<const std::byte> frame) noexcept {
  BareAcknowledgment found;
  if (frame.size() > longest_bare) return found;
  const auto ip = wire::find_ip(frame, true);
  if (!ip || ip->fragment || ip->next != wire::ip_protocol::tcp) return found;
  const bool v4 = ip->version == wire::IpVersion::v4;
  const std::size_t header = v4 ? sizeof(wire::Ipv4Header) : sizeof(wire::Ipv6Header);
  const std::size_t addresses = v4 ? 8 : 32;
  if (ip->payload != ip->ip + header || ip->end != ip->payload + sizeof(wire::TcpHeader)) return found;
  if (frame.size() < ip->end) return found;
  found.front = frame.first(ip->ip);
  std::memcpy(&found.tcp, frame.data() + ip->payload, sizeof(found.tcp));
  found.path = frame.subspan(ip->payload - addresses, addresses);
  found.is_one = found.tcp.flags == wire::tcp_flag::acknowledgment && found.tcp.data_offset == 0x50;
  return found;
}

bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Acknowledges compare_acknowledgments(std::span<const std::byte> newer,
                                     std::span<const std::byte> older) noexcept {
  const auto last = bare_acknowledgment(newer);
  if (!last.is_one) return Acknowledges::something_else;
  const auto first = bare_acknowledgment(older);
  const bool same = first.is_one && same_bytes(last.front, first.front) &&
                    same_bytes(last.path, first.path) &&
                    last.tcp.source_port.value() == first.tcp.source_port.value() &&
                    last.tcp.destination_port.value() == first.tcp.destination_port.value() &&
                    last.tcp.sequence.value() == first.tcp.sequence.value();
  if (!same) return Acknowledges::something_else;
  const auto more = last.tcp.acknowledgment.value() - first.tcp.acknowledgment.value();
  return more != 0 && more < 0x80000000U ? Acknowledges::more : Acknowledges::no_more;
}

}  // namespace vmlan::host
