// The module's C files without an emulator: what its operator's commands do to a card.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/module/emulator.h"

namespace vmlan {
namespace {

class Module : public ::testing::Test {
 protected:
  Module() { emulator_reset(); }
  ~Module() override { emulator_reset(); }

  // The card that `0A00.3 VNIC user LINUX1` makes; no system answers.
  int attach(unsigned number) {
    return emulator_attach(number, static_cast<int>(operands_.size()), operands_.data());
  }
  void attach_card(unsigned first) {
    for (unsigned member = 0; member < 3; ++member) ASSERT_EQ(attach(first + member), 0) << emulator_log();
  }
  static bool said(const std::string& text) {
    return std::string(emulator_log()).find(text) != std::string::npos;
  }

  std::vector<std::string> words_ = {"user", "LINUX1", "system", "/nowhere/system.sock"};
  std::vector<char*> operands_ = {words_[0].data(), words_[1].data(), words_[2].data(), words_[3].data()};
};

TEST_F(Module, DevinitOfAMemberIsRefusedAndTheCardStaysAsItIs) {
  attach_card(0x0a00);
  void* const client = emulator_client(0x0a00);
  ASSERT_NE(client, nullptr);
  for (unsigned member = 0; member < 3; ++member) {
    EXPECT_LT(emulator_devinit(0x0a00 + member), 0);
    EXPECT_EQ(emulator_client(0x0a00 + member), client);
  }
  EXPECT_TRUE(said("HHC03829E 0A01 The device belongs to a card"));
  unsigned char sense_id[64] = {};
  std::uint16_t residual = 0;
  EXPECT_EQ(emulator_command(0x0a01, 0xe4, sense_id, sizeof(sense_id), &residual), 0x0cU);
  EXPECT_EQ(sense_id[0], 0xff);
}

TEST_F(Module, DetachAfterARefusedDevinitEndsTheCardAndAnotherTakesItsPlace) {
  attach_card(0x0a00);
  EXPECT_LT(emulator_devinit(0x0a01), 0);
  emulator_detach(0x0a01);
  EXPECT_EQ(emulator_devices(), 0U);
  attach_card(0x0a00);
  EXPECT_NE(emulator_client(0x0a02), nullptr);
}

TEST_F(Module, ADeviceThatDoesNotContinueTheGroupBeforeItIsRefused) {
  ASSERT_EQ(attach(0x0a00), 0);
  EXPECT_LT(attach(0x0a05), 0);
  EXPECT_TRUE(said("HHC03818E 0A05"));
  ASSERT_EQ(attach(0x0a01), 0);
  ASSERT_EQ(attach(0x0a02), 0);
  EXPECT_NE(emulator_client(0x0a00), nullptr);
}

TEST_F(Module, ADeviceThatCanNotComeIsNobodysToDetach) {
  ASSERT_EQ(attach(0x0a00), 0);
  ASSERT_EQ(attach(0x0a01), 0);
  std::string trace[] = {"trace", "/missing/folder/x"};
  for (std::string& word : trace) operands_.push_back(word.data());
  EXPECT_LT(attach(0x0a02), 0);
  emulator_attach_other(0x0120);  // gets its block
  emulator_detach(0x0a00);
  EXPECT_EQ(emulator_devices(), 1U);
}

TEST_F(Module, ADeviceThatCouldNotComeMayComeLater) {
  ASSERT_EQ(attach(0x0a00), 0);
  ASSERT_EQ(attach(0x0a01), 0);
  std::string trace[] = {"trace", "/missing/folder/x"};
  for (std::string& word : trace) operands_.push_back(word.data());
  EXPECT_LT(attach(0x0a02), 0);
  operands_.resize(words_.size());
  EXPECT_EQ(attach(0x0a02), 0);
  EXPECT_NE(emulator_client(0x0a00), nullptr);
}

// --- CHANNEL SUBSYSTEM CALL

class ChannelSubsystemCall : public Module {
 protected:
  ChannelSubsystemCall() {
    for (unsigned member = 0; member < 3; ++member) attach(0x0a00 + member);
    emulator_attach_other(0x0190);
    ask_.fill(0);
  }
  // A request about the subchannels from `first` to `last`; the response code.
  unsigned ask(unsigned code, unsigned first, unsigned last, unsigned set = 0) {
    page_.fill(0xa5);
    for (std::size_t at = 0; at < 0x10; ++at) page_[at] = ask_[at];
    const auto store = [this](std::size_t at, unsigned value) {
      page_[at] = static_cast<unsigned char>(value >> 8U);
      page_[at + 1] = static_cast<unsigned char>(value);
    };
    store(0, 0x10);
    store(2, code);
    page_[5] = static_cast<unsigned char>(set << 4U);
    store(6, first);
    store(0x0a, last);
    store(8, 0);
    emulator_call(page_.data());
    return half(2);
  }
  // Of the response.
  unsigned byte(std::size_t at) const { return page_[0x10 + at]; }
  unsigned half(std::size_t at) const { return byte(at) << 8U | byte(at + 1); }
  static unsigned subchannel(unsigned device) { return emulator_subchannel(device); }

