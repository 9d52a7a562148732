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

}  // namespace
}  // namespace vmlan::qdio
