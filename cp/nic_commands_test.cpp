#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"
#include "cp/words.h"

namespace vmlan::cp {
namespace {

TEST(DefineNic, AnswersWithItsDevices) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "define nic 700 type qdio"),
            (Lines{"NIC 0700 is created; devices 0700-0702 defined"}));
  EXPECT_EQ(system.answer("ALICE", "DEF NIC 0800 HIPER DEV 5"),
            (Lines{"NIC 0800 is created; devices 0800-0804 defined"}));
  EXPECT_EQ(system.answer("ALICE", "DEFINE NIC 900"),
            (Lines{"NIC 0900 is created; devices 0900-0902 defined"}));
  const auto* alice = system.cp.find("ALICE");
  EXPECT_EQ(alice->nic({0x700})->settings().kind, qdio::AdapterKind::osd);
  EXPECT_EQ(alice->nic({0x800})->settings().kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(alice->nic({0x900})->settings().kind, qdio::AdapterKind::iqd);
}

TEST(DefineNic, DevicesGetConsecutiveSubchannelsAndFillGaps) {
  TestSystem system;
  system.log_on("ALICE");
  for (const auto* base : {"600", "700", "800"})
    system.type("ALICE", fmt::format("DEFINE NIC {} QDIO", base));
  auto* alice = system.cp.find("ALICE");
  for (std::uint16_t number = 0; number < 9; ++number) {
    const auto schib = alice->store_subchannel({number});
    ASSERT_TRUE(schib.has_value());
    EXPECT_EQ(schib->device.value, 0x600 + 0x100 * (number / 3) + number % 3);
  }
  EXPECT_FALSE(alice->store_subchannel({9}).has_value());
  system.type("ALICE", "DETACH NIC 700");
  EXPECT_FALSE(alice->store_subchannel({3}).has_value());
  EXPECT_EQ(alice->start_subchannel({3}, {}), arch::ConditionCode::three);
  system.type("ALICE", "DEFINE NIC A00 QDIO DEVICES 4");
  EXPECT_EQ(alice->store_subchannel({9})->device.value, 0xA00);
  system.type("ALICE", "DEFINE NIC B00 QDIO");
  EXPECT_EQ(alice->store_subchannel({3})->device.value, 0xB00);
}

struct BadCommand {
  std::string_view command;
  std::string_view answer;
};

class NicErrors : public testing::TestWithParam<BadCommand> {};

TEST_P(NicErrors, AreNumbered) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO");
  system.type("OPERATOR", "DEFINE LAN HIP OWNERID SYSTEM TYPE HIPER");
  system.type("OPERATOR", "DEFINE LAN RES OWNERID SYSTEM TYPE QDIO RESTRICTED");
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  system.type("ALICE", "DEFINE NIC 610 QDIO");
  system.type("ALICE", "COUPLE 610 TO SYSTEM L1");
  EXPECT_EQ(system.answer("ALICE", GetParam().command), (Lines{std::string(GetParam().answer)}));
  const auto number = GetParam().answer.substr(6, GetParam().answer.find('E', 6) - 6);
  EXPECT_EQ(system.code("ALICE"), static_cast<int>(parse_decimal(number).value_or(0)));
}

