#include "arch/ebcdic.h"

#include <gtest/gtest.h>

#include <cstring>

namespace vmlan::arch {
namespace {

std::span<const std::byte> bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

TEST(Ebcdic, TheNameLinuxSendsInIdxActivateReadsHallole) {
  // observed, Linux 6.1 qeth: IDX ACTIVATE, bytes 16-1D
  constexpr std::uint8_t observed[] = {0xc8, 0xc1, 0xd3, 0xd3, 0xd6, 0xd3, 0xc5, 0x40};
  EXPECT_EQ(name_from_ebcdic(bytes(observed, sizeof(observed))), "HALLOLE");
  EXPECT_EQ(std::memcmp(ebcdic_name("HALLOLE").data(), observed, sizeof(observed)), 0);
}

TEST(Ebcdic, LettersAndDigitsAreTheSameInBothPages) {
  for (const CodePage page : {CodePage::ibm037, CodePage::ibm1047}) {
    EXPECT_EQ(to_ebcdic('A', page), 0xc1);
    EXPECT_EQ(to_ebcdic('I', page), 0xc9);
    EXPECT_EQ(to_ebcdic('J', page), 0xd1);
    EXPECT_EQ(to_ebcdic('S', page), 0xe2);
    EXPECT_EQ(to_ebcdic('Z', page), 0xe9);
    EXPECT_EQ(to_ebcdic('a', page), 0x81);
    EXPECT_EQ(to_ebcdic('0', page), 0xf0);
    EXPECT_EQ(to_ebcdic('9', page), 0xf9);
    EXPECT_EQ(to_ebcdic(' ', page), 0x40);
    EXPECT_EQ(to_ebcdic('$', page), 0x5b);
  }
}

TEST(Ebcdic, ThePagesDifferInBracketsAndCircumflex) {
  EXPECT_EQ(to_ebcdic('[', CodePage::ibm037), 0xba);
  EXPECT_EQ(to_ebcdic('[', CodePage::ibm1047), 0xad);
  EXPECT_EQ(to_ebcdic(']', CodePage::ibm037), 0xbb);
  EXPECT_EQ(to_ebcdic(']', CodePage::ibm1047), 0xbd);
  EXPECT_EQ(to_ebcdic('^', CodePage::ibm037), 0xb0);
  EXPECT_EQ(to_ebcdic('^', CodePage::ibm1047), 0x5f);
}

TEST(Ebcdic, EveryCharacterSurvivesTheRoundTrip) {
  std::string all(256, ' ');
  for (unsigned index = 0; index < 256; ++index) all[index] = static_cast<char>(index);
  for (const CodePage page : {CodePage::ibm037, CodePage::ibm1047}) {
    EXPECT_EQ(from_ebcdic(to_ebcdic(all, page), page), all);
  }
}

TEST(Ebcdic, NamesAreCutAndPaddedToEight) {
  const EbcdicName name = ebcdic_name("AVERYLONGNAME");
  EXPECT_EQ(name_from_ebcdic(std::as_bytes(std::span(name))), "AVERYLON");
  const EbcdicName empty = ebcdic_name("");
  EXPECT_EQ(empty, (EbcdicName{0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40}));
  EXPECT_EQ(name_from_ebcdic(std::as_bytes(std::span(empty))), "");
}

TEST(Ebcdic, WhatNoConsoleCanShowBecomesAPeriod) {
  constexpr std::uint8_t hostile[] = {0x27, 0xc1, 0x00, 0xff, 0xc2, 0x00, 0x40, 0x00};
  EXPECT_EQ(name_from_ebcdic(bytes(hostile, sizeof(hostile))), ".A..B");
}

}  // namespace
}  // namespace vmlan::arch
