// Bounds of PDUs and their parameters, from both sides.
#include <gtest/gtest.h>

#include "qdio/adapter/mpc.h"
#include "tests/kit/hex.h"

namespace vmlan::qdio {
namespace {

using kit::from_hex;
using kit::to_hex;

// A PDU of that type around a body, with the short response header; longer than 64 KiB too.
Message short_pdu(const char* type, const Message& body) {
  Message message = from_hex(
      "00E00000 00000001 00000014 00000000 10000001 00000000 007E0001 00000007 00000000"
      "001C0000 00000005 D8C5E3F1 01000000 00000038");
  message[0x18] = from_hex(type)[0];
  const std::size_t whole = 0x38 + body.size();
  for (unsigned index = 0; index < 4; ++index) {
    message[0x0c + index] = static_cast<std::byte>(whole >> 8U * (3 - index) & 0xffU);
  }
  for (unsigned index = 0; index < 3; ++index) {
    message[0x31 + index] = static_cast<std::byte>(body.size() >> 8U * (2 - index) & 0xffU);
  }
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

std::string found(const std::string& body_hex, MpcParameter id = MpcParameter::filter) {
  const auto body = from_hex(body_hex);
  const auto data = find_parameter(body, id);
  return data ? "(" + to_hex(*data) + ")" : "none";
}

TEST(PduBounds, EveryTypeIsKnownAndNoOther) {
  for (unsigned type = 0; type < 256; ++type) {
    const std::byte byte{static_cast<std::uint8_t>(type)};
    const Message message = short_pdu(to_hex(std::span(&byte, 1)).c_str(), from_hex("AABB"));
    const auto pdu = parse_pdu(message);
    ASSERT_EQ(pdu.has_value(), type == 0x81 || type == 0x41 || type == 0xc1) << type;
    if (!pdu) continue;
    EXPECT_EQ(static_cast<unsigned>(pdu->type), type);
    EXPECT_EQ(pdu->protocol, 0x7e);
    EXPECT_EQ(pdu->sequence, 7U);
    EXPECT_EQ(pdu->token, (Token{0xd8, 0xc5, 0xe3, 0xf1}));
    EXPECT_EQ(to_hex(pdu->body), "AABB");
  }
}

TEST(PduBounds, ABodyMayBeEmptyOrEndWithTheMessage) {
  const Message empty = short_pdu("81", {});
  const auto pdu = parse_pdu(empty);
  ASSERT_TRUE(pdu) << "an empty body right at the message's end";
  EXPECT_TRUE(pdu->body.empty());
  Message outside = empty;
  outside[0x37] = std::byte{0x39};
  EXPECT_FALSE(parse_pdu(outside)) << "an empty body behind it";
  Message one_more = short_pdu("81", from_hex("AABB"));
  one_more[0x33] = std::byte{3};
  EXPECT_FALSE(parse_pdu(one_more));
}

TEST(PduBounds, WhatFollowsTheMessageIsNotPartOfIt) {
  Message message = short_pdu("81", from_hex("AABB"));
  message.push_back(std::byte{0xcc});
  EXPECT_EQ(to_hex(parse_pdu(message)->body), "AABB");
  message[0x33] = std::byte{3};
  EXPECT_FALSE(parse_pdu(message)) << "its bytes are there, but not in the message's length";
}

TEST(PduBounds, ALengthHasThreeBytes) {
  const Message body(0x10002, std::byte{0x5a});
  const Message message = short_pdu("41", body);
  const auto pdu = parse_pdu(message);
  ASSERT_TRUE(pdu);
  EXPECT_EQ(pdu->body.size(), body.size());
}

TEST(PduBounds, AReplyIsAsLongAsItSaysEverywhere) {
  Envelope envelope;
  envelope.type = MessageType::ipa;
  envelope.protocol = 0x55;
  envelope.transmission_sequence = 0x01020304;
  envelope.sequence = 0x11121314;
  envelope.acknowledged = 0x21222324;
  envelope.token = {0x31, 0x32, 0x33, 0x34};
  const std::string head =
      "00E00000010203040000001400000042"
      "0FFC000100000000C155000111121314"
      "2122232400240002000002053132333400000000000000000100000200000040";
  EXPECT_EQ(to_hex(wrap(envelope, from_hex("AABB"))), head + "AABB");
}

// --- Parameters

TEST(Parameters, TheFirstOfItsKindIsFound) {
  EXPECT_EQ(found("000C4102 00000000 00000000 0005040A EE 00060401 AABB 00050401 CC"), "(AABB)");
  EXPECT_EQ(found("000C4102 00000000 00000000 0005040A EE 00040401"), "()") << "empty, at the end";
  EXPECT_EQ(found("000C4102 00000000 00000000 0004040A 00060401 AABB"), "(AABB)") << "behind an empty one";
  EXPECT_EQ(found("000C4102 00000000 00000000 0005040A EE"), "none");
  EXPECT_EQ(found("000C4102 00000000 00000000"), "none");
}

TEST(Parameters, OneCutShortIsNoneAndEndsTheList) {
  EXPECT_EQ(found("000C4102 00000000 00000000 00060401 AA"), "none");
  EXPECT_EQ(found("000C4102 00000000 00000000 000604"), "none");
  EXPECT_EQ(found("000C4102 00000000 00000000 0003040A 00060401 AABB"), "none") << "shorter than its header";
  EXPECT_EQ(found("000C4102 00000000 00000000 00030401 00060401 AABB"), "none");
  EXPECT_EQ(found("000C4102 00000000 00000000 00FF040A 00060401 AABB"), "none");
}

TEST(Parameters, TheyBeginWhereTheirHeaderEnds) {
  EXPECT_EQ(found("00104102 00000000 00000000 FFFFFFFF 00060401 AABB"), "(AABB)") << "a longer header";
  EXPECT_EQ(found("00124102 00000000 00000000 00060401 AABB"), "none") << "as long as the message";
  EXPECT_EQ(found("00134102 00000000 00000000 00060401 AABB"), "none") << "longer";
  // A header shorter than a header may be: what would be read as parameters lies inside it.
  EXPECT_EQ(found("00084102 00000000 00060401 AABB"), "none");
  EXPECT_EQ(found("00044102 00080401 AABBCCDD"), "none");
  EXPECT_EQ(found("00004102 00000000 00000000 00060401 AABB"), "none") << "length 0";
  // Length 0, and the header itself would pass for a parameter that leads to the next.
  EXPECT_EQ(found("000B4102 00000000 000000 00060401 AABB"), "none");
}

TEST(Parameters, AHeaderIsWhole) {
  EXPECT_EQ(mpc_command(from_hex("000C4360 00000000 00000000")), MpcCommand::activate);
  EXPECT_FALSE(mpc_command(from_hex("000C4360 00000000 000000")));
  EXPECT_FALSE(mpc_command({}));
}

TEST(Parameters, ABodyIsBuiltWithTheLengthOfItsParameters) {
  MpcBody body(MpcCommand::confirm);
  EXPECT_EQ(to_hex(body.bytes()), "000C41060000000000000000");
  body.add(MpcParameter::unit, std::array<std::uint8_t, 2>{1, 2});
  body.add(MpcParameter::link, {});
  EXPECT_EQ(to_hex(body.bytes()), "000C4106000A0000000000000006040B01020004040A");
}

// --- The name of a data path, which a guest's module rewrites in place

TEST(DataPathIn, IsTheUnitOfAnUpperLayersMessage) {
  const std::string head = "000C4104 00000000 00000000 ";
  Message message = short_pdu("41", from_hex(head + "0008040B 08020002"));
  const auto name = data_path_in(message);
  ASSERT_TRUE(name);
  EXPECT_EQ(to_hex(*name), "08020002");
  (*name)[0] = std::byte{0x77};
  EXPECT_EQ(to_hex(message).substr(2 * 0x48), "77020002") << "in the message itself";

  Message longer = short_pdu("41", from_hex(head + "000A040B 08020002 FFFF"));
  EXPECT_EQ(to_hex(*data_path_in(longer)), "08020002");
  const struct {
    const char* type;
    const char* parameters;
  } others[] = {{"81", "0008040B 08020002"}, {"C1", "0008040B 08020002"}, {"41", "0007040B 080200"},
                {"41", "0004040B"},          {"41", "0008040A 08020002"}, {"41", ""}};
  for (const auto& other : others) {
    Message none = short_pdu(other.type, from_hex(head + other.parameters));
    EXPECT_FALSE(data_path_in(none)) << other.type << " " << other.parameters;
  }
  Message no_pdu = from_hex("00E00000");
  EXPECT_FALSE(data_path_in(no_pdu));
}

}  // namespace
}  // namespace vmlan::qdio
