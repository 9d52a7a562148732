// A machine whose network card is the Hercules module's client: subchannels and storage as the emulator would
// have them, channel commands handed to the client as the module's C files do, its thread and its socket
// real.
//
// What ends later (READ) is waited for in TEST SUBCHANNEL, for a bounded time.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "arch/machine.h"
#include "arch/subchannel.h"
#include "hercules/vnic_client.h"
#include "tests/kit/shared_storage.h"

namespace vmlan::linked {

class EmulatedMachine final : public arch::Machine, arch::SubchannelInterrupts {
 public:
  static constexpr std::uint16_t base_device = 0x0a00;
  static constexpr std::chrono::seconds patience{10};

  // `operands` as in the device statement.
  explicit EmulatedMachine(const std::string& operands, unsigned devices = 3,
                           std::uint64_t storage_size = 0x0200'0000)
      : storage_(storage_size), keys_(storage_size >> key_shift) {
    kit::storage_of_a_guest(storage_.data(), storage_.size());
    open(operands);
    for (unsigned index = 0; index < devices && client_ != nullptr; ++index) add_device(index);
  }
  ~EmulatedMachine() override { close(); }
  // The emulator ends: sockets and thread go.
  void close() {
    if (client_ == nullptr) return;
    vnic_client_stop(client_);
    vnic_client_free(client_);
    client_ = nullptr;
    subchannels_.clear();
  }

  vnic_client* client() { return client_; }
  // Whether the client has said so, now or soon.
  bool says(const std::string& text) {
    std::unique_lock guard(lock_);
    return changed_.wait_for(guard, patience, [&] { return said_.find(text) != std::string::npos; });
  }
  std::string said() {
    const std::lock_guard guard(lock_);
    return said_;
  }
  // What TEST SUBCHANNEL waits for a READ.
  void set_patience(std::chrono::milliseconds time) { patience_ = time; }

  // arch::Machine
  arch::GuestStorage storage() override {
    return {storage_.data(), storage_.size(), keys_.data(), key_shift};
  }
  const arch::Clock& clock() const override { return clock_; }
  std::string_view userid() const override { return "EMULATED"; }
  std::uint64_t seed() const override { return 1; }
  std::optional<arch::Schib> store_subchannel(arch::SubchannelNumber number) override {
    auto* subchannel = find(number);
    if (subchannel == nullptr) return std::nullopt;
    return subchannel->store();
  }
  arch::ConditionCode modify_subchannel(arch::SubchannelNumber number, bool enabled) override {
    auto* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->modify(enabled);
  }
  arch::ConditionCode start_subchannel(arch::SubchannelNumber number, const arch::Orb& orb) override {
    auto* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->start(orb);
  }
  arch::ConditionCode halt_subchannel(arch::SubchannelNumber number) override {
    auto* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->halt();
  }
  arch::ConditionCode clear_subchannel(arch::SubchannelNumber number) override {
    auto* subchannel = find(number);
    return subchannel == nullptr ? arch::ConditionCode::three : subchannel->clear();
  }
  arch::ConditionCode test_subchannel(arch::SubchannelNumber number, arch::Irb& irb) override {
    auto* subchannel = find(number);
    if (subchannel == nullptr) return arch::ConditionCode::three;
    await_end(number.value);
    return subchannel->test(irb);
  }
  arch::ConditionCode signal_adapter(const arch::Siga& operands) override {
    const bool write = operands.function == arch::Siga::Function::write;
    if (find(operands.subchannel) == nullptr) return arch::ConditionCode::three;
    vnic_client_signal(client_, operands.subchannel.value, write ? VNIC_SIGNAL_WRITE : VNIC_SIGNAL_READ,
                       operands.mask);
    return arch::ConditionCode::zero;
  }
  std::optional<arch::SubchannelNumber> test_pending_interruption() override { return std::nullopt; }
  void write_console(std::string_view) override {}
  std::optional<std::string> read_console() override { return std::nullopt; }
  arch::DiagnoseReply diagnose_8(std::string_view) override { return {}; }
  arch::Minidisk* minidisk(arch::DeviceNumber) override { return nullptr; }

 private:
  static constexpr unsigned key_shift = 12;
  static constexpr std::uint8_t activate_queues = 0x1f;

  // One device as its channel drives it.
  class Device final : public arch::ChannelDevice {
   public:
    Device(EmulatedMachine& machine, unsigned index) : machine_(machine), index_(index) {}
    arch::CommandEnding write(std::uint8_t command, std::span<const std::byte> data) override {
      const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
      active = command == activate_queues;  // before the client's thread looks
      return note(command, vnic_client_write(machine_.client_, index_, command, bytes,
                                             static_cast<std::uint32_t>(data.size())));
    }
    arch::CommandEnding read(std::uint8_t command, std::span<std::byte> data) override {
      return note(command, vnic_client_read(machine_.client_, index_, command,
                                            reinterpret_cast<unsigned char*>(data.data()),
                                            static_cast<std::uint32_t>(data.size())));
    }
    std::array<std::uint8_t, 32> take_sense() override {
      std::array<std::uint8_t, 32> sense{};
      vnic_client_sense(machine_.client_, index_, sense.data());
      return sense;
    }
    void halt() override {
      waiting = false;
      active = false;
      vnic_client_reset(machine_.client_, index_);
    }
    void clear() override { halt(); }

    bool waiting = false;              // a READ has not ended
    std::atomic<bool> active = false;  // ACTIVATE QUEUES is in force

   private:
    arch::CommandEnding note(std::uint8_t command, const vnic_ending& ending) {
      const bool pending = ending.pending != 0;
      active = pending && command == activate_queues;
      waiting = pending && command != activate_queues;
      return {!pending, ending.status, ending.transferred};
    }
    EmulatedMachine& machine_;
    unsigned index_;
  };

  void open(const std::string& operands) {
    std::vector<std::string> words;
    std::istringstream stream(operands);
    for (std::string word; stream >> word;) words.push_back(word);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    vnic_machine machine{};
    machine.device_number = base_device;
    machine.channel_path = 0x0a;
    machine.program = "Hercules 3.13";
    machine.context = this;
    machine.interrupt = [](void*, unsigned) {};  // the tests look at the queues themselves
    machine.active = [](void* context, unsigned index) {
      return static_cast<EmulatedMachine*>(context)->is_active(index) ? 1 : 0;
    };
    machine.message = [](void* context, const char* text) {
      static_cast<EmulatedMachine*>(context)->note(text);
    };
    client_ = vnic_client_open(&machine, static_cast<int>(arguments.size()), arguments.data());
    ASSERT_NE(client_, nullptr) << said_;
    const vnic_storage storage{reinterpret_cast<unsigned char*>(storage_.data()), storage_.size(),
                               keys_.data(), key_shift};
    vnic_client_storage(client_, &storage);
  }
  void add_device(unsigned index) {
    const auto number = static_cast<std::uint16_t>(index);
    devices_[index].emplace(*this, index);
    const arch::Subchannel::Settings settings{
        {number}, {static_cast<std::uint16_t>(base_device + index)}, 0x0a, true};
    arch::SubchannelInterrupts& interrupts = *this;
    subchannels_.push_back(
        std::make_unique<arch::Subchannel>(settings, storage(), *devices_[index], interrupts));
  }
  // Called by the client's thread, from its first turn on.
  bool is_active(unsigned index) const { return devices_[index] && devices_[index]->active; }
  void note(const char* text) {
    const std::lock_guard guard(lock_);
    said_ += std::string(text) + "\n";
    changed_.notify_all();
  }
  arch::Subchannel* find(arch::SubchannelNumber number) {
    return number.value < subchannels_.size() ? subchannels_[number.value].get() : nullptr;
  }
  void await_end(unsigned index) {
    Device& device = *devices_[index];
    std::vector<std::byte> data(4096);
    const auto end = std::chrono::steady_clock::now() + patience_;
    while (device.waiting) {
      const auto ending = vnic_client_wait(client_, index, reinterpret_cast<unsigned char*>(data.data()),
                                           static_cast<std::uint32_t>(data.size()));
      if (ending.pending == 0) {
        device.waiting = false;
        data.resize(std::min<std::size_t>(data.size(), ending.transferred));
        subchannels_[index]->end_pending_command(data, ending.status);
      } else if (std::chrono::steady_clock::now() >= end) {
        return;
      }
    }
  }
  // arch::SubchannelInterrupts
  void pending(arch::SubchannelNumber) override {}
  void withdrawn(arch::SubchannelNumber) override {}
  void end_due(arch::SubchannelNumber) override {}

  std::vector<std::byte> storage_;
  std::vector<std::uint8_t> keys_;
  arch::VirtualClock clock_;
  std::mutex lock_;  // guards what the client has said
  std::condition_variable changed_;
  std::string said_;
  std::chrono::milliseconds patience_ = patience;
  std::array<std::optional<Device>, 64> devices_;
  std::vector<std::unique_ptr<arch::Subchannel>> subchannels_;
  vnic_client* client_ = nullptr;
};

}  // namespace vmlan::linked
