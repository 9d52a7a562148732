// Two users on one guest LAN, each with CMS, driver and stack of its own: from CP commands to files over TCP.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "cms/shell/cms.h"
#include "cp/control_program.h"

namespace vmlan {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr std::string_view directory =
    "USER ALICE NOPASS 16M 32M G\n"
    "  MDISK 0191 3390 1 1 VOL1 MR\n"
    "USER BOB NOPASS 16M 32M G\n"
    "  MDISK 0191 3390 1 1 VOL1 MR\n"
    "USER CAROL NOPASS 16M 32M G\n"
    "  MDISK 0191 3390 1 1 VOL1 MR\n";

class Consoles final : public cp::ConsoleSink {
 public:
  void line(std::string_view console, std::string_view text) override {
    lines.push_back(fmt::format("{}: {}", console, text));
  }
  std::vector<std::string> lines;
};

// A system in virtual time.
class World {
 public:
  explicit World(std::string_view users = directory)
      : system({clock, consoles,
                [](std::string_view name, std::string_view, arch::Machine& machine) {
                  return name == "CMS" ? cms::make_cms(machine) : nullptr;
                },
                nullptr}) {
    EXPECT_TRUE(system.load_directory(users, "USER DIRECT").empty());
  }

  void type(std::string_view console, std::string_view line) {
    consoles.lines.push_back(fmt::format("{}> {}", console, line));
    system.type(console, line);
    settle();
  }
  void settle() {
    EXPECT_LT(system.run_until_idle(most_rounds), most_rounds) << "the system does not come to rest";
  }

  // Until the console can be typed at again.
  void wait(std::string_view console, arch::Time limit = std::chrono::hours(1)) {
    const arch::Time end = clock.now() + limit;
    for (settle(); !system.can_read(console); settle()) {
      const auto next = system.next_deadline();
      ASSERT_TRUE(next.has_value() && *next <= end) << console << " waits for ever:\n" << last_lines();
      clock.advance_to(*next);
    }
  }
  void command(std::string_view console, std::string_view line) {
    type(console, line);
    wait(console);
  }
  std::string last_lines() const {
    std::string text;
    const std::size_t count = consoles.lines.size();
    for (std::size_t i = count > 40 ? count - 40 : 0; i < count; ++i) text += consoles.lines[i] + "\n";
    return text;
  }
  std::size_t shown(std::string_view line) const {
    return static_cast<std::size_t>(std::ranges::count(consoles.lines, line));
  }
  // The newest line of that console.
  std::string newest(std::string_view console) const {
    const std::string prefix = fmt::format("{}: ", console);
    for (auto line = consoles.lines.rbegin(); line != consoles.lines.rend(); ++line) {
      if (line->compare(0, prefix.size(), prefix) == 0) return line->substr(prefix.size());
    }
    return {};
  }
  arch::Minidisk& disk(std::string_view user) { return *system.minidisk(user, {0x191}); }

  // Logs a user on, with a NIC on LAN1, CMS running and an address.
  void bring_up(const std::string& user, const std::string& address) {
    type(user, "LOGON " + user);
    type(user, "DEFINE NIC 0600 TYPE " + nic_type);
    type(user, "COUPLE 0600 TO SYSTEM LAN1");
    type(user, "IPL CMS");
    wait(user);
    command(user, "IFCONFIG 0600 " + address);
    EXPECT_EQ(newest(user), "Ready;") << last_lines();
  }

  // The same with a PROFILE TCPIP that names a default router.
  void bring_up_from_profile(const std::string& user, const std::string& lan, const std::string& address,
                             const std::string& router) {
    const std::string profile = fmt::format(
        "DEVICE D OSD 0600\nLINK ETH0 QDIOETHERNET D\nHOME {} 255.255.255.0 ETH0\n"
        "GATEWAY DEFAULTNET {} ETH0 1492\nSTART D\n",
        address, router);
    disk(user).write("PROFILE TCPIP", std::as_bytes(std::span(profile)));
    type(user, "LOGON " + user);
    type(user, "DEFINE NIC 0600 TYPE QDIO");
    type(user, "COUPLE 0600 TO SYSTEM " + lan);
    command(user, "IPL CMS");
    EXPECT_EQ(newest(user), "Ready;") << last_lines();
  }

  static constexpr unsigned most_rounds = 1'000'000;
  std::string nic_type = "QDIO";
  arch::VirtualClock clock;
  Consoles consoles;
  cp::ControlProgram system;
};

class TwoUsers : public testing::TestWithParam<const char*> {
 protected:
  TwoUsers() {
    world_.nic_type = nic_type();
    world_.type("OPERATOR", fmt::format("DEFINE LAN LAN1 OWNERID SYSTEM TYPE {}", GetParam()));
    world_.bring_up("ALICE", "10.1.1.1 255.255.255.0");
    world_.bring_up("BOB", "10.1.1.2 255.255.255.0");
  }

