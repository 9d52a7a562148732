#include "qdio/adapter/refusal.h"

#include <gtest/gtest.h>

#include "qdio/adapter/mpc.h"
#include "tests/kit/hex.h"

namespace vmlan::qdio {
namespace {

std::string refused(const std::string& body) {
  Envelope envelope;
  envelope.type = MessageType::ipa;
  const auto found = refusal_in(wrap(envelope, kit::from_hex(body)));
  return found ? found->name + (found->optional ? " optional" : "") : "none";
}

TEST(Refusal, NamesTheCommand) {
  EXPECT_EQ(refused("2A000000 00010100 02010000 00000000 00000000"), "VNICC (2A) optional");
  EXPECT_EQ(refused("25000000 20030100 01010004 00000000 00000000"), "SETVLAN (25)");
  EXPECT_EQ(refused("77000000 00010100 02010000 00000000 00000000"), "IPA command of no known name (77)");
}

TEST(Refusal, NamesTheSubcommandAndTheAssist) {
  EXPECT_EQ(refused("B8000000 00010100 01010004 00000000 00000000 00000000 00000000 00240000 00000200 "
                    "00010101 00000000"),
            "SETADAPTERPARMS SET SNMP CONTROL (B8 00000200)");
  EXPECT_EQ(refused("B3000000 E00E0100 01010004 00000000 00000000 00000001 00080104 00040000"),
            "SETASSPARMS ARP PROCESSING (B3 00000001 0104)");
  EXPECT_EQ(refused("B3000000 00010100 01010004 00000000 00000000 40000000 00080001 00020000"),
            "SETASSPARMS of no known name (B3 40000000 0001)");
  EXPECT_EQ(refused("B8000000 00010100 01010004 00000000 00000000"), "SETADAPTERPARMS (B8)") << "cut short";
}

TEST(Refusal, OtherRepliesRefuseNothing) {
  EXPECT_EQ(refused("01000000 00000100 02010000 00000000 00000000"), "none");
  EXPECT_EQ(refused("B1000000 E0050100 01010004 00000000 00000000"), "none") << "a duplicate, known well";
  EXPECT_EQ(refused("02010000 00010100 02010000 00000000 00000000"), "none") << "an event";
  EXPECT_EQ(refused("2A00"), "none");
  EXPECT_FALSE(refusal_in(kit::from_hex("00E0")));
}

// --- Every name: Linux, drivers/s390/net/qeth_core_mpc.h

struct NameRow {
  const char* code;
  const char* name;
};

TEST(Refusal, EveryCommandHasItsName) {
  const NameRow rows[] = {{"01", "STARTLAN"},
                          {"02", "STOPLAN"},
                          {"21", "SETVMAC"},
                          {"22", "DELVMAC"},
                          {"23", "SETGMAC"},
                          {"24", "DELGMAC"},
                          {"25", "SETVLAN"},
                          {"26", "DELVLAN"},
                          {"2A", "VNICC optional"},
                          {"2B", "SETBRIDGEPORT (OSA) optional"},
                          {"41", "SETCCID"},
                          {"42", "DELCCID"},
                          {"43", "MODCCID"},
                          {"B1", "SETIP"},
                          {"B2", "QIPASSIST"},
                          {"B3", "SETASSPARMS"},
                          {"B4", "SETIPM"},
                          {"B5", "DELIPM"},
                          {"B6", "SETRTG"},
                          {"B7", "DELIP"},
                          {"B8", "SETADAPTERPARMS"},
                          {"B9", "SET_DIAG_ASS optional"},
                          {"BE", "SETBRIDGEPORT (IQD) optional"},
                          {"C3", "CREATE_ADDR"},
                          {"C4", "DESTROY_ADDR"}};
  for (const NameRow& row : rows) {
    std::string expected = row.name;
    const auto optional = expected.find(" optional");
    expected.insert(std::min(optional, expected.size()), std::string(" (") + row.code + ")");
    EXPECT_EQ(refused(std::string(row.code) + "000000 00010100 01010004 00000000 00000000"), expected);
  }
}

TEST(Refusal, EverySubcommandHasItsName) {
  const NameRow rows[] = {{"00000001", "QUERY COMMANDS"},
                          {"00000002", "ALTER MAC"},
                          {"00000004", "ADD/DELETE GROUP"},
                          {"00000008", "ADD/DELETE FUNCTIONAL"},
                          {"00000010", "SET ADDRESS MODE"},
                          {"00000020", "SET CONFIG PARMS"},
                          {"00000040", "SET CONFIG PARMS EXTENDED"},
                          {"00000080", "SET BROADCAST MODE"},
                          {"00000100", "SEND OSA MESSAGE"},
                          {"00000200", "SET SNMP CONTROL"},
                          {"00000400", "QUERY CARD INFO"},
                          {"00000800", "SET PROMISCUOUS"},
                          {"00001000", "of no known name"},
                          {"00002000", "SET DIAG ASSIST"},
                          {"00010000", "SET ACCESS CONTROL"},
                          {"00080000", "QUERY OAT"},
                          {"00100000", "QUERY SWITCH ATTRIBUTES"}};
  for (const NameRow& row : rows) {
    EXPECT_EQ(
        refused(std::string("B8000000 E00E0100 01010004 00000000 00000000 00000000 00000000 00240000 ") +
                row.code + " E00E0101 00000000"),
        std::string("SETADAPTERPARMS ") + row.name + " (B8 " + row.code + ")");
  }
}

TEST(Refusal, EveryAssistHasItsName) {
  const NameRow rows[] = {{"00000001", "ARP PROCESSING"},     {"00000002", "INBOUND CHECKSUM"},
                          {"00000004", "OUTBOUND CHECKSUM"},  {"00000008", "IP FRAGMENTATION"},
                          {"00000010", "FILTERING"},          {"00000020", "IPV6"},
                          {"00000040", "MULTICAST"},          {"00000080", "IP REASSEMBLY"},
                          {"00000100", "QUERY ARP COUNTERS"}, {"00000200", "QUERY ARP ADDR INFO"},
                          {"00000400", "SETADAPTERPARMS"},    {"00000800", "VLAN PRIORITY"},
                          {"00001000", "PASSTHRU"},           {"00002000", "FLUSH ARP SUPPORT"},
                          {"00004000", "FULL VLAN"},          {"00008000", "INBOUND PASSTHRU"},
                          {"00010000", "SOURCE MAC"},         {"00020000", "OSA MULTICAST ROUTER"},
                          {"00040000", "QUERY ARP ASSIST"},   {"00080000", "INBOUND TSO"},
                          {"00100000", "OUTBOUND TSO"}};
  for (const NameRow& row : rows) {
    EXPECT_EQ(refused(std::string("B3000000 00010100 01010004 00000000 00000000 ") + row.code +
                      " 0008ABCD 00020000"),
              std::string("SETASSPARMS ") + row.name + " (B3 " + row.code + " ABCD)");
  }
}

TEST(Refusal, ThreeCodesSayThatACommandIsNotKnown) {
  for (unsigned code = 0; code < 0x10000; ++code) {
    const std::byte bytes[] = {static_cast<std::byte>(code >> 8U), static_cast<std::byte>(code & 0xffU)};
    const bool none = refused("25000000 " + kit::to_hex(bytes) + "0100 01010004 00000000 00000000") == "none";
    ASSERT_EQ(none, code != 0x0001 && code != 0x2003 && code != 0xe00e) << code;
  }
}

TEST(Refusal, IsAReplysAndAWholeOnes) {
  EXPECT_EQ(refused("25000000 00010100 01010004 00000000"), "SETVLAN (25)") << "as z/VM's TCP/IP asks";
  EXPECT_EQ(refused("25000000 00010100 01010004 000000"), "none");
  EXPECT_EQ(refused("B3000000 00010100 01010004 00000000 00000000 00000001 00080104 000000"),
            "SETASSPARMS (B3)")
      << "cut short";
  EXPECT_EQ(refused("25010000 00010100 01010004 00000000 00000000"), "none") << "an event";
  Envelope envelope;
  envelope.type = MessageType::upper_layer;
  EXPECT_FALSE(refusal_in(wrap(envelope, kit::from_hex("25000000 00010100 01010004 00000000 00000000"))));
}

}  // namespace
}  // namespace vmlan::qdio
