#include "cms/stack/interface.h"

#include <lwip/igmp.h>
#include <lwip/mld6.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "cms/driver/layer3_header.h"
#include "cms/stack/ip_conversion.h"
#include "wire/ethernet.h"

namespace vmlan::cms {
namespace {

constexpr unsigned ipv6_prefix_length = 64;
constexpr std::uint32_t reassembly_limit_ms = 61'000;
constexpr wire::IpAddress all_nodes{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01}};

// The driver registers an address when the LAN comes, if it is away.
bool accepted(qdio::IpaCode code) noexcept {
  return code == qdio::IpaCode::success || code == qdio::IpaCode::lan_offline;
}

Interface& self(struct netif* netif) { return *static_cast<Interface*>(netif->state); }

}  // namespace

Interface::Interface(LwipInstance& lwip, Routes& routes, IpLink& link, std::string name, std::uint32_t mtu)
    : lwip_(lwip),
      routes_(routes),
      link_(link),
      name_(std::move(name)),
      requested_mtu_(mtu),
      state_(link.state()) {}

Interface::~Interface() { routes_.remove_interface(*this); }

err_t Interface::initialize(struct netif* netif) {
  netif->name[0] = 'e';
  netif->name[1] = 'n';
  netif->hwaddr_len = 6;
  netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
  self(netif).configure(self(netif).link_.state());
  netif->output = output_ipv4;
  netif->output_ip6 = output_ipv6;
  netif->linkoutput = output_frame;
  netif->igmp_mac_filter = filter_ipv4;
  netif->mld_mac_filter = filter_ipv6;
  return ERR_OK;
}

// What depends on the adapter and its LAN.
void Interface::configure(const LinkState& state) noexcept {
  constexpr std::uint8_t layer2_flags = NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
  state_ = state;
  set_mtu(requested_mtu_);
  std::memcpy(netif_.hwaddr, link_.mac().bytes.data(), 6);
  const auto others = static_cast<std::uint8_t>(netif_.flags & ~layer2_flags);
  netif_.flags = state_.layer2 ? static_cast<std::uint8_t>(others | layer2_flags) : others;
}

void Interface::set_mtu(std::uint32_t mtu) noexcept {
  requested_mtu_ = mtu;
  const std::uint32_t most = std::min<std::uint32_t>(link_.mtu(), 0xffff);
  const std::uint32_t wanted = mtu == 0 ? link_.usual_mtu() : mtu;
  netif_.mtu = static_cast<std::uint16_t>(std::min(wanted, most));
  netif_.mtu6 = netif_.mtu;
}

bool Interface::up() {
  const ip4_addr_t none{};
  if (lwip_->netif_add(&netif_, &none, &none, &none, this, initialize, lwip_.data().ip_input) == nullptr) {
    return false;
  }
  lwip_->netif_set_up(&netif_);
  // Addresses come from the user's configuration only; in layer 3 routers are not looked for.
  netif_.ip6_autoconfig_enabled = 0;
  if (!state_.layer2) netif_.rs_count = 0;
  return true;
}

qdio::IpaCode Interface::set_ipv4(const wire::IpAddress& address, std::uint32_t mask) {
  auto code = qdio::IpaCode::success;
  const bool mine = ipv4_.has_value() && ipv4_->address == address;
  if (!mine) {
    code = link_.set_ip(address, prefix_length(mask).value_or(32));
    if (!accepted(code)) return code;
    if (ipv4_.has_value()) link_.delete_ip(ipv4_->address);
  }
  ipv4_ = Ipv4{address, mask};
  const ip_addr_t lwip_address = to_lwip(address);
  const ip_addr_t lwip_mask = to_lwip(v4_address(mask));
  const ip4_addr_t no_gateway{};
  lwip_->netif_set_addr(&netif_, &lwip_address.u_addr.ip4, &lwip_mask.u_addr.ip4, &no_gateway);
  routes_.remove_interface(*this);
  routes_.add({v4_integer(address) & mask, mask, 0, this, 0});
  return code;
}

void Interface::clear_ipv4() {
  if (!ipv4_.has_value()) return;
  link_.delete_ip(ipv4_->address);
  ipv4_.reset();
  const ip4_addr_t none{};
  lwip_->netif_set_addr(&netif_, &none, &none, &none);
  routes_.remove_interface(*this);
}

