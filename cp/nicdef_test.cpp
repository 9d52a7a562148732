// What NICDEF says of a port of a virtual switch, and what is said of it when that is wrong.
#include <gtest/gtest.h>

#include "cp/directory.h"

namespace vmlan::cp {
namespace {

struct NicdefNote {
  std::string_view statement;
  std::string_view note;
};

class NicdefOperands : public testing::TestWithParam<NicdefNote> {};

TEST_P(NicdefOperands, ThatAreWrongAreNamedWithWhatIsRight) {
  Directory directory;
  const auto notes = directory.load("USER A NOPASS\n" + std::string(GetParam().statement) + "\n", "D");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(to_string(notes[0]),
            "D, line 2: " + std::string(GetParam().statement) + ": HCPDIR" + std::string(GetParam().note));
}

INSTANTIATE_TEST_SUITE_P(
    All, NicdefOperands,
    testing::Values(
        NicdefNote{"NICDEF 600 TYPE QDIO LAN SYSTEM V VLAN 4095",
                   "9059E VLAN takes ids of 1-4094 and ranges of them, as in 10 20-29, not 4095"},
        NicdefNote{"NICDEF 600 TYPE QDIO LAN SYSTEM V VLAN 29-20",
                   "9059E VLAN takes ids of 1-4094 and ranges of them, as in 10 20-29, not 29-20"},
        NicdefNote{"NICDEF 600 TYPE QDIO LAN SYSTEM V PORTTYPE BOTH",
                   "9059E PORTTYPE takes ACCESS or TRUNK, not BOTH"},
        NicdefNote{"NICDEF 600 TYPE QDIO LAN SYSTEM V PQUPLINKTX FAST",
                   "9059E PQUPLINKTX takes LOW, NORMAL or HIGH, not FAST"},
        NicdefNote{"NICDEF 600 TYPE QDIO LAN SYSTEM V PORTNUMBER 2049",
                   "9059E PORTNUMBER takes a number of 1-2048, not 2049"},
        NicdefNote{"NICDEF 600 TYPE QDIO LAN SYSTEM V PORTTYPE ACCESS VLAN 10 20",
                   "9059E VLAN takes one id with PORTTYPE ACCESS, not more"},
        NicdefNote{"NICDEF 600 TYPE QDIO VLAN 10",
                   "9058W what a NICDEF without LAN says of its port means nothing here and is ignored"}));

TEST(NicdefStatements, OfOneNicAddUp) {
  Directory directory;
  ASSERT_TRUE(directory
                  .load("USER A NOPASS\nNICDEF 600 TYPE QDIO LAN SYSTEM V\nNICDEF 600 PORTNUM 5 NOPRO\n"
                        "NICDEF 600 VLAN 10 20-29 PORTT TRUNK PQUPLINKTX LOW\n",
                        "D")
                  .empty());
  const auto& nic = directory.find("A")->nics.at(0);
  EXPECT_EQ(nic.port.vlans.count(), 11U);
  EXPECT_EQ(nic.port.trunk, true);
  EXPECT_EQ(nic.port.promiscuous, false);
  EXPECT_EQ(nic.port_number, 5U);
  EXPECT_EQ(nic.port.priority, guestlan::UplinkPriority::low);
}

}  // namespace
}  // namespace vmlan::cp
