// What a watcher of a LAN is shown, and when it is told that there is nothing more to see.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "guestlan/watcher.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/offload_station.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;

class Notes final : public Watcher {
 public:
  explicit Notes(const Port& receiver) : receiver_(receiver) {}

  bool before(const Port& from, const qdio::Frame& frame) noexcept override {
    copies_ = from.counters().tx_copies;
    discarded_ = from.counters().tx_discarded();
    received_ = receiver_.counters().rx_packets;
    lines.push_back(from.owner() + " sends " + std::to_string(frame.length));
    return true;
  }
  void after(const Port& from, const qdio::Frame&) noexcept override {
    const Counters& now = from.counters();
    std::string line = from.owner() + ": " + std::to_string(now.tx_copies - copies_) + " copies";
    if (now.tx_discarded() != discarded_) line += ", dropped";
    if (receiver_.counters().rx_packets != received_) line += ", one for " + receiver_.owner();
    lines.push_back(line);
  }
  void joined(const Port& port) noexcept override { lines.push_back(port.owner() + " joined"); }
  void left(const Port& port) noexcept override { lines.push_back(port.owner() + " left"); }
  void ended(const Lan& lan) noexcept override { lines.push_back(lan.attributes().name + " ended"); }

  std::vector<std::string> lines;

 private:
  const Port& receiver_;
  std::uint64_t copies_ = 0;
  std::uint64_t discarded_ = 0;
  std::uint64_t received_ = 0;
};

using Lines = std::vector<std::string>;
using Watch = ThreeLanUsers;

TEST_F(Watch, EachFrameIsShownBeforeAndAfterWithWhatBecameOfIt) {
  Notes notes(bob.port());
  lan.watch(notes);
  alice.send(bob_ip, 0x41);
  EXPECT_EQ(bob.receive(), 0x41) << "a watched LAN forwards as ever";
  bob.send(carol_ip);
  alice.send({10, 0, 0, 99});
  EXPECT_EQ(notes.lines, (Lines{"ALICE sends 64", "ALICE: 1 copies, one for BOB", "BOB sends 64",
                                "BOB: 1 copies", "ALICE sends 64", "ALICE: 0 copies, dropped"}));
  lan.unwatch(notes);
  alice.send(bob_ip);
  EXPECT_EQ(notes.lines.size(), 6U);
}

TEST_F(Watch, OneThatStopsLeavesTheOthersWatching) {
  Notes first(bob.port());
  Notes second(bob.port());
  lan.watch(first);
  lan.watch(second);
  lan.unwatch(first);
  alice.send(bob_ip);
  EXPECT_TRUE(first.lines.empty());
  EXPECT_EQ(second.lines.size(), 2U);
  lan.unwatch(second);
}

TEST_F(Watch, APortThatLeavesOrComesIsNamed) {
  Notes notes(bob.port());
  lan.watch(notes);
  carol.nic.uncouple();
  EXPECT_EQ(lan.ports().size(), 2U);
  carol.nic.couple(lan, true);
  EXPECT_EQ(lan.ports().size(), 3U);
  EXPECT_EQ(notes.lines, (Lines{"CAROL left", "CAROL joined"}));
  lan.unwatch(notes);
}

TEST(WatchEthernet, TheOtherTransportIsShownToo) {
  Lan lan(attributes(qdio::Transport::ethernet));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.memory.empty_input(128);
  Notes notes(bob.port());
  lan.watch(notes);
  alice.send(as_sent({.shape = {.ethernet = true}, .layer2 = true}, payload_of(100)));
  ASSERT_EQ(notes.lines.size(), 2U);
  EXPECT_NE(notes.lines[1].find("one for USER2"), std::string::npos) << notes.lines[1];
  lan.unwatch(notes);
}

TEST_F(Watch, ALanThatGoesTellsItsWatchers) {
  auto other = std::make_unique<Lan>(lan_attributes());
  Notes notes(bob.port());
  other->watch(notes);
  other.reset();
  EXPECT_EQ(notes.lines, Lines{"LAN1 ended"});
}

}  // namespace
}  // namespace vmlan::guestlan
