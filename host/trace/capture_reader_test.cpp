#include "host/trace/capture_reader.h"

#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cstdio>

#include "host/trace/link_types.h"
#include "tests/kit/memory_source.h"
#include "tests/kit/trace_file.h"

namespace vmlan::host {
namespace {

using kit::ethernet_frame;
using kit::ip_packet;
using Next = CaptureReader::Next;

class Capture : public ::testing::Test {
 protected:
  // Opens a file with these contents; the error's message, empty = open.
  std::string open(const std::string& contents) {
    file.reset();
    file = std::make_unique<kit::TemporaryFile>(
        std::string("vmlan-") + ::testing::UnitTest::GetInstance()->current_test_info()->name(), contents);
    return open_path(file->path());
  }
  std::string open_path(const std::string& path) {
    auto opened = CaptureReader::open(path);
    if (const auto* error = std::get_if<CaptureError>(&opened)) return error->message;
    reader = std::make_unique<CaptureReader>(std::move(std::get<CaptureReader>(opened)));
    return {};
  }
  std::string text() const {
    return {reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size()};
  }

  std::unique_ptr<kit::TemporaryFile> file;
  std::unique_ptr<CaptureReader> reader;
  CaptureRecord record;
};

TEST_F(Capture, ReadsPcapRecordByRecord) {
  const auto first = ethernet_frame(ip_packet("10.1.1.1", "10.1.1.2", 40));
  const auto second = ethernet_frame(ip_packet("10.1.1.2", "10.1.1.1", 300));
  ASSERT_EQ(open(kit::PcapFile().add(first).add(second, 100, 1'500'000).bytes), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(text(), first);
  EXPECT_EQ(record.link, wire::LinkType::ethernet);
  EXPECT_EQ(link_type_name(record.link_number), "EN10MB");
  EXPECT_EQ(record.original_length, first.size());
  EXPECT_EQ(record.time, std::chrono::seconds(1000));
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(record.bytes.size(), second.size() - 100);
  EXPECT_EQ(record.original_length, second.size());
  EXPECT_EQ(record.time, std::chrono::milliseconds(1'001'500));
  EXPECT_EQ(reader->next(record), Next::end);
}

TEST_F(Capture, ReadsPcapng) {
  const auto frame = ethernet_frame(ip_packet("fe80::1", "fe80::2", 41));
  ASSERT_EQ(open(kit::PcapngFile().add(frame).bytes), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(text(), frame);
  EXPECT_EQ(record.time, std::chrono::seconds(1));
  EXPECT_EQ(reader->next(record), Next::end);
}

TEST_F(Capture, ReadsWhatLibpcapWrites) {
  const auto frame = ethernet_frame(ip_packet("10.1.1.1", "10.1.1.2", 40));
  kit::TemporaryFile written("vmlan-written-by-libpcap", "");
  pcap_t* dead = pcap_open_dead(DLT_EN10MB, 65535);
  pcap_dumper_t* dumper = pcap_dump_open(dead, written.path().c_str());
  pcap_pkthdr header{};
  header.ts.tv_sec = 7;
  header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
  pcap_dump(reinterpret_cast<u_char*>(dumper), &header, reinterpret_cast<const u_char*>(frame.data()));
  pcap_dump_close(dumper);
  pcap_close(dead);
  ASSERT_EQ(open_path(written.path()), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(text(), frame);
  EXPECT_EQ(record.time, std::chrono::seconds(7));
}

TEST_F(Capture, KnowsTheLinkTypesThatCarryIp) {
  const std::pair<unsigned, wire::LinkType> types[] = {
      {0, wire::LinkType::loopback},
      {1, wire::LinkType::ethernet},
      {9, wire::LinkType::ppp},
      {101, wire::LinkType::raw_ip},
      {108, wire::LinkType::loopback},
      {113, wire::LinkType::linux_cooked},
      {276, wire::LinkType::linux_cooked_v2},
      {228, wire::LinkType::raw_ip},
      {104, wire::LinkType::cisco_hdlc},
      {105, wire::LinkType::wireless},
      {127, wire::LinkType::radiotap},
      {147, wire::LinkType::unsupported},
      {50, wire::LinkType::ppp},
      {229, wire::LinkType::raw_ip},
  };
  for (const auto& [number, type] : types) {
    ASSERT_EQ(open(kit::PcapFile(number).add("x").bytes), "") << number;
    ASSERT_EQ(reader->next(record), Next::record);
    EXPECT_EQ(record.link, type) << number;
  }
  EXPECT_EQ(link_type_name(65000), "LINKTYPE 65000");
}

TEST_F(Capture, SaysWhyAFileIsNoCapture) {
  EXPECT_NE(open(""), "");
  EXPECT_EQ(open("no capture at all, but long enough to be one"), "unknown file format");
  EXPECT_EQ(open(std::string("snoop\0\0\0\0\0\0\2\0\0\0\4", 16)),
            "a Sun snoop file: editcap -F pcapng IN OUT (of wireshark) makes one that is read");
  EXPECT_NE(open_path("/nonexistent/file.pcap"), "");
}

TEST_F(Capture, AFileCutInARecordIsDamagedThere) {
  const auto frame = ethernet_frame(ip_packet("10.1.1.1", "10.1.1.2", 40));
  const auto whole = kit::PcapFile().add(frame).add(frame).bytes;
  for (std::size_t missing = 1; missing <= frame.size() + 15; ++missing) {
    ASSERT_EQ(open(whole.substr(0, whole.size() - missing)), "");
    ASSERT_EQ(reader->next(record), Next::record) << missing;
    ASSERT_EQ(reader->next(record), Next::damaged) << missing;
    EXPECT_NE(reader->damage(), "");
  }
}

TEST_F(Capture, AFileThatCanNotBeReadFurtherHasNotEnded) {
  for (const auto& whole :
       {kit::PcapFile().add(ethernet_frame(ip_packet("10.1.1.1", "10.1.1.2", 40))).bytes,
        kit::PcapngFile().add(ethernet_frame(ip_packet("fe80::1", "fe80::2", 41))).bytes}) {
    auto opened = CaptureReader::open(std::make_unique<kit::MemorySource>(whole, 1000, "Input/output error"));
    ASSERT_TRUE(std::holds_alternative<CaptureReader>(opened));
    auto& capture = std::get<CaptureReader>(opened);
    ASSERT_EQ(capture.next(record), Next::record);
    EXPECT_EQ(capture.next(record), Next::damaged);
    EXPECT_EQ(capture.damage(), "the file can't be read any further: Input/output error");
  }
}

TEST_F(Capture, ALengthThatLiesEndsTheReading) {
  auto file_bytes = kit::PcapFile().add(std::string(60, 'x')).bytes;
  for (std::size_t i = 0; i < 4; ++i) file_bytes[24 + 8 + i] = '\x7f';
  ASSERT_EQ(open(file_bytes), "");
  EXPECT_EQ(reader->next(record), Next::damaged);
}

TEST_F(Capture, APcapngBlockThatLiesEndsTheReading) {
  auto capture = kit::PcapngFile().add(std::string(60, 'x'));
  const auto good = capture.bytes.size();
  capture.add(std::string(60, 'y'));
  capture.bytes[good + 4] = '\x04';  // a block shorter than its own frame
  ASSERT_EQ(open(capture.bytes), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(reader->next(record), Next::damaged);
  EXPECT_EQ(reader->position(), good) << "read so far";
  EXPECT_EQ(reader->size(), capture.bytes.size());
}

TEST_F(Capture, EachInterfaceHasItsOwnLinkTypeResolutionAndOffset) {
  kit::PcapngFile capture;
  std::string interface;
  kit::append16(interface, kit::link_raw);
  kit::append16(interface, 0);
  kit::append32(interface, 0);
  kit::append16(interface, 9);  // if_tsresol: 2^-10
  kit::append16(interface, 1);
  kit::append32(interface, 0x8a);
  kit::append16(interface, 14);  // if_tsoffset: 7 s
  kit::append16(interface, 8);
  kit::append32(interface, 7);
  kit::append32(interface, 0);
  kit::append32(interface, 0);  // the end of the options
  capture.add("a").add_block(1, interface).add_block(0x0bad, "skip").add("b", 0, 1);
  ASSERT_EQ(open(capture.bytes), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(record.link, wire::LinkType::ethernet);
  EXPECT_EQ(record.time, std::chrono::seconds(1));
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(record.link, wire::LinkType::raw_ip);
  EXPECT_EQ(record.time,
            std::chrono::nanoseconds(1'000'000 * 1'000'000'000ULL / 1024) + std::chrono::seconds(7));
  EXPECT_EQ(reader->next(record), Next::end);
}

TEST_F(Capture, ANewSectionForgetsTheInterfacesOfTheOneBefore) {
  const auto section = kit::PcapngFile(kit::link_raw).add("second").bytes;
  auto bytes = kit::PcapngFile().add("first").bytes + section;
  ASSERT_EQ(open(bytes), "");
  ASSERT_EQ(reader->next(record), Next::record);
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(record.link, wire::LinkType::raw_ip);
  EXPECT_EQ(text(), "second");
  bytes += section.substr(0, 28) + kit::PcapngFile().add("third").bytes.substr(48);  // no interface
  ASSERT_EQ(open(bytes), "");
  reader->next(record);
  reader->next(record);
  EXPECT_EQ(reader->next(record), Next::damaged);
  EXPECT_NE(reader->damage().find("interface 0, of which the section has 0"), std::string::npos);
}

TEST_F(Capture, BothByteOrdersAndNanoseconds) {
  const auto swapped = [](std::string bytes, std::size_t from, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) std::reverse(&bytes[from + i * 4], &bytes[from + i * 4] + 4);
    return bytes;
  };
  auto bytes = kit::PcapFile().add("frame", 0, 250).bytes;
  bytes[0] = '\x4d';  // a1b23c4d: nanoseconds
  bytes[1] = '\x3c';
  bytes = swapped(swapped(bytes, 0, 1), 8, 8);
  std::swap(bytes[4], bytes[5]);
  std::swap(bytes[6], bytes[7]);
  ASSERT_EQ(open(bytes), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(text(), "frame");
  EXPECT_EQ(record.time, std::chrono::seconds(1000) + std::chrono::nanoseconds(250));
}

TEST_F(Capture, AFractionBeyondASecondCarriesOver) {
  auto file_bytes = kit::PcapFile().add(std::string(60, 'x')).bytes;
  for (std::size_t i = 0; i < 8; ++i) file_bytes[24 + i] = '\xff';
  ASSERT_EQ(open(file_bytes), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(record.time, std::chrono::seconds(0xffffffff) + std::chrono::microseconds(0xffffffff));
  EXPECT_EQ(record.time_flaw, TimeFlaw::carried);
  EXPECT_TRUE(record.has_time());
}

// An interface with whole seconds and an offset, and a packet at 1'000'000 of its units.
std::string with_offset(std::uint64_t offset) {
  std::string interface;
  kit::append16(interface, kit::link_raw);
  kit::append16(interface, 0);
  kit::append32(interface, 0);
  kit::append16(interface, 9);  // if_tsresol: seconds
  kit::append16(interface, 1);
  kit::append32(interface, 0);
  kit::append16(interface, 14);  // if_tsoffset
  kit::append16(interface, 8);
  kit::append32(interface, offset & 0xffffffffU);
  kit::append32(interface, offset >> 32U);
  return kit::PcapngFile().add_block(1, interface).add("x", 0, 1).bytes;
}

TEST_F(Capture, ATimeBeforeTheEpochOrBeyondAllBoundsIsTheRecordsFlaw) {
  constexpr std::uint64_t packet = 1'000'000;
  constexpr std::uint64_t latest = 9'223'372'036;  // whole seconds in 2^63 ns
  for (const std::uint64_t good : {-packet, latest - packet}) {
    ASSERT_EQ(open(with_offset(good)), "");
    ASSERT_EQ(reader->next(record), Next::record);
    EXPECT_EQ(record.time, std::chrono::seconds(good + packet));
    EXPECT_EQ(record.time_flaw, TimeFlaw::none);
  }
  for (const auto& [bad, flaw] : {std::pair{-packet - 1, TimeFlaw::before_1970},
                                  std::pair{latest - packet + 1, TimeFlaw::after_2262}}) {
    auto capture = kit::PcapngFile().add("good");  // at 1 s
    capture.bytes += with_offset(bad);
    ASSERT_EQ(open(capture.bytes), "");
    ASSERT_EQ(reader->next(record), Next::record);
    ASSERT_EQ(reader->next(record), Next::record);
    EXPECT_EQ(text(), "x");
    EXPECT_EQ(record.time_flaw, flaw);
    EXPECT_FALSE(record.has_time());
    EXPECT_EQ(record.time, std::chrono::seconds(1)) << "of the record before it";
    EXPECT_EQ(reader->next(record), Next::end);
  }
}

TEST_F(Capture, OptionsOfAnInterfaceThatCanNotBeReadEndTheReading) {
  std::string interface;
  kit::append16(interface, kit::link_raw);
  kit::append16(interface, 0);
  kit::append32(interface, 0);
  kit::append16(interface, 2);  // if_name, of 200 bytes
  kit::append16(interface, 200);
  kit::append32(interface, 0);
  ASSERT_EQ(open(kit::PcapngFile().add_block(1, interface).add("x", 0, 1).bytes), "");
  EXPECT_EQ(reader->next(record), Next::damaged);
  EXPECT_EQ(reader->damage(), "an interface description whose options can't be read");
}

}  // namespace
}  // namespace vmlan::host
