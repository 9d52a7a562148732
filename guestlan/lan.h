// A guest LAN: a segment in the base that ports join, with the one IP table that is its ARP table (IP
// transport) or its MAC table (ETHERNET transport). Forwarding is the LAN's: route() decides, by the policy
// of its transport, and forward() carries it out.
//
// Source: CP Commands (DEFINE LAN, QUERY LAN), CP control blocks IPNBK; observed rules are in
// docs/DECISIONS.md.
//
// Owns: tables and counters; not the NICs nor the ports. Threads: the base's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "guestlan/counters.h"
#include "guestlan/ip_table.h"
#include "guestlan/port.h"
#include "guestlan/route.h"
#include "guestlan/staged_frames.h"
#include "guestlan/switch_ports.h"
#include "guestlan/switch_rules.h"
#include "guestlan/watcher.h"
#include "qdio/adapter/adapter_port.h"
#include "qdio/queues/frame.h"

namespace vmlan::guestlan {

class Nic;
class VlanCounters;
class Watcher;

enum class LanType : std::uint8_t { qdio, hipers };

struct LanAttributes {
  std::string owner;  // user id or SYSTEM
  std::string name;
  LanType type = LanType::qdio;
  qdio::Transport transport = qdio::Transport::ip;
  std::uint32_t max_frame_size = 16384;     // HIPERS: 16384, 24576, 40960, 65536
  std::optional<unsigned> max_connections;  // 1-1024; nothing = INFINITE
  bool restricted = false;
  std::optional<bool> accounting;  // nothing: as the registry has it for its owner
  // Nobody has defined it: a guest outside has named it, and it goes with the last NIC, unless somebody has
  // made it RESTRICTED or given it an uplink since.
  bool made_by_guest = false;

  unsigned ip_timeout = 5;                  // minutes
  std::optional<SwitchAttributes> vswitch;  // nothing: a guest LAN

  // SYSTEM-owned LANs are PERSISTENT, the others TRANSIENT.
  bool persistent() const { return owner == "SYSTEM"; }
};

// One entry of a RESTRICTED LAN's access list; of a guest LAN, promiscuity only.
using Grant = PortWishes;

class Lan {
 public:
  explicit Lan(LanAttributes attributes);
  ~Lan();
  Lan(const Lan&) = delete;
  Lan& operator=(const Lan&) = delete;

  const LanAttributes& attributes() const noexcept { return attributes_; }
  LanAttributes& attributes() noexcept { return attributes_; }

  // NICs coupled, in the order they came. Nic::couple/uncouple are the only callers of add/remove.
  const std::vector<Nic*>& nics() const noexcept { return nics_; }
  void add(Nic& nic);
  void remove(Nic& nic);

  const std::map<std::string, Grant, std::less<>>& access_list() const noexcept { return access_list_; }
  // What a user had more before, it loses at once, but for the connections it has. Both overrule what the
  // directory says of coupled NICs: a grant in what it names and in promiscuity, revocation in promiscuity.
  void grant(std::string_view userid, const Grant& rights);
  bool revoke(std::string_view userid);  // false: it had nothing to lose
  // The numbered ports of a PORTBASED switch. Who changes one calls port_changed().
  SwitchPorts& switch_ports() noexcept { return switch_ports_; }
  const SwitchPorts& switch_ports() const noexcept { return switch_ports_; }
  // New wishes of the port are in force at once, and those of the directory only where `named` is silent.
  void port_changed(unsigned number, const PortWishes& named);
  // The NIC on it, if there is one, has no rights any more; false: there is no such port.
  bool remove_port_number(unsigned number);

  bool authorizes(std::string_view userid) const;
  // What directory, numbered port and grant say of a NIC that is here, or is about to be.
  PortWishes wishes_of(const Nic& nic) const;
  // Puts it in force: VLANs, and promiscuity if that is to end.
  void apply_rights(Nic& nic) const;
  // May one of the user's NICs see what is for others?
  bool may_listen(std::string_view userid) const;

  // The tables of the policies. IP transport: addresses, groups, routers.
  IpTable& ip_table() noexcept {
    settle();
    return ip_table_;
  }
  const IpTable& ip_table() const noexcept { return ip_table_; }
  // ETHERNET transport: MAC address -> ports. One port for a unicast address, members for a group address.
  const PortList* find_mac(const wire::MacAddress& mac) const noexcept;
  bool add_mac(const wire::MacAddress& mac, Port& port);  // false: unicast address taken
  bool remove_mac(const wire::MacAddress& mac, const Port& port);
  // All ports, in the order in which they came.
  const PortList& ports() const noexcept { return ports_; }
  // Guests' ports that may send and receive, in the order in which they began; the sniffers among them.
  const PortList& active_ports() const noexcept { return active_ports_; }
  // Those that enabled broadcasts, on a LAN with IP transport.
  const PortList& broadcast_ports() const noexcept { return broadcast_ports_; }
  const PortList& promiscuous_ports() const noexcept { return promiscuous_ports_; }

