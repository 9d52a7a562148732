// A virtual NIC's device, its storage, and who stands behind it: writes down what the device asks for.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "arch/machine.h"
#include "qdio/device/device.h"
#include "tests/kit/hex.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::qdio {

using arch::CommandEnding;
using arch::ConditionCode;
using kit::from_hex;
using kit::to_hex;

inline constexpr std::uint8_t good = arch::device_status::normal_ending;
inline constexpr std::uint8_t unit_check = good | arch::device_status::unit_check;

// What the device asks for, one line each.
class Behind final : public AdapterLink, public DeviceInterrupts {
 public:
  void send(unsigned device, std::span<const std::byte> message) override {
    calls.push_back("send " + std::to_string(device) + " " + std::to_string(message.size()));
  }
  void queues_started(unsigned device, DataQueues&) override {
    calls.push_back("started " + std::to_string(device));
  }
  void queues_stopped(unsigned device) override { calls.push_back("stopped " + std::to_string(device)); }
  void transmit(unsigned device, DataQueues& queues, std::uint32_t mask) override {
    calls.push_back("transmit " + std::to_string(device) + " " + std::to_string(mask >> 28U));
    queues.take(0, [](const Frame&) { return std::uint8_t{0}; });
  }
  void reset(unsigned device) override { calls.push_back("reset " + std::to_string(device)); }
  void end_due(unsigned device) override { calls.push_back("due " + std::to_string(device)); }
  void command_ended(unsigned device, std::span<const std::byte> data, std::uint8_t status) override {
    calls.push_back("ended " + std::to_string(device) + " " + to_hex(data) + " " + std::to_string(status));
  }
  void program_controlled(unsigned device) override { calls.push_back("pci " + std::to_string(device)); }
  std::vector<std::string> take() { return std::exchange(calls, {}); }

  std::vector<std::string> calls;
};

using Calls = std::vector<std::string>;

class DeviceTest : public ::testing::Test {
 protected:
  static Device::Settings settings() {
    Device::Settings settings;
    settings.base_device = {0x0800};
    settings.channel_path = 0x08;
    return settings;
  }
  arch::ChannelDevice& unit(unsigned index) { return device.channel_device(index); }
  std::string read(unsigned index, std::uint8_t command, std::size_t count, CommandEnding& ending) {
    std::vector<std::byte> data(count, std::byte{0xa5});
    ending = unit(index).read(command, data);
    data.resize(std::min<std::size_t>(count, ending.transferred));
    return to_hex(data);
  }
  std::string read(unsigned index, std::uint8_t command, std::size_t count = 4096) {
    CommandEnding ending;
    auto text = read(index, command, count, ending);
    EXPECT_EQ(ending.device_status, good);
    return text;
  }
  CommandEnding write(unsigned index, std::uint8_t command, std::span<const std::byte> data = {}) {
    return unit(index).write(command, data);
  }
  CommandEnding establish() { return write(2, 0x1b, std::span(memory.qdr_bytes(), sizeof(Qdr))); }
  void activate() {
    ASSERT_EQ(establish().device_status, good);
    ASSERT_FALSE(write(2, 0x1f).ended);
    behind.take();
  }

  kit::QueueMemory memory;
  Behind behind;
  Device device{settings(), memory.storage(), behind, behind};
};

}  // namespace vmlan::qdio
