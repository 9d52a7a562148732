// The blocks, byte by byte as the pcapng document has them, and what happens without room.
#include "host/trace/pcapng_writer.h"

#include <gtest/gtest.h>

#include "host/trace/capture_reader.h"
#include "tests/kit/hex.h"
#include "tests/kit/trace_file.h"

namespace vmlan::host {
namespace {

using kit::from_hex;
using kit::to_hex;
using Took = BlockOutput::Took;
using Piece = PcapngWriter::Piece;

class Blocks final : public BlockOutput {
 public:
  Took take(std::span<const Piece> pieces) noexcept override {
    if (answer != Took::all) return answer;
    blocks.emplace_back();
    for (const auto& piece : pieces) blocks.back().insert(blocks.back().end(), piece.begin(), piece.end());
    return Took::all;
  }
  std::string bytes() const {
    std::string all;
    for (const auto& block : blocks) all.append(reinterpret_cast<const char*>(block.data()), block.size());
    return all;
  }

  Took answer = Took::all;
  std::vector<std::vector<std::byte>> blocks;
};

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

class Pcapng : public ::testing::Test {
 protected:
  Took add(std::uint32_t interface, std::string_view bytes, std::string_view comment = {},
           bool inbound = false) {
    PcapngWriter::Packet packet;
    packet.interface = interface;
    packet.date = std::chrono::nanoseconds(0x1122334455667788);
    packet.inbound = inbound;
    packet.original_length = 100;
    packet.comment = comment;
    const std::array pieces{bytes_of(bytes.substr(0, 1)), bytes_of(bytes.substr(1))};
    return writer.add(packet, pieces);
  }

