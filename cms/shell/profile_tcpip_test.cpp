#include "cms/shell/profile_tcpip.h"

#include <gtest/gtest.h>

namespace vmlan::cms {
namespace {

constexpr std::string_view wizard_file = R"(; written by hand in the shape IPWIZARD writes
DEVICE DEV@0700  OSD 0700   NONROUTER
LINK ETH0 QDIOETHERNET DEV@0700   MTU 1500 IP
HOME
10.44.7.2 255.255.255.0 ETH0
GATEWAY
; Network       Subnet          First           Link             MTU
192.0.2.0       255.255.255.0   10.44.7.9       ETH0             1400
DEFAULTNET                      10.44.7.1       ETH0             1500
START DEV@0700
)";

struct Parsed {
  TcpipProfile profile;
  std::vector<ProfileError> errors;
};

Parsed parse(std::string_view text) {
  Parsed parsed;
  parsed.profile = parse_profile(text, parsed.errors);
  return parsed;
}

TEST(ProfileTcpip, TakesWhatIpwizardWrites) {
  const auto [profile, errors] = parse(wizard_file);
  EXPECT_TRUE(errors.empty());
  ASSERT_EQ(profile.devices.size(), 1U);
  EXPECT_EQ(profile.devices[0].name, "DEV@0700");
  EXPECT_EQ(profile.devices[0].number.value, 0x0700);
  EXPECT_EQ(profile.devices[0].kind, qdio::AdapterKind::osd);
  EXPECT_TRUE(profile.devices[0].start);
  ASSERT_EQ(profile.links.size(), 1U);
  EXPECT_EQ(profile.links[0].mtu, 1500U);
  ASSERT_EQ(profile.homes.size(), 1U);
  EXPECT_EQ(profile.homes[0].address, wire::IpAddress::v4(10, 44, 7, 2));
  EXPECT_EQ(profile.homes[0].mask, 0xffffff00U);
  ASSERT_EQ(profile.gateways.size(), 2U);
  EXPECT_EQ(profile.gateways[0].network, 0xc0000200U);
  EXPECT_EQ(profile.gateways[0].first_hop, 0x0a2c0709U);
  EXPECT_EQ(profile.gateways[1].mask, 0U);
  EXPECT_EQ(profile.gateways[1].first_hop, 0x0a2c0701U);
}

TEST(ProfileTcpip, TakesHipersAndIpv6AndAddressesWithoutMask) {
  const auto [profile, errors] = parse(
      "device h hipers 0800 portname hs1 autorestart link l qdioip h mtu 8192\n"
      "home fd00::1/64 l 10.1.1.1 l 192.0.2.1 l\nstart h");
  EXPECT_TRUE(errors.empty());
  ASSERT_EQ(profile.homes.size(), 3U);
  EXPECT_FALSE(profile.homes[0].address.is_v4());
  EXPECT_EQ(profile.homes[1].mask, 0xff000000U);
  EXPECT_EQ(profile.homes[2].mask, 0xffffff00U);
  EXPECT_EQ(profile.devices[0].kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(profile.devices[0].port_name, "HS1");
}

TEST(ProfileTcpip, StopAfterStartLeavesTheDeviceAlone) {
  EXPECT_FALSE(parse("DEVICE D OSD 600\nSTART D\nSTOP D").profile.devices[0].start);
}

// One wrong line of a list costs itself only.
TEST(ProfileTcpip, ListsGoOnBehindAWrongLine) {
  const auto parsed = parse(
      "\xef\xbb\xbf"
      "DEVICE D OSD 600\nLINK L QDIOETHERNET D\nHOME\n10.1.1.1 255.255.255.0 L\n10.1.1.999 255.0.0.0 L\n"
      "10.1.1.3 255.255.255.0\n10.1.1.4 255.255.255.0 L\nGATEWAY\n10.9.0.0 255.255.0.0 nohop L 0\n"
      "10.8.0.0 255.255.0.0 10.1.1.254 L 0\nDEFAULTNET nohop L 0\nDEFAULTNET 10.1.1.254 L 1492\nSTART D\n");
  ASSERT_EQ(parsed.profile.homes.size(), 2U);
  EXPECT_EQ(wire::to_string(parsed.profile.homes[1].address), "10.1.1.4");
  EXPECT_EQ(parsed.profile.gateways.size(), 2U);
  EXPECT_TRUE(parsed.profile.devices[0].start);
  ASSERT_EQ(parsed.errors.size(), 4U);
  EXPECT_EQ(parsed.errors[0].line, 5U);
  EXPECT_EQ(parsed.errors[1].line, 6U);
  EXPECT_EQ(parsed.errors[2].line, 9U);
  EXPECT_EQ(parsed.errors[3].line, 11U);
}

struct WrongStatement {
  const char* text;
  unsigned line;
  const char* statement;
  const char* reason;
};

class ProfileTcpipErrors : public testing::TestWithParam<WrongStatement> {};

TEST_P(ProfileTcpipErrors, NameLineStatementAndReason) {
  const auto errors = parse(GetParam().text).errors;
  ASSERT_EQ(errors.size(), 1U) << GetParam().text;
  EXPECT_EQ(errors[0].line, GetParam().line);
  EXPECT_EQ(errors[0].statement, GetParam().statement);
  EXPECT_EQ(errors[0].reason, GetParam().reason);
}

// Adjacent literals join; a constant could not.
#define PREFIX "DEVICE D OSD 600\nLINK L QDIOETHERNET D\n"
INSTANTIATE_TEST_SUITE_P(
    All, ProfileTcpipErrors,
    testing::Values(
        WrongStatement{"\nHOMEE\n", 2, "HOMEE", "unknown statement"},
        WrongStatement{"DEVICE", 1, "DEVICE", "the device name is missing"},
        WrongStatement{"DEVICE D CTC 600", 1, "DEVICE", "device type CTC is not OSD or HIPERS"},
        WrongStatement{"DEVICE D OSD 60000", 1, "DEVICE", "the device number is missing or invalid"},
        WrongStatement{"DEVICE D OSD 600\nDEVICE D OSD 700", 2, "DEVICE", "device D is defined already"},
        WrongStatement{"DEVICE D OSD 600 FAST", 1, "DEVICE", "unknown option FAST"},
        WrongStatement{"LINK", 1, "LINK", "the link name is missing"},
        WrongStatement{"DEVICE D OSD 600\nLINK L TOKENRING D", 2, "LINK",
                       "link type TOKENRING is not QDIOETHERNET or QDIOIP"},
        WrongStatement{"LINK L QDIOIP D", 1, "LINK", "device D is not defined"},
        WrongStatement{PREFIX "LINK L QDIOIP D", 3, "LINK", "link L is defined already"},
        WrongStatement{"DEVICE D OSD 600\nLINK L QDIOETHERNET D MTU 99999", 2, "LINK",
                       "the MTU is not a number from 576 to 65535"},
        WrongStatement{PREFIX "HOME\n10.1.1 L", 4, "HOME", "invalid address 10.1.1"},
        WrongStatement{PREFIX "HOME 10.1.1.1 255.0.255.0 L", 3, "HOME", "invalid subnet mask for 10.1.1.1"},
        WrongStatement{PREFIX "HOME 10.1.1.1 255.255.255.0 M", 3, "HOME", "link M is not defined"},
        WrongStatement{PREFIX "HOME fd00::1/48 L", 3, "HOME",
                       "the prefix length of an IPv6 address must be 64"},
        WrongStatement{PREFIX "HOME fd00::g L", 3, "HOME", "invalid address FD00::G"},
        WrongStatement{PREFIX "GATEWAY x 255.0.0.0 = L 0", 3, "GATEWAY", "invalid network X"},
        WrongStatement{PREFIX "GATEWAY 10.0.0.0 255.0.255.0 = L 0", 3, "GATEWAY", "invalid subnet mask"},
        WrongStatement{PREFIX "DEFAULTNET x L 0", 3, "DEFAULTNET", "invalid first hop X"},
        WrongStatement{PREFIX "DEFAULTNET 10.1.1.1 M 0", 3, "DEFAULTNET", "link M is not defined"},
        WrongStatement{PREFIX "DEFAULTNET 10.1.1.1 L", 3, "DEFAULTNET",
                       "the packet size is missing or invalid"},
        WrongStatement{"START", 1, "START", "the device name is missing"},
        WrongStatement{"START D", 1, "START", "device D is not defined"}));

TEST(ProfileTcpip, TheRestOfAWrongFileStillCounts) {
  const auto [profile, errors] = parse("DEVICE D OSD 600\nNONSENSE 1 2 3\nLINK L QDIOETHERNET D\n");
  EXPECT_EQ(errors.size(), 1U);
  EXPECT_EQ(profile.links.size(), 1U);
}

}  // namespace
}  // namespace vmlan::cms
