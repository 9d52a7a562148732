// A user's own TCP/IP stack in a replay, and what it plays: its ends of connections, each from its time on.
//
// Owns: stack, wire, peers. Threads: the base's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/replay/closed_peer.h"
#include "apps/replay/closed_wire.h"
#include "apps/replay/replay_user.h"
#include "guestlan/counters.h"

namespace vmlan::apps {

// Hears what the stacks' peers have come to.
class ClosedAudience {
 public:
  virtual ~ClosedAudience() = default;
  // Once for each peer: it has ended or failed.
  virtual void is_over(std::uint32_t script, const ClosedPeer& peer) = 0;
};

class ClosedStack final : public UserStack, private ClosedWatcher, private ClosedPeers {
 public:
  struct Settings {
    wire::IpAddress address;
    std::uint32_t user = 0;
    std::uint32_t lan = 0;
    std::uint32_t mtu = 1500;
    bool waits = false;  // there are links
    std::uint64_t seed = 1;
    std::function<guestlan::Counters()> nic;  // what the LAN has counted of the user's packets
    ClosedBooks* books = nullptr;             // if somebody asked for them
  };
  // nullptr: `error` says why.
  static std::unique_ptr<ClosedStack> create(const Settings& settings, const arch::Clock& clock,
                                             Courier& courier, ClosedAudience& audience, std::string& error);
  ~ClosedStack() override;

  // It plays that side of the script, which stays where it is. A client begins at `time`.
  void add(const TcpScript& script, std::uint32_t number, TcpSide side, arch::Time time);

  // UserStack
  std::optional<arch::Time> run(cms::QdioDriver& driver, const ClosedWire::Mail& mail) override;

  struct Counters {
    std::uint64_t segments = 0;
    std::uint64_t repeated = 0;
  };
  const Counters& counters() const noexcept { return counters_; }
  const ClosedWire::Counters& wire() const noexcept { return wire_.counters(); }
  // Of what is under way on links from it.
  std::optional<arch::Time> last_arrival() const { return wire_.last_arrival(); }
  // Of what it has sent.
  const guestlan::Counters& lan() const noexcept { return lan_; }
  template <class Do>
  void for_each(Do&& visit) const {
    for (const auto& part : peers_) visit(part.peer);
  }

 private:
  struct Part {
    ClosedPeer peer;
    std::uint32_t script;
    bool is_stirred = false;
    bool is_over = false;
  };
  using Timer = std::pair<arch::Time, std::uint32_t>;

  ClosedStack(const Settings& settings, const arch::Clock& clock, Courier& courier, ClosedAudience& audience);
  bool set_up(std::string& error);
  bool listen(std::uint16_t port);
  static err_t on_accepted(void* argument, tcp_pcb* accepted, err_t error);
  FlowKey key_of(std::span<const std::byte> packet, bool leaves, std::size_t& tcp) const noexcept;
  Part* part_of(const FlowKey& key);
  ClosedBooks::Line line_of(FlowKey key, const Part* part);
  ClosedBooks::Line left(std::span<const std::byte> packet) override;
  bool wants(std::span<const std::byte> packet) override;
  void stirred(std::uint32_t peer) override;
  void run_peers(arch::Time now);
  std::optional<arch::Time> next(arch::Time now);
  bool waits_for_other();

  Settings settings_;
  const arch::Clock& clock_;
  ClosedAudience& audience_;
  ClosedWire wire_;
  std::unique_ptr<cms::Stack> stack_;
  std::deque<Part> peers_;
  // By its own address and port as the source: those that play one after the other.
  std::unordered_map<FlowKey, std::deque<std::uint32_t>, FlowKey::Hash> by_ports_;
  std::vector<std::uint32_t> stirred_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::set<std::uint16_t> listens_;
  FlowKey last_key_;
  Part* last_part_ = nullptr;  // of last_key_
  Counters counters_;
  guestlan::Counters lan_;
};

}  // namespace vmlan::apps
