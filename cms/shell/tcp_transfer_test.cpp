#include "cms/shell/tcp_transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cms/shell/command.h"
#include "cms/shell/test_machine.h"
#include "cms/stack/test_wire.h"

namespace vmlan::cms {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// Two users' sessions on one wire, in virtual time.
class TwoSessions : public testing::Test {
 protected:
  struct User {
    User(const arch::Clock& clock, TestWire& net, std::string userid, const wire::IpAddress& address)
        : machine(clock, std::move(userid)), link(net), session(machine) {
      std::string error;
      EXPECT_TRUE(session.tcpip.start(error)) << error;
      Interface* interface = session.tcpip.stack()->add_interface(link, "ETH0", 0);
      EXPECT_EQ(interface->set_ipv4(address, 0xffffff00), qdio::IpaCode::success);
      EXPECT_EQ(interface->add_ipv6(address == wire::IpAddress::v4(10, 1, 1, 1)
                                        ? *wire::parse_ip_address("fd00::1")
                                        : *wire::parse_ip_address("fd00::2")),
                qdio::IpaCode::success);
      session.disks.access('A', {0x191});
    }

    void type(const std::string& line) {
      Outcome outcome = run_command(session, line);
      activity = std::move(outcome.activity);
      code = activity == nullptr ? std::optional(outcome.return_code) : std::nullopt;
    }

    void turn() {
      session.tcpip.poll();
      if (activity != nullptr) {
        code = activity->poll();
        if (code) activity.reset();
      }
      session.tcpip.flush();
    }

    TestMachine machine;
    TestLink link;
    Session session;
    std::unique_ptr<Activity> activity;
    std::optional<int> code;
  };

  // Until both commands have ended, at most `limit` of virtual time.
  void run(arch::Time limit = std::chrono::hours(2)) {
    while (clock_.now() < limit && (alice_.activity != nullptr || bob_.activity != nullptr)) {
      do {
        alice_.turn();
        bob_.turn();
      } while (alice_.session.tcpip.more() || bob_.session.tcpip.more());
      advance();
    }
  }

  void advance() {
    std::optional<arch::Time> next;
    for (User* user : {&alice_, &bob_}) {
      std::optional<arch::Time> times[] = {user->session.tcpip.next_timer(), std::nullopt};
      if (user->activity != nullptr) times[1] = user->activity->deadline();
      for (const auto& time : times) {
        if (time) next = std::min(next.value_or(*time), *time);
      }
    }
    if (next) clock_.advance_to(*next);
  }

  static arch::FileContents random_bytes(std::size_t size) {
    arch::Prng prng(1);
    arch::FileContents bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>(prng.next());
    return bytes;
  }

