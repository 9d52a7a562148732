// One data device on the LAN: what the route of a packet ends in. Registers the addresses its driver asks
// for and delivers packets into the driver's input buffers.
//
// Owns: its registrations and counters. Threads: the base's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guestlan/counters.h"
#include "guestlan/frame_sink.h"
#include "guestlan/ip_table.h"
#include "qdio/adapter/adapter_port.h"
#include "qdio/queues/data_queues.h"
#include "qdio/queues/finished_packets.h"

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
  const std::vector<wire::MacAddress>& macs() const noexcept { return macs_; }
  bool broadcast_enabled() const noexcept { return broadcast_; }
  bool promiscuous() const noexcept { return promiscuous_; }
  // The driver relies on us for the checksums of what it receives.
  bool inbound_checksum(wire::IpVersion version) const noexcept {
    return version == wire::IpVersion::v4 ? inbound_checksum_v4_ : inbound_checksum_v6_;
  }
  // nullptr while the queues are not active (or the guest is not in this process).
  qdio::DataQueues* queues() const noexcept { return queues_; }

  // The one path: takes what the driver primed, routes it, copies it into the receivers' input buffers.
  void transmit(qdio::DataQueues& queues, std::uint32_t mask);

  // The same for packets that came over a link, one by one; publish() after the last of a batch.
  // Returns the SBALF 15 code.
  std::uint8_t transmit(const qdio::Frame& frame);
  // A packet of the guest's whose header and data disagree.
  void count_malformed(std::uint64_t packets) noexcept;
  // What was lost at the other end of the link, of the guest's packets and of those for it.
  void count_losses(const RemoteLosses& losses) noexcept;
  void publish();

  void queues_started(qdio::DataQueues& queues) noexcept;
  // The guest's queues are at the other end of a link. nullptr: stopped.
  void remote_queues(FrameSink* sink) noexcept { sink_ = sink; }
  void queues_stopped() noexcept { queues_ = nullptr; }
  // The NIC joined or is about to leave a LAN; leaving forgets every registration.
  void join(Lan& lan);
  void leave();

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
  // Where a packet goes: a decision only; forward() carries it out.
  struct Route {
    enum class Kind : std::uint8_t { unicast, multicast, broadcast, drop };
    Kind kind = Kind::drop;
    Drop reason{};
    DataPort* port = nullptr;
    const Group* group = nullptr;  // nullptr: multicast routers only
    wire::IpVersion version = wire::IpVersion::v4;

    static Route drop(Drop reason) noexcept { return {Kind::drop, reason}; }
  };

  // Each returns or causes the packet's SBALF 15 code, or counts a drop under its name.
  std::uint8_t forward(const qdio::Frame& frame) noexcept;
  std::uint8_t forward_datagram(const qdio::Frame& frame) noexcept;
  // A passthru frame with a VLAN tag in it.
  std::uint8_t forward_tagged(const qdio::Frame& frame) noexcept;
  Route route(const qdio::Frame& frame) const noexcept;
  Route route_unregistered(const wire::Layer3Header& header,
                           const wire::IpAddress& destination) const noexcept;
  qdio::ReceiveHeader receive_header(const qdio::Frame& frame, wire::Cast cast) noexcept;
  std::uint8_t copy_to(DataPort& receiver, const qdio::ReceiveHeader& header,
                       const qdio::Frame& frame) noexcept;
  std::uint8_t copy_to_sink(DataPort& receiver, const qdio::ReceiveHeader& header, const qdio::Frame& frame);
  // data_port_offload.cpp: packets whose sender left something to its adapter.
  void count_parts(const qdio::Frame& frame) noexcept;
  std::uint8_t copy_finished(DataPort& receiver, const qdio::ReceiveHeader& header,
                             const qdio::Frame& frame) noexcept;
  std::uint8_t give_finished(DataPort& receiver, qdio::HeaderForReceiver& header,
                             qdio::FinishedPackets& packets) noexcept;
  std::uint8_t give_unfinished(DataPort& receiver, const qdio::HeaderForReceiver& header,
                               const qdio::Offload& offload, const qdio::Frame& frame);
  std::uint8_t count_copy(DataPort& receiver, qdio::GiveResult result, std::uint64_t bytes, bool lossless,
                          std::uint64_t packets = 1) noexcept;
  void touch_sink(DataPort& receiver);
  void flood(const Route& decision, const qdio::Frame& frame) noexcept;
  void sniff(const Route& decision, const qdio::Frame& frame) noexcept;
  std::uint8_t forward_ethernet(const qdio::Frame& frame) noexcept;

  // success, or why nothing can be registered now.
  qdio::IpaCode ready() const;
  // A driver that registered VLAN ids gets frames of these only; one that registered none gets all.
  bool takes_vlan(std::uint16_t vlan) const noexcept;
  bool lose(const wire::IpAddress& address);
  void forget_registrations();

  Nic& nic_;
  Lan* lan_ = nullptr;
  qdio::DataQueues* queues_ = nullptr;
  FrameSink* sink_ = nullptr;
  bool sink_touched_ = false;
  wire::Layer3Header receive_header_;  // what our packets carry at a receiver, but for cast and length
  wire::Layer3Header tagged_header_;   // the same for the packet in hand, if it is tagged or layer 2
  Counters counters_;
  unsigned device_index_;
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
  std::vector<wire::MacAddress> macs_;  // layer 2: unicast and group
  std::vector<std::uint16_t> vlans_;
};

}  // namespace vmlan::guestlan
