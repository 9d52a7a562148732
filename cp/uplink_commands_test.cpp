// DEFINE, DETACH, QUERY UPLINK and SET LAN ... UPLINK, with devices that are the test's.
#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "guestlan/uplink.h"

namespace vmlan::cp {
namespace {

class FakeUplink final : public guestlan::Uplink {
 public:
  FakeUplink(arch::DeviceNumber device, const wire::MacAddress& mac, Uplinks::Changed changed)
      : Uplink(device, mac), changed_(std::move(changed)) {}
  ~FakeUplink() override { leave(); }
  void become(State state) {
    is_ = state;
    update();
    changed_(*this);
  }
  State state() const override { return is_; }
  std::string name() const override { return "FAKE\x1b[2J"; }
  std::string trouble() const override { return is_ == State::ready ? "" : "the other side has gone"; }
  std::vector<std::string> details() const override { return {"Lease 10.0.2.15"}; }

 private:
  Uplinks::Changed changed_;
  State is_ = State::ready;
};

// Remembers ports of the host, and refuses a second one.
class FakeForwarder final : public PortForwarder {
 public:
  explicit FakeForwarder(std::vector<std::string>& forwarded) : forwarded_(forwarded) {}
  std::string add(const UplinkDefinition::Forward& forward) override {
    if (std::count(forwarded_.begin(), forwarded_.end(), text_of(forward)) > 0) return "the port is taken";
    forwarded_.push_back(text_of(forward));
    return {};
  }
  std::string remove(const UplinkDefinition::Forward& forward) override {
    return std::erase(forwarded_, text_of(forward)) == 0 ? "the port is not forwarded" : "";
  }

 private:
  static std::string text_of(const UplinkDefinition::Forward& forward) {
    return (forward.udp ? "udp " : "tcp ") + forward.host_address + ":" + std::to_string(forward.host_port);
  }
  std::vector<std::string>& forwarded_;
};

class UplinkCommands : public testing::Test {
 protected:
  UplinkCommands() {
    for (const auto& error : cp.load_directory(TestSystem::standard_directory, "USER DIRECT")) {
      ADD_FAILURE() << to_string(error);
    }
  }
  Lines answer(std::string_view line) {
    const auto reply = cp.command(line);
    code = reply.return_code;
    return reply.lines;
  }

