// An interface in layer 2, and how it follows its LAN from one layer to the other.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "cms/driver/layer2_header.h"
#include "cms/stack/interface.h"
#include "cms/stack/ip_conversion.h"
#include "wire/arp.h"
#include "wire/ethernet.h"

namespace vmlan::cms {
namespace {

// lwIP asks five times, once a second (ARP_MAXPENDING), and gives up.
constexpr std::uint32_t resolution_limit_ms = 6'000;

// lwIP's etharp_input() reads an ARP packet whose length it does not look at.
bool is_short_arp(std::span<const std::byte> frame) noexcept {
  constexpr std::size_t tag_length = 4;
  std::size_t type_at = offsetof(wire::EthernetHeader, type);
  for (unsigned tags = 0; tags < 2; ++tags) {
    arch::be16 type;
    if (frame.size() < type_at + sizeof(type)) return true;
    std::memcpy(&type, frame.data() + type_at, sizeof(type));
    if (type == wire::ether_type::arp) return frame.size() < type_at + sizeof(type) + sizeof(wire::ArpPacket);
    if (type != wire::ether_type::vlan) return false;
    type_at += tag_length;
  }
  return false;
}

}  // namespace

// Neighbours and routers are those of the LAN that was. When there is one again, lwIP tells it who is here.
void Interface::follow_link(const LinkState& state) {
  const bool was_layer2 = state_.layer2;
  lwip_->netif_set_link_down(&netif_);
  if (was_layer2) lwip_->etharp_cleanup_netif(&netif_);
  lwip_->nd6_cleanup_netif(&netif_);
  configure(state);
  if (!state.online) return;
  lwip_->netif_set_link_up(&netif_);
  if (!state_.layer2) netif_.rs_count = 0;
}

void Interface::receive_frame(std::span<const std::byte> frame) {
  // A frame for another station is not to be routed, whatever made the adapter deliver it.
  const auto is_ours = [&] {
    const bool group = (frame[0] & std::byte{1}) != std::byte{0};
    return group || std::memcmp(frame.data(), netif_.hwaddr, sizeof(wire::MacAddress)) == 0;
  };
  if (frame.size() <= sizeof(wire::EthernetHeader) || frame.size() > 0xffff || !is_ours() ||
      is_short_arp(frame)) {
    ++counters_.unusable_in;
    return;
  }
  wire::EthernetHeader header;
  std::memcpy(&header, frame.data(), sizeof(header));
  if (dhcp_ != nullptr && header.type == wire::ether_type::ipv4 && take_dhcp(frame.subspan(sizeof(header))))
    return;
  pbuf* packet = allocate(PBUF_RAW, frame);
  if (packet == nullptr) return;
  const bool is_ip = header.type == wire::ether_type::ipv4 || header.type == wire::ether_type::ipv6;
  if (is_ip) note_fragment(frame.subspan(sizeof(header)));
  lwip_->ethernet_input(packet, &netif_);  // frees what it does not want
}

// Only etharp_output() knows the entry it used last; only etharp_query() takes a hop outside of the subnet.
err_t Interface::send_to_neighbour(pbuf* packet, const wire::IpAddress& next_hop) {
  const ip_addr_t neighbour = to_lwip(next_hop);
  const std::uint32_t difference =
      ipv4_.has_value() ? (v4_integer(ipv4_->address) ^ v4_integer(next_hop)) & ipv4_->mask : 1;
  if (difference == 0) return lwip_->etharp_output(&netif_, packet, &neighbour.u_addr.ip4);
  return lwip_->etharp_query(&netif_, &neighbour.u_addr.ip4, packet);
}

err_t Interface::send_layer2(const pbuf& frame) {
  const std::span head(static_cast<const std::byte*>(frame.payload), frame.len);
  note_question(head);
  return transmit(layer2_header(head), frame);
}

// An ARP request must be repeated and given up in time even if nothing else happens; an announcement of one's
// own address waits for nothing.
void Interface::note_question(std::span<const std::byte> frame) noexcept {
  constexpr std::size_t type = offsetof(wire::EthernetHeader, type);
  if (frame[type] != std::byte{0x08} || frame[type + 1] != std::byte{0x06}) return;
  wire::ArpPacket arp;
  if (frame.size() < sizeof(wire::EthernetHeader) + sizeof(arp)) return;
  std::memcpy(&arp, frame.data() + sizeof(wire::EthernetHeader), sizeof(arp));
  if (arp.operation == wire::arp_operation::request && arp.sender != arp.target)
    resolving_until_ms_ = std::max(lwip_.now_ms() + resolution_limit_ms, 1U);
}

// lwIP asks for routers, a few times, once it has an address to ask from.
bool Interface::is_soliciting() const noexcept {
  return state_.layer2 && state_.online && netif_.rs_count > 0 && !ipv6_.empty();
}

}  // namespace vmlan::cms
