// SET and QUERY PORT GROUP, and groups under LANs and switches, with devices that are the test's.
#include <gtest/gtest.h>

#include <algorithm>

#include "cp/test_system.h"
#include "guestlan/uplink.h"

namespace vmlan::cp {
namespace {

class SimpleUplink final : public guestlan::Uplink {
 public:
  SimpleUplink(arch::DeviceNumber device, const wire::MacAddress& mac, std::string group = {})
      : Uplink(device, mac), group_(std::move(group)) {}
  ~SimpleUplink() override { leave(); }
  State state() const override { return State::ready; }
  std::string name() const override { return group_.empty() ? "SIMPLE" : "GROUP " + group_; }
  std::string group_name() const override { return group_; }
  std::string trouble() const override { return {}; }
  std::vector<std::string> details() const override { return {}; }

 private:
  std::string group_;
};

class SimpleMembers final : public GroupMembers {
 public:
  explicit SimpleMembers(bool& lacp) : lacp_(lacp) {}
  void join(guestlan::Uplink& uplink) override { uplinks_.push_back(&uplink); }
  void leave(guestlan::Uplink& uplink) override { std::erase(uplinks_, &uplink); }
  void set_lacp(bool active) override { lacp_ = active; }
  std::vector<View> views() const override {
    std::vector<View> views;
    for (const auto* uplink : uplinks_) views.push_back({uplink, true, "Active, partner", 12, 34});
    return views;
  }

 private:
  std::vector<guestlan::Uplink*> uplinks_;
  bool& lacp_;
};

class PortGroupCommands : public testing::Test {
 protected:
  PortGroupCommands() {
    for (const char* device : {"A00", "B00", "C00"})
      answer("DEFINE UPLINK " + std::string(device) + " TAP tap0");
    answer("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET");
  }
  Lines answer(std::string_view line) {
    const auto reply = cp.command(line);
    return reply.lines;
  }
  static Lines complete() { return {"Command complete"}; }

