// What the tables and groups of a LAN hold: a place where frames are given, and where frames come from. A
// virtual NIC's data device is one, with registrations besides (guestlan/data_port.h); an uplink is one
// without; a capture is one that only listens.
//
// A port says what it takes; who gets what is decided by the LAN (guestlan/route.h). It is on at most one
// LAN, and active there while it may send and receive. Nothing keeps a pointer to a port that has left:
// leave() takes it out of every table, group and list of its LAN.
//
// Owns: its counters. Threads: the base's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arch/types.h"
#include "guestlan/counters.h"
#include "guestlan/frame_sink.h"
#include "guestlan/switch_rules.h"
#include "qdio/queues/data_queues.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::guestlan {

class Lan;

class alignas(64) Port {
 public:
  // Whom it belongs to, for displays and grants.
  struct Identity {
    std::string owner;  // user id
    arch::DeviceNumber device;
    wire::MacAddress mac;
  };

  enum class Kind : std::uint8_t { guest, uplink };

  explicit Port(Identity identity, Kind kind = Kind::guest);
  virtual ~Port();  // has left
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  const std::string& owner() const noexcept { return identity_.owner; }
  arch::DeviceNumber device_number() const noexcept { return identity_.device; }
  wire::MacAddress station_mac() const noexcept { return identity_.mac; }
  const Counters& counters() const noexcept { return counters_; }
  // The way out of the LAN: it gets what nobody on the LAN has, and groups.
  bool is_uplink() const noexcept { return kind_ == Kind::uplink; }

  // Where frames for it go: an input queue in storage, or a sink; nullptr while there is none such.
  qdio::DataQueues* queues() const noexcept { return queues_; }
  FrameSink* sink() const noexcept { return sink_; }
  // What it takes.
  bool broadcast_enabled() const noexcept { return broadcast_; }
  bool promiscuous() const noexcept { return promiscuous_; }
  // A driver that registered VLAN ids gets frames of these only; one that registered none gets all.
  bool takes_vlan(std::uint16_t vlan) const noexcept {
    return vlans_.empty() || promiscuous_ || std::find(vlans_.begin(), vlans_.end(), vlan) != vlans_.end();
  }
  // Its part of a VLAN-aware switch; nullptr: it has none.
  const PortRules* rules() const noexcept { return rules_; }
  // They outlive the port, or its next rules.
  void set_rules(const PortRules* rules) noexcept { rules_ = rules; }
  MacProtection mac_protection() const noexcept { return mac_protection_; }
  void set_mac_protection(MacProtection protection) noexcept;
  bool inbound_checksum(wire::IpVersion version) const noexcept {
    return version == wire::IpVersion::v4 ? inbound_checksum_v4_ : inbound_checksum_v6_;
  }
  bool whole_super_frames() const noexcept { return whole_super_frames_; }
  // A sender that named this port alone is told when there is no room, and may send again.
  bool lossless() const noexcept { return lossless_; }

  Lan* lan() const noexcept { return lan_; }
  bool active() const noexcept { return sends_to_ != nullptr; }
  void join(Lan& lan);
  // What others were given before is published first.
  void leave();

  // The one path: takes what the driver primed and gives it to the LAN.
  void transmit(qdio::DataQueues& queues, std::uint32_t mask);
  // A hint that a frame for it comes.
  void prefetch() const noexcept {
    __builtin_prefetch(this, 1);
    __builtin_prefetch(&counters_, 1);
  }
  // The same for frames that came another way, one by one; publish() after the last of a batch. Returns the
  // SBALF 15 code.
  std::uint8_t transmit(const qdio::Frame& frame) noexcept;
  void publish();
  // A packet of the port's whose header and data disagree.
  void count_malformed(std::uint64_t packets) noexcept;
  // A frame that could not even be made out: sent and dropped under that name.
  void count_refused(Drop reason, std::uint64_t bytes) noexcept;
  // Packets for it that counted as given and went nowhere.
  void count_lost(Drop reason, std::uint64_t packets) noexcept;
  // What was lost at the other end of the link, of the guest's packets and of those for it.
  void count_losses(const RemoteLosses& losses) noexcept;

  // An address of this port now belongs to `by`.
  virtual void address_taken(const wire::IpAddress& address, const Port& by) = 0;
  // It gets what is for others too, or no longer.
  void listen(bool on);
  // Those of its LAN.
  virtual void rules_changed() {}

 protected:
  void give_to(qdio::DataQueues* queues) noexcept { queues_ = queues; }
  void give_to(FrameSink* sink) noexcept { sink_ = sink; }
  // May it send and receive? Without a LAN the answer is kept until it joins one.
  void set_active(bool on);
  void set_lossless(bool on) noexcept { lossless_ = on; }
  void set_whole_super_frames(bool on) noexcept { whole_super_frames_ = on; }
  // Before it has registered anything.
  void set_station_mac(const wire::MacAddress& mac) noexcept;
  void set_broadcast(bool on);
  void set_inbound_checksum(wire::IpVersion version, bool on) noexcept {
    (version == wire::IpVersion::v4 ? inbound_checksum_v4_ : inbound_checksum_v6_) = on;
  }
  // To be changed.
  std::vector<std::uint16_t>& vlans() noexcept;
  // Takes what the port registered out of the LAN's tables; it is still on the LAN.
  virtual void forget_registrations() = 0;

 private:
  friend class Lan;

  void count_parts(const qdio::Frame& frame) noexcept;

  // What a frame for it needs comes first: one line of the cache.
  qdio::DataQueues* queues_ = nullptr;
  FrameSink* sink_ = nullptr;
  Lan* sends_to_ = nullptr;  // lan_ while active
  Lan* lan_ = nullptr;
  std::uint64_t last_batch_ = 0;  // of its LAN's
  std::uint64_t given_ = 0;       // number of the last group's frame it was looked at for
  bool sink_touched_ = false;
  bool lossless_ = false;
  bool whole_super_frames_ = false;
  bool broadcast_ = false;
  bool promiscuous_ = false;
  std::uint8_t passed_over_ = 0;  // frames that the LAN's watcher was not shown
  bool inbound_checksum_v4_ = false;
  bool inbound_checksum_v6_ = false;
  MacProtection mac_protection_ = MacProtection::unspecified;
  Counters counters_;
  wire::Layer3Header source_header_;  // what our packets carry at a receiver, but for cast and length
  Kind kind_;
  const PortRules* rules_ = nullptr;
  std::vector<std::uint16_t> vlans_;
  Identity identity_;
};

}  // namespace vmlan::guestlan
