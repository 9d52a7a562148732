// Every frame on a LAN with rules against a model that knows them from guestlan/switch_policy.h only.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "guestlan/test_switch.h"

namespace vmlan::guestlan {
namespace {

// --- The model ----------------------------------------------------------------------------------------

constexpr unsigned stations = 5;
constexpr unsigned outside = stations;  // its number among the ports

// The VLAN a frame with this tag from there is in; 0: none, it is refused.
unsigned vlan_from(const LanRules& lan, const PortRules* port, unsigned tag) {
  if (port == nullptr) return tag != 0 ? tag : lan.native;
  if (!port->trunk) return tag != 0 ? 0 : port->untagged;
  const unsigned vlan = tag != 0 ? tag : port->untagged;
  return vlan != 0 && port->allowed[vlan] ? vlan : 0;
}

// The tag with which a frame of the VLAN arrives there; -1: it does not.
int tag_at(const LanRules& lan, const PortRules* port, unsigned vlan) {
  if (port == nullptr) return vlan == lan.native ? 0 : static_cast<int>(vlan);
  if (!port->trunk) return vlan == port->untagged ? 0 : -1;
  if (!port->allowed[vlan]) return -1;
  return vlan == port->untagged ? 0 : static_cast<int>(vlan);
}

// May it send under that address?
bool may_send_as(MacProtection nic, MacProtection lan, bool system, bool its_own) {
  const auto word = nic != MacProtection::unspecified ? nic : lan;
  const bool protected_here = word == MacProtection::unspecified ? system : word == MacProtection::on;
  return its_own || !protected_here;
}

class RandomSwitch {
 public:
  RandomSwitch() : lan_(vlans(), stations) {}

  void change() {
    rules_ = vlans(static_cast<std::uint16_t>(pick(4)));
    rules_.isolation = pick(4) == 0;
    rules_.mac_protect = any_protection();
    system_protects_ = pick(2) == 0;
    lan_.lan.set_rules(rules_);
    lan_.lan.protect_by_default(system_protects_);
    for (unsigned guest = 0; guest < stations; ++guest) {
      PortRules port{pick(2) == 0, static_cast<std::uint16_t>(pick(4)), {}};
      for (unsigned vlan = 1; vlan < 4; ++vlan) port.allowed[vlan] = port.trunk && pick(2) == 0;
      ports_[guest] = port;
      lan_.guests[guest]->nic.set_port_rules(port);
      lan_.guests[guest]->nic.set_mac_protection(any_protection());
    }
  }

  void send() {
    const unsigned from = pick(stations + 1);
    const unsigned to = pick(stations + 2);  // stations + 1: everybody
    const unsigned tag = pick(5) == 0 ? 0 : pick(4);
    if (from == to) return;
    const auto& destination = to < stations ? lan_.mac(to) : to == outside ? nobody : everybody;
    const unsigned as = from < stations && pick(4) == 0 ? pick(stations) : from;
    const auto& source = as < stations ? lan_.mac(as) : nobody;
    its_own_ = as == from;
    const auto frame = ethernet(destination, source, tag, ++number_);
    if (from == outside && to == outside) return;
    transmit(from, frame);
    for (unsigned port = 0; port <= stations; ++port) check(from, to, port, tag, destination, source);
  }

 private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
  MacProtection any_protection() { return static_cast<MacProtection>(pick(3)); }
  bool is_admitted(unsigned from) const {
    if (from == outside) return true;
    const auto own = lan_.guests[from]->nic.settings().mac_protect;
    return may_send_as(own, rules_.mac_protect, system_protects_, its_own_);
  }
  const PortRules* rules_of(unsigned port) const { return port == outside ? nullptr : &ports_.at(port); }

  void transmit(unsigned from, const SwitchBytes& bytes) {
    if (from != outside) return lan_.guests[from]->send(handed_over(bytes));
    qdio::Frame frame;
    frame.layer2 = wire::Layer2Header{};
    frame.layer2.length = static_cast<std::uint16_t>(bytes.size());
    frame.length = static_cast<std::uint32_t>(bytes.size());
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), frame.length};
    lan_.uplink.transmit(frame);
    lan_.lan.publish();
  }

  void check(unsigned from, unsigned to, unsigned port, unsigned tag, const wire::MacAddress& destination,
             const wire::MacAddress& source) {
    const auto got = port == outside ? std::exchange(lan_.uplink.got, {}) : lan_.received(port);
    const unsigned vlan = vlan_from(rules_, rules_of(from), tag);
    const bool meant = port != from && (to == port || to > outside);
    const bool apart = rules_.isolation && from != outside && port != outside;
    const int arrives = vlan == 0 ? -1 : tag_at(rules_, rules_of(port), vlan);
    if (!meant || apart || arrives < 0 || !is_admitted(from)) {
      EXPECT_TRUE(got.empty()) << "from " << from << " to " << to << " at " << port << " tag " << tag;
      return;
    }
    auto expected = ethernet(destination, source, static_cast<unsigned>(arrives), number_);
    if (arrives != 0 && tag == 0) expected[14] = static_cast<std::byte>(arrives >> 8);
    EXPECT_EQ(got, only(expected)) << "from " << from << " to " << to << " at " << port << " tag " << tag;
  }

  std::mt19937 random_{4711};
  Switch lan_;
  LanRules rules_;
  std::map<unsigned, PortRules> ports_;
  unsigned number_ = 0;
  bool system_protects_ = false;
  bool its_own_ = true;
};

TEST(SwitchedLan, NoFrameReachesAPortThatPolicyForbids) {
  RandomSwitch model;
  for (unsigned operation = 0; operation < 20'000 && !testing::Test::HasFailure(); ++operation) {
    if (operation % 20 == 0) model.change();
    model.send();
  }
}

}  // namespace
}  // namespace vmlan::guestlan
