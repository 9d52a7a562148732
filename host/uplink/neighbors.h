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
    std::uint16_t tag = 0;  // 0: untagged
    auto operator<=>(const Key&) const = default;
  };
  using Pieces = std::span<const std::span<const std::byte>>;
  using Send = std::function<void(Pieces frame, const FrameWork& work)>;
  // Has a guest of ours this address?
  using IsOurs = std::function<bool(const wire::IpAddress&)>;

  static constexpr std::size_t most = 1024;
  static constexpr std::size_t most_held_for_one = 4;
  static constexpr std::size_t most_held_bytes = std::size_t{1} << 20U;

  Neighbors(const wire::MacAddress& own, IsOurs is_ours, Send send)
      : own_(own), is_ours_(std::move(is_ours)), send_(std::move(send)) {}

  // As for another LAN: nothing is known.
  void forget();
  // How long an answer is believed.
  void set_timeout(arch::Time timeout) { timeout_ = timeout; }

  const wire::MacAddress* find(const Key& key) const;
  // Sent with its header as soon as the neighbor answers. false: no room. `source`: whose question it is.
  bool hold(const Key& key, const wire::IpAddress& source, Pieces datagram, const FrameWork& work);
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

  void ask(const Key& key, Neighbor& neighbor);
  void learn(const Key& key, const wire::MacAddress& mac);
  void drop_held(Neighbor& neighbor);
  void answer(std::span<const std::byte> question, std::uint16_t tag);

  wire::MacAddress own_;
  IsOurs is_ours_;
  Send send_;
  arch::Time now_{0};
  arch::Time next_due_ = arch::Time::max();  // or sooner: nobody's time is over before
  arch::Time timeout_ = std::chrono::minutes(5);
  std::size_t held_bytes_ = 0;
  std::map<Key, Neighbor> known_;
};

// The header in front of an IP datagram, with its VLAN tag if it has one.
struct DatagramHeader {
  wire::EthernetHeader header;
  arch::be16 tag;
  arch::be16 inner_type;
  std::size_t length = sizeof(wire::EthernetHeader);

  DatagramHeader(const wire::MacAddress& to, const wire::MacAddress& from, bool ipv6,
                 std::uint16_t tag) noexcept;
  std::span<const std::byte> bytes() const noexcept {
    return std::as_bytes(std::span(this, 1)).first(length);
  }
};
// Where a datagram for a group goes.
wire::MacAddress group_mac(const wire::IpAddress& group) noexcept;

}  // namespace vmlan::host
