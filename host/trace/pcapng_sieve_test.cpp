// Blocks through a filter, and blocks that are none. A filter is tcpdump's.
#include "host/trace/pcapng_sieve.h"

#include <gtest/gtest.h>

#include "host/trace/pcapng_writer.h"
#include "tests/kit/trace_file.h"

namespace vmlan::host {
namespace {

class Collected final : public BlockOutput {
 public:
  Took take(std::span<const std::span<const std::byte>> pieces) noexcept override {
    if (full) return Took::no_room;
    for (const auto& piece : pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
    return Took::all;
  }
  bool full = false;
  std::vector<std::byte> bytes;
};

class Sieve : public ::testing::Test {
 protected:
  Sieve() { writer.add_interface({"ALICE.0600", ""}); }
  void add(const std::string& frame) {
    PcapngWriter::Packet packet;
    packet.original_length = static_cast<std::uint32_t>(frame.size());
    const std::array pieces{std::as_bytes(std::span(frame))};
    writer.add(packet, pieces);
  }
  static PcapngSieve sieve(const std::string& filter) {
    auto compiled = PacketFilter::compile(filter);
    EXPECT_TRUE(std::holds_alternative<PacketFilter>(compiled)) << filter;
    return PcapngSieve(std::get<PacketFilter>(std::move(compiled)));
  }

  Collected written;
  PcapngWriter writer{written, {}};
  std::vector<std::byte> passed;
  std::string first = kit::ethernet_frame(kit::ip_packet("10.1.1.1", "10.1.1.2", 40));
  std::string second = kit::ethernet_frame(kit::ip_packet("10.1.1.3", "10.1.1.2", 40));
};

TEST_F(Sieve, WithoutAFilterAllPasses) {
  add(first);
  add(second);
  writer.add_statistics({});
  PcapngSieve all = sieve("");
  EXPECT_TRUE(all.sift(written.bytes, passed));
  EXPECT_EQ(passed, written.bytes);
  EXPECT_EQ(all.passed(), 2U);
  EXPECT_EQ(all.lost(), 0U);
}

TEST_F(Sieve, PacketsPassOnlyTheFilterAllElseDoes) {
  add(first);
  const auto expected = written.bytes;
  add(second);
  PcapngSieve some = sieve("ip and src host 10.1.1.1");
  EXPECT_TRUE(some.sift(written.bytes, passed));
  EXPECT_EQ(passed, expected);
  EXPECT_EQ(some.passed(), 1U);
  EXPECT_EQ(some.filtered_out(), 1U);
}

TEST_F(Sieve, WhatIsNoEthernetFrameIsNotTheFiltersBusiness) {
  PcapngWriter::Interface control{"ALICE.0600 control", ""};
  control.link = PcapngWriter::link_user0;
  writer.add_interface(std::move(control));
  PcapngWriter::Packet packet;
  packet.interface = 1;
  packet.original_length = 4;
  const std::array pieces{std::as_bytes(std::span("IDX")).first(4)};
  writer.add(packet, pieces);
  const auto expected = written.bytes;
  add(second);
  PcapngSieve some = sieve("ip and src host 10.1.1.1");
  EXPECT_TRUE(some.sift(written.bytes, passed));
  EXPECT_EQ(passed, expected);
  EXPECT_EQ(some.passed(), 1U);
}

TEST_F(Sieve, WhatIsNoFilterIsSaidSo) {
  const auto compiled = PacketFilter::compile("prot 17 foo");
  const auto* error = std::get_if<std::string>(&compiled);
  ASSERT_NE(error, nullptr);
  EXPECT_FALSE(error->empty());
  EXPECT_TRUE(std::holds_alternative<std::string>(PacketFilter::compile(std::string("ip\0", 3))));
}

TEST_F(Sieve, WhatWasLostIsInTheStatisticsTheLastOnesCount) {
  add(first);
  written.full = true;
  add(first);
  add(first);
  written.full = false;
  writer.add_statistics({});
  writer.add_statistics({});
  PcapngSieve all = sieve("");
  EXPECT_TRUE(all.sift(written.bytes, passed));
  EXPECT_EQ(all.lost(), 2U);
}

TEST_F(Sieve, WhatIsCutOrLiesIsNoBlock) {
  add(first);
  writer.add_statistics({});
  for (std::size_t length = 1; length < written.bytes.size(); ++length) {
    passed.clear();
    PcapngSieve all = sieve("");
    const auto cut = std::span(written.bytes).first(length);
    if (!all.sift(cut, passed)) continue;
    EXPECT_EQ(passed.size(), length) << "where a block ends";
  }
  for (std::size_t at = 0; at < written.bytes.size(); ++at) {
    auto spoilt = written.bytes;
    for (const unsigned value : {0U, 1U, 0x7fU, 0xffU}) {
      spoilt[at] = static_cast<std::byte>(value);
      passed.clear();
      PcapngSieve some = sieve("ip");
      some.sift(spoilt, passed);
      EXPECT_LE(passed.size(), spoilt.size());
    }
  }
}

}  // namespace
}  // namespace vmlan::host