INSTANTIATE_TEST_SUITE_P(
    All, NicErrors,
    testing::Values(
        BadCommand{"DEFINE NIC", "HCPNIC022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"DEFINE NIC 12345 QDIO",
                   "HCPNIC022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"DEFINE NIC XYZ QDIO",
                   "HCPNIC022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"DEFINE NIC FFFF QDIO",
                   "HCPNIC022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"DEFINE NIC 602 QDIO", "HCPNIC9006E Device 0602 already exists"},
        BadCommand{"DEFINE NIC 5FE QDIO", "HCPNIC9006E Device 0600 already exists"},
        BadCommand{"DEFINE NIC 009 QDIO", "HCPNIC9006E Device 0009 already exists"},
        BadCommand{"DEFINE NIC 700 QDIO DEVICES 2", "HCPNIC026E Operand missing or invalid"},
        BadCommand{"DEFINE NIC 700 QDIO DEVICES 241", "HCPNIC026E Operand missing or invalid"},
        BadCommand{"DEFINE NIC 700 HIPER DEVICES 3073", "HCPNIC026E Operand missing or invalid"},
        BadCommand{"DEFINE NIC 700 QDIO CHPID XX", "HCPNIC026E Operand missing or invalid"},
        BadCommand{"DEFINE NIC 700 QDIO MACID 000005", "HCPNIC003E Invalid option - MACID"},
        BadCommand{"DEFINE NIC 700 TOKEN", "HCPNIC002E Invalid operand - TOKEN"},
        BadCommand{"DETACH NIC", "HCPDTV022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"DETACH NIC 700", "HCPDTV040E Device 0700 does not exist"},
        BadCommand{"DETACH NIC 9", "HCPDTV006E Invalid device type - 0009"},
        BadCommand{"DETACH NIC 600 NOW", "HCPDTV002E Invalid operand - NOW"},
        BadCommand{"DETACH 601", "HCPDTV9015E Device 0601 is part of NIC 0600"},
        BadCommand{"DETACH NIC 601", "HCPDTV9015E Device 0601 is part of NIC 0600"},
        BadCommand{"COUPLE 602 SYSTEM L1", "HCPCPL9015E Device 0602 is part of NIC 0600"},
        BadCommand{"DETACH 999", "HCPDTV040E Device 0999 does not exist"},
        BadCommand{"DETACH", "HCPDTV022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"COUPLE", "HCPCPL022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"COUPLE 700 TO SYSTEM L1", "HCPCPL040E Device 0700 does not exist"},
        BadCommand{"COUPLE 191 TO SYSTEM L1", "HCPCPL006E Invalid device type - 0191"},
        BadCommand{"COUPLE 600 TO SYSTEM NOLAN", "HCPCPL9001E LAN SYSTEM NOLAN does not exist"},
        BadCommand{"COUPLE 600 TO SYSTEM", "HCPCPL026E Operand missing or invalid"},
        BadCommand{"COUPLE 600 TO SYSTEM L1 NOW", "HCPCPL002E Invalid operand - NOW"},
        BadCommand{"COUPLE 600 TO SYSTEM HIP",
                   "HCPCPL9007E NIC 0600 and LAN SYSTEM HIP are of different types"},
        BadCommand{"COUPLE 600 SYSTEM RES", "HCPCPL6011E You are not authorized to COUPLE to SYSTEM RES"},
        BadCommand{"COUPLE 610 SYSTEM L1", "HCPCPL9008E NIC 0610 is already connected to LAN SYSTEM L1"},
        BadCommand{"COUPLE 600", "HCPCPL9012E No LAN is configured for NIC 0600"},
        BadCommand{"UNCOUPLE 600", "HCPCPL9009E NIC 0600 is not connected to a LAN"},
        BadCommand{"UNCOUPLE", "HCPCPL022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"QUERY NIC 700", "HCPQVD040E Device 0700 does not exist"},
        BadCommand{"QUERY V NIC 700 DETAILS", "HCPQVD040E Device 0700 does not exist"},
        BadCommand{"QUERY NIC ZZZ", "HCPQVD022E A virtual device number was not supplied or it was invalid"},
        BadCommand{"QUERY NIC 600 NOW", "HCPQVD003E Invalid option - NOW"},
        BadCommand{"SET NIC 600 PROMISCUOUS", "HCPNIC9009E NIC 0600 is not connected to a LAN"},
        BadCommand{"SET NIC 612 PROMISCUOUS", "HCPNIC9013E Device 0612 is not an active data device"},
        BadCommand{"SET NIC 700 PROMISCUOUS", "HCPNIC040E Device 0700 does not exist"},
        BadCommand{"SET NIC 600", "HCPNIC026E Operand missing or invalid"},
        BadCommand{"SET NIC 600 FAST", "HCPNIC003E Invalid option - FAST"}));

TEST(Couple, ConnectsAndUncoupleDisconnects) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN GLAN7 OWNERID SYSTEM TYPE QDIO");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  EXPECT_EQ(system.answer("ALICE", "couple 700 to system glan7"),
            (Lines{"NIC 0700 is connected to LAN SYSTEM GLAN7"}));
  EXPECT_EQ(system.answer("ALICE", "uncouple 700"),
            (Lines{"NIC 0700 is disconnected from LAN SYSTEM GLAN7"}));
  EXPECT_EQ(system.answer("ALICE", "DETACH NIC 700"),
            (Lines{"NIC 0700 is destroyed; devices 0700-0702 detached"}));
}

TEST(Couple, StarMeansTheIssuersLan) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE LAN MINE");
  system.type("ALICE", "DEFINE NIC 700 HIPER");
  EXPECT_EQ(system.answer("ALICE", "COUPLE 700 * MINE"), (Lines{"NIC 0700 is connected to LAN ALICE MINE"}));
}

