// Which flow a packet belongs to: VLAN, protocol, addresses and ports, in one direction.
//
// Ports are read where the packet has them in its first fragment: TCP, UDP, SCTP, UDP-Lite, DCCP; elsewhere
// they are 0. Of Ethernet frames that are no IP the addresses are MAC addresses (apps/replay/stations.h) and
// the protocol is none.
//
// Threads: any. Packets are hostile: nothing is read beyond their ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "apps/replay/stations.h"
#include "wire/ip_address.h"

namespace vmlan::apps {

struct FlowKey {
  static constexpr std::uint16_t no_protocol = 256;

  StationKey source;  // their domain is the VLAN
  StationKey destination;
  std::uint16_t protocol = no_protocol;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  bool operator==(const FlowKey&) const = default;
  struct Hash {
    std::size_t operator()(const FlowKey& key) const noexcept;
  };
};

// Of an IP packet whose header has been judged.
FlowKey flow_of(wire::IpVersion version, std::span<const std::byte> packet, const StationKey& source,
                const StationKey& destination) noexcept;

// "tcp", "icmp6"; empty: it has no name here.
const char* protocol_name(std::uint16_t protocol) noexcept;

}  // namespace vmlan::apps