bool Interface::add_link_local() {
  lwip_->netif_create_ip6_linklocal_address(&netif_, 1);
  const wire::IpAddress address = from_lwip(netif_.ip6_addr[0]);
  if (!accepted(link_.set_ip(address, ipv6_prefix_length))) return false;
  lwip_->netif_ip6_addr_set_state(&netif_, 0, IP6_ADDR_PREFERRED);
  ipv6_.push_back(address);
  filter(all_nodes, NETIF_ADD_MAC_FILTER);
  return true;
}

// Registration is the duplicate check (a second owner is refused with E005), so addresses are preferred at
// once instead of after a second of duplicate address detection.
qdio::IpaCode Interface::add_ipv6(const wire::IpAddress& address) {
  if (std::ranges::find(ipv6_, address) != ipv6_.end()) return qdio::IpaCode::success;
  if (ipv6_.empty() && !add_link_local()) return qdio::IpaCode::duplicate_ip_address;
  const auto code = link_.set_ip(address, ipv6_prefix_length);
  if (!accepted(code)) return code;
  const ip_addr_t lwip_address = to_lwip(address);
  s8_t index = -1;
  if (lwip_->netif_add_ip6_address(&netif_, &lwip_address.u_addr.ip6, &index) != ERR_OK || index < 0) {
    link_.delete_ip(address);
    return qdio::IpaCode::ip_table_full;
  }
  lwip_->netif_ip6_addr_set_state(&netif_, index, IP6_ADDR_PREFERRED);
  ipv6_.push_back(address);
  return code;
}

void Interface::poll() {
  if (const LinkState state = link_.state(); state != state_) follow_link(state);
  link_.poll(*this);
  // Packets to one's own address: lwIP leaves them here (lwip_platform.cpp, tcpip_try_callback).
  if (netif_.loop_first != nullptr) lwip_->netif_poll(&netif_);
}

void Interface::receive(const wire::Layer3Header& header, std::span<const std::byte> payload) {
  if ((header.flags & wire::layer3_flag::passthru) != 0) {
    wire::EthernetHeader frame;
    if (payload.size() <= sizeof(frame)) {
      ++counters_.unusable_in;
      return;
    }
    std::memcpy(&frame, payload.data(), sizeof(frame));
    payload = payload.subspan(sizeof(frame));
    if (frame.type != wire::ether_type::ipv6 && frame.type != wire::ether_type::ipv4) payload = {};
  }
  if (payload.empty() || payload.size() > 0xffff) {
    ++counters_.unusable_in;
    return;
  }
  if (dhcp_ != nullptr && take_dhcp(payload)) return;
  // PBUF_LINK leaves room for an Ethernet header, so that an echo reply can be made in place.
  pbuf* packet = allocate(PBUF_LINK, payload);
  if (packet == nullptr) return;
  note_fragment(payload);
  const auto cast = static_cast<wire::Cast>(header.flags & wire::layer3_flag::cast_mask);
  if (cast == wire::Cast::multicast) packet->flags |= PBUF_FLAG_LLMCAST;
  if (cast == wire::Cast::broadcast) packet->flags |= PBUF_FLAG_LLBCAST;
  if (lwip_->ip_input(packet, &netif_) != ERR_OK) lwip_->pbuf_free(packet);
}

// PBUF_RAM: a pool buffer of this build is smaller than pbuf_take() takes it for.
pbuf* Interface::allocate(pbuf_layer layer, std::span<const std::byte> bytes) {
  const auto length = static_cast<std::uint16_t>(bytes.size());
  pbuf* packet = lwip_->pbuf_alloc(layer, length, PBUF_RAM);
  if (packet == nullptr) {
    ++counters_.no_memory_in;
    return nullptr;
  }
  std::memcpy(packet->payload, bytes.data(), length);
  ++counters_.packets_in;
  counters_.bytes_in += length;
  return packet;
}

// Parts of a datagram must be given up in time even if nothing else happens (lwIP: IPv4 15 s, IPv6 60 s).
void Interface::note_fragment(std::span<const std::byte> packet) noexcept {
  constexpr std::uint16_t offset_and_more = 0x3fff;
  constexpr std::uint8_t fragment_header = 44;
  bool fragment = false;
  if (packet.size() >= sizeof(wire::Ipv6Header) && (packet[0] >> 4U) == std::byte{6}) {
    fragment = packet[offsetof(wire::Ipv6Header, next_header)] == std::byte{fragment_header};
  } else if (packet.size() >= sizeof(wire::Ipv4Header)) {
    wire::Ipv4Header header;
    std::memcpy(&header, packet.data(), sizeof(header));
    fragment = (header.fragment & offset_and_more) != 0;
  }
  if (fragment) reassembling_until_ms_ = std::max(lwip_.now_ms() + reassembly_limit_ms, 1U);
}

