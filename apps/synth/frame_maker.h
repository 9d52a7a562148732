// Ethernet frames of a workload, byte by byte, with every checksum right.
//
// A frame without its check sequence is at least 60 bytes long: shorter ones are padded with zeros, as
// adapters do. What UDP datagrams and TCP segments carry is the number of the frame (eight bytes, if there is
// room) and the alphabet: no two frames are the same, and nothing takes their contents for a protocol's.
//
// Source: RFC 791, 8200, 768, 9293; joins: RFC 2236 (IGMPv2), RFC 2710 (MLD). Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "apps/synth/addresses.h"
#include "wire/transport_packet.h"

namespace vmlan::apps {

// Ethernet and IP header, and the tag if there is one.
inline std::uint32_t headers_of(const Envelope& envelope) noexcept {
  return static_cast<std::uint32_t>(sizeof(wire::EthernetHeader) + (envelope.vlan == 0 ? 0U : 4U) +
                                    (envelope.is_v6() ? sizeof(wire::Ipv6Header) : sizeof(wire::Ipv4Header)));
}

class FrameMaker {
 public:
  static constexpr std::uint32_t longest_payload = 65'504;

  FrameMaker();

  // Each returns the frame's length. `room` takes the longest frame that the payload makes.
  std::size_t udp(std::span<std::byte> room, const Envelope& envelope, std::uint16_t from_port,
                  std::uint16_t to_port, std::uint32_t payload);
  // `options`: as long as `header` says.
  std::size_t tcp(std::span<std::byte> room, const Envelope& envelope, wire::TcpHeader header,
                  std::span<const std::byte> options, std::uint32_t payload);
  // IGMP or MLD: `envelope`'s sender is a member of the group from now on.
  std::size_t join(std::span<std::byte> room, const Envelope& envelope);

 private:
  // Everything in front of the transport header. Returns where that begins.
  std::byte* begin(std::span<std::byte> room, const Envelope& envelope, std::uint8_t protocol,
                   std::uint32_t length, std::span<const std::byte> ip_options = {});
  void fill(std::byte* at, std::uint32_t payload) const noexcept;

  std::vector<std::byte> alphabet_;
  std::uint64_t number_ = 0;  // of the next frame
};

}  // namespace vmlan::apps
