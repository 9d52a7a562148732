// The packet inside a tunnel: GRE (also PPTP's, bridged frames, ERSPAN), IP in IP, EtherIP, MPLS in IP,
// VXLAN, Geneve, GTP-U, and tunnels in tunnels.
//
// Input is one IP packet, hostile as any: every access is bounded by its length, extension headers and
// tunnels by the numbers below. No state, no allocation; nothing is put together from fragments.
//
// Source: RFC 2784 and 2890 (GRE), 2637 (PPTP), 7348 (VXLAN), 8926 (Geneve), 2003, 4213, 2473 (IP in IP),
// 3378 (EtherIP), 4023 (MPLS in IP), draft-foschiano-erspan-03, 3GPP TS 29.281 (GTP-U).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wire/ip_address.h"

namespace vmlan::wire {

// Why there is no inner packet.
enum class TunnelEnd : std::uint8_t {
  found,  // there is one
  no_tunnel,
  not_ip,      // something else is in the tunnel: ARP, a spanning tree's frame...
  control,     // a message of the tunnel's own: echo, keep-alive, PPP's negotiation
  fragment,    // of the outer packet
  encrypted,   // ESP, PPP's encryption, MACsec
  unreadable,  // compressed, a version or option that is not read here
  malformed,   // ends inside its headers, or they contradict each other
  too_deep,    // more tunnels or headers than anybody stacks
};
inline constexpr std::size_t tunnel_ends = 9;

inline constexpr unsigned most_tunnels = 8;            // in each other
inline constexpr unsigned most_extension_headers = 8;  // of IPv6, in one packet

// "fragment of a tunnel's packet".
std::string_view to_string(TunnelEnd end) noexcept;

struct InnerPacket {
  TunnelEnd end = TunnelEnd::malformed;
  IpVersion version = IpVersion::v4;
  std::uint8_t depth = 0;  // tunnels taken off
  std::span<const std::byte>
      packet;  // lies in the outer one; its own header is not judged (wire/ip_packet.h)
};

// The innermost packet that can be read: where a tunnel in a tunnel can't be opened, the packet that carries
// it is the answer. Only where the outermost can't be, `end` says why.
InnerPacket inner_packet(IpVersion version, std::span<const std::byte> packet) noexcept;

}  // namespace vmlan::wire