  Blocks output;
  PcapngWriter writer{output, {"HW", "vmlan", "x"}};
};

TEST_F(Pcapng, TheSectionAndItsInterfacesAreAsTheDocumentHasThem) {
  writer.add_interface({"ALICE.0600", "", PcapngWriter::link_ethernet, 512});
  ASSERT_EQ(add(0, "abcde"), Took::all);
  EXPECT_EQ(output.blocks.at(0), from_hex("0A0D0D0A 3C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF"
                                          "0200 0200 48570000 | 0300 0500 766D6C616E000000"
                                          "0400 0100 78000000 | 0000 0000 3C000000"));
  EXPECT_EQ(output.blocks.at(1), from_hex("01000000 30000000 0100 0000 00020000"
                                          "0200 0A00 414C4943452E303630300000"
                                          "0900 0100 09000000 | 0000 0000 30000000"));
}

TEST_F(Pcapng, PacketsAndStatisticsAreAsTheDocumentHasThem) {
  writer.add_interface({"ALICE.0600", "", PcapngWriter::link_ethernet, 512});
  ASSERT_EQ(add(0, "abcde", "dropped"), Took::all);
  ASSERT_EQ(add(0, "abcd", {}, true), Took::all);
  ASSERT_EQ(writer.add_statistics(std::chrono::nanoseconds(1)), Took::all);
  ASSERT_EQ(output.blocks.size(), 5U);
  EXPECT_EQ(output.blocks[2], from_hex("06000000 40000000 00000000 44332211 88776655 05000000 64000000"
                                       "6162636465000000 | 0100 0700 64726F7070656400"
                                       "0200 0400 02000000 | 0000 0000 40000000"));
  EXPECT_EQ(output.blocks[3], from_hex("06000000 30000000 00000000 44332211 88776655 04000000 64000000"
                                       "61626364 | 0200 0400 01000000 | 0000 0000 30000000"));
  EXPECT_EQ(output.blocks[4], from_hex("05000000 34000000 00000000 00000000 01000000"
                                       "0400 0800 0200000000000000 | 0500 0800 0000000000000000"
                                       "0000 0000 34000000"));
}

TEST_F(Pcapng, InterfacesStandBeforeTheirFirstPacketInTheirOrder) {
  writer.add_interface({"A.1", "first"});
  writer.add_interface({"B.1", "second"});
  ASSERT_EQ(add(1, "abcd"), Took::all);
  ASSERT_EQ(add(0, "abcd"), Took::all);
  ASSERT_EQ(output.blocks.size(), 5U);
  EXPECT_NE(to_hex(output.blocks[1]).find(to_hex(bytes_of("first"))), std::string::npos);
  EXPECT_NE(to_hex(output.blocks[2]).find(to_hex(bytes_of("second"))), std::string::npos);
}

TEST_F(Pcapng, WhatIsLostIsToldByTheNextPacketOfItsInterfaceAndInTheEnd) {
  writer.add_interface({"A.1", ""});
  writer.add_interface({"B.1", ""});
  output.answer = Took::no_room;
  EXPECT_EQ(add(0, "abcd"), Took::no_room);
  EXPECT_EQ(add(0, "abcd"), Took::no_room);
  output.answer = Took::all;
  EXPECT_EQ(add(1, "abcd"), Took::all) << "with the section and both interfaces";
  EXPECT_EQ(add(0, "abcd"), Took::all);
  EXPECT_EQ(add(0, "abcd"), Took::all);
  ASSERT_EQ(output.blocks.size(), 6U);
  EXPECT_EQ(to_hex(output.blocks[3]).find("04000800"), std::string::npos);
  EXPECT_NE(to_hex(output.blocks[4]).find("040008000200000000000000"), std::string::npos);
  EXPECT_EQ(to_hex(output.blocks[5]).find("04000800"), std::string::npos) << "told once";
  EXPECT_EQ(writer.lost(), 2U);
  writer.add_statistics({});
  EXPECT_NE(to_hex(output.blocks[6]).find("04000800040000000000000005000800020000000000000000000000"),
            std::string::npos);
  EXPECT_NE(to_hex(output.blocks[7]).find("0500080000000000000000000000"), std::string::npos);
}

TEST_F(Pcapng, ATraceWithoutPacketsIsAFileAllTheSame) {
  EXPECT_EQ(writer.add_statistics({}), Took::all);
  ASSERT_EQ(output.blocks.size(), 1U);
  EXPECT_EQ(writer.written(), output.blocks[0].size());
}

TEST_F(Pcapng, HostileTextsAreCutAndShownAsPrintable) {
  const std::string name = "A\n\xff\x1b[2J" + std::string(70'000, 'B');
  writer.add_interface({name, name, PcapngWriter::link_ethernet, 0});
  ASSERT_EQ(add(0, "abcd", name), Took::all);
  kit::TemporaryFile file("vmlan-hostile-texts", output.bytes());
  auto opened = CaptureReader::open(file.path());
  ASSERT_TRUE(std::holds_alternative<CaptureReader>(opened));
  CaptureRecord record;
  EXPECT_EQ(std::get<CaptureReader>(opened).next(record), CaptureReader::Next::record);
  EXPECT_EQ(std::get<CaptureReader>(opened).next(record), CaptureReader::Next::end);
  EXPECT_NE(output.bytes().find("A...[2JBBB"), std::string::npos);
  EXPECT_LT(output.bytes().size(), 1000U);
}

TEST_F(Pcapng, EveryLengthIsReadBack) {
  writer.add_interface({"ALICE.0600", "LAN SYSTEM LAN1"});
  std::string bytes(257, 'x');
  for (std::size_t length = 1; length < bytes.size(); ++length)
    ASSERT_EQ(add(0, bytes.substr(0, length), std::string(length % 17, 'c')), Took::all);
  kit::TemporaryFile file("vmlan-every-length", output.bytes());
  auto opened = CaptureReader::open(file.path());
  ASSERT_TRUE(std::holds_alternative<CaptureReader>(opened));
  auto& reader = std::get<CaptureReader>(opened);
  CaptureRecord record;
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    ASSERT_EQ(reader.next(record), CaptureReader::Next::record);
    EXPECT_EQ(record.bytes.size(), length);
    EXPECT_EQ(record.time, std::chrono::nanoseconds(0x1122334455667788));
  }
  EXPECT_EQ(reader.next(record), CaptureReader::Next::end);
  EXPECT_EQ(writer.written(), output.bytes().size());
}

}  // namespace
}  // namespace vmlan::host