  // Ports that are no NIC's and have joined: uplinks, whether or not they can carry anything now.
  const PortList& attached() const noexcept { return attached_; }
  // The uplinks that can, as a rule one; and the first of them. Nobody: nullptr.
  const PortList& uplinks() const noexcept { return uplinks_; }
  Port* uplink() const noexcept { return uplinks_.empty() ? nullptr : uplinks_.front(); }

  // What is demanded of ports besides.
  const LanRules& rules() const noexcept { return rules_; }
  void set_rules(const LanRules& rules);
  // What holds where neither they nor the port say: VMLAN MACPROTECT.
  void protect_by_default(bool on) noexcept;
  // Of its guests, those that say nothing themselves.
  bool protects_guests() const noexcept { return protects_guests_; }
  // May the port send under its own addresses only?
  bool protects(const Port& port) const noexcept {
    return guestlan::protects(port.mac_protection(), protects_guests_);
  }
  // Of who has sent what is being forwarded, on a LAN with priority queuing.
  const UplinkPriority& sender_priority() const noexcept { return sender_priority_; }
  // Frames and bytes of each VLAN, from now on or no longer; nullptr: they are not counted.
  void count_vlans(bool on);
  VlanCounters* vlan_counters() const noexcept { return vlan_counters_.get(); }

  // Where a frame of `from`, an active port of this LAN, goes by the table of its transport. Every frame has
  // an answer; the rules may refuse it to one or the other (guestlan/switch_policy.h).
  Route route(const Port& from, const qdio::Frame& frame) const noexcept;
  // Carries it out, and counts. Returns the SBALF 15 code.
  std::uint8_t forward(Port& from, const qdio::Frame& frame) noexcept;
  // Shows each frame forwarded from now on. Once per watcher.
  void watch(Watcher& watcher);
  void unwatch(Watcher& watcher) noexcept;
  // A watcher that is not shown each frame is told now of how many it was not.
  void tell_passed_over() noexcept;
  // The same of a message on a control channel of one of its NICs.
  void show_control(const Nic& nic, bool to_guest, std::span<const std::byte> message) noexcept;
  // A batch is over: every port that was given something is told.
  void publish();
  // What group frames have cost since then: each port looked at, each packet copied and each KiB of it is
  // one.
  std::uint64_t group_work() const noexcept { return group_work_; }
  // Numbers what its ports send, batch by batch.
  std::uint64_t next_batch() noexcept { return ++batches_; }

  // Sum over all NICs, those that left included.
  Counters total() const;
  // Of its NICs, since they were coupled, and of its VLANs; and of its uplinks.
  void clear_counters(CounterPart part = CounterPart::all);
  void clear_uplink_counters(CounterPart part = CounterPart::all);

  // The owner logged off while NICs were coupled: forwards until the last one leaves.
  bool orphaned = false;

 private:
  friend class Port;

  // What they may cost between two publish(). Enough for a ring of 64-byte frames to each of 1,000 ports.
  static constexpr std::uint64_t most_group_work = 262'144;
  // Groups smaller than this are in a cache after their first frame.
  static constexpr std::size_t large_group = 64;

  // For ports: coming, going, changing.
  void add_port(Port& port);
  void remove_port(Port& port);
  // Changes only: it is, or wants, what it was not before, or no longer.
  void set_active(Port& port, bool on);
  void set_broadcast(Port& port, bool on);
  void set_promiscuous(Port& port, bool on);
  void count_protected(const Port& port, int ports) noexcept;
  // Before the NIC is coupled anew, the directory says nothing of what `named` says.
  void overrule_directory(Nic& nic, const PortWishes& named);

  void choose_path() noexcept;

  // What forward() does: the policy of its transport; while frames for a large group wait, that behind them;
  // while somebody watches, that with the watchers around it.
  enum class Path : std::uint8_t { ip, ethernet, switched, waiting, watched };

