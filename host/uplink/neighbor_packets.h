// Questions and answers of ARP and neighbor discovery, which an uplink says for guests that know neither; and
// the front of a datagram of theirs.
//
// Frames are hostile: every access is bounded. Source: RFC 826, 4861.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "host/uplink/nat_packet.h"
#include "wire/ethernet_front.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::host {

// A frame of at most 86 bytes.
struct NeighborAnswer {
  std::array<std::byte, 86> bytes{};
  std::size_t length = 0;
  std::span<const std::byte> frame() const noexcept { return std::span(bytes).first(length); }
};
// If `question` is an ARP request or a neighbor solicitation: "that address is at `mac`".
std::optional<NeighborAnswer> answer_neighbor_question(std::span<const std::byte> question,
                                                       const wire::MacAddress& mac) noexcept;

// "Where is that address?", in the name of `source`.
NeighborAnswer neighbor_question(const wire::IpAddress& target, const wire::IpAddress& source,
                                 const wire::MacAddress& mac) noexcept;
// What a frame of ARP or neighbor discovery says of somebody: of its sender or, an advertisement, its target.
struct NeighborNews {
  wire::IpAddress address;
  wire::MacAddress mac;
};
std::optional<NeighborNews> parse_neighbor_news(const NatPacket& packet,
                                                std::span<const std::byte> frame) noexcept;
// Who is asked for, of a question.
std::optional<wire::IpAddress> target_of_question(const NatPacket& packet,
                                                  std::span<const std::byte> frame) noexcept;

// `tag`: 0: none.
wire::EthernetFront datagram_front(const wire::MacAddress& to, const wire::MacAddress& from, bool ipv6,
                                   std::uint16_t tag) noexcept;

}  // namespace vmlan::host