  arch::VirtualClock clock;
  RecordedConsoles consoles;
  bool lacp = true;
  Options options() {
    Options result{clock, consoles, nullptr, nullptr};
    result.make_uplink = [](const UplinkDefinition& definition, const wire::MacAddress& mac,
                            Uplinks::Changed) -> Uplinks::Made {
      return Uplinks::Device{std::make_unique<SimpleUplink>(definition.device, mac), nullptr};
    };
    result.make_group = [this](const std::string& name, arch::DeviceNumber number,
                               const wire::MacAddress& mac, Uplinks::Changed) {
      return PortGroups::Made{std::make_unique<SimpleUplink>(number, mac, name),
                              std::make_unique<SimpleMembers>(lacp)};
    };
    return result;
  }
  ControlProgram cp{options()};
};

TEST_F(PortGroupCommands, AGroupServesASwitchAndIsShown) {
  EXPECT_EQ(answer("SET PORT GROUP BOND1 JOIN A00.P00 B00"), complete());
  EXPECT_EQ(answer("DEFINE VSWITCH VSW1 ETHERNET GROUP BOND1"), Lines{"VSWITCH SYSTEM VSW1 is created"});
  EXPECT_EQ(answer("QUERY PORT GROUP"),
            (Lines{"Group: BOND1        Active        LACP Mode: Active",
                   "  VSWITCH SYSTEM VSW1         Interval: OFF",
                   "    Device    Status                   Frames out   Frames in",
                   "    0A00.P00  Active, partner                  12          34",
                   "    0B00.P00  Active, partner                  12          34"}));
  EXPECT_EQ(answer("QUERY UPLINK A00")[1], "  State: Ready      Traffic: Active   LAN: * Group BOND1");
  EXPECT_EQ(answer("SET VSWITCH VSW1 UPLINK NOGROUP"), complete());
  EXPECT_EQ(answer("QUERY PORT GROUP BOND1")[1], "  No connection               Interval: OFF");
  EXPECT_EQ(answer("SET LAN LAN1 OWNERID SYSTEM UPLINK GROUP BOND1"), complete());
  EXPECT_EQ(answer("QUERY LAN LAN1").back().substr(0, 22), "  GROUP BOND1 ACTIVE  ");
}

// Its device number may be that of an uplink of its own right.
TEST_F(PortGroupCommands, AGroupIsCalledByItsName) {
  answer("SET PORT GROUP BOND1 JOIN A00");
  answer("DEFINE VSWITCH VSW1 ETHERNET GROUP BOND1");
  const auto lines = answer("QUERY VSWITCH VSW1 DETAILS");
  EXPECT_EQ(std::ranges::count(lines, "  Uplink Port Connection: GROUP BOND1"), 1);
  EXPECT_EQ(answer("SET LAN LAN1 OWNERID SYSTEM UPLINK GROUP BOND1"),
            Lines{"HCPLAN9032E Uplink GROUP BOND1 serves LAN SYSTEM VSW1"});
}

TEST_F(PortGroupCommands, LacpIsSwitched) {
  answer("SET PORT GROUP BOND1 JOIN A00");
  EXPECT_EQ(answer("SET PORT GROUP BOND1 LACP INACTIVE"), complete());
  EXPECT_FALSE(lacp);
  EXPECT_EQ(answer("QUERY PORT GROUP")[0], "Group: BOND1        Inactive      LACP Mode: Inactive");
  EXPECT_EQ(answer("SET PORT GROUP BOND1 LACP ACTIVE"), complete());
  EXPECT_TRUE(lacp);
}

TEST_F(PortGroupCommands, AMemberServesNobodyByItself) {
  answer("SET PORT GROUP BOND1 JOIN A00");
  answer("SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV B00");
  const std::vector<std::pair<const char*, const char*>> refused = {
      {"SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV A00", "HCPLAN9082E Uplink 0A00 is in group BOND1"},
      {"SET PORT GROUP BOND2 JOIN A00", "HCPSPT9082E Uplink 0A00 is in group BOND1"},
      {"SET PORT GROUP BOND1 JOIN B00", "HCPSPT9032E Uplink 0B00 serves LAN SYSTEM LAN1"},
      {"SET PORT GROUP BOND1 LEAVE C00", "HCPSPT9083E Uplink 0C00 is not in group BOND1"},
      {"SET PORT GROUP BOND3 LEAVE A00", "HCPSPT9080E Group BOND3 does not exist"},
      {"SET PORT GROUP BOND1 INTERVAL 300", "HCPSPT9037E INTERVAL is not supported here"},
      {"SET PORT GROUP BOND1 JOIN", "HCPSPT022E A virtual device number was not supplied or it was invalid"},
      {"SET PORT GROUP BOND1 JOIN C00 C00", "HCPSPT013E Conflicting option - 0C00"},
      {"SET PORT GROUP BOND1", "HCPSPT026E Operand missing or invalid"},
      {"SET PORT GROUP BOND1 SPREAD", "HCPSPT003E Invalid option - SPREAD"},
      {"QUERY PORT GROUP BOND3", "HCPQPT9080E Group BOND3 does not exist"},
      {"DEFINE VSWITCH VSW2 ETHERNET GROUP BOND3", "HCPSWU9080E Group BOND3 does not exist"},
      {"DEFINE VSWITCH VSW2 IP GROUP BOND1", "HCPSWU002E Invalid operand - GROUP"},
  };
  for (const auto& [command, reply] : refused) EXPECT_EQ(answer(command), Lines{reply}) << command;
}

TEST_F(PortGroupCommands, AGroupEndsWithItsLastMember) {
  EXPECT_EQ(answer("QUERY PORT GROUP"), Lines{"HCPQPT9081E No group is defined"});
  answer("SET PORT GROUP BOND1 JOIN A00 B00");
  answer("SET LAN LAN1 OWNERID SYSTEM UPLINK GROUP BOND1");
  EXPECT_EQ(answer("SET PORT GROUP BOND1 DELETE"), Lines{"HCPSPT9084E Group BOND1 serves LAN SYSTEM LAN1"});
  EXPECT_EQ(answer("SET PORT GROUP BOND1 LEAVE A00"), complete());
  EXPECT_EQ(answer("DETACH UPLINK B00"), Lines{"UPLINK 0B00 is destroyed"});
  EXPECT_EQ(answer("QUERY PORT GROUP"), Lines{"HCPQPT9081E No group is defined"});
  EXPECT_TRUE(cp.vmlan().find("SYSTEM", "LAN1")->attached().empty());
  answer("SET PORT GROUP BOND1 JOIN A00 C00");
  EXPECT_EQ(answer("SET PORT GROUP BOND1 DELETE"), complete());
  EXPECT_EQ(answer("SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV A00"), complete());
}

TEST_F(PortGroupCommands, ThereAreLimits) {
  for (unsigned number = 1; number <= 9; ++number)
    answer("DEFINE UPLINK D0" + std::to_string(number) + " TAP t");
  answer("SET PORT GROUP BIG JOIN D01 D02 D03 D04 D05 D06 D07 D08");
  EXPECT_EQ(answer("SET PORT GROUP BIG JOIN D09"),
            Lines{"HCPSPT9085E Group BIG would have more than 8 uplinks, or be one of more than 16 groups"});
}

}  // namespace
}  // namespace vmlan::cp
