// One data device of a virtual NIC: a port with registrations. Registers the addresses its driver asks for;
// its frames come out of the driver's output buffers and go into the input buffers.
//
// Owns: its registrations. Threads: the base's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "guestlan/port.h"
#include "qdio/adapter/adapter_port.h"

namespace vmlan::guestlan {

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

// An address that another port took over.
struct LostIp {
  wire::IpAddress address;
  std::string owner;  // user id of the new owner
};

class DataPort final : public Port, public qdio::AdapterPort {
 public:
  DataPort(Nic& nic, unsigned device_index);
  ~DataPort() override;

  Nic& nic() const noexcept { return nic_; }
  unsigned device_index() const noexcept { return device_index_; }
  SessionState state() const noexcept { return state_; }
  qdio::Transport transport() const noexcept { return transport_; }
  const std::string& ulp_name() const noexcept { return ulp_name_; }
  const std::string& port_name() const noexcept { return port_name_; }  // empty = UNASSIGNED
  const std::vector<RegisteredIp>& unicast() const noexcept { return unicast_; }
  const std::vector<RegisteredGroup>& multicast() const noexcept { return multicast_; }
  const std::vector<wire::MacAddress>& macs() const noexcept { return macs_; }
  const std::vector<LostIp>& lost() const noexcept { return lost_; }

  void queues_started(qdio::DataQueues& queues) noexcept;
  void queues_stopped() noexcept { give_to(static_cast<qdio::DataQueues*>(nullptr)); }
  // The guest's queues are at the other end of a link. nullptr: stopped.
  void remote_queues(FrameSink* sink) noexcept { give_to(sink); }
  // While its driver has no session: the NIC has got another address.
  void take_mac_of_nic() noexcept;
  void take_whole_super_frames(bool on) noexcept { set_whole_super_frames(on); }
  // The NIC joined a LAN. What was registered on none, or on a HiperSockets NIC's private one, is forgotten,
  // as on leaving; the driver registers again when it is told that its LAN has come.
  void join(Lan& lan);

  // Port
  void address_taken(const wire::IpAddress& address, const Port& by) override;

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
  std::vector<Neighbour> neighbours(wire::IpVersion version) const override;
  void enable_broadcast(bool on) override { set_broadcast(on); }
  void enable_inbound_checksum(wire::IpVersion version, bool on) override {
    set_inbound_checksum(version, on);
  }
  qdio::IpaCode set_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode delete_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode set_group_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode delete_group_mac(const wire::MacAddress& mac) override;
  qdio::IpaCode set_vlan(std::uint16_t vlan) override;
  qdio::IpaCode delete_vlan(std::uint16_t vlan) override;
  qdio::IpaCode set_promiscuous(bool on) override;
  void reset() override;

 private:
  void forget_registrations() override;
  // success, or why nothing can be registered now.
  qdio::IpaCode ready() const;
  bool transport_fits() const noexcept;
  void update_active();
  // Takes the address from this port; false: it had none such.
  bool unregister(const wire::IpAddress& address);

  Nic& nic_;
  unsigned device_index_;
  SessionState state_ = SessionState::startup;
  qdio::Transport transport_ = qdio::Transport::ip;
  std::string ulp_name_;
  std::string port_name_;
  std::vector<RegisteredIp> unicast_;
  std::vector<RegisteredGroup> multicast_;
  std::vector<LostIp> lost_;
  std::vector<wire::MacAddress> macs_;  // layer 2: unicast and group
};

}  // namespace vmlan::guestlan