bool Interface::busy() const noexcept {
  // A client-data slot holds lwIP's list of the interface's groups; a running timer is a report to be sent.
  for (const igmp_group* group = netif_igmp_data(&netif_); group != nullptr; group = group->next) {
    if (group->timer != 0) return true;
  }
  for (const mld_group* group = netif_mld6_data(&netif_); group != nullptr; group = group->next) {
    if (group->timer != 0) return true;
  }
  const auto is_ahead = [now = lwip_.now_ms()](std::uint32_t time) {
    return time != 0 && static_cast<std::int32_t>(time - now) > 0;
  };
  return is_ahead(reassembling_until_ms_) || is_ahead(resolving_until_ms_) || is_soliciting();
}

bool Interface::is_subnet_broadcast(std::uint32_t address) const noexcept {
  return ipv4_.has_value() && ipv4_->mask < 0xfffffffeU && (address | ipv4_->mask) == 0xffffffffU &&
         (address & ipv4_->mask) == (v4_integer(ipv4_->address) & ipv4_->mask);
}

err_t Interface::send_ipv4(pbuf* packet, const ip4_addr_t& destination) {
  const wire::IpAddress target = from_lwip(destination);
  const std::uint32_t address = v4_integer(target);
  const bool broadcast = target.is_limited_broadcast() || is_subnet_broadcast(address);
  if (broadcast || target.is_multicast()) {
    if (state_.layer2) return lwip_->etharp_output(&netif_, packet, &destination);
    return transmit(layer3_header(target, target, broadcast), *packet);
  }
  const auto hop = routes_.next_hop(address, *this);
  if (!hop) {
    ++counters_.no_route_out;
    return ERR_RTE;
  }
  const wire::IpAddress next_hop = v4_address(*hop);
  if (!state_.layer2) return transmit(layer3_header(target, next_hop), *packet);
  return send_to_neighbour(packet, next_hop);
}

err_t Interface::send_ipv6(pbuf* packet, const ip6_addr_t& destination) {
  if (state_.layer2 || link_.ipv6_in_ethernet()) return lwip_->ethip6_output(&netif_, packet, &destination);
  const wire::IpAddress target = from_lwip(destination);
  return transmit(layer3_header(target, target), *packet);
}

err_t Interface::send_frame(pbuf* frame) {
  if (frame->len < sizeof(wire::EthernetHeader)) return ERR_BUF;
  if (state_.layer2) return send_layer2(*frame);
  wire::Layer3Header header;
  const bool group = (*static_cast<const std::uint8_t*>(frame->payload) & 1U) != 0;
  const auto cast = static_cast<std::uint8_t>(group ? wire::Cast::multicast : wire::Cast::unicast);
  header.flags = static_cast<std::uint8_t>(wire::layer3_flag::ipv6 | wire::layer3_flag::passthru | cast);
  return transmit(header, *frame);
}

void Interface::filter(const wire::IpAddress& group, netif_mac_filter_action action) {
  if (action == NETIF_ADD_MAC_FILTER) {
    link_.join(group);
    groups_.push_back(group);
  } else {
    link_.leave(group);
    std::erase(groups_, group);
  }
}

err_t Interface::output_ipv4(struct netif* netif, pbuf* packet, const ip4_addr_t* destination) {
  return self(netif).send_ipv4(packet, *destination);
}

err_t Interface::output_ipv6(struct netif* netif, pbuf* packet, const ip6_addr_t* destination) {
  return self(netif).send_ipv6(packet, *destination);
}

err_t Interface::output_frame(struct netif* netif, pbuf* frame) { return self(netif).send_frame(frame); }

err_t Interface::filter_ipv4(struct netif* netif, const ip4_addr_t* group, netif_mac_filter_action action) {
  self(netif).filter(from_lwip(*group), action);
  return ERR_OK;
}

err_t Interface::filter_ipv6(struct netif* netif, const ip6_addr_t* group, netif_mac_filter_action action) {
  self(netif).filter(from_lwip(*group), action);
  return ERR_OK;
}

}  // namespace vmlan::cms
