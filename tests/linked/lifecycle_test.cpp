// What CP does to the NIC of a guest in an emulator, and what becomes of guests when the base comes and goes:
// as the guest's driver sees it.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "hercules/base_connection.h"
#include "qdio/adapter/ipa_commands.h"
#include "tests/linked/joined_guest.h"

namespace vmlan {
namespace {

using kit::LinuxDriver;
using linked::eventually;
using linked::JoinedGuest;
using linked::osd;
using linked::RunningBase;
using std::chrono::milliseconds;

class LinkedLifecycle : public testing::Test {
 protected:
  LinkedLifecycle() {
    base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
    base.cp("DEFINE LAN LAN2 OWNERID SYSTEM TYPE QDIO IP");
  }
  void bring_up() {
    alice = std::make_unique<JoinedGuest>(base, "ALICE", std::uint8_t{1}, osd);
    bob = std::make_unique<JoinedGuest>(base, "BOB", std::uint8_t{2}, osd);
    alice->bring_up();
    bob->bring_up();
    ASSERT_TRUE(reach_each_other());
  }
  // A command of ALICE's own.
  arch::DiagnoseReply alice_types(const std::string& command) {
    return base.call<arch::DiagnoseReply>(
        [&](cp::ControlProgram& system) { return system.find("ALICE")->diagnose_8(command); });
  }
  // The event that ALICE's driver hears next: its command code, 0 if it hears none.
  unsigned event() {
    const auto body = LinuxDriver::body_of(alice->guest->fetch());
    const bool by_adapter = body.size() > 1 && body[1] == std::byte{1};
    return by_adapter ? std::to_integer<unsigned>(body[0]) : 0;
  }
  bool alice_reaches_bob() {
    EXPECT_TRUE(alice->send(2, ++number));
    return bob->receive(milliseconds(300)) == number;
  }
  bool reach_each_other() {
    EXPECT_TRUE(bob->send(1, ++number));
    if (alice->receive(milliseconds(300)) != number) return false;
    return alice_reaches_bob();
  }
  bool is_logged_on(const std::string& user) {
    return base.answer("QUERY NAMES").find(user) != std::string::npos;
  }

  static constexpr unsigned start_lan = static_cast<unsigned>(qdio::IpaCommand::start_lan);
  static constexpr unsigned stop_lan = static_cast<unsigned>(qdio::IpaCommand::stop_lan);

