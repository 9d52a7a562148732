#include "cp/virtual_machine.h"

#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

using std::chrono::seconds;

TEST(Console, LinesGoToTheProgramAndEscapedOnesToCp) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "IPL ECHO"), Lines{});
  EXPECT_TRUE(system.cp.can_read("ALICE"));
  EXPECT_EQ(system.answer("ALICE", "query userid"), (Lines{"read query userid"}));
  EXPECT_EQ(system.cp.last_return_code("ALICE"), std::nullopt);
  EXPECT_EQ(system.answer("ALICE", "#cp query userid"), (Lines{"ALICE    AT TESTNODE"}));
  EXPECT_EQ(system.code("ALICE"), 0);
  EXPECT_EQ(system.answer("ALICE", "#CPX"), (Lines{"read CPX"}));
}

TEST(Console, EscapeAloneStopsTheProgramUntilBegin) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "#CP"), (Lines{"CP"}));
  EXPECT_TRUE(system.cp.can_read("ALICE"));
  EXPECT_EQ(system.answer("ALICE", "QUERY USERID"), (Lines{"ALICE    AT TESTNODE"}));
  EXPECT_EQ(system.answer("ALICE", "B"), Lines{});
  EXPECT_EQ(system.answer("ALICE", "x"), (Lines{"read x"}));
}

TEST(Console, CannotReadWhileSomethingIsTypedAhead) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  system.cp.type("ALICE", "one");
  EXPECT_FALSE(system.cp.can_read("ALICE"));
  system.cp.run_until_idle(10);
  EXPECT_TRUE(system.cp.can_read("ALICE"));
}

TEST(Console, ControlCharactersNeverReachAProgramOrAScreen) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "a\nb\x1b[2J"), (Lines{"read a b [2J"}));
}

TEST(Program, CommandsByDiagnoseReturnLinesAndCode) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "DIAG QUERY NIC 600"),
            (Lines{"CP said HCPQVD040E Device 0600 does not exist", "code 40"}));
}

TEST(Program, BeginAndExternalNeedOne) {
  TestSystem system;
  EXPECT_EQ(system.answer("OPERATOR", "BEGIN"), (Lines{"HCPBEG9018E No program is loaded; use IPL"}));
  EXPECT_EQ(system.answer("OPERATOR", "EXTERNAL"), (Lines{"HCPEXT9018E No program is loaded; use IPL"}));
  EXPECT_EQ(system.answer("OPERATOR", "BEGIN NOW"), (Lines{"HCPBEG002E Invalid operand - NOW"}));
}

TEST(Program, ExternalInterruptsIt) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "#CP EXT"), (Lines{"interrupted"}));
  EXPECT_EQ(system.answer("ALICE", "DIAG EXTERNAL"), (Lines{"code 0", "interrupted"}));
}

TEST(Program, IplOfAnUnknownSystemLeavesTheRunningOneAlone) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "#CP IPL NOSYS"), (Lines{"HCPNSS044E System NOSYS does not exist"}));
  EXPECT_EQ(system.answer("ALICE", "x"), (Lines{"read x"}));
  EXPECT_EQ(system.answer("ALICE", "#CP IPL ECHO FAST"), (Lines{"HCPIPL003E Invalid option - FAST"}));
  EXPECT_EQ(system.answer("ALICE", "#CP IPL"), (Lines{"HCPIPL026E Operand missing or invalid"}));
}

TEST(Program, MayIplAnotherInItsOwnTurn) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "DIAG IPL ECHO"), (Lines{"code 0"}));
  EXPECT_EQ(system.answer("ALICE", "x"), (Lines{"read x"}));
}

