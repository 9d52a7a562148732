// What the adapter (IDX, MPC, IPA) asks of the LAN behind it. Implemented by guestlan::DataPort.
//
// One object per data device. All calls come from the base's own thread; none blocks.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "qdio/adapter/ipa_codes.h"
#include "qdio/queues/adapter_kind.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::qdio {

class AdapterPort {
 public:
  virtual ~AdapterPort() = default;

  // The MAC address CP assigned to this NIC.
  virtual wire::MacAddress mac() const = 0;
  // false: not coupled, or the LAN is going away; STARTLAN answers E080.
  virtual bool lan_online() const = 0;
  // May a driver use this transport here? Otherwise IDX is refused with cause 41.
  virtual bool accepts(Transport transport) const = 0;
  // Largest MTU (OSD), or the frame size (IQD) in bytes: 16384, 24576, 40960, 65536.
  virtual std::uint32_t max_mtu() const = 0;
  virtual std::uint32_t max_frame_size() const = 0;

  // The handshake is over: `transport` is what the driver chose, `ulp_name` what it calls itself.
  virtual void session_established(Transport transport, std::string_view ulp_name,
                                   std::string_view port_name) = 0;
  virtual IpaCode start_lan() = 0;
  virtual IpaCode stop_lan() = 0;

  // Layer 3. `prefix_length` 0-32 or 0-128; `flags` set_ip_flag.
  virtual IpaCode set_ip(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags) = 0;
  virtual IpaCode delete_ip(const wire::IpAddress& address) = 0;
  virtual IpaCode set_multicast(const wire::IpAddress& group, const wire::MacAddress& mac) = 0;
  virtual IpaCode delete_multicast(const wire::IpAddress& group) = 0;
  virtual IpaCode set_router(wire::IpVersion version, RouterType type) = 0;
  // Who is on the LAN: all registered addresses of that version, the caller's too, in order.
  struct Neighbour {
    wire::IpAddress address;
    wire::MacAddress mac;
  };
  virtual std::vector<Neighbour> neighbours(wire::IpVersion version) const = 0;
  // SETASSPARMS filtering ENABLE/STOP: receive IPv4 broadcasts or not.
  virtual void enable_broadcast(bool on) = 0;
  // The driver verifies no checksums itself / does (inbound checksum assist).
  virtual void enable_inbound_checksum(wire::IpVersion version, bool on) = 0;

  // Layer 2.
  virtual IpaCode set_mac(const wire::MacAddress& mac) = 0;
  virtual IpaCode delete_mac(const wire::MacAddress& mac) = 0;
  virtual IpaCode set_group_mac(const wire::MacAddress& mac) = 0;
  virtual IpaCode delete_group_mac(const wire::MacAddress& mac) = 0;
  virtual IpaCode set_vlan(std::uint16_t vlan) = 0;
  virtual IpaCode delete_vlan(std::uint16_t vlan) = 0;

  virtual IpaCode set_promiscuous(bool on) = 0;

  // Everything this session negotiated and registered is forgotten (channel cleared, system reset, new IDX).
  virtual void reset() = 0;
};

}  // namespace vmlan::qdio
