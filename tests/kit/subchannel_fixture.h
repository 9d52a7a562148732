// A subchannel in front of a control unit that keeps what it is sent and supplies what it is told to; the
// verbs of tests of channel programs and of I/O instructions.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <string>

#include "arch/subchannel.h"

namespace vmlan::arch {

// A control unit that keeps what it is sent and supplies what it is told to. Command codes: 01 write, 02
// read, 03 no-operation, 04 sense, 0B stays pending, 13 always fails, 06 reads and has more than asked for.
class Tester final : public ChannelDevice {
 public:
  CommandEnding write(std::uint8_t command, std::span<const std::byte> data) override {
    commands.push_back(command);
    if (command == 0x0b) return CommandEnding::pending();
    if (command == 0x13) return CommandEnding::unit_check();
    if (command == 0x03) return CommandEnding::normal();
    const auto taken = std::min<std::size_t>(data.size(), accepts);
    written.append(reinterpret_cast<const char*>(data.data()), taken);
    return CommandEnding::normal(static_cast<std::uint32_t>(taken));
  }
  CommandEnding read(std::uint8_t command, std::span<std::byte> data) override {
    commands.push_back(command);
    if (stays_pending) return CommandEnding::pending();
    const auto length = std::min(data.size(), supply.size());
    std::memcpy(data.data(), supply.data(), length);
    const bool more = command == 0x06;
    return CommandEnding::normal(static_cast<std::uint32_t>(more ? supply.size() : length));
  }
  std::array<std::uint8_t, 32> take_sense() override { return {sense::command_reject}; }
  void halt() override { ++halts; }
  void clear() override { ++clears; }

  std::vector<unsigned> commands;
  std::string written;
  std::string supply = "0123456789";
  std::size_t accepts = 0x10000;
  bool stays_pending = false;
  int halts = 0;
  int clears = 0;
};

class SubchannelTest : public ::testing::Test, protected SubchannelInterrupts {
 protected:
  static constexpr Address program = 0x1000;
  static constexpr Address data = 0x2000;

  SubchannelTest()
      : subchannel(Subchannel::Settings{{7}, {0x600}, 0x10, true}, storage(), device, interrupts()) {
    EXPECT_EQ(subchannel.modify(true), ConditionCode::zero);
  }
  GuestStorage storage() { return memory.view(); }

  void pending(SubchannelNumber number) override { queue.push_back(number); }
  void withdrawn(SubchannelNumber number) override { std::erase(queue, number); }
  void end_due(SubchannelNumber number) override { ends_due.push_back(number); }
  SubchannelInterrupts& interrupts() { return *this; }

  // CCWs one after the other from `at` on.
  void write_program(std::initializer_list<Ccw1> ccws, Address at = program) {
    for (const Ccw1& ccw : ccws) {
      storage().write(at, ccw);
      at += sizeof(ccw);
    }
  }
  static Ccw1 ccw(unsigned command, unsigned flags, unsigned count, Address address = data) {
    return {static_cast<std::uint8_t>(command), static_cast<std::uint8_t>(flags),
            static_cast<std::uint16_t>(count), static_cast<std::uint32_t>(address)};
  }
  ConditionCode start() { return subchannel.start(orb); }
  // Starts what is written and wants its status at once.
  Irb run(std::initializer_list<Ccw1> ccws) {
    write_program(ccws);
    EXPECT_EQ(start(), ConditionCode::zero);
    return collect();
  }
  Irb collect() {
    Irb irb;
    EXPECT_EQ(subchannel.test(irb), ConditionCode::zero);
    return irb;
  }
  void put(const std::string& text, Address address = data) {
    storage().write_bytes(address, std::as_bytes(std::span(text)));
  }
  std::string get(std::size_t length, Address address = data) {
    std::string text(length, ' ');
    storage().read_bytes(address, std::as_writable_bytes(std::span(text)));
    return text;
  }

  MainStorage memory{0x100000};
  Tester device;
  std::deque<SubchannelNumber> queue;
  std::deque<SubchannelNumber> ends_due;
  Orb orb{.interruption_parameter = 0xabcd, .program = program};
  Subchannel subchannel;
};

inline constexpr std::uint8_t ended = device_status::normal_ending;
inline constexpr std::uint8_t final_status =
    status_control::primary | status_control::secondary | status_control::pending;
inline constexpr std::uint8_t bad_status = final_status | status_control::alert;

}  // namespace vmlan::arch