TEST(Program, SystemResetEndsItAndClearEmptiesStorage) {
  TestSystem system;
  system.log_on("ALICE");
  auto* alice = system.cp.find("ALICE");
  alice->storage().write(0x1000, std::uint32_t{42});
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "#CP SYSTEM RESET"), (Lines{"System reset."}));
  EXPECT_EQ(alice->program(), nullptr);
  EXPECT_EQ(alice->storage().read<std::uint32_t>(0x1000).value, 42U);
  EXPECT_EQ(system.answer("ALICE", "SYSTEM CLEAR"), (Lines{"Storage cleared - system reset."}));
  EXPECT_EQ(alice->storage().read<std::uint32_t>(0x1000).value, 0U);
  EXPECT_EQ(system.answer("ALICE", "SYSTEM"), (Lines{"HCPSYS026E Operand missing or invalid"}));
  EXPECT_EQ(system.answer("ALICE", "SYSTEM HALT"), (Lines{"HCPSYS003E Invalid option - HALT"}));
}

TEST(Turns, DeadlineWakesAProgram) {
  TestSystem system;
  system.log_on("ALICE");
  int turns = 0;
  system.cp.find("ALICE")->set_program(std::make_unique<TestProgram>([&] {
    ++turns;
    return arch::Wait{seconds(turns * 10), false};
  }));
  system.cp.run_until_idle(10);
  EXPECT_EQ(turns, 1);
  EXPECT_EQ(system.cp.next_deadline(), seconds(10));
  EXPECT_FALSE(system.cp.run_turns());
  system.clock.advance_to(seconds(10));
  EXPECT_TRUE(system.cp.run_turns());
  EXPECT_EQ(turns, 2);
  EXPECT_EQ(system.cp.next_deadline(), seconds(20));
}

TEST(Turns, StoppedProgramSleepsUnlessRunIsOn) {
  TestSystem system;
  system.log_on("ALICE");
  int turns = 0;
  auto* alice = system.cp.find("ALICE");
  alice->set_program(std::make_unique<TestProgram>([&] {
    ++turns;
    return arch::Wait{system.clock.now() + seconds(1), false};
  }));
  system.cp.run_until_idle(10);
  system.type("ALICE", "#CP");
  system.clock.advance_to(seconds(5));
  EXPECT_FALSE(system.cp.run_turns());
  EXPECT_EQ(turns, 1);
  EXPECT_EQ(system.answer("ALICE", "SET RUN ON"), Lines{});
  EXPECT_EQ(turns, 2);
  EXPECT_EQ(system.answer("ALICE", "SET RUN MAYBE"), (Lines{"HCPSET026E Operand missing or invalid"}));
  system.type("ALICE", "SET RUN OFF");
  system.clock.advance_to(seconds(10));
  EXPECT_FALSE(system.cp.run_turns());
}

TEST(Turns, RoundRunsUsersInLogonOrder) {
  TestSystem system;
  std::string order;
  for (const auto* user : {"BOB", "ALICE", "CAROL"}) {
    system.log_on(user);
    system.cp.find(user)->set_program(std::make_unique<TestProgram>([&order, user] {
      order += *user;
      return arch::Wait{};
    }));
  }
  EXPECT_TRUE(system.cp.run_turns());
  EXPECT_EQ(order, "BAC");
  EXPECT_FALSE(system.cp.run_turns());
}

TEST(Turns, SeedDependsOnTheNameAloneAndTheSystemsSeed) {
  TestSystem one;
  TestSystem two;
  one.log_on("ALICE");
  one.log_on("BOB");
  two.log_on("BOB");
  EXPECT_EQ(one.cp.find("BOB")->seed(), two.cp.find("BOB")->seed());
  EXPECT_NE(one.cp.find("BOB")->seed(), one.cp.find("ALICE")->seed());
}

// --- Devices --------------------------------------------------------------------------------------------

struct SenseId {
  explicit SenseId(VirtualMachine& user) {
    arch::Ccw1 ccw;
    constexpr std::uint8_t sense_id = 0xe4;
    ccw.command = sense_id;
    ccw.flags = arch::ccw_flag::suppress_length;
    ccw.count = std::uint16_t{20};
    ccw.data_address = std::uint32_t{0x2000};
    user.storage().write(0x1000, ccw);
    orb.program = 0x1000;
  }
  arch::Orb orb;
};

