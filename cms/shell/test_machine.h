// For tests: a virtual machine without devices. Console lines are written down, CP answers what the test put
// in.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "arch/machine.h"
#include "arch/memory_disk.h"

namespace vmlan::cms {

class TestMachine final : public arch::Machine {
 public:
  explicit TestMachine(const arch::Clock& clock, std::string userid = "ALICE")
      : clock_(clock), userid_(std::move(userid)) {}

  arch::GuestStorage storage() override { return storage_.view(); }
  const arch::Clock& clock() const override { return clock_; }
  std::string_view userid() const override { return userid_; }
  std::uint64_t seed() const override { return 42; }
  std::optional<arch::Schib> store_subchannel(arch::SubchannelNumber) override { return std::nullopt; }
  arch::ConditionCode modify_subchannel(arch::SubchannelNumber, bool) override {
    return arch::ConditionCode::three;
  }
  arch::ConditionCode start_subchannel(arch::SubchannelNumber, const arch::Orb&) override {
    return arch::ConditionCode::three;
  }
  arch::ConditionCode halt_subchannel(arch::SubchannelNumber) override { return arch::ConditionCode::three; }
  arch::ConditionCode clear_subchannel(arch::SubchannelNumber) override { return arch::ConditionCode::three; }
  arch::ConditionCode test_subchannel(arch::SubchannelNumber, arch::Irb&) override {
    return arch::ConditionCode::three;
  }
  arch::ConditionCode signal_adapter(const arch::Siga&) override { return arch::ConditionCode::three; }
  std::optional<arch::SubchannelNumber> test_pending_interruption() override { return std::nullopt; }

  void write_console(std::string_view line) override { shown.emplace_back(line); }
  std::optional<std::string> read_console() override {
    if (typed.empty()) return std::nullopt;
    std::string line = typed.front();
    typed.pop_front();
    return line;
  }
  arch::DiagnoseReply diagnose_8(std::string_view command) override {
    cp_commands.emplace_back(command);
    return cp_reply;
  }
  arch::Minidisk* minidisk(arch::DeviceNumber device) override {
    const auto found = disks.find(device.value);
    return found == disks.end() ? nullptr : &found->second;
  }

  void put(const std::string& name, std::string_view text, std::uint16_t device = 0x191) {
    disks[device].write(name, std::as_bytes(std::span(text.data(), text.size())));
  }
  std::vector<std::string> take_shown() { return std::exchange(shown, {}); }

  std::vector<std::string> shown;
  std::deque<std::string> typed;
  std::vector<std::string> cp_commands;
  arch::DiagnoseReply cp_reply;
  std::map<std::uint16_t, arch::MemoryDisk> disks{{0x191, {}}};

 private:
  const arch::Clock& clock_;
  std::string userid_;
  arch::MainStorage storage_{std::uint64_t{4} << 20U};
};

}  // namespace vmlan::cms
