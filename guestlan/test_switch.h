// A LAN with rules, some users on it and an uplink, and frames with and without tags.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "guestlan/uplink.h"
#include "tests/kit/offload_station.h"

namespace vmlan::guestlan {

using kit::Station;
using qdio::IpaCode;
using qdio::Transport;
using SwitchBytes = std::vector<std::byte>;

class OutsideUplink final : public Uplink, private FrameSink {
 public:
  OutsideUplink() : Uplink({0x0a00}, {{2, 0, 0, 0, 0, 0x99}}) { give_to(static_cast<FrameSink*>(this)); }
  ~OutsideUplink() override { leave(); }
  std::vector<SwitchBytes> got;
  qdio::GiveResult refuse = qdio::GiveResult::given;
  State state() const override { return State::ready; }
  std::string name() const override { return "OUTSIDE"; }
  std::string trouble() const override { return {}; }
  std::vector<std::string> details() const override { return {}; }
  std::string group;
  std::string group_name() const override { return group; }

 private:
  qdio::GiveResult give(const qdio::ReceiveHeader&, const qdio::Frame& given, WhenFull) override {
    if (refuse != qdio::GiveResult::given) return refuse;
    SwitchBytes frame;
    for (unsigned index = 0; index < given.segments; ++index) {
      const auto& segment = given.segment[index];
      frame.insert(frame.end(), segment.data, segment.data + segment.length);
    }
    got.push_back(std::move(frame));
    return qdio::GiveResult::given;
  }
  qdio::GiveResult give_unfinished(const wire::Layer3Header&, const qdio::Offload&, const qdio::Frame&,
                                   WhenFull) override {
    return qdio::GiveResult::too_long;
  }
  void publish() override {}
};

inline constexpr wire::MacAddress everybody{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
inline constexpr wire::MacAddress nobody{{0x52, 0x55, 0, 0, 0, 1}};

inline std::vector<SwitchBytes> only(const SwitchBytes& frame) { return {frame}; }

// tag 0: none. Tagged frames carry priority 5.
inline SwitchBytes ethernet(const wire::MacAddress& to, const wire::MacAddress& from, unsigned tag,
                            unsigned number = 7) {
  SwitchBytes frame(12);
  std::memcpy(frame.data(), to.bytes.data(), 6);
  std::memcpy(frame.data() + 6, from.bytes.data(), 6);
  const auto put16 = [&frame](unsigned value) {
    frame.push_back(static_cast<std::byte>(value >> 8U));
    frame.push_back(static_cast<std::byte>(value & 0xffU));
  };
  if (tag != 0) {
    put16(0x8100);
    put16(0xa000U | tag);
  }
  put16(0x88b5);
  put16(number);
  frame.resize(frame.size() + 50, std::byte{0x11});
  return frame;
}

inline kit::PacketBytes handed_over(const SwitchBytes& frame) {
  kit::PacketBytes bytes(32);
  bytes[0] = std::byte{2};
  bytes[3] = std::byte{4};
  kit::write16(bytes, 6, static_cast<std::uint32_t>(frame.size()));
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  return bytes;
}

inline PortRules access(std::uint16_t vlan) { return {false, vlan, {}}; }
inline PortRules trunk(std::uint16_t native, std::initializer_list<unsigned> vlans) {
  PortRules rules{true, native, {}};
  for (const unsigned vlan : vlans) rules.allowed.set(vlan);
  return rules;
}

class Switch {
 public:
  explicit Switch(const LanRules& rules, unsigned stations) : lan(kit::attributes(Transport::ethernet)) {
    for (unsigned host = 1; host <= stations; ++host) {
      guests.push_back(std::make_unique<Station>(lan, host));
      guests.back()->memory.empty_input(128);
    }
    uplink.join(lan);
    uplink.carry(true);
    lan.set_rules(rules);
  }
  const wire::MacAddress& mac(unsigned guest) const { return guests[guest]->nic.settings().mac; }
  std::vector<SwitchBytes> received(unsigned guest) {
    std::vector<SwitchBytes> all;
    for (const auto& one : guests[guest]->receive()) all.emplace_back(one.packet.begin(), one.packet.end());
    return all;
  }
  std::uint64_t dropped(unsigned guest, Drop reason) { return kit::drops(guests[guest]->counters(), reason); }

  Lan lan;
  std::vector<std::unique_ptr<Station>> guests;
  OutsideUplink uplink;
};

inline LanRules vlans(std::uint16_t native = 1) {
  LanRules rules;
  rules.vlan_aware = true;
  rules.native = native;
  return rules;
}

}  // namespace vmlan::guestlan
