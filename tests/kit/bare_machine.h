// A machine with storage and the subchannels of one qdio::Device, nothing else: what a driver under test, or
// a test playing a driver, needs. Subchannel numbers are 0, 1, 2...
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/machine.h"
#include "arch/subchannel.h"
#include "qdio/device/device.h"

namespace vmlan::kit {

class BareMachine final : public arch::Machine, qdio::DeviceInterrupts, arch::SubchannelInterrupts {
 public:
  BareMachine(const qdio::Device::Settings& settings, qdio::AdapterLink& link,
              std::uint64_t storage_size = 0x0100'0000)
      : storage_(storage_size), device_(settings, storage_.view(), link, *this) {
    arch::SubchannelInterrupts& interrupts = *this;
    for (unsigned index = 0; index < settings.devices; ++index) {
      const arch::Subchannel::Settings subchannel{
          {static_cast<std::uint16_t>(index)},
          {static_cast<std::uint16_t>(settings.base_device.value + index)},
          settings.channel_path,
          true};
      subchannels_.push_back(std::make_unique<arch::Subchannel>(subchannel, storage_.view(),
                                                                device_.channel_device(index), interrupts));
    }
  }

  qdio::Device& device() { return device_; }
  arch::VirtualClock& virtual_clock() { return clock_; }
  const std::deque<arch::SubchannelNumber>& interruptions() {
    take_ends();
    return interruptions_;
  }
  void system_reset() {
    device_.system_reset();
    for (const auto& subchannel : subchannels_) subchannel->reset();
    interruptions_.clear();
    ends_due_.clear();
  }

  // arch::Machine
  arch::GuestStorage storage() override { return storage_.view(); }
  const arch::Clock& clock() const override { return clock_; }
  std::string_view userid() const override { return "KIT"; }
  std::uint64_t seed() const override { return 1; }
  std::optional<arch::Schib> store_subchannel(arch::SubchannelNumber number) override {
    arch::Subchannel* subchannel = find(number);
    if (subchannel == nullptr) return std::nullopt;
    return subchannel->store();
  }
  arch::ConditionCode modify_subchannel(arch::SubchannelNumber number, bool enabled) override {
    arch::Subchannel* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->modify(enabled);
  }
  arch::ConditionCode start_subchannel(arch::SubchannelNumber number, const arch::Orb& orb) override {
    arch::Subchannel* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->start(orb);
  }
  arch::ConditionCode halt_subchannel(arch::SubchannelNumber number) override {
    arch::Subchannel* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->halt();
  }
  arch::ConditionCode clear_subchannel(arch::SubchannelNumber number) override {
    arch::Subchannel* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->clear();
  }
  arch::ConditionCode test_subchannel(arch::SubchannelNumber number, arch::Irb& irb) override {
    arch::Subchannel* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->test(irb);
  }
  arch::ConditionCode signal_adapter(const arch::Siga& operands) override {
    if (find(operands.subchannel) == nullptr) return arch::ConditionCode::three;
    return device_.signal_adapter(operands.subchannel.value, static_cast<std::uint32_t>(operands.function),
                                  operands.mask);
  }
  std::optional<arch::SubchannelNumber> test_pending_interruption() override {
    take_ends();
    if (interruptions_.empty()) return std::nullopt;
    const auto number = interruptions_.front();
    interruptions_.pop_front();
    return number;
  }
  void write_console(std::string_view) override {}
  std::optional<std::string> read_console() override { return std::nullopt; }
  arch::DiagnoseReply diagnose_8(std::string_view) override { return {}; }
  arch::Minidisk* minidisk(arch::DeviceNumber) override { return nullptr; }

 private:
  arch::Subchannel* find(arch::SubchannelNumber number) {
    take_ends();
    return number.value < subchannels_.size() ? subchannels_[number.value].get() : nullptr;
  }
  // Before each instruction, as the base does.
  void take_ends() {
    while (!ends_due_.empty()) {
      const auto number = ends_due_.front();
      ends_due_.pop_front();
      device_.end_command(number.value);
    }
  }
  // qdio::DeviceInterrupts
  void end_due(unsigned device_index) override { subchannels_[device_index]->end_is_due(); }
  void command_ended(unsigned device_index, std::span<const std::byte> data,
                     std::uint8_t device_status) override {
    subchannels_[device_index]->end_pending_command(data, device_status);
  }
  void program_controlled(unsigned device_index) override { subchannels_[device_index]->present_pci(); }
  // arch::SubchannelInterrupts
  void pending(arch::SubchannelNumber number) override { interruptions_.push_back(number); }
  void withdrawn(arch::SubchannelNumber number) override { std::erase(interruptions_, number); }
  void end_due(arch::SubchannelNumber number) override { ends_due_.push_back(number); }

  arch::MainStorage storage_;
  arch::VirtualClock clock_;
  std::deque<arch::SubchannelNumber> interruptions_;
  std::deque<arch::SubchannelNumber> ends_due_;
  std::vector<std::unique_ptr<arch::Subchannel>> subchannels_;
  qdio::Device device_;  // goes first: it stops its queues while everything else is still there
};

}  // namespace vmlan::kit