TEST(Machine, ChannelProgramEndsInAnInterruption) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  auto& alice = *system.cp.find("ALICE");
  const SenseId sense(alice);
  ASSERT_EQ(alice.modify_subchannel({2}, true), arch::ConditionCode::zero);
  ASSERT_EQ(alice.start_subchannel({2}, sense.orb), arch::ConditionCode::zero);
  EXPECT_EQ(alice.test_pending_interruption(), arch::SubchannelNumber{2});
  EXPECT_EQ(alice.test_pending_interruption(), std::nullopt);
  arch::Irb irb;
  ASSERT_EQ(alice.test_subchannel({2}, irb), arch::ConditionCode::zero);
  EXPECT_EQ(irb.device_status, arch::device_status::normal_ending);
  // CU type and model, device type and model of a QDIO NIC: 1731-01, 1732-01.
  const auto identity = alice.storage().read<std::array<std::uint8_t, 7>>(0x2000).value;
  EXPECT_EQ(identity, (std::array<std::uint8_t, 7>{0xff, 0x17, 0x31, 0x01, 0x17, 0x32, 0x01}));
}

TEST(Machine, StatusTakenByTestSubchannelWithdrawsTheInterruption) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  auto& alice = *system.cp.find("ALICE");
  const SenseId sense(alice);
  alice.modify_subchannel({0}, true);
  alice.start_subchannel({0}, sense.orb);
  arch::Irb irb;
  EXPECT_EQ(alice.test_subchannel({0}, irb), arch::ConditionCode::zero);
  EXPECT_EQ(alice.test_pending_interruption(), std::nullopt);
}

TEST(Machine, InterruptionWakesTheProgramUntilItIsTaken) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  auto& alice = *system.cp.find("ALICE");
  int turns = 0;
  alice.set_program(std::make_unique<TestProgram>([&] {
    constexpr int patience = 3;
    if (++turns >= patience) alice.test_pending_interruption();
    return arch::Wait{};
  }));
  system.cp.run_until_idle(10);
  ASSERT_EQ(turns, 1);
  const SenseId sense(alice);
  alice.modify_subchannel({0}, true);
  alice.start_subchannel({0}, sense.orb);
  system.cp.run_until_idle(10);
  EXPECT_EQ(turns, 3);
}

TEST(Machine, SubchannelsThatAreNotThereAnswerConditionCodeThree) {
  TestSystem system;
  auto& user = *system.cp.find("OPERATOR");
  arch::Irb irb;
  for (const std::uint16_t number : {std::uint16_t{0}, std::uint16_t{0xffff}}) {
    EXPECT_FALSE(user.store_subchannel({number}).has_value());
    EXPECT_EQ(user.modify_subchannel({number}, true), arch::ConditionCode::three);
    EXPECT_EQ(user.start_subchannel({number}, {}), arch::ConditionCode::three);
    EXPECT_EQ(user.halt_subchannel({number}), arch::ConditionCode::three);
    EXPECT_EQ(user.clear_subchannel({number}), arch::ConditionCode::three);
    EXPECT_EQ(user.test_subchannel({number}, irb), arch::ConditionCode::three);
    arch::Siga siga;
    siga.subchannel = {number};
    EXPECT_EQ(user.signal_adapter(siga), arch::ConditionCode::three);
  }
}

TEST(Machine, SigaWithoutActiveQueuesIsConditionCodeOne) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE NIC 600 QDIO");
  arch::Siga siga;
  siga.subchannel = {2};
  siga.mask = 0x80000000;
  EXPECT_EQ(system.cp.find("OPERATOR")->signal_adapter(siga), arch::ConditionCode::one);
}

TEST(Machine, UsersHaveStorageOfTheirOwn) {
  TestSystem system("USER A NOPASS 1M\nUSER B NOPASS 2M\n");
  system.log_on("A");
  system.log_on("B");
  auto a = system.cp.find("A")->storage();
  auto b = system.cp.find("B")->storage();
  EXPECT_EQ(a.size(), megabyte);
  EXPECT_EQ(b.size(), 2 * megabyte);
  a.write(0x800, std::uint64_t{0x1122334455667788});
  EXPECT_EQ(b.read<std::uint64_t>(0x800).value, 0U);
  EXPECT_EQ(a.read<std::uint64_t>(megabyte).check, arch::ProgramCheck::addressing);
}

}  // namespace
}  // namespace vmlan::cp