  std::array<unsigned char, EMULATOR_PAGE> page_{};
  std::array<unsigned char, 0x10> ask_{};
};

TEST_F(ChannelSubsystemCall, DescribesSubchannelsOfItsOwnDevicesOnly) {
  const unsigned first = subchannel(0x0a00);
  ASSERT_EQ(subchannel(0x0190), first + 3);
  ASSERT_EQ(ask(0x0004, first, first + 3), 0x0001U);
  EXPECT_EQ(half(0), 8U + 4 * 32);
  EXPECT_EQ(byte(8), 0xc0U);
  EXPECT_EQ(byte(9), 0x00U);
  EXPECT_EQ(half(8 + 2), 0x0a00U);
  EXPECT_EQ(byte(8 + 4), 0x80U);
  EXPECT_EQ(half(8 + 6), first);
  EXPECT_EQ(byte(8 + 8), 0x0aU);
  EXPECT_EQ(half(8 + 2 * 32 + 2), 0x0a02U);
  for (std::size_t at = 0; at < 32; ++at) EXPECT_EQ(byte(8 + 3 * 32 + at), 0U) << at;
}

// SDL-Hercules-390/hyperion, chsc.c (chsc_get_cu_desc).
TEST_F(ChannelSubsystemCall, NamesTheControlUnitOnEachPath) {
  const unsigned number = subchannel(0x0a01);
  ASSERT_EQ(ask(0x0006, number, number), 0x0001U);
  EXPECT_EQ(byte(8), 0xc0U);
  EXPECT_EQ(half(8 + 2), 0x0a01U);
  EXPECT_EQ(half(8 + 6), number);
  EXPECT_EQ(half(8 + 0x10), 0x000aU);
  EXPECT_EQ(half(8 + 0x12), 0x0000U);
}

// The same, chsc_get_conf_info.
TEST_F(ChannelSubsystemCall, SaysWhichPartitionItIs) {
  ASSERT_EQ(ask(0x0012, 0, 0), 0x0001U);
  EXPECT_EQ(half(0), 0x0138U);
  EXPECT_EQ(byte(0x0a), 0x01U);
  EXPECT_EQ(byte(0x0b), EMULATOR_PARTITION);
  EXPECT_EQ(byte(0x137), 0x00U);
  EXPECT_EQ(byte(0x138), 0xa5U);
}

TEST_F(ChannelSubsystemCall, ALongRangeIsAnsweredAsFarAsThereIsRoom) {
  constexpr unsigned most = (EMULATOR_PAGE - 0x10 - 8) / 32;
  for (const unsigned code : {0x0004U, 0x0006U, 0x0024U}) {
    ASSERT_EQ(ask(code, 0, 0xffff), 0x0001U) << code;
    EXPECT_EQ(half(0), 8 + most * 32) << code;
    EXPECT_EQ(byte(8 + most * 32), 0xa5U) << code;
    ASSERT_EQ(ask(code, 0, most - 1), 0x0001U) << code;
    EXPECT_EQ(half(0), 8 + most * 32) << code;
    EXPECT_EQ(ask(code, 1, 0), 0x0003U) << code;
  }
}

TEST_F(ChannelSubsystemCall, AnotherSubchannelSetHasNoneOfTheDevices) {
  const unsigned number = subchannel(0x0a00);
  ASSERT_EQ(ask(0x0024, number, number), 0x0001U);
  EXPECT_EQ(byte(8), 0xc0U);
  EXPECT_EQ(byte(8 + 6), 0xe4U);
  EXPECT_EQ(byte(8 + 9), 1U);
  EXPECT_EQ(byte(8 + 0x0b), 4U);
  for (const unsigned code : {0x0004U, 0x0006U, 0x0024U}) {
    ASSERT_EQ(ask(code, number, number, 1), 0x0001U);
    EXPECT_EQ(byte(8), 0x00U) << code;
  }
}

TEST_F(ChannelSubsystemCall, WhatItDoesNotKnowIsInvalidAndSaidOnce) {
  EXPECT_EQ(ask(0x0077, 0, 0), 0x0002U);
  EXPECT_TRUE(said("HHC03828I CHANNEL SUBSYSTEM CALL 0077"));
  const std::string before = emulator_log();
  EXPECT_EQ(ask(0x0077, 0, 0), 0x0002U);
  EXPECT_EQ(emulator_log(), before);
}

}  // namespace
}  // namespace vmlan
