#include "qdio/adapter/mpc.h"

#include <gtest/gtest.h>

#include "arch/clock.h"
#include "tests/kit/hex.h"

namespace vmlan::qdio {
namespace {

using kit::from_hex;
using kit::to_hex;

// CM_ENABLE; observed, Linux 6.1 qeth.
const Message request = from_hex(
    "00E00000 00000001 00000014 00000063 10000001"
    "00000000 817E0001 00000000 00000000 00240023 00002305 D8C5E3F1 00000000 00000000"
    "01000023 00000040"
    "000C4102 00170000 00000000 000B0401 7E040500 010108 000C0402 FFFFFFFF FFFFFFFF");
// The reply it got; observed with Hercules' QETH device.
constexpr const char* reply =
    "00E0000000000001000000140000005B0FFC0001"
    "00000000817E00010000000000000000001C00230000230500010103"
    "0100002300000038"
    "000C41020017000000000000000B04017E0405D8C5E3F2000C04020000000000000000";

TEST(Pdu, AnObservedMessageIsTakenApart) {
  const auto pdu = parse_pdu(request);
  ASSERT_TRUE(pdu);
  EXPECT_EQ(pdu->type, MessageType::connection_manager);
  EXPECT_EQ(pdu->protocol, 0x7e);
  EXPECT_EQ(pdu->body.size(), 0x23U);
  EXPECT_EQ(mpc_command(pdu->body), MpcCommand::enable);
  EXPECT_EQ(to_hex(*find_parameter(pdu->body, MpcParameter::filter)), "7E040500010108");
  EXPECT_EQ(to_hex(*find_parameter(pdu->body, MpcParameter::user_data)), "FFFFFFFFFFFFFFFF");
  EXPECT_FALSE(find_parameter(pdu->body, MpcParameter::link));
}

TEST(Pdu, AnObservedReplyIsBuiltByteForByte) {
  MpcBody body(MpcCommand::enable);
  body.add(MpcParameter::filter, std::array<std::uint8_t, 7>{0x7e, 0x04, 0x05, 0xd8, 0xc5, 0xe3, 0xf2});
  body.add(MpcParameter::user_data, std::array<std::uint8_t, 8>{});
  Envelope envelope;
  envelope.type = MessageType::connection_manager;
  envelope.transmission_sequence = 1;
  envelope.token = {0x00, 0x01, 0x01, 0x03};
  EXPECT_EQ(to_hex(wrap(envelope, body.bytes())), reply);
}

TEST(Pdu, IpaMessagesHaveTheLongResponseHeader) {
  Envelope envelope;
  envelope.type = MessageType::ipa;
  const Message message = wrap(envelope, from_hex("0100"));
  EXPECT_EQ(message.size(), 0x42U);
  EXPECT_EQ(to_hex(std::span(message).subspan(0x38)), "01000002000000400100");
}

TEST(Pdu, TheShortResponseHeaderIsUnderstoodToo) {
  const Message message = from_hex(reply);
  const auto pdu = parse_pdu(message);
  ASSERT_TRUE(pdu);
  EXPECT_EQ(to_hex(pdu->body.first(4)), "000C4102");
}

// --- Hostile messages

TEST(Pdu, AMessageCutShortAnywhereIsNone) {
  for (std::size_t length = 0; length < request.size(); ++length) {
    // A copy of that very size, so that a sanitizer sees every byte read too far.
    const Message cut(request.begin(), request.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(parse_pdu(cut)) << length;
  }
}

TEST(Pdu, OffsetsAndLengthsThatLeadOutsideAreRefused) {
  struct Lie {
    std::size_t offset;
    const char* bytes;
  };
  const Lie lies[] = {{0x00, "00E00001"}, {0x08, "00000060"}, {0x08, "FFFFFFFF"}, {0x08, "7FFFFFF0"},
                      {0x0c, "00000064"}, {0x0c, "FFFFFFFF"}, {0x0c, "00000013"}, {0x18, "00"},
                      {0x24, "0060"},     {0x24, "FFFF"},     {0x39, "FFFFFF"},   {0x39, "000024"},
                      {0x3c, "00000041"}, {0x3c, "FFFFFFFF"}, {0x3c, "00000064"}};
  for (const Lie& lie : lies) {
    Message message = request;
    const auto bytes = from_hex(lie.bytes);
    std::copy(bytes.begin(), bytes.end(), message.begin() + static_cast<std::ptrdiff_t>(lie.offset));
    EXPECT_FALSE(parse_pdu(message)) << lie.offset << " " << lie.bytes;
  }
}

TEST(Pdu, ParametersThatLieAboutTheirLengthAreNotFound) {
  const Message body(request.begin() + 0x40, request.end());
  for (const unsigned length : {0U, 1U, 3U, 0x18U, 0xffffU}) {
    Message lying = body;
    lying[0x0c] = static_cast<std::byte>(length >> 8U);
    lying[0x0d] = static_cast<std::byte>(length & 0xffU);
    EXPECT_FALSE(find_parameter(lying, MpcParameter::user_data)) << length;
  }
  for (const unsigned length : {0U, 11U, 0x24U, 0xffffU}) {
    Message lying = body;
    lying[0] = static_cast<std::byte>(length >> 8U);
    lying[1] = static_cast<std::byte>(length & 0xffU);
    EXPECT_FALSE(find_parameter(lying, MpcParameter::filter)) << length;
  }
  EXPECT_FALSE(mpc_command(std::span(body).first(11)));
}

TEST(Pdu, RandomBytesNeverLeadOutside) {
  arch::Prng chance(20260101);
  for (int round = 0; round < 20000; ++round) {
    Message message = request;
    for (std::uint64_t changes = 1 + chance.below(6); changes > 0; --changes) {
      message[chance.below(message.size())] = static_cast<std::byte>(chance.below(256));
    }
    message.resize(chance.below(message.size() + 1));
    message.shrink_to_fit();
    const auto pdu = parse_pdu(message);
    if (!pdu) continue;
    EXPECT_LE(pdu->body.size(), message.size());
    for (unsigned id = 0; id < 16; ++id) find_parameter(pdu->body, static_cast<MpcParameter>(id));
  }
}

}  // namespace
}  // namespace vmlan::qdio