  arch::VirtualClock clock;
  RecordedConsoles consoles;
  std::map<arch::DeviceNumber, FakeUplink*> made;
  std::vector<UplinkDefinition> asked;
  std::string refusal;
  std::vector<std::string> forwarded;
  int code = 0;
  Options options() {
    Options result{clock, consoles, nullptr, nullptr};
    result.make_uplink = [this](const UplinkDefinition& definition, const wire::MacAddress& mac,
                                Uplinks::Changed changed) -> Uplinks::Made {
      asked.push_back(definition);
      if (!refusal.empty()) return refusal;
      auto uplink = std::make_unique<FakeUplink>(definition.device, mac, std::move(changed));
      made[definition.device] = uplink.get();
      if (definition.kind != UplinkDefinition::Kind::nat) return Uplinks::Device{std::move(uplink), nullptr};
      return Uplinks::Device{std::move(uplink), std::make_unique<FakeForwarder>(forwarded)};
    };
    return result;
  }
  ControlProgram cp{options()};
};

TEST_F(UplinkCommands, AnUplinkServesALanAndIsShown) {
  EXPECT_EQ(answer("DEFINE UPLINK A00 NAT"), Lines{"UPLINK 0A00 is created"});
  answer("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET");
  EXPECT_EQ(answer("SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV 0A00"), Lines{"Command complete"});
  EXPECT_EQ(answer("QUERY UPLINK"),
            (Lines{"Uplink 0A00.P00 FAKE [2J", "  State: Ready      Traffic: Active   LAN: SYSTEM LAN1"}));
  const auto details = answer("QUERY UPLINK A00 DETAILS");
  EXPECT_EQ(details.back(), "  Lease 10.0.2.15");
  const auto lan = answer("QUERY LAN LAN1");
  EXPECT_EQ(lan.back(), "  RDEV: 0A00.P00 VDEV: NONE Controller: NONE     ACTIVE  FAKE [2J");
  EXPECT_EQ(answer("DETACH UPLINK 0A00"), Lines{"UPLINK 0A00 is destroyed"});
  EXPECT_EQ(answer("QUERY UPLINK"), Lines{"HCPUPL9034E No uplink is defined"});
  EXPECT_EQ(cp.vmlan().find("SYSTEM", "LAN1")->attached().size(), 0U);
}

TEST_F(UplinkCommands, PortsAreForwardedWhileItWorks) {
  answer("DEFINE UPLINK A00 NAT");
  answer("DEFINE UPLINK B00 TAP tap0");
  const Lines done{"Command complete"};
  EXPECT_EQ(answer("SET UPLINK A00 FORWARD TCP 2222 10.0.2.15:22"), done);
  EXPECT_EQ(answer("SET UPLINK A00 FORWARD UDP [::1]:53 [fd00::15]:53"), done);
  EXPECT_EQ(forwarded, (Lines{"tcp :2222", "udp ::1:53"}));
  const std::vector<std::pair<const char*, const char*>> refused = {
      {"SET UPLINK A00 FORWARD TCP 2222 10.0.2.16:22",
       "HCPUPL9038E Uplink 0A00 not changed; the port is taken"},
      {"SET UPLINK A00 NOFORWARD TCP 2223", "HCPUPL9038E Uplink 0A00 not changed; the port is not forwarded"},
      {"SET UPLINK B00 FORWARD TCP 80 10.0.2.15:80",
       "HCPUPL9038E Uplink 0B00 not changed; only NAT forwards ports"},
      {"SET UPLINK C00 FORWARD TCP 80 10.0.2.15:80", "HCPUPL040E Device 0C00 does not exist"},
      {"SET UPLINK A00", "HCPUPL026E Operand missing or invalid"},
      {"SET UPLINK A00 FORWARD TCP 2222", "HCPUPL026E Operand missing or invalid"},
      {"SET UPLINK A00 FORWARD TCP 0 10.0.2.15:80", "HCPUPL002E Invalid operand - 0"},
      {"SET UPLINK A00 NOFORWARD TCP 2222 10.0.2.15:22", "HCPUPL002E Invalid operand - 10.0.2.15:22"},
      {"SET UPLINK A00 CLOSE", "HCPUPL003E Invalid option - CLOSE"},
  };
  for (const auto& [command, reply] : refused) EXPECT_EQ(answer(command), Lines{reply}) << command;
  EXPECT_EQ(answer("SET UPLINK A00 NOFORWARD TCP 2222"), done);
  EXPECT_EQ(forwarded, Lines{"udp ::1:53"});
}

TEST_F(UplinkCommands, TheFirstThatIsReadyCarriesAndTheOperatorIsTold) {
  answer("DEFINE UPLINK A00 TAP tap0");
  answer("DEFINE UPLINK B00 STREAM /Some/Path LISTEN");
  EXPECT_EQ(asked[1].place, "/Some/Path");
  EXPECT_TRUE(asked[1].listen);
  answer("DEFINE VSWITCH VSW1 ETHERNET UPLINK RDEV 0A00.P00 0B00");
  auto* lan = cp.vmlan().find("SYSTEM", "VSW1");
  ASSERT_NE(lan, nullptr);
  EXPECT_EQ(lan->uplink(), made[{0x0a00}]);
  consoles.take();
  made[{0x0a00}]->become(guestlan::Uplink::State::not_ready);
  EXPECT_EQ(lan->uplink(), made[{0x0b00}]);
  EXPECT_EQ(consoles.take(),
            (Lines{"OPERATOR: HCPSWU2838I Device 0A00.P00 specified for VSWITCH SYSTEM VSW1 is offline.",
                   "OPERATOR: HCPSWU2830I VSWITCH SYSTEM VSW1 status is ready.",
                   "OPERATOR: HCPSWU2830I Device 0B00.P00 is active for VSWITCH SYSTEM VSW1."}));
  answer("DETACH UPLINK 0B00");
  EXPECT_EQ(lan->uplink(), nullptr);
  EXPECT_EQ(consoles.take(),
            Lines{"OPERATOR: HCPSWU2832E Connection for VSWITCH SYSTEM VSW1 is not active."});
  made[{0x0a00}]->become(guestlan::Uplink::State::ready);
  EXPECT_EQ(lan->uplink(), made[{0x0a00}]);
  EXPECT_EQ(answer("SET LAN VSW1 OWNERID SYSTEM GRANT ALICE"),
            Lines{"HCPLAN9001E LAN SYSTEM VSW1 does not exist"});
  EXPECT_EQ(answer("DETACH LAN VSW1 OWNERID SYSTEM"), Lines{"HCPLAN9001E LAN SYSTEM VSW1 does not exist"});
  answer("DETACH VSWITCH VSW1");
  EXPECT_EQ(made[{0x0a00}]->lan(), nullptr);
  EXPECT_FALSE(made[{0x0a00}]->active());
}

TEST_F(UplinkCommands, WhatCannotBeIsRefusedByName) {
  answer("DEFINE LAN IPLAN OWNERID SYSTEM TYPE QDIO IP");
  answer("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET");
  answer("DEFINE UPLINK A00 TAP tap0");
  answer("DEFINE UPLINK B00 NAT");
  answer("SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV A00");
  struct Refused {
    std::string_view line;
    std::string_view message;
  };
  const Refused refused[]{
      {"DEFINE UPLINK A00 NAT", "HCPUPL9030E Uplink 0A00 already exists"},
      {"DEFINE UPLINK A00", "HCPUPL026E Operand missing or invalid"},
      {"DEFINE UPLINK XYZ NAT", "HCPUPL022E A virtual device number was not supplied or it was invalid"},
      {"DEFINE UPLINK C00 MODEM", "HCPUPL002E Invalid operand - MODEM"},
      {"DEFINE UPLINK C00 NAT MTU x", "HCPUPL002E Invalid operand - X"},
      {"DEFINE UPLINK C00 NAT FORWARD TCP 0 10.0.2.15:22", "HCPUPL002E Invalid operand - 0"},
      {"DEFINE UPLINK C00 NAT FORWARD TCP 2222 10.0.2.15", "HCPUPL002E Invalid operand - 10.0.2.15"},
      {"DEFINE UPLINK C00 NAT FORWARD TCP 2222 nohost:22", "HCPUPL002E Invalid operand - nohost:22"},
      {"DETACH UPLINK C00", "HCPUPL040E Device 0C00 does not exist"},
      {"SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV C00", "HCPLAN040E Device 0C00 does not exist"},
      {"SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV A00 A00", "HCPLAN013E Conflicting option - 0A00"},
      {"SET LAN IPLAN OWNERID SYSTEM UPLINK RDEV A00", "HCPLAN9032E Uplink 0A00 serves LAN SYSTEM LAN1"},
  };
  for (const auto& [line, message] : refused) {
    EXPECT_EQ(answer(line), Lines{std::string(message)}) << line;
    EXPECT_NE(code, 0) << line;
  }
  answer("SET LAN LAN1 OWNERID SYSTEM UPLINK NONE");
  for (const char* any : {"A00", "B00"}) {
    EXPECT_EQ(answer("SET LAN IPLAN OWNERID SYSTEM UPLINK RDEV " + std::string(any)),
              Lines{"Command complete"});
  }
  refusal = "tap9 is not there";
  EXPECT_EQ(answer("DEFINE UPLINK C00 TAP tap9"),
            Lines{"HCPUPL9031E Uplink 0C00 not defined; tap9 is not there"});
}

TEST_F(UplinkCommands, ForwardedPortsAreTakenAsTheyAreWritten) {
  answer(
      "DEFINE UPLINK A00 NAT NETWORK 10.7.0.0/24 MTU 9000 NOIPV6 OPENHOST "
      "FORWARD TCP 2222 10.7.0.15:22 FORWARD UDP [::1]:53 10.7.0.16:5353");
  ASSERT_EQ(code, 0);
  const auto& nat = asked.back();
  EXPECT_EQ(nat.network, "10.7.0.0/24");
  EXPECT_EQ(nat.mtu, 9000U);
  EXPECT_FALSE(nat.ipv6);
  EXPECT_TRUE(nat.host_is_open);
  ASSERT_EQ(nat.forwards.size(), 2U);
  EXPECT_FALSE(nat.forwards[0].udp);
  EXPECT_EQ(nat.forwards[0].host_address, "");
  EXPECT_EQ(nat.forwards[0].host_port, 2222);
  EXPECT_EQ(nat.forwards[0].guest_address, "10.7.0.15");
  EXPECT_EQ(nat.forwards[0].guest_port, 22);
  EXPECT_TRUE(nat.forwards[1].udp);
  EXPECT_EQ(nat.forwards[1].host_address, "::1");
}

TEST_F(UplinkCommands, OnlyClassBHasThem) {
  cp.type("ALICE", "LOGON ALICE");
  consoles.take();
  cp.type("ALICE", "DEFINE LAN MINE TYPE QDIO ETHERNET");
  consoles.take();
  cp.type("ALICE", "SET LAN MINE UPLINK NONE");
  EXPECT_EQ(consoles.take(), Lines{"ALICE: HCPLAN003E Invalid option - UPLINK"});
  cp.type("ALICE", "SET LAN MINE ISOLATION ON");
  EXPECT_EQ(consoles.take(), Lines{"ALICE: HCPLAN003E Invalid option - ISOLATION"});
}

}  // namespace
}  // namespace vmlan::cp
