// What an OSA does on the wire for guests that know no Ethernet: it answers questions for their addresses
// with its own MAC address, and finds out the MAC addresses of those they send to.
//
// A datagram whose neighbor is not known yet is held, the neighbor asked three times, a second apart; what it
// answers, or says of itself, is believed for IPTIMEOUT and asked for anew then. All is bounded: neighbors,
// datagrams held for each, their bytes.
//
// Source: RFC 826, 4861. Owns: copies of what is held. Time comes with tend(). Threads: the base's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "host/uplink/ethernet_device.h"
#include "wire/ethernet.h"
#include "wire/ip_address.h"

namespace vmlan::host {

class Neighbors final : public EventSource {
 public:
  // Who is asked for, in which VLAN.
  struct Key {
    wire::IpAddress address;
    std::uint16_t vlan = 0;  // 0: untagged
    auto operator<=>(const Key&) const = default;
  };
  using Pieces = std::span<const std::span<const std::byte>>;
  // false: not taken.
  using Send = std::function<bool(Pieces frame, const FrameWork& work)>;
  // Has a guest of ours, in that VLAN, this address?
  using IsOurs = std::function<bool(const Key&)>;
  // So many datagrams that were held were lost; from tend(), received() and forget().
  using Lost = std::function<void(std::uint64_t)>;

  static constexpr std::size_t most = 1024;
  static constexpr std::size_t most_asked_for_one = 64;  // neighbors nobody has answered for, of a sender
  static constexpr std::size_t most_held_for_one = 4;
  static constexpr std::size_t most_held_bytes = std::size_t{1} << 20U;

  Neighbors(const wire::MacAddress& own, IsOurs is_ours, Send send, Lost lost)
      : own_(own), is_ours_(std::move(is_ours)), send_(std::move(send)), lost_(std::move(lost)) {}

  // As for another LAN: nothing is known.
  void forget();
  // How long an answer is believed.
  void set_timeout(arch::Time timeout) { timeout_ = timeout; }

  const wire::MacAddress* find(const Key& key) const;
  // Sent with its header as soon as the neighbor answers. false: no room. `source`: whose question it is;
  // `priority`: the upper bits of its tag.
  bool hold(const Key& key, const wire::IpAddress& source, std::uint16_t priority, Pieces datagram,
            const FrameWork& work);
  // "This address is here": to all.
  void announce(const Key& key);
  // true: a question or an answer of ARP, and done with.
  bool received(std::span<const std::byte> frame);

  void tend(arch::Time now) override;
  std::optional<arch::Time> deadline() const override;
  void add_to(std::vector<pollfd>&) override {}
  void happened(std::span<const pollfd>) override {}

  std::size_t size() const noexcept { return known_.size(); }

 private:
  struct Held {
    std::vector<std::byte> datagram;
    std::uint16_t priority = 0;
    FrameWork work;  // counts from the datagram on
  };
  struct Neighbor {
    wire::MacAddress mac;
    bool answered = false;
    unsigned asked = 0;
    wire::IpAddress asks;  // in whose name
    arch::Time until{0};   // believed; or asked again then
    std::vector<Held> held;
  };

  // nullptr: no room, for anybody or for this sender.
  Neighbor* room_for(const Key& key, const wire::IpAddress& source);
  bool forget_oldest();
  void ask(const Key& key, Neighbor& neighbor);
  void learn(Neighbor& neighbor, const Key& key, const wire::MacAddress& mac);
  void drop_held(Neighbor& neighbor, std::uint64_t lost);
  void say(std::span<const std::byte> frame, std::uint16_t vlan);

  wire::MacAddress own_;
  IsOurs is_ours_;
  Send send_;
  Lost lost_;
  arch::Time now_{0};
  arch::Time next_due_ = arch::Time::max();  // or sooner: nobody's time is over before
  arch::Time timeout_ = std::chrono::minutes(5);
  std::size_t held_bytes_ = 0;
  std::map<Key, Neighbor> known_;
};

}  // namespace vmlan::host
