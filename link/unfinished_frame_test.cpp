#include "link/unfinished_frame.h"

#include <gtest/gtest.h>

#include <cstring>

#include "link/decoder.h"
#include "link/send_buffer.h"

namespace vmlan::link {
namespace {

std::vector<std::byte> unfinished(const qdio::Offload& offload, const wire::Layer3Header& header,
                                  std::size_t payload) {
  const OffloadBody body = to_body(offload);
  std::vector<std::byte> bytes(unfinished_head + payload, std::byte{0x77});
  std::memcpy(bytes.data(), static_cast<const void*>(&body), sizeof(body));
  std::memcpy(bytes.data() + sizeof(body), static_cast<const void*>(&header), sizeof(header));
  return bytes;
}

// The message as the other end takes it; the fault if it does not.
std::optional<MessageView> decoded(Decoder& decoder, std::span<const std::byte> body) {
  SendBuffer out(max_body);
  out.add(MessageType::unfinished_frame, 2, {body});
  std::memcpy(decoder.room().data(), out.pending().data(), out.waiting());
  decoder.received(out.waiting());
  return decoder.next();
}

TEST(LinkOffload, AnOrderArrivesAsItWasGiven) {
  for (unsigned bits = 0; bits < 16; ++bits) {
    qdio::Offload offload;
    offload.ethernet = (bits & 1U) != 0;
    offload.ip_checksum = (bits & 2U) != 0;
    offload.transport_checksum = (bits & 4U) != 0;
    offload.whole = (bits & 8U) != 0;
    offload.header_length = 66;
    offload.segment_size = 1448;
    wire::Layer3Header header;
    header.id = 2;
    header.vlan_id = std::uint16_t{100};
    Decoder decoder(Sender::base);
    const auto message = decoded(decoder, unfinished(offload, header, 10));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->device_index, 2U);
    const UnfinishedFrame frame = parse_unfinished(message->body);
    EXPECT_EQ(frame.offload.ethernet, offload.ethernet);
    EXPECT_EQ(frame.offload.ip_checksum, offload.ip_checksum);
    EXPECT_EQ(frame.offload.transport_checksum, offload.transport_checksum);
    EXPECT_EQ(frame.offload.whole, offload.whole);
    EXPECT_EQ(frame.offload.header_length, 66U);
    EXPECT_EQ(frame.offload.segment_size, 1448U);
    EXPECT_EQ(frame.header.id, 2U);
    EXPECT_EQ(frame.header.vlan_id, 100U);
    ASSERT_EQ(frame.payload.length, 10U);
    EXPECT_EQ(frame.payload.data[9], std::byte{0x77});
  }
}

TEST(LinkOffload, ALongestSuperFrameIsNoLongerThanAMessage) {
  Decoder decoder(Sender::base);
  const auto message = decoded(decoder, unfinished({}, {}, 65535));
  ASSERT_TRUE(message);
  EXPECT_EQ(parse_unfinished(message->body).payload.length, 65535U);
}

TEST(LinkOffload, OneWithoutPayloadIsTooShort) {
  Decoder decoder(Sender::base);
  EXPECT_FALSE(decoded(decoder, unfinished({}, {}, 0)));
  EXPECT_EQ(decoder.fault(), Fault::too_short);
}

TEST(LinkOffload, OnlyTheBaseGivesOrders) {
  Decoder decoder(Sender::client);
  EXPECT_FALSE(decoded(decoder, unfinished({}, {}, 10)));
  EXPECT_EQ(decoder.fault(), Fault::unknown_type);
}

}  // namespace
}  // namespace vmlan::link