TEST(Couple, AccessListOfARestrictedLanDecides) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN RES OWNERID SYSTEM TYPE QDIO RESTRICTED");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  system.type("OPERATOR", "SET LAN RES OWNERID SYSTEM GRANT ALICE");
  EXPECT_EQ(system.answer("ALICE", "COUPLE 700 SYSTEM RES"),
            (Lines{"NIC 0700 is connected to LAN SYSTEM RES"}));
}

TEST(Couple, FullLanRefuses) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO MAXCONN 1");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  system.type("ALICE", "COUPLE 600 SYSTEM L1");
  EXPECT_EQ(system.answer("ALICE", "COUPLE 700 SYSTEM L1"),
            (Lines{"HCPCPL9010E LAN SYSTEM L1 has reached its maximum number of connections"}));
}

TEST(Nicdef, CouplesAtLogonAndAuthorizesByItself) {
  TestSystem system(
      "USER ALICE NOPASS\n"
      "NICDEF 0600 TYPE QDIO LAN SYSTEM RES MACID 0E4E8E\n");
  system.type("OPERATOR", "DEFINE LAN RES OWNERID SYSTEM TYPE QDIO RESTRICTED");
  const auto lines = system.answer("ALICE", "LOGON ALICE");
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[1], "NIC 0600 is connected to LAN SYSTEM RES");
  EXPECT_EQ(wire::to_string(system.cp.find("ALICE")->nic({0x600})->settings().mac), "02-00-00-0E-4E-8E");
  system.type("ALICE", "UNCOUPLE 600");
  EXPECT_EQ(system.answer("ALICE", "COUPLE 600"), (Lines{"NIC 0600 is connected to LAN SYSTEM RES"}));
}

TEST(Nicdef, MissingLanIsSaidAndTheLogonGoesOn) {
  TestSystem system("USER ALICE NOPASS\nNICDEF 0600 TYPE QDIO LAN SYSTEM LAN1\n");
  const auto lines = system.answer("ALICE", "LOGON ALICE");
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[1], "HCPNDF9001E LAN SYSTEM LAN1 does not exist");
  EXPECT_NE(system.cp.find("ALICE")->nic({0x600}), nullptr);
}

TEST(MacAddresses, AreHandedOutInOrderAndNeverTwice) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE NIC 500 QDIO MACID 000002");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  EXPECT_EQ(wire::to_string(system.cp.find("ALICE")->nic({0x600})->settings().mac), "02-00-00-00-00-01");
  EXPECT_EQ(wire::to_string(system.cp.find("ALICE")->nic({0x700})->settings().mac), "02-00-00-00-00-03");
  EXPECT_EQ(system.answer("OPERATOR", "DEFINE NIC 510 QDIO MACID 3"),
            (Lines{"HCPNIC9011E MAC address 02-00-00-00-00-03 is already in use"}));
  system.type("ALICE", "DETACH NIC 700");
  EXPECT_EQ(system.answer("OPERATOR", "DEFINE NIC 510 QDIO MACID 3"),
            (Lines{"NIC 0510 is created; devices 0510-0512 defined"}));
}

}  // namespace
}  // namespace vmlan::cp