  // "QDIO" of "QDIO ETHERNET".
  static std::string nic_type() {
    const std::string_view lan_type = GetParam();
    return std::string(lan_type.substr(0, lan_type.find(' ')));
  }
  static arch::FileContents random_bytes(std::size_t size) {
    arch::Prng prng(1);
    arch::FileContents bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>(prng.next());
    return bytes;
  }

  World world_;
};

class TwoUsersOnAnIpLan : public TwoUsers {};

TEST_P(TwoUsers, PingEachOther) {
  world_.command("ALICE", "PING 10.1.1.2 (COUNT 3");
  EXPECT_EQ(world_.newest("ALICE"), "Ready;") << world_.last_lines();
  world_.command("BOB", "PING 10.1.1.1 (LENGTH 5000");
  EXPECT_EQ(world_.newest("BOB"), "Ready;") << world_.last_lines();
}

TEST_P(TwoUsers, PingEachOtherOverIpv6) {
  world_.command("ALICE", "IFCONFIG ETH0 fd00::1/64");
  world_.command("BOB", "IFCONFIG ETH0 fd00::2/64");
  world_.command("ALICE", "PING fd00::2 (COUNT 3");
  EXPECT_EQ(world_.newest("ALICE"), "Ready;") << world_.last_lines();
}

TEST_P(TwoUsers, SendAMegabyteOverTcpUnharmed) {
  const auto contents = random_bytes(1'048'576);
  world_.disk("ALICE").write("BIG DATA", contents);
  world_.type("BOB", "TCPRECV COPY DATA");
  world_.command("ALICE", "TCPSEND BIG DATA TO 10.1.1.2");
  world_.wait("BOB");
  EXPECT_EQ(world_.newest("ALICE"), "Ready;") << world_.last_lines();
  EXPECT_EQ(world_.newest("BOB"), "Ready;") << world_.last_lines();
  EXPECT_EQ(world_.disk("BOB").read("COPY DATA"), contents);
}

TEST_P(TwoUsersOnAnIpLan, ASecondOwnerOfAnAddressIsRefused) {
  world_.type("CAROL", "LOGON CAROL");
  world_.type("CAROL", "DEFINE NIC 0600 TYPE " + nic_type());
  world_.type("CAROL", "COUPLE 0600 TO SYSTEM LAN1");
  world_.command("CAROL", "IPL CMS");
  world_.command("CAROL", "IFCONFIG 0600 10.1.1.2");
  EXPECT_EQ(world_.newest("CAROL"), "Ready(00008);");
  EXPECT_THAT(world_.consoles.lines, Contains(HasSubstr("address 10.1.1.2 refused, code E005")));
  world_.command("ALICE", "PING 10.1.1.2");
  EXPECT_EQ(world_.newest("ALICE"), "Ready;") << "BOB keeps the address";
}

TEST_P(TwoUsers, AConnectionDiesWithItsPartner) {
  world_.disk("ALICE").write("BIG DATA", random_bytes(1'000'000));
  world_.type("BOB", "TCPRECV COPY DATA");
  world_.type("BOB", "#CP LOGOFF");
  world_.command("ALICE", "TCPSEND BIG DATA TO 10.1.1.2");
  EXPECT_EQ(world_.newest("ALICE"), "Ready(00008);") << world_.last_lines();
}

TEST_P(TwoUsers, AnExternalInterruptionEndsAPing) {
  world_.type("ALICE", "PING 10.1.1.2 (COUNT 0");
  world_.type("ALICE", "#CP EXTERNAL");
  world_.wait("ALICE");
  EXPECT_EQ(world_.newest("ALICE"), "Ready;") << world_.last_lines();
}

TEST_P(TwoUsers, UncoupledAndCoupledAgainTheyStillReachEachOther) {
  world_.command("BOB", "CP UNCOUPLE 0600");
  world_.command("ALICE", "PING 10.1.1.2 (TIMEOUT 1");
  EXPECT_EQ(world_.newest("ALICE"), "Ready(00008);") << world_.last_lines();
  world_.command("BOB", "CP COUPLE 0600 TO SYSTEM LAN1");
  world_.command("ALICE", "PING 10.1.1.2");
  EXPECT_EQ(world_.newest("ALICE"), "Ready;") << world_.last_lines();
}

TEST_P(TwoUsers, ANicTakenAwayAndGivenAgainIsBroughtUpAgain) {
  world_.command("BOB", "CP DETACH NIC 0600");
  world_.command("ALICE", "PING 10.1.1.2 (TIMEOUT 1");
  EXPECT_EQ(world_.newest("ALICE"), "Ready(00008);") << world_.last_lines();
  world_.command("BOB", "IFCONFIG ETH0 10.1.1.2");
  EXPECT_EQ(world_.newest("BOB"), "Ready(00008);") << world_.last_lines();
  world_.command("BOB", "CP DEFINE NIC 0600 TYPE " + nic_type());
  world_.command("BOB", "CP COUPLE 0600 TO SYSTEM LAN1");
  world_.command("BOB", "IFCONFIG ETH0 10.1.1.2");
  EXPECT_EQ(world_.newest("BOB"), "Ready;") << world_.last_lines();
  world_.command("ALICE", "PING 10.1.1.2");
  EXPECT_EQ(world_.newest("ALICE"), "Ready;") << world_.last_lines();
}

TEST_P(TwoUsers, AnAddressGivenBeforeTheLanIsThereIsRegisteredWhenItComes) {
  world_.type("CAROL", "LOGON CAROL");
  world_.type("CAROL", "DEFINE NIC 0600 TYPE " + nic_type());
  world_.command("CAROL", "IPL CMS");
  world_.command("CAROL", "IFCONFIG 0600 10.1.1.3");
  EXPECT_EQ(world_.newest("CAROL"), "Ready;") << world_.last_lines();
  world_.command("CAROL", "CP COUPLE 0600 TO SYSTEM LAN1");
  world_.command("CAROL", "PING 10.1.1.2");
  EXPECT_EQ(world_.newest("CAROL"), "Ready;") << world_.last_lines();
}

std::string underlined(const testing::TestParamInfo<const char*>& type) {
  std::string name = type.param;
  std::ranges::replace(name, ' ', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(OnALanOfType, TwoUsers,
                         testing::Values("QDIO", "HIPERS", "QDIO ETHERNET", "HIPERS ETHERNET"), underlined);
INSTANTIATE_TEST_SUITE_P(OnALanOfType, TwoUsersOnAnIpLan, testing::Values("QDIO", "HIPERS"), underlined);

std::vector<std::string> run_once() {
  World world;
  world.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
  world.bring_up("ALICE", "10.1.1.1");
  world.bring_up("BOB", "10.1.1.2");
  world.disk("ALICE").write("BIG DATA", arch::FileContents(100'000));
  world.type("BOB", "TCPRECV COPY DATA");
  world.command("ALICE", "TCPSEND BIG DATA TO 10.1.1.2");
  world.command("ALICE", "NETSTAT DEVLINKS");
  world.command("ALICE", "CP QUERY NIC 0600 DETAILS");
  world.command("ALICE", "CP QUERY LAN LAN1 DETAILS");
  return world.consoles.lines;
}

TEST(Determinism, TwoRunsUnderTheVirtualClockShowTheSameLines) { EXPECT_EQ(run_once(), run_once()); }

TEST(Routing, AUserWithTwoNicsForwardsBetweenTwoLans) {
  World world;
  world.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
  world.type("OPERATOR", "DEFINE LAN LAN2 OWNERID SYSTEM TYPE QDIO");
  world.bring_up("CAROL", "10.1.1.3");
  world.command("CAROL", "DEFINE NIC 0700 TYPE QDIO");
  world.command("CAROL", "COUPLE 0700 TO SYSTEM LAN2");
  world.command("CAROL", "IFCONFIG 0700 10.2.2.3");
  world.bring_up_from_profile("ALICE", "LAN1", "10.1.1.1", "10.1.1.3");
  world.bring_up_from_profile("BOB", "LAN2", "10.2.2.2", "10.2.2.3");
  world.command("BOB", "PING 10.1.1.3");
  EXPECT_EQ(world.newest("BOB"), "Ready;") << "the router's other side\n" << world.last_lines();
  world.command("ALICE", "PING 10.2.2.2");
  EXPECT_EQ(world.newest("ALICE"), "Ready;") << world.last_lines();
}

TEST(ManyUsers, AThousandWithAStackEachComeUpAndTheLastPingsTheFirst) {
  constexpr unsigned users = 1000;
  std::string entries;
  for (unsigned user = 0; user < users; ++user) {
    entries += fmt::format(
        "USER U{} NOPASS 4M 4M G\n  NICDEF 0600 TYPE QDIO LAN SYSTEM LAN1\n  MDISK 0191 3390 1 1 VOL1 MR\n  "
        "IPL CMS\n",
        user);
  }
  World world(entries);
  world.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
  for (unsigned user = 0; user < users; ++user) {
    const std::string address = fmt::format("10.1.{}.{}", user / 250, user % 250 + 1);
    const std::string profile = fmt::format(
        "DEVICE D OSD 0600\nLINK ETH0 QDIOETHERNET D\nHOME {} 255.255.0.0 ETH0\nSTART D\n", address);
    world.disk(fmt::format("U{}", user)).write("PROFILE TCPIP", std::as_bytes(std::span(profile)));
    world.type(fmt::format("U{}", user), fmt::format("LOGON U{}", user));
  }
  world.command("U999", "PING 10.1.0.1");
  EXPECT_EQ(world.newest("U999"), "Ready;") << world.last_lines();
}

}  // namespace
}  // namespace vmlan