  // forward.cpp
  std::uint8_t forward_by(Path path, Port& from, const qdio::Frame& frame) noexcept;
  std::uint8_t forward_ip(Port& from, const qdio::Frame& frame) noexcept;
  std::uint8_t forward_datagram(Port& from, const qdio::Frame& frame) noexcept;
  std::uint8_t forward_ethernet(Port& from, const qdio::Frame& frame) noexcept;
  std::uint8_t deliver(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                       const qdio::Frame& frame) noexcept;
  void deliver_elsewhere(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                         const qdio::Frame& frame) noexcept;
  void flood(Port& from, const Route& route, const qdio::ReceiveHeader& header,
             const qdio::Frame& frame) noexcept;
  void sniff(Port& from, const Route& route, const qdio::ReceiveHeader& header,
             const qdio::Frame& frame) noexcept;
  std::uint8_t copy_to(Port& from, Port& receiver, const qdio::ReceiveHeader& header,
                       const qdio::Frame& frame, WhenFull when_full) noexcept;
  std::uint8_t copy_to_sink(Port& from, Port& receiver, const qdio::ReceiveHeader& header,
                            const qdio::Frame& frame, WhenFull when_full);
  // Of a packet, or of several; `bytes` if they were given.
  static std::uint8_t count_copy(Port& from, Port& receiver, qdio::GiveResult result, std::uint64_t bytes,
                                 WhenFull when_full, std::uint64_t packets = 1) noexcept {
    if (result != qdio::GiveResult::given) [[unlikely]]
      return count_refused(from, receiver, result, when_full, packets);
    from.counters_.tx_copies += packets;
    receiver.counters_.rx_packets += packets;
    receiver.counters_.rx_bytes += bytes;
    return qdio::sbalf15::good;
  }
  static std::uint8_t count_refused(Port& from, Port& receiver, qdio::GiveResult result, WhenFull when_full,
                                    std::uint64_t packets) noexcept;
  void touch_sink(Port& receiver);
  // forward_group.cpp
  bool may_wait(const Route& route, const qdio::Frame& frame) const noexcept;
  std::uint8_t forward_waiting(Port& from, const qdio::Frame& frame) noexcept;
  void give_to_all(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                   const qdio::Frame& frame) noexcept;
  // What waits for each other is given now: before anything that tells who gets it changes.
  void settle() noexcept;
  // group_delivery.h
  struct GroupGift;
  template <class Give>
  void deliver_to_group(Port& from, const Route& route, const GroupGift& gift, Give give) noexcept;
  // forward_switch.cpp: rules besides the transport's table
  struct Switched;
  std::uint8_t forward_switched(Port& from, const qdio::Frame& frame) noexcept;
  Port* usual_station(const Port& from, const qdio::Frame& frame) const noexcept;
  std::uint8_t forward_admitted(Port& from, const qdio::Frame& frame) noexcept;
  std::uint8_t give_to_station(Switched& frame, const Route& route) noexcept;
  void give_to_group(Switched& frame, const Route& route) noexcept;
  const Port* station_of_source(const qdio::Frame& frame) const noexcept;
  // forward_offload.cpp: packets whose sender left something to its adapter.
  std::uint8_t copy_finished(Port& from, Port& receiver, const qdio::ReceiveHeader& header,
                             const qdio::Frame& frame, WhenFull when_full) noexcept;
  std::uint8_t give_finished(Port& from, Port& receiver, qdio::HeaderForReceiver& header,
                             qdio::FinishedPackets& packets, WhenFull when_full) noexcept;
  std::uint8_t give_unfinished(Port& from, Port& receiver, const qdio::HeaderForReceiver& header,
                               const qdio::Offload& offload, const qdio::Frame& frame, WhenFull when_full);

  // watch.cpp
  std::uint8_t forward_watched(Port& from, const qdio::Frame& frame) noexcept;
  std::uint8_t forward_shown(Port& from, const qdio::Frame& frame) noexcept;
  void tell_joined(const Port& port) noexcept;
  void tell_left(const Port& port) noexcept;
  void end_watching() noexcept;

  LanAttributes attributes_;
  LanRules rules_;
  bool protects_by_default_ = false;
  bool protects_guests_ = false;        // those whose ports leave it open
  unsigned ports_with_protection_ = 0;  // by their own MACPROTECT ON
  UplinkPriority sender_priority_ = UplinkPriority::normal;
  std::unique_ptr<VlanCounters> vlan_counters_;
  Path policy_;  // one of the first three
  Path path_;
  std::unique_ptr<StagedFrames> staged_;  // there once the LAN has enough ports
  std::vector<Watcher*> watchers_;
  unsigned pass_over_ = 0;     // frames that the only watcher need not be shown
  unsigned passed_ports_ = 0;  // senders of some of them, in passed_
  std::array<Port*, Watcher::most_passed_over> passed_{};
  std::vector<Nic*> nics_;
  std::map<std::string, Grant, std::less<>> access_list_;
  SwitchPorts switch_ports_;
  IpTable ip_table_;
  std::unordered_map<std::uint64_t, PortList> macs_;
  PortList ports_;
  PortList attached_;
  PortList uplinks_;          // the active ones of these
  PortList active_ports_;     // without uplinks
  PortList broadcast_ports_;  // those of them that want broadcasts
  PortList promiscuous_ports_;
  PortList touched_;  // given packets since the last publish(); nullptr: told, or gone
  std::uint64_t group_work_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t group_frames_ = 0;
  Counters departed_;
};

}  // namespace vmlan::guestlan