  RunningBase base;
  std::unique_ptr<JoinedGuest> alice;
  std::unique_ptr<JoinedGuest> bob;
  std::uint32_t number = 0;
};

TEST_F(LinkedLifecycle, UncoupledAGuestHearsThatItsLanIsOfflineAndCoupledThatItIsOnline) {
  bring_up();
  EXPECT_EQ(alice_types("UNCOUPLE 0A00").return_code, 0);
  EXPECT_EQ(event(), stop_lan);
  const auto before = alice->counters();
  EXPECT_FALSE(alice_reaches_bob());
  EXPECT_EQ(alice->counters().dropped[static_cast<std::size_t>(guestlan::Drop::not_coupled)],
            before.dropped[static_cast<std::size_t>(guestlan::Drop::not_coupled)] + 1);

  EXPECT_EQ(alice_types("COUPLE 0A00 TO SYSTEM LAN1").return_code, 0);
  EXPECT_EQ(event(), start_lan);
  ASSERT_EQ(alice->set_ip(), 0U);
  EXPECT_TRUE(reach_each_other());
}

TEST_F(LinkedLifecycle, CoupledElsewhereAGuestReachesWhoIsThere) {
  bring_up();
  alice_types("UNCOUPLE 0A00");
  EXPECT_EQ(event(), stop_lan);
  EXPECT_EQ(alice_types("COUPLE 0A00 TO SYSTEM LAN2").return_code, 0);
  EXPECT_EQ(event(), start_lan);
  ASSERT_EQ(alice->set_ip(), 0U);
  EXPECT_FALSE(alice_reaches_bob());
  JoinedGuest carol(base, "CAROL", 3, osd, "lan SYSTEM.LAN2");
  carol.bring_up();
  ASSERT_TRUE(carol.send(1, 4711));
  EXPECT_EQ(alice->receive(), 4711U);

  alice_types("UNCOUPLE 0A00");
  EXPECT_EQ(event(), stop_lan);
  EXPECT_EQ(alice_types("COUPLE 0A00 TO SYSTEM LAN1").return_code, 0);
  EXPECT_EQ(event(), start_lan);
  ASSERT_EQ(alice->set_ip(), 0U);
  EXPECT_TRUE(reach_each_other());
}

TEST_F(LinkedLifecycle, ForcedAGuestHearsThatItsLanIsOfflineAndStaysAway) {
  bring_up();
  base.cp("FORCE ALICE");
  EXPECT_TRUE(alice->machine.says("HHC03826W ALICE NIC 0A00: ended for good"));
  EXPECT_EQ(event(), stop_lan);
  EXPECT_FALSE(is_logged_on("ALICE"));
  EXPECT_TRUE(is_logged_on("BOB"));
  // Its operator detaches the device and attaches it again.
  alice->machine.close();
  alice = std::make_unique<JoinedGuest>(base, "ALICE", std::uint8_t{1}, osd);
  alice->bring_up();
  EXPECT_TRUE(reach_each_other());
}

TEST_F(LinkedLifecycle, ADetachedNicIsGoneForTheGuestToo) {
  bring_up();
  EXPECT_EQ(alice_types("DETACH NIC 0A00").return_code, 0);
  EXPECT_TRUE(alice->machine.says("HHC03826W ALICE NIC 0A00: ended for good"));
  EXPECT_EQ(event(), stop_lan);
  EXPECT_TRUE(eventually([this] { return !is_logged_on("ALICE"); })) << "it has no card any more";
}

TEST_F(LinkedLifecycle, AnEndedEmulatorLogsItsUserOff) {
  bring_up();
  alice->machine.close();
  EXPECT_TRUE(eventually([this] { return !is_logged_on("ALICE"); }));
  EXPECT_TRUE(is_logged_on("BOB"));
}

TEST_F(LinkedLifecycle, AGuestWithoutAGrantForALanIsRefusedUntilItHasOne) {
  base.cp("DEFINE LAN CLOSED OWNERID SYSTEM TYPE QDIO IP RESTRICTED");
  alice = std::make_unique<JoinedGuest>(base, "ALICE", std::uint8_t{1}, osd, "lan SYSTEM.CLOSED");
  EXPECT_TRUE(alice->machine.says("HHC03825E ALICE NIC 0A00: refused: HCPVNI")) << alice->machine.said();
  EXPECT_EQ(base.cp("SET LAN CLOSED OWNERID SYSTEM GRANT ALICE").return_code, 0);
  EXPECT_TRUE(alice->machine.says("HHC03820I ALICE NIC 0A00: LAN SYSTEM CLOSED"));
}

TEST_F(LinkedLifecycle, ASystemThatGoesDownIsWaitedForAndFoundAgainWithTheSameMacAddresses) {
  bring_up();
  const std::string first = alice->mac();
  const std::string second = bob->mac();
  for (const bool told : {true, false}) {
    base.stop(told);
    EXPECT_EQ(event(), stop_lan);
    base.start();
    base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
    EXPECT_EQ(event(), start_lan);
    ASSERT_TRUE(eventually([this] { return is_logged_on("ALICE") && is_logged_on("BOB"); }));
    EXPECT_EQ(alice->mac(), first);
    EXPECT_EQ(bob->mac(), second);
  }
}

TEST_F(LinkedLifecycle, TwoCardsUnderOneNumberAreRefused) {
  bring_up();
  JoinedGuest twin(base, "ALICE", 3, osd);
  EXPECT_TRUE(twin.machine.says("refused: VMLLNK006E ALICE has NIC 0A00 already"));
  EXPECT_TRUE(reach_each_other());
}

// What the base says to a card of another process than the tests': its first message.
std::optional<link::MessageType> answer_to_hello(const RunningBase& base, link::Hello hello,
                                                 std::string& text) {
  hercules::BaseConnection card(hello.devices);
  if (text = card.connect(base.path(), host::Trust::anybodys, hello); !text.empty()) return std::nullopt;
  std::optional<link::MessageView> message;
  eventually([&] {
    card.write();
    const bool ended = card.read().ended;
    message = card.next();
    return message || ended;
  });
  if (!message) return std::nullopt;
  if (message->type == link::MessageType::refuse) text = link::text_of(message->body);
  return message->type;
}

TEST_F(LinkedLifecycle, ASecondEmulatorOfOneUserIsRefusedWhateverItsCard) {
  bring_up();
  link::Hello hello;
  hello.instance = 1;
  hello.user = "ALICE";
  hello.program = "another Hercules";
  for (const std::uint16_t device : {std::uint16_t{0x0a00}, std::uint16_t{0x0b00}}) {
    hello.base_device = arch::DeviceNumber{device};
    std::string text;
    EXPECT_EQ(answer_to_hello(base, hello, text), link::MessageType::refuse);
    EXPECT_NE(text.find("HCPLGA054E"), std::string::npos) << text;
  }
  EXPECT_TRUE(reach_each_other());
  hello.user = "CAROL";
  std::string text;
  EXPECT_EQ(answer_to_hello(base, hello, text), link::MessageType::accept) << text;
}

}  // namespace
}  // namespace vmlan
