// What a driver's transport header asks of its adapter, field by field.
#include <gtest/gtest.h>

#include "qdio/queues/finished_packets.h"

namespace vmlan::qdio {
namespace {

Frame frame_of_id(std::uint8_t id) {
  Frame frame;
  frame.layer3 = {};
  frame.layer3.id = id;
  return frame;
}

TEST(OffloadOf, ALayer3HeaderAsksForEachChecksumByItself) {
  struct Row {
    std::uint8_t flags, extended;
    bool ethernet, ip, transport;
  };
  for (const Row& row : {Row{0xef, 0xcf, false, false, false}, Row{0x10, 0, true, false, false},
                         Row{0, 0x10, false, true, false}, Row{0, 0x20, false, false, true}}) {
    Frame frame = frame_of_id(1);
    frame.layer3.flags = row.flags;
    frame.layer3.extended_flags = row.extended;
    frame.tso.header_length = std::uint16_t{54};
    frame.tso.segment_size = std::uint16_t{1400};
    const Offload offload = offload_of(frame);
    EXPECT_EQ(offload.ethernet, row.ethernet);
    EXPECT_EQ(offload.ip_checksum, row.ip);
    EXPECT_EQ(offload.transport_checksum, row.transport);
    EXPECT_FALSE(offload.whole);
    EXPECT_EQ(offload.header_length, 0);
    EXPECT_EQ(offload.segment_size, 0);
  }
}

TEST(OffloadOf, ALayer2HeaderAsksForTheTransportChecksumOnly) {
  for (const unsigned flags : {0x00U, 0xdfU, 0x20U}) {
    Frame frame = frame_of_id(2);
    frame.layer2.flags[1] = static_cast<std::uint8_t>(flags);
    const Offload offload = offload_of(frame);
    EXPECT_TRUE(offload.ethernet);
    EXPECT_FALSE(offload.ip_checksum);
    EXPECT_EQ(offload.transport_checksum, flags == 0x20);
    EXPECT_EQ(offload.header_length, 0);
    EXPECT_EQ(offload.segment_size, 0);
  }
}

TEST(OffloadOf, ASuperFrameAsksForEverything) {
  for (const std::uint8_t id : {std::uint8_t{3}, std::uint8_t{6}}) {
    Frame frame = frame_of_id(id);
    frame.tso.header_length = std::uint16_t{54};
    frame.tso.segment_size = std::uint16_t{1400};
    const Offload offload = offload_of(frame);
    EXPECT_EQ(offload.ethernet, id == 6);
    EXPECT_TRUE(offload.ip_checksum);
    EXPECT_TRUE(offload.transport_checksum);
    EXPECT_FALSE(offload.whole);
    EXPECT_EQ(offload.header_length, 54);
    EXPECT_EQ(offload.segment_size, 1400);
  }
}

TEST(OffloadOf, ASuperFramesPacketBeginsBehindItsExtension) {
  for (const std::uint32_t behind : {std::uint32_t{0}, std::uint32_t{62}}) {
    std::array<std::byte, 94> bytes{};
    wire::TsoExtension extension;
    extension.payload_length = std::uint32_t{8};
    extension.segment_size = std::uint16_t{8};  // the least
    extension.header_length = std::uint16_t{54};
    std::memcpy(bytes.data(), static_cast<const void*>(&extension), 32);
    Frame frame = frame_of_id(3);
    frame.layer3.length = std::uint16_t{62};
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), 32 + behind};
    EXPECT_TRUE(judge_super_frame(frame));
    EXPECT_EQ(frame.segment[0].data, bytes.data() + 32);
    EXPECT_EQ(frame.segment[0].length, behind);
    EXPECT_EQ(frame.length, 62U);
  }
}

TEST(HeaderForReceiver, FlagsAndKindAreTheGivenOnes) {
  wire::Layer3Header sent;
  sent.flags = 0x05;
  HeaderForReceiver header(ReceiveHeader{&sent, 0x86, 1}, false, false);
  EXPECT_EQ(header.with_length(7).flags, 0x86);
  EXPECT_EQ(header.with_length(7).length, 7);
  HeaderForReceiver layer3(sent);
  EXPECT_EQ(layer3.with_length(0x1234).length, 0x1234) << "bytes 8 and 9";
  sent.id = 2;
  sent.length = std::uint16_t{0x4321};
  HeaderForReceiver layer2(sent);
  EXPECT_EQ(layer2.with_length(0x1234).length, 0x4321) << "layer 2 has its length elsewhere";
}

}  // namespace
}  // namespace vmlan::qdio