  arch::VirtualClock clock_;
  TestWire wire_;
  User alice_{clock_, wire_, "ALICE", wire::IpAddress::v4(10, 1, 1, 1)};
  User bob_{clock_, wire_, "BOB", wire::IpAddress::v4(10, 1, 1, 2)};
};

TEST_F(TwoSessions, PingIsAnsweredInTheFormatOfZvm) {
  alice_.type("ping 10.1.1.2 (count 3");
  run();
  EXPECT_EQ(alice_.code, 0);
  EXPECT_THAT(
      alice_.machine.shown,
      ElementsAre("Ping Level 630: Pinging host 10.1.1.2.", "                Enter #CP EXT to interrupt.",
                  "PING: Ping #1 response took 0.000 seconds. Successes so far 1.",
                  "PING: Ping #2 response took 0.000 seconds. Successes so far 2.",
                  "PING: Ping #3 response took 0.000 seconds. Successes so far 3."));
  EXPECT_EQ(clock_.now(), std::chrono::seconds(2)) << "one second apart";
}

TEST_F(TwoSessions, PingWorksOverIpv6AndWithDataLargerThanTheMtu) {
  alice_.type("ping fd00::2 (length 5000");
  run();
  EXPECT_EQ(alice_.code, 0);
  alice_.type("ping 10.1.1.2 (length 12000");
  run();
  EXPECT_EQ(alice_.code, 0);
}

TEST_F(TwoSessions, PingToOneselfIsAnswered) {
  alice_.type("ping 10.1.1.1");
  run();
  EXPECT_EQ(alice_.code, 0);
}

TEST_F(TwoSessions, AHostMayBeANameInEtcHosts) {
  alice_.machine.put("ETC HOSTS", "# our LAN\n10.1.1.2 bob bob.example\n");
  alice_.type("ping bob");
  run();
  EXPECT_EQ(alice_.code, 0);
  EXPECT_EQ(alice_.machine.shown.front(), "Ping Level 630: Pinging host BOB (10.1.1.2).");
  alice_.type("ping carol");
  EXPECT_EQ(alice_.code, 8);
  EXPECT_EQ(alice_.machine.shown.back(), "DTCPNG9006E Host CAROL is unknown");
}

TEST_F(TwoSessions, PingOfAnAbsentHostTimesOut) {
  alice_.type("ping 10.1.1.9 (count 2 timeout 5");
  run();
  EXPECT_EQ(alice_.code, 8);
  EXPECT_THAT(alice_.machine.shown, Contains("PING: Ping #2 timed out"));
  EXPECT_EQ(clock_.now(), std::chrono::seconds(10));
}

TEST_F(TwoSessions, PingWithoutARouteCanNotBeSent) {
  alice_.type("ping 192.0.2.1");
  run();
  EXPECT_EQ(alice_.code, 8);
  EXPECT_EQ(alice_.machine.shown.back(), "PING: Ping #1 could not be sent");
}

TEST_F(TwoSessions, AnExternalInterruptionEndsAnEndlessPing) {
  alice_.type("ping 10.1.1.2 (count 0");
  run(std::chrono::seconds(3));
  ASSERT_NE(alice_.activity, nullptr);
  alice_.activity->interrupt();
  run();
  EXPECT_EQ(alice_.code, 0);
  EXPECT_THAT(alice_.machine.shown.back(), HasSubstr("PING: Interrupted."));
}

TEST_F(TwoSessions, AFileOverTcpArrivesByteForByte) {
  const auto contents = random_bytes(1'000'003);
  alice_.machine.disks[0x191].write("BIG DATA", contents);
  bob_.type("tcprecv copy data");
  alice_.type("tcpsend big data to 10.1.1.2");
  run();
  EXPECT_EQ(alice_.code, 0);
  EXPECT_EQ(bob_.code, 0);
  EXPECT_EQ(bob_.machine.disks[0x191].read("COPY DATA"), contents);
  EXPECT_THAT(alice_.machine.shown, ElementsAre("TCPSEND: Connected to 10.1.1.2 port 2001.",
                                                "TCPSEND: 1000003 bytes sent and received."));
  EXPECT_THAT(bob_.machine.shown,
              ElementsAre("TCPRECV: Listening on port 2001.", "                Enter #CP EXT to interrupt.",
                          HasSubstr("TCPRECV: Connection from 10.1.1.1 port "),
                          "TCPRECV: 1000003 bytes received, stored as COPY DATA A1."));
}

TEST_F(TwoSessions, AFileOverIpv6AndAnotherPortArrivesToo) {
  alice_.machine.put("SMALL DATA", "x");
  bob_.type("tcprecv copy data a port 7");
  alice_.type("tcpsend small data a to fd00::2 port 7");
  run();
  EXPECT_EQ(alice_.code, 0);
  EXPECT_EQ(bob_.code, 0);
}

TEST_F(TwoSessions, AnEmptyFileArrivesAsAnEmptyFile) {
  alice_.machine.put("EMPTY DATA", "");
  bob_.type("tcprecv copy data");
  alice_.type("tcpsend empty data to 10.1.1.2");
  run();
  EXPECT_EQ(alice_.code, 0);
  EXPECT_EQ(bob_.machine.disks[0x191].read("COPY DATA"), arch::FileContents{});
}

TEST_F(TwoSessions, LostPacketsAreSentAgain) {
  const auto contents = random_bytes(100'000);
  alice_.machine.disks[0x191].write("BIG DATA", contents);
  wire_.drop_every = 7;
  bob_.type("tcprecv copy data");
  alice_.type("tcpsend big data to 10.1.1.2");
  run();
  EXPECT_EQ(bob_.machine.disks[0x191].read("COPY DATA"), contents);
}

TEST_F(TwoSessions, ARefusedConnectionIsTold) {
  alice_.machine.put("SMALL DATA", "x");
  alice_.type("tcpsend small data to 10.1.1.2");
  run();
  EXPECT_EQ(alice_.code, 8);
  EXPECT_THAT(
      alice_.machine.shown,
      ElementsAre("DTCSND9002E 10.1.1.2 port 2001: connection refused; 0 of 1 bytes were acknowledged"));
}

TEST_F(TwoSessions, AConnectionToNobodyTimesOut) {
  alice_.machine.put("SMALL DATA", "x");
  alice_.type("tcpsend small data to 10.1.1.9");
  run();
  EXPECT_EQ(alice_.code, 8);
  EXPECT_THAT(alice_.machine.shown.back(), HasSubstr("connection timed out"));
}

TEST_F(TwoSessions, ASenderThatIsInterruptedResetsTheConnectionAndNothingIsStored) {
  alice_.machine.disks[0x191].write("BIG DATA", random_bytes(1'000'000));
  bob_.type("tcprecv copy data");
  alice_.type("tcpsend big data to 10.1.1.2");
  for (int turn = 0; turn < 10; ++turn) {
    alice_.turn();
    bob_.turn();
  }
  alice_.activity->interrupt();
  run();
  EXPECT_EQ(alice_.code, 8);
  EXPECT_EQ(bob_.code, 8);
  EXPECT_THAT(bob_.machine.shown.back(), HasSubstr("connection reset after"));
  EXPECT_EQ(bob_.machine.disks[0x191].read("COPY DATA"), std::nullopt);
}

TEST_F(TwoSessions, ASenderWhoseReceiverVanishesGivesUp) {
  alice_.machine.disks[0x191].write("BIG DATA", random_bytes(1'000'000));
  bob_.type("tcprecv copy data");
  alice_.type("tcpsend big data to 10.1.1.2");
  for (int turn = 0; turn < 10; ++turn) {
    alice_.turn();
    bob_.turn();
  }
  wire_.drop_every = 1;
  run();
  EXPECT_EQ(alice_.code, 8);
  EXPECT_EQ(bob_.code, 8);
}

TEST_F(TwoSessions, AReceiverNobodyCallsEndsAfterItsTimeLimit) {
  bob_.type("tcprecv copy data a timeout 30");
  run();
  EXPECT_EQ(bob_.code, 8);
  EXPECT_EQ(clock_.now(), std::chrono::seconds(30));
}

TEST_F(TwoSessions, TwoReceiversCanNotShareAPort) {
  bob_.type("tcprecv copy data");
  auto first = std::move(bob_.activity);
  bob_.type("tcprecv other data");
  bob_.turn();
  EXPECT_EQ(bob_.code, 8);
  EXPECT_EQ(bob_.machine.shown.back(),
            "DTCRCV9002E Port 2001: the port can't be opened after 0 bytes; nothing is stored");
}

TEST_F(TwoSessions, AFileThatCanNotBeStoredResetsTheSender) {
  alice_.machine.put("SMALL DATA", "x");
  bob_.type("tcprecv copy data");
  alice_.type("tcpsend small data to 10.1.1.2");
  bob_.machine.disks.clear();
  run();
  EXPECT_EQ(bob_.code, 100);
  EXPECT_EQ(alice_.code, 8);
}

TEST_F(TwoSessions, NetstatShowsConnectionsAddressesAndRoutes) {
  bob_.type("tcprecv copy data");
  auto receiving = std::move(bob_.activity);
  bob_.machine.take_shown();
  bob_.type("netstat");
  EXPECT_THAT(bob_.machine.take_shown(),
              Contains("*..2001                        *..*                           Listen"));
  bob_.type("netstat home");
  EXPECT_THAT(bob_.machine.take_shown(), Contains("10.1.1.2         255.255.255.0    ETH0"));
  bob_.type("netstat gate");
  EXPECT_THAT(bob_.machine.take_shown(),
              Contains("10.1.1.0         255.255.255.0    <direct>         UT   1492  <none> ETH0"));
  bob_.type("netstat nonsense");
  EXPECT_EQ(bob_.code, 24);
}

}  // namespace
}  // namespace vmlan::cms
