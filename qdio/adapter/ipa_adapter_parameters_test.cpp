// SETADAPTERPARMS: each subcommand's answer, whole, and what its request must have.
#include <gtest/gtest.h>

#include <string>

#include "tests/kit/ipa_fixture.h"

namespace vmlan::qdio {
namespace {

// Header and SETADAPTERPARMS' own fields; the return code of a request means nothing.
std::string subcommand_of(const std::string& subcommand, const std::string& return_code = "FFFF") {
  return head("B8", "0004") + "00000000 00000000 00100000 " + subcommand + return_code + "0101 00000000 ";
}

TEST_F(IpaTest, EachSubcommandNeedsItsOperandAndTheReturnCodeIsReset) {
  const struct {
    const char* subcommand;
    const char* operand;
  } rows[] = {{"00000001", ""},         {"00000002", "00000000"}, {"00000400", ""},
              {"00000800", "00000001"}, {"00010000", "00000000"}, {"00080000", "00000001"}};
  for (const auto& row : rows) {
    const std::string request = subcommand_of(row.subcommand) + row.operand;
    EXPECT_EQ(code(request), "0000") << request;
    EXPECT_EQ(at(0x24, 2), "0000") << request;
    EXPECT_EQ(at(0x14, 4), "00080803") << request;
    if (*row.operand == '\0') continue;
    EXPECT_EQ(code(request.substr(0, request.size() - 2)), "0006") << request;
    EXPECT_EQ(at(0x24, 2), "0006") << request;
  }
  const std::string query = subcommand_of("00000001");
  EXPECT_EQ(code(query.substr(0, query.size() - 3)), "0006") << "its own fields cut short";
  EXPECT_EQ(port.calls, Calls{"set_promiscuous on"});
}

TEST_F(IpaTest, EveryOtherSubcommandIsRefusedInBothPlaces) {
  for (unsigned bit = 0; bit < 32; ++bit) {
    const std::uint32_t subcommand = 1U << bit;
    const bool known = (subcommand & 0x00090c03U) != 0;
    std::array<std::byte, 4> bytes{};
    bytes[3 - bit / 8] = static_cast<std::byte>(1U << bit % 8);
    EXPECT_EQ(code(subcommand_of(to_hex(bytes), "0000") + "00000000 00000000") == "E00E", !known) << bit;
    EXPECT_EQ(at(0x24, 2) == "E00E", !known) << bit;
  }
}

TEST_F(IpaTest, TheMacAddressesAnswerEndsBehindIt) {
  EXPECT_EQ(code(subcommand_of("00000002") + "00000000 00000006 00000000 000000000000 0000 FFFFFFFF"),
            "0000");
  EXPECT_EQ(reply.substr(2 * 0x14),
            "0008080300080803"
            "00220000000000020000010180000000"
            "00000000000000060000000102005EAB64B9");
  EXPECT_EQ(code(subcommand_of("00000002") + "00000002 00000006 00000001 02AABBCCDDEE"), "E00E");
  EXPECT_EQ(at(0x28, 1), "00") << "no virtual MAC address said";
}

TEST_F(IpaTest, TheCardIsATenGigabitOne) {
  EXPECT_EQ(code(subcommand_of("00000400") + std::string(80, 'F')), "0000");
  EXPECT_EQ(reply.substr(2 * 0x14),
            "0008080300000000"
            "001C0000000004000000010100000000"
            "640000030000000800000000");
}

TEST_F(IpaTest, NobodyIsIsolated) {
  EXPECT_EQ(code(subcommand_of("00010000") + "00000000"), "0000");
  EXPECT_EQ(at(0x24, 2), "0000");
  for (const char* mode : {"00000001", "00000002", "80000000"}) {
    EXPECT_EQ(code(subcommand_of("00010000") + mode), "0000");
    EXPECT_EQ(at(0x24, 2), "0004") << "a driver reads it here";
  }
}

TEST_F(IpaTest, PromiscuousModeIsSwitchedOffTheSameWay) {
  EXPECT_EQ(code(subcommand_of("00000800") + "00000000"), "0000");
  EXPECT_EQ(at(0x2c, 4), "00000000");
  EXPECT_EQ(code(subcommand_of("00000800") + "00000002"), "0000");
  EXPECT_EQ(at(0x2c, 4), "00000001");
  EXPECT_EQ(port.calls, (Calls{"set_promiscuous off", "set_promiscuous on"}));
}

TEST_F(IpaTest, TheAddressTableAnswersWithItsScopeAndEndsThere) {
  EXPECT_EQ(code(subcommand_of("00080000") + "00000001" + std::string(2 * 200, 'F')), "0000");
  EXPECT_EQ(reply.substr(2 * 0x14, 2 * 24),
            "0008080300000000"
            "00700000000800000000010100000000");
  const std::string zeros(2 * 43, '0');
  EXPECT_EQ(reply.substr(2 * 0x2c),
            "00000001" + std::string(24, '0') + "000400500001" + zeros + "0802" + std::string(2 * 29, '0'));
  EXPECT_EQ(code(subcommand_of("00080000") + "00000002"), "0000");
  EXPECT_EQ(at(0x2c, 4), "00000002");
  EXPECT_EQ(at(0x26, 2), "0101");
}

}  // namespace
}  // namespace vmlan::qdio
