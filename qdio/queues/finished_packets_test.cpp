// What an adapter makes of packets whose checksums and whose cutting a driver left to it, held against
// packets put together one by one.
#include "qdio/queues/finished_packets.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/kit/transport_packets.h"

namespace vmlan::qdio {
namespace {

using kit::make_packet;
using kit::PacketBytes;
using kit::PacketShape;

unsigned pick(std::mt19937& random, unsigned limit) { return static_cast<unsigned>(random() % limit); }

PacketBytes random_bytes(std::mt19937& random, std::size_t length) {
  PacketBytes bytes(length);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random() & 0xffU);
  return bytes;
}

// A packet in a driver's storage, in as many pieces as an SBAL may have.
struct Pieces {
  explicit Pieces(PacketBytes packet, std::mt19937* random = nullptr) : bytes(std::move(packet)) {
    std::size_t at = 0;
    while (at < bytes.size()) {
      std::size_t size = bytes.size() - at;
      if (random != nullptr && count + 1 < elements_per_buffer) size = std::min(size, 1 + (*random)() % 4096);
      segment[count++] = {bytes.data() + at, static_cast<std::uint32_t>(size)};
      at += size;
    }
  }
  std::uint32_t length() const { return static_cast<std::uint32_t>(bytes.size()); }

  PacketBytes bytes;
  unsigned count = 0;
  std::array<Segment, elements_per_buffer> segment;
};

PacketBytes collected(const FinishedPackets::Packet& packet) {
  PacketBytes bytes;
  for (unsigned index = 0; index < packet.segments; ++index) {
    const Segment& segment = packet.segment[index];
    bytes.insert(bytes.end(), segment.data, segment.data + segment.length);
  }
  EXPECT_EQ(bytes.size(), packet.length);
  return bytes;
}

std::vector<PacketBytes> finish(const Offload& offload, const Pieces& pieces) {
  FinishedPackets packets(offload, pieces.segment.data(), pieces.count, pieces.length());
  std::vector<PacketBytes> result;
  if (!packets.usable()) return result;
  for (unsigned number = 0; number < packets.count(); ++number) {
    result.push_back(collected(packets.packet(number)));
  }
  return result;
}

Offload sums(const PacketShape& shape) {
  Offload offload;
  offload.ethernet = shape.ethernet;
  offload.ip_checksum = true;
  offload.transport_checksum = true;
  return offload;
}

Offload super_frame(const PacketShape& shape, unsigned segment_size) {
  Offload offload = sums(shape);
  offload.header_length = static_cast<std::uint16_t>(shape.header_length());
  offload.segment_size = static_cast<std::uint16_t>(segment_size);
  return offload;
}

PacketShape random_shape(std::mt19937& random) {
  PacketShape shape;
  shape.ethernet = random() % 2 == 0;
  shape.vlan = random() % 2 == 0;
  shape.version = random() % 2 == 0 ? 4 : 6;
  shape.tcp = random() % 2 == 0;
  shape.ip_options = pick(random, 4);
  shape.tcp_options = pick(random, 11);
  shape.sequence = static_cast<std::uint32_t>(random());
  shape.identification = pick(random, 0x10000);
  shape.flags = pick(random, 0x100);
  shape.fill_sums = false;
  return shape;
}

TEST(Offload, ASuperFrameBecomesThePacketsThatTheModelMakes) {
  std::mt19937 random(20);
  for (unsigned round = 0; round < 400; ++round) {
    PacketShape shape = random_shape(random);
    shape.tcp = true;
    shape.fill_lengths = random() % 2 == 0;
    const std::size_t segment_size = 8 + random() % (round % 4 == 0 ? 100 : 9000);
    const std::size_t most = std::min<std::size_t>(60000, segment_size * 50);
    const auto payload =
        random_bytes(random, random() % 5 == 0 ? segment_size * (1 + random() % 6) % most : random() % most);
    const Pieces pieces(make_packet(shape, payload), &random);
    const auto packets = finish(super_frame(shape, static_cast<unsigned>(segment_size)), pieces);
    const auto model = kit::model_of_segments(shape, payload, segment_size);
    ASSERT_EQ(packets.size(), model.size());
    for (std::size_t number = 0; number < model.size(); ++number) {
      ASSERT_EQ(packets[number], model[number]) << "round " << round << " packet " << number;
    }
  }
}

TEST(Offload, AReceiverThatTakesItWholeGetsOnePacketWithRightSums) {
  std::mt19937 random(21);
  for (unsigned round = 0; round < 100; ++round) {
    PacketShape shape = random_shape(random);
    shape.tcp = true;
    shape.fill_lengths = false;
    const auto payload = random_bytes(random, random() % 60000);
    Offload offload = super_frame(shape, 1448);
    offload.whole = true;
    const Pieces pieces(make_packet(shape, payload), &random);
    shape.fill_lengths = shape.fill_sums = true;
    EXPECT_EQ(finish(offload, pieces), std::vector<PacketBytes>(1, make_packet(shape, payload)));
    FinishedPackets packets(offload, pieces.segment.data(), pieces.count, pieces.length());
    const auto packet = packets.packet(0);
    EXPECT_EQ(packet.counts, std::max<std::size_t>(1, (payload.size() + 1447) / 1448)) << "as if it were cut";
    EXPECT_EQ(packet.bytes, pieces.length() + (packet.counts - 1) * shape.header_length());
  }
}

TEST(Offload, PacketsAreMadeInAnyOrderAndAgain) {
  const PacketShape shape{.fill_sums = false};
  std::mt19937 random(22);
  const auto payload = random_bytes(random, 5000);
  const Pieces pieces(make_packet(shape, payload), &random);
  FinishedPackets packets(super_frame(shape, 1000), pieces.segment.data(), pieces.count, pieces.length());
  const auto model = kit::model_of_segments(shape, payload, 1000);
  for (const unsigned number : {4U, 0U, 3U, 3U, 1U, 2U}) {
    EXPECT_EQ(collected(packets.packet(number)), model[number]) << number;
  }
}

TEST(Offload, ChecksumsAreFilledInWhateverLayInTheirFields) {
  std::mt19937 random(23);
  for (unsigned round = 0; round < 400; ++round) {
    PacketShape shape = random_shape(random);
    const auto payload = random_bytes(random, random() % 9000);
    const Pieces pieces(make_packet(shape, payload), &random);
    shape.fill_sums = true;
    const auto packets = finish(sums(shape), pieces);
    ASSERT_EQ(packets.size(), 1U);
    ASSERT_EQ(packets[0], make_packet(shape, payload)) << round;
    ASSERT_EQ(kit::flaw_of(shape, packets[0]), "");
  }
}

TEST(Offload, OnlyWhatWasAskedForIsFilledIn) {
  const PacketShape shape{.fill_sums = false};
  const PacketBytes payload(100, std::byte{7});
  Offload offload = sums(shape);
  offload.ip_checksum = false;
  EXPECT_EQ(kit::read16(finish(offload, Pieces(make_packet(shape, payload)))[0], 10), 0xbad0U);
  offload = sums(shape);
  offload.transport_checksum = false;
  const auto packet = finish(offload, Pieces(make_packet(shape, payload)))[0];
  EXPECT_EQ(kit::read16(packet, 36), 0xbad1U);
  EXPECT_EQ(kit::add_words(0, std::span(packet).first(20)), 0xffffU);
}

// A datagram whose sum is zero says FFFF; zero would say that there is none.
TEST(Offload, AUdpChecksumIsNeverZero) {
  PacketShape shape{.tcp = false};
  PacketBytes payload(2);
  const auto with_sum = make_packet(shape, payload);
  kit::write16(payload, 0, kit::read16(with_sum, 26));  // makes the sum of everything FFFF
  shape.fill_sums = false;
  const auto packet = finish(sums(shape), Pieces(make_packet(shape, payload)))[0];
  EXPECT_EQ(kit::read16(packet, 26), 0xffffU);
}

TEST(Offload, WhatPadsTheFrameIsNotSummed) {
  PacketShape shape{.ethernet = true, .tcp = false, .fill_sums = false};
  PacketBytes packet = make_packet(shape, PacketBytes(3, std::byte{1}));
  const std::size_t length = packet.size();
  packet.resize(60, std::byte{0xee});
  const auto finished = finish(sums(shape), Pieces(packet))[0];
  EXPECT_EQ(finished.size(), 60U);
  EXPECT_EQ(kit::flaw_of(shape, std::span(finished).first(length)), "");
}

TEST(Offload, WhatCannotBeSummedGoesOnAsItIsAndUnverified) {
  const auto good = make_packet({.fill_sums = false}, PacketBytes(40, std::byte{7}));
  std::vector<PacketBytes> hopeless(5, good);
  kit::write16(hopeless[0], 6, 0x2000);  // a fragment
  hopeless[1][9] = std::byte{1};         // ICMP
  kit::write16(hopeless[2], 2, 2000);    // says to be longer than it is
  kit::write16(hopeless[3], 2, 30);      // ends in its TCP header
  hopeless[4] = make_packet({.tcp = false, .fill_sums = false}, PacketBytes(40, std::byte{7}));
  kit::write16(hopeless[4], 24, 40);  // UDP and IP contradict each other
  for (const auto& packet : hopeless) {
    const Pieces pieces(packet);
    Offload offload = sums({});
    offload.ip_checksum = false;
    FinishedPackets packets(offload, pieces.segment.data(), pieces.count, pieces.length());
    EXPECT_TRUE(packets.usable());
    EXPECT_FALSE(packets.summed());
    EXPECT_EQ(collected(packets.packet(0)), packet);
  }
}

TEST(Offload, ASuperFrameThatIsNoTcpSegmentIsNotUsable) {
  const PacketShape shape{.ethernet = true, .tcp_options = 3, .fill_sums = false};
  const auto good = make_packet(shape, PacketBytes(4000, std::byte{7}));
  const auto usable = [&](auto change) {
    PacketBytes packet = good;
    Offload offload = super_frame(shape, 1448);
    change(packet, offload);
    const Pieces pieces(packet);
    return FinishedPackets(offload, pieces.segment.data(), pieces.count, pieces.length()).usable();
  };
  EXPECT_TRUE(usable([](PacketBytes&, Offload&) {}));
  EXPECT_FALSE(usable([](PacketBytes& packet, Offload&) { packet[23] = std::byte{17}; }));
  EXPECT_FALSE(usable([](PacketBytes& packet, Offload&) { packet[20] = std::byte{0x20}; })) << "a fragment";
  EXPECT_FALSE(usable([](PacketBytes& packet, Offload&) { packet[46] = std::byte{0x40}; }))
      << "16 bytes of TCP";
  EXPECT_FALSE(usable([](PacketBytes& packet, Offload&) { packet[46] = std::byte{0xf0}; }));
  EXPECT_FALSE(usable([](PacketBytes& packet, Offload&) { packet.resize(60); })) << "ends in its headers";
  EXPECT_FALSE(usable([](PacketBytes&, Offload& offload) { offload.header_length = 62; }));
  EXPECT_FALSE(usable([](PacketBytes&, Offload& offload) { offload.header_length = 300; }));
  EXPECT_FALSE(usable([](PacketBytes&, Offload& offload) { offload.segment_size = 7; }));
  EXPECT_FALSE(usable([](PacketBytes&, Offload& offload) { offload.segment_size = 0; }));
  EXPECT_FALSE(usable([](PacketBytes&, Offload& offload) { offload.ethernet = false; }));
}

TEST(Offload, HeadersLongerThanWeLookAtAreNotUsable) {
  PacketShape shape{.version = 6, .fill_sums = false};
  shape.ip_options = 25;  // 40 + 200 + 20
  const Pieces pieces(make_packet(shape, PacketBytes(4000, std::byte{7})));
  EXPECT_TRUE(finish(super_frame(shape, 1448), pieces).empty());
}

}  // namespace
}  // namespace vmlan::qdio
