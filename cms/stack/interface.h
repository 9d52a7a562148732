// One interface of a user's stack: lwIP's netif over an IpLink. In layer 3 IPv4 leaves as a bare packet with
// the next hop in the transport header, without ARP; IPv6 leaves in Ethernet frames with neighbour discovery
// (OSD) or bare (HiperSockets), as a Linux guest does it (observed, Linux 6.1 qeth). In layer 2 everything is
// an Ethernet frame: lwIP resolves addresses by ARP and neighbour discovery and looks for IPv6 routers.
//
// Checksums are made and checked by lwIP. Multicast groups lwIP joins are registered at the adapter.
//
// Owns: the netif, which lwIP knows from up() on: lwIP is called no more once its interface is gone. Threads:
// the program's own turn.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "cms/stack/dhcp_client.h"
#include "cms/stack/ip_link.h"
#include "cms/stack/lwip_instance.h"
#include "cms/stack/routes.h"

namespace vmlan::cms {

// Who hears what a DHCP server says.
class DhcpReceiver {
 public:
  virtual ~DhcpReceiver() = default;
  // Valid during the call only.
  virtual void receive_dhcp(std::span<const std::byte> message) = 0;
};

class Interface final : private PacketReceiver {
 public:
  struct Counters {
    std::uint64_t packets_in = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t packets_out = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t unusable_in = 0;  // no IP in it, or cut short
    std::uint64_t no_memory_in = 0;
    std::uint64_t no_room_out = 0;   // no output buffer
    std::uint64_t no_route_out = 0;  // no next hop on this interface
  };

  struct Ipv4 {
    wire::IpAddress address;
    std::uint32_t mask = 0;
  };

  // `mtu` 0: the link's usual one; never larger than the link's. lwip, routes and link must outlive the
  // interface.
  Interface(LwipInstance& lwip, Routes& routes, IpLink& link, std::string name, std::uint32_t mtu);
  ~Interface() override;
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;

  // false: lwIP refused (out of memory).
  bool up();
  // The address is registered at the adapter first. Code lan_offline: the adapter has no LAN yet, the address
  // is the interface's and will be registered when it comes. Any other code but success leaves the interface
  // as it was. Replaces the IPv4 address there was.
  qdio::IpaCode set_ipv4(const wire::IpAddress& address, std::uint32_t mask);
  // There is none any more, nor a route.
  void clear_ipv4();
  // Adds an IPv6 address (prefix length 64) and, before the first one, a link-local address.
  qdio::IpaCode add_ipv6(const wire::IpAddress& address);

  // As in the constructor.
  void set_mtu(std::uint32_t mtu) noexcept;
  // While there is a receiver, what comes for the DHCP client's port is its alone. It must say nullptr before
  // it goes.
  void set_dhcp(DhcpReceiver* receiver) noexcept { dhcp_ = receiver; }
  // false: it could not leave.
  bool send_dhcp(const DhcpClient::Message& message);

  // Follows the link's state, takes what has arrived.
  void poll();
  void flush() { link_.flush(); }
  // Something could not leave yet.
  bool blocked() const { return link_.busy(); }
  bool more() const { return link_.more() || netif_.loop_first != nullptr; }
  // A report, an address or a datagram in parts is waiting for its timer.
  bool busy() const noexcept;

  const std::string& name() const noexcept { return name_; }
  bool is_layer2() const noexcept { return state_.layer2; }
  // false: nothing leaves here.
  bool is_started() const noexcept { return state_.started; }
  std::uint32_t mtu() const noexcept { return netif_.mtu; }
  const std::optional<Ipv4>& ipv4() const noexcept { return ipv4_; }
  const std::vector<wire::IpAddress>& ipv6() const noexcept { return ipv6_; }
  const std::vector<wire::IpAddress>& groups() const noexcept { return groups_; }
  const Counters& counters() const noexcept { return counters_; }
  struct netif& netif() noexcept {
    return netif_;
  }

 private:
  void receive(const wire::Layer3Header& header, std::span<const std::byte> payload) override;
  void receive_frame(std::span<const std::byte> frame) override;
  pbuf* allocate(pbuf_layer layer, std::span<const std::byte> bytes);
  void configure(const LinkState& state) noexcept;
  void follow_link(const LinkState& state);
  bool take_dhcp(std::span<const std::byte> packet);
  bool add_link_local();
  err_t send_ipv4(pbuf* packet, const ip4_addr_t& destination);
  err_t send_ipv6(pbuf* packet, const ip6_addr_t& destination);
  err_t send_frame(pbuf* frame);
  err_t send_layer2(const pbuf& frame);
  err_t send_to_neighbour(pbuf* packet, const wire::IpAddress& next_hop);
  template <class Header>
  err_t transmit(const Header& header, const pbuf& packet);
  void note_question(std::span<const std::byte> frame) noexcept;
  void note_fragment(std::span<const std::byte> packet) noexcept;
  bool is_soliciting() const noexcept;
  bool is_subnet_broadcast(std::uint32_t address) const noexcept;
  void filter(const wire::IpAddress& group, netif_mac_filter_action action);

  // lwIP's callbacks; netif->state is the Interface.
  static err_t initialize(struct netif* netif);
  static err_t output_ipv4(struct netif* netif, pbuf* packet, const ip4_addr_t* destination);
  static err_t output_ipv6(struct netif* netif, pbuf* packet, const ip6_addr_t* destination);
  static err_t output_frame(struct netif* netif, pbuf* frame);
  static err_t filter_ipv4(struct netif* netif, const ip4_addr_t* group, netif_mac_filter_action action);
  static err_t filter_ipv6(struct netif* netif, const ip6_addr_t* group, netif_mac_filter_action action);

  LwipInstance& lwip_;
  Routes& routes_;
  IpLink& link_;
  std::string name_;
  std::uint32_t requested_mtu_;
  LinkState state_;
  DhcpReceiver* dhcp_ = nullptr;
  std::uint32_t reassembling_until_ms_ = 0;
  std::uint32_t resolving_until_ms_ = 0;
  struct netif netif_ {};
  std::optional<Ipv4> ipv4_;
  std::vector<wire::IpAddress> ipv6_;
  std::vector<wire::IpAddress> groups_;
  Counters counters_;
};

template <class Header>
err_t Interface::transmit(const Header& header, const pbuf& packet) {
  std::byte* room = link_.reserve(packet.tot_len);
  if (room == nullptr) {
    ++counters_.no_room_out;
    return ERR_MEM;
  }
  for (const pbuf* part = &packet; part != nullptr; part = part->next) {
    std::memcpy(room, part->payload, part->len);
    room += part->len;
  }
  link_.commit(header, packet.tot_len);
  ++counters_.packets_out;
  counters_.bytes_out += packet.tot_len;
  return ERR_OK;
}

}  // namespace vmlan::cms
