// The headers of tunnels, one at a time; for wire/tunnel.cpp, which opens tunnels in tunnels.
#pragma once

#include "wire/link_layer.h"
#include "wire/tunnel.h"

namespace vmlan::wire::tunnels {

struct Inside {
  TunnelEnd end = TunnelEnd::malformed;
  IpVersion version = IpVersion::v4;
  std::span<const std::byte> packet;
};

constexpr Inside nothing(TunnelEnd why) noexcept { return {why, IpVersion::v4, {}}; }
constexpr Inside ip(IpVersion version, std::span<const std::byte> packet) noexcept {
  return {packet.empty() ? TunnelEnd::malformed : TunnelEnd::found, version, packet};
}
// A frame of a link layer, or by the version that a packet names itself.
Inside framed(LinkType type, std::span<const std::byte> frame) noexcept;
// The payload of protocol 47.
Inside inside_gre(std::span<const std::byte> bytes) noexcept;
// A UDP datagram, its header in front: which tunnel it is, its port tells.
Inside inside_udp(std::span<const std::byte> datagram) noexcept;

}  // namespace vmlan::wire::tunnels
