// Virtio's header and what it says of a frame: what makes sense, what does not, and never anything beyond the
// frame.
#include "host/uplink/virtio_header.h"

#include <gtest/gtest.h>

#include <cstring>
#include <ostream>

#include "arch/clock.h"
#include "host/uplink/test_receiver.h"
#include "host/uplink/test_tcp_frame.h"

namespace vmlan::host {
namespace {

using Segmentation = FrameWork::Segmentation;

constexpr std::uint16_t tcp_at = 34;  // Ethernet and the shortest IPv4 header
constexpr std::uint16_t checksum_at = 16;

Bytes tcp_frame(std::size_t length, unsigned words = 5) {
  Bytes frame(length);
  if (length > tcp_at + 12) frame[tcp_at + 12] = static_cast<std::byte>(words << 4U);
  return frame;
}

VirtioHeader super_frame() {
  VirtioHeader header;
  header.flags = VirtioHeader::needs_checksum;
  header.type = VirtioHeader::tcp_v4;
  header.header_length = 1000;  // the kernel's hint, of its first piece
  header.segment_size = 1460;
  header.checksum_start = tcp_at;
  header.checksum_offset = checksum_at;
  return header;
}

TEST(VirtioHeader, IsLaidOutAsTheKernelHasIt) {
  // "observed, Linux 6.18, x86-64": read(2) from a TAP device, an IPv4 super-frame of 7306 bytes.
  const unsigned char bytes[12] = {1, 1, 66, 0, 0xa8, 5, 34, 0, 16, 0, 0, 0};
  VirtioHeader header;
  std::memcpy(&header, bytes, sizeof(header));
  const auto work = work_of(header, tcp_frame(7306, 8));
  ASSERT_TRUE(work);
  EXPECT_TRUE(work->checksum);
  EXPECT_EQ(work->segmentation, Segmentation::tcp_v4);
  EXPECT_EQ(work->segment_size, 1448);
  EXPECT_EQ(work->checksum_start, 34);
  EXPECT_EQ(work->checksum_offset, 16);
  EXPECT_EQ(work->header_length, 66);
}

TEST(VirtioHeader, OfAFinishedFrameIsEmpty) {
  EXPECT_EQ(work_of({}, Bytes(60))->checksum, false);
  EXPECT_EQ(work_of({}, Bytes(0))->segmentation, Segmentation::none)
      << "too short is somebody else's to judge";
  const auto header = header_of({});
  const VirtioHeader empty;
  EXPECT_EQ(std::memcmp(&header, &empty, sizeof(header)), 0);
}

TEST(VirtioHeader, TellsWhetherASumIsKnownToBeGood) {
  VirtioHeader header;
  header.flags = VirtioHeader::data_valid;
  EXPECT_TRUE(work_of(header, Bytes(60))->checksum_good);
  header.flags = VirtioHeader::data_valid | VirtioHeader::needs_checksum;
  header.checksum_start = tcp_at;
  header.checksum_offset = checksum_at;
  EXPECT_FALSE(work_of(header, Bytes(60))->checksum_good) << "one that is to be filled in is not";
}

TEST(VirtioHeader, HeadersEndWhereTheTcpHeaderSaysNotWhereTheHintDoes) {
  EXPECT_EQ(work_of(super_frame(), tcp_frame(5000, 8))->header_length, tcp_at + 32);
  auto header = super_frame();
  header.header_length = 0;
  EXPECT_EQ(work_of(header, tcp_frame(5000, 8))->header_length, tcp_at + 32);
}

TEST(VirtioHeader, CongestionMarksChangeNothing) {
  auto header = super_frame();
  header.type = VirtioHeader::tcp_v6 | VirtioHeader::explicit_congestion;
  EXPECT_EQ(work_of(header, tcp_frame(5000))->segmentation, Segmentation::tcp_v6);
}

struct Nonsense {
  const char* name;
  void (*spoil)(VirtioHeader& header);
  std::size_t length;
  unsigned words;
};
void PrintTo(const Nonsense& nonsense, std::ostream* stream) { *stream << nonsense.name; }

class VirtioNonsense : public ::testing::TestWithParam<Nonsense> {};

TEST_P(VirtioNonsense, IsRefused) {
  const auto& given = GetParam();
  auto header = super_frame();
  ASSERT_TRUE(work_of(header, tcp_frame(5000)));
  given.spoil(header);
  EXPECT_FALSE(work_of(header, tcp_frame(given.length, given.words)));
}

const Nonsense nonsense[] = {
    {"UdpFragments", [](VirtioHeader& h) { h.type = 3; }, 5000, 5},
    {"UdpSegments", [](VirtioHeader& h) { h.type = 5; }, 5000, 5},
    {"UnknownType", [](VirtioHeader& h) { h.type = 0x7f; }, 5000, 5},
    {"NoSum", [](VirtioHeader& h) { h.flags = 0; }, 5000, 5},
    {"NoSegmentSize", [](VirtioHeader& h) { h.segment_size = 0; }, 5000, 5},
    {"AnotherSumThanTcps", [](VirtioHeader& h) { h.checksum_offset = 6; }, 5000, 5},
    {"StartsInTheEthernetHeader",
     [](VirtioHeader& h) {
       h.checksum_start = 13;
       h.type = 0;
     },
     5000, 5},
    {"StartsBehindTheFrame", [](VirtioHeader& h) { h.checksum_start = 65535; }, 5000, 5},
    {"StartsBehindAPlainFrame",
     [](VirtioHeader& h) {
       h.checksum_start = 65535;
       h.type = 0;
     },
     5000, 5},
    {"SumIsBehindTheFrame",
     [](VirtioHeader& h) {
       h.checksum_offset = 4965;
       h.type = 0;
     },
     5000, 5},
    {"OffsetOverflows",
     [](VirtioHeader& h) {
       h.checksum_offset = 65535;
       h.type = 0;
     },
     5000, 5},
    {"NoTcpHeader", [](VirtioHeader&) {}, tcp_at + 19, 5},
    {"ShortTcpHeader", [](VirtioHeader&) {}, 5000, 4},
    {"NoPayload", [](VirtioHeader&) {}, tcp_at + 20, 5},
    {"TcpHeaderBeyondTheFrame", [](VirtioHeader&) {}, tcp_at + 40, 15},
    {"EmptyFrame", [](VirtioHeader&) {}, 0, 5},
};
INSTANTIATE_TEST_SUITE_P(Kinds, VirtioNonsense, ::testing::ValuesIn(nonsense),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(VirtioHeader, TheLastPlaceOfTheFrameIsTheLastThatASumMayHave) {
  VirtioHeader header;
  header.flags = VirtioHeader::needs_checksum;
  header.checksum_start = tcp_at;
  header.checksum_offset = 60 - 2 - tcp_at;
  EXPECT_TRUE(work_of(header, Bytes(60)));
  EXPECT_FALSE(work_of(header, Bytes(59)));
}

TEST(VirtioHeader, WhateverComesLeadsNowhereBeyondTheFrameAndGoesBackAsItCame) {
  arch::Prng chance(20261126);
  unsigned sensible = 0;
  for (int round = 0; round < 300000; ++round) {
    VirtioHeader header;
    const auto small = [&] {
      return static_cast<std::uint16_t>(chance.below(chance.below(4) == 0 ? 65536 : 120));
    };
    header.flags = static_cast<std::uint8_t>(chance.below(4));
    header.type = static_cast<std::uint8_t>(chance.below(8) == 0 ? chance.below(256) : chance.below(6));
    header.header_length = small();
    header.segment_size = small();
    header.checksum_start = small();
    header.checksum_offset = chance.below(2) == 0 ? checksum_at : small();
    // Of exactly that size: AddressSanitizer sees what is read behind it.
    Bytes frame(chance.below(200));
    for (auto& byte : frame) byte = static_cast<std::byte>(chance.below(256));
    const auto work = work_of(header, frame);
    if (!work) continue;
    ++sensible;
    ASSERT_TRUE(fits(*work, frame.size()));
    if (work->checksum) {
      ASSERT_LE(std::size_t{work->checksum_start} + work->checksum_offset + 2, frame.size());
    }
    if (work->segmentation != Segmentation::none) {
      ASSERT_TRUE(work->checksum);
      ASSERT_GT(work->segment_size, 0);
      ASSERT_LT(work->header_length, frame.size());
    }
    const auto again = work_of(header_of(*work), frame);
    ASSERT_TRUE(again);
    ASSERT_TRUE(same_work(*work, *again));
  }
  EXPECT_GT(sensible, 1000U);
}

TEST(VirtioHeader, WorkThatLeadsBeyondTheFrameDoesNotFit) {
  FrameWork work;
  work.checksum = true;
  work.checksum_start = tcp_at;
  work.checksum_offset = checksum_at;
  EXPECT_TRUE(fits(work, 60));
  EXPECT_FALSE(fits(work, tcp_at + checksum_at + 1));
  work.segmentation = Segmentation::tcp_v4;
  EXPECT_FALSE(fits(work, 60)) << "no segment size";
  work.segment_size = 1460;
  EXPECT_FALSE(fits(work, 60)) << "no headers";
  work.header_length = tcp_at + 20;
  EXPECT_TRUE(fits(work, 60));
  EXPECT_FALSE(fits(work, tcp_at + 20)) << "no payload";
  work.checksum = false;
  EXPECT_FALSE(fits(work, 60)) << "each part needs a sum";
}

}  // namespace
}  // namespace vmlan::host
