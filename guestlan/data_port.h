// One data device on the LAN: what the route of a packet ends in. Registers the addresses its driver asks
// for and delivers packets into the driver's input buffers.
//
// Owns: its registrations and counters. Threads: the base's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guestlan/counters.h"
#include "qdio/adapter_port.h"
#include "qdio/data_queues.h"

namespace vmlan::guestlan {

class Lan;
class Nic;

// Where a session stands, as QUERY NIC DETAILS tells it. Source: CP control block, MPC user session.
enum class SessionState : std::uint8_t { startup, established, lan_started };

struct RegisteredIp {
  wire::IpAddress address;
  unsigned prefix_length = 0;
};

struct RegisteredGroup {
  wire::IpAddress address;
  wire::MacAddress mac;
};

class DataPort final : public qdio::AdapterPort {
 public:
  DataPort(Nic& nic, unsigned device_index);
  ~DataPort() override;

  Nic& nic() const noexcept { return nic_; }
  unsigned device_index() const noexcept { return device_index_; }
  arch::DeviceNumber device_number() const;
  const Counters& counters() const noexcept { return counters_; }
  SessionState state() const noexcept { return state_; }
  qdio::Transport transport() const noexcept { return transport_; }
  const std::string& ulp_name() const noexcept { return ulp_name_; }
  const std::string& port_name() const noexcept { return port_name_; }  // empty = UNASSIGNED
  const std::vector<RegisteredIp>& unicast() const noexcept { return unicast_; }
  const std::vector<RegisteredGroup>& multicast() const noexcept { return multicast_; }
  bool broadcast_enabled() const noexcept { return broadcast_; }
  bool promiscuous() const noexcept { return promiscuous_; }
  // nullptr while the queues are not active (or the guest is not in this process).
  qdio::DataQueues* queues() const noexcept { return queues_; }

  // The one path: takes what the driver primed, routes it, copies it into the receivers' input buffers.
  void transmit(qdio::DataQueues& queues, std::uint32_t mask);

  void queues_started(qdio::DataQueues& queues) noexcept { queues_ = &queues; }
  void queues_stopped() noexcept { queues_ = nullptr; }
  // The NIC was coupled or uncoupled.
  void lan_changed();

  // qdio::AdapterPort
  wire::MacAddress mac() const override;
  bool lan_online() const override;
  bool accepts(qdio::Transport transport) const override;
  std::uint32_t max_mtu() const override;
  std::uint32_t max_frame_size() const override;
  void session_established(qdio::Transport transport, std::string_view ulp_name,
                           std::string_view port_name) override;
  qdio::IpaCode start_lan() override;
  qdio::IpaCode stop_lan() override;
  qdio::IpaCode set_ip(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags) override;
  qdio::IpaCode delete_ip(const wire::IpAddress& address) override;
  qdio::IpaCode set_multicast(const wire::IpAddress& group, const wire::MacAddress& mac) override;
  qdio::IpaCode delete_multicast(const wire::IpAddress& group) override;
  qdio::IpaCode set_router(wire::IpVersion version, qdio::RouterType type) override;
  void enable_broadcast(bool on) override { broadcast_ = on; }
  void enable_inbound_checksum(wire::IpVersion version, bool on) override;
  qdio::IpaCode set_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode delete_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode set_group_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode delete_group_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode set_vlan(std::uint16_t vlan) override;
  qdio::IpaCode delete_vlan(std::uint16_t vlan) override;
  qdio::IpaCode set_promiscuous(bool on) override;
  void reset() override;

 private:
  Nic& nic_;
  unsigned device_index_;
  qdio::DataQueues* queues_ = nullptr;
  SessionState state_ = SessionState::startup;
  qdio::Transport transport_ = qdio::Transport::ip;
  bool broadcast_ = false;
  bool promiscuous_ = false;
  bool inbound_checksum_v4_ = false;
  bool inbound_checksum_v6_ = false;
  std::string ulp_name_;
  std::string port_name_;
  std::vector<RegisteredIp> unicast_;
  std::vector<RegisteredGroup> multicast_;
  Counters counters_;
};

}  // namespace vmlan::guestlan
