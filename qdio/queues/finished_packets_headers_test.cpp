// Transport headers of packets that a driver left to its adapter: what comes in, and what a receiver finds.
#include <gtest/gtest.h>

#include <cstring>

#include "qdio/queues/finished_packets.h"
#include "tests/kit/transport_packets.h"

namespace vmlan::qdio {
namespace {

using kit::PacketBytes;

// --- the extension of a driver's transport header; layout observed, Linux 6.1 qeth

Frame judged(PacketBytes extension_and_packet, std::uint32_t length, bool& good) {
  static PacketBytes storage;
  storage = std::move(extension_and_packet);
  Frame frame;
  frame.layer2.id = 6;
  frame.layer2.length = static_cast<std::uint16_t>(length);
  frame.segments = 1;
  frame.segment[0] = {storage.data(), static_cast<std::uint32_t>(storage.size())};
  good = judge_super_frame(frame);
  return frame;
}

PacketBytes extension(std::uint32_t payload, unsigned segment_size, unsigned header_length) {
  PacketBytes bytes;
  for (const unsigned half :
       {0x0020U, 0x0100U, 0x0101U, 0x001cU, payload >> 16U, payload & 0xffffU, segment_size, header_length}) {
    kit::append16(bytes, half);
  }
  bytes.resize(32);
  return bytes;
}

TEST(Offload, TheExtensionOfASuperFrameIsJudged) {
  bool good = false;
  auto bytes = extension(4000, 1448, 66);
  bytes.resize(32 + 4066);
  const Frame frame = judged(bytes, 4066, good);
  EXPECT_TRUE(good);
  EXPECT_TRUE(frame.offloaded);
  EXPECT_EQ(frame.packets(), 3U);
  EXPECT_EQ(frame.bytes(), 4066U + 2 * 66);
  EXPECT_EQ(frame.segment[0].length, 4066U);

  const auto refused = [&](PacketBytes changed, std::uint32_t length) {
    judged(std::move(changed), length, good);
    return !good;
  };
  EXPECT_TRUE(refused(PacketBytes(bytes.begin(), bytes.begin() + 31), 4066)) << "cut short";
  EXPECT_TRUE(refused(extension(4000, 7, 66), 4066)) << "segments too small";
  EXPECT_TRUE(refused(extension(4000, 0, 66), 4066));
  EXPECT_TRUE(refused(extension(4000, 1448, 0), 4000)) << "no headers";
  EXPECT_TRUE(refused(extension(4000, 1448, 66), 4000)) << "lengths contradict each other";
  EXPECT_TRUE(refused(extension(0xffffffff, 1448, 67), 66)) << "shorter than its headers";
  auto other = bytes;
  other[1] = std::byte{0x1f};
  EXPECT_TRUE(refused(other, 4066)) << "another length of the extension";
}

TEST(Offload, TheReceiversHeaderIsAnOrdinaryOne) {
  wire::Layer3Header sent;
  sent.id = 3;
  sent.flags = 6;
  sent.extended_flags = 0x01 | 0x10 | 0x20 | 0x40;
  const ReceiveHeader received{&sent, 6, 9999};
  const auto bytes_of = [](HeaderForReceiver header, std::uint32_t length) {
    std::array<std::byte, 32> bytes{};
    header.with_length(length).store(bytes.data());
    return bytes;
  };
  auto bytes = bytes_of(HeaderForReceiver(received, false, false), 0x1234);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(bytes[0x0b], std::byte{0x01}) << "the VLAN stays";
  EXPECT_EQ(kit::read16(bytes, 8), 0x1234U);
  bytes = bytes_of(HeaderForReceiver(received, false, true), 0x1234);
  EXPECT_EQ(bytes[0x0b], std::byte{0x21});

  wire::Layer2Header frame;
  frame.id = 6;
  frame.flags = {0, 0x60, 0x14};
  frame.sequence = std::uint16_t{0x4321};
  std::memcpy(static_cast<void*>(&sent), &frame, sizeof(sent));
  const ReceiveHeader ethernet{&sent, 0, sent.length};
  bytes = bytes_of(HeaderForReceiver(ethernet, true, false), 0x1234);
  EXPECT_EQ(bytes[0], std::byte{2});
  EXPECT_EQ(bytes[2], std::byte{0});
  EXPECT_EQ(bytes[3], std::byte{0x14});
  EXPECT_EQ(kit::read16(bytes, 6), 0x1234U);
  EXPECT_EQ(kit::read16(bytes, 8), 0x4321U);
  bytes = bytes_of(HeaderForReceiver(ethernet, true, true), 0x1234);
  EXPECT_EQ(bytes[2], std::byte{0x20});
}

}  // namespace
}  // namespace vmlan::qdio
