#include "host/trace/foreign_formats.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "tests/kit/hex.h"

namespace vmlan::host {
namespace {

struct ForeignFile {
  std::string_view first_bytes;
  std::string_view name;
};

// As editcap 4.0 writes them, but for those of AIX and OmniPeek, of which it only reads.
constexpr std::array foreign_files{
    ForeignFile{"736e6f6f7000000000000002000000040000004200000042", "a Sun snoop file"},
    ForeignFile{"5254535301010100e1070c0001000b000d003b000400b903", "a Microsoft Network Monitor 1.x file"},
    ForeignFile{"474d425500020100e1070c0001000b000d003b000400b903", "a Microsoft Network Monitor 2.x file"},
    ForeignFile{"5452534e4946462064617461202020201a01001200000004", "a DOS Sniffer file"},
    ForeignFile{"584350003030312e31303000288f2e5a0800000000000000", "a NetXRay or Windows Sniffer file"},
    ForeignFile{"01104c000105547261636520446973706c61792054726163", "a Novell LANalyzer file"},
    ForeignFile{"aaaaaaaa2000000000000100180000000010001800000000", "an InfoVista 5View file"},
    ForeignFile{"05564e4608000000288f2e5a0600ffff0100010000000000", "a Visual Networks file"},
    ForeignFile{"5452006400000000000000802f746d702f77697265736861", "an HP-UX nettl file"},
    ForeignFile{"4f62736572766572506b7442756666657256657273696f6e3d", "a Viavi Observer file"},
    ForeignFile{"2b2d2d2d2d2d2d2d2d2d2b2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2b2d2d2d2d2d2d2d2d2d2d2b",
                "a K12 text file"},
    ForeignFile{"6970747261636520322e30 00000000", "an AIX iptrace file"},
    ForeignFile{"7f76657200000008 3c3f786d6c", "an OmniPeek file"},
};

// Records of 69 bytes in 1 and 2 seconds of 2001.
std::vector<std::byte> erf_records(unsigned count) {
  std::vector<std::byte> bytes;
  for (unsigned record = 0; record < count; ++record) {
    auto header = kit::from_hex("00000000 0080503a 02 04 0045 0000 0031");
    header[4] = static_cast<std::byte>(record);
    header.resize(69);
    bytes.insert(bytes.end(), header.begin(), header.end());
  }
  return bytes;
}

TEST(ForeignFormats, AreNamedWithWhatConvertsThem) {
  for (const auto& file : foreign_files) {
    EXPECT_EQ(foreign_format(kit::from_hex(file.first_bytes)),
              std::string(file.name) + ": editcap -F pcapng IN OUT (of wireshark) makes one that is read");
  }
}

TEST(ForeignFormats, EndacesAreToldByTheirRecords) {
  EXPECT_EQ(foreign_format(erf_records(1)).find("an Endace ERF file: editcap"), 0U);
  EXPECT_EQ(foreign_format(erf_records(2)).find("an Endace ERF file: editcap"), 0U);
  auto broken = erf_records(2);
  broken[69 + 8] = std::byte{0};  // a second record of no type
  EXPECT_EQ(foreign_format(broken), "");
  auto provenance = erf_records(2);  // as editcap begins a file
  for (std::size_t at = 0; at < 16; ++at) provenance[at] = std::byte{0};
  provenance[8] = std::byte{27};
  provenance[11] = std::byte{72};
  provenance.insert(provenance.begin() + 69, 3, std::byte{0});
  EXPECT_NE(foreign_format(provenance), "");
}

TEST(ForeignFormats, WhatIsReadHereIsNotForeign) {
  for (const auto* const magic : {"d4c3b2a1 0200 0400", "a1b2c3d4 0002 0004", "4d3cb2a1 0200 0400",
                                  "0a0d0d0a 1c000000", "1f8b0800 00000000", "28b52ffd 04"}) {
    auto bytes = kit::from_hex(magic);
    bytes.resize(4096);
    EXPECT_EQ(foreign_format(bytes), "") << magic;
  }
  EXPECT_EQ(foreign_format({}), "");
  EXPECT_EQ(foreign_format(std::vector<std::byte>(4096)), "");
}

TEST(ForeignFormats, NoLengthIsTooShortToAsk) {
  std::mt19937 random(197);
  for (const auto& file : foreign_files) {
    const auto whole = kit::from_hex(file.first_bytes);
    for (std::size_t size = 0; size < whole.size(); ++size)
      foreign_format(
          std::vector<std::byte>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  for (unsigned round = 0; round < 20'000; ++round) {
    auto bytes = erf_records(2);
    bytes.resize(random() % (bytes.size() + 1));
    if (!bytes.empty()) bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xffU);
    bytes.shrink_to_fit();  // a sanitizer sees the end
    foreign_format(bytes);
  }
}

}  // namespace
}  // namespace vmlan::host
