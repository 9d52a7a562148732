// A user, logged on: storage of its own, virtual NICs, a console, and the program that runs in it.
//
// Implements what a program sees of its machine (arch::Machine). Nothing here reaches another user's
// storage: what connects two machines is the LAN between their NICs.
//
// Owns: storage, NICs, program, what was typed ahead. Threads: the base's.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/machine.h"
#include "arch/subchannel.h"
#include "cp/turns.h"
#include "cp/user_entry.h"
#include "guestlan/nic.h"

namespace vmlan::cp {

class System;
class VirtualNic;

class VirtualMachine final : public arch::Machine, private arch::SubchannelInterrupts {
 public:
  // Throws std::bad_alloc if the host has no address space for the storage.
  VirtualMachine(System& system, std::shared_ptr<const UserEntry> entry, std::uint64_t sequence);
  ~VirtualMachine() override;
  VirtualMachine(const VirtualMachine&) = delete;
  VirtualMachine& operator=(const VirtualMachine&) = delete;

  const UserEntry& entry() const noexcept { return *entry_; }

  // --- The program ----------------------------------------------------------------------------------
  // It gets its first turn in the next round. The program before it ends now, or at the end of its turn
  // if it is in it. nullptr: the machine is stopped and its console in CP READ.
  void set_program(std::unique_ptr<arch::Program> program);
  arch::Program* program() const noexcept { return program_.get(); }
  // One turn; false: it stands still. Not for the program's own use.
  bool run_turn();
  bool in_turn() const noexcept { return in_turn_; }
  // The person put the console into CP READ (#CP, reconnect): the program stands still, unless SET RUN ON.
  void enter_cp_mode() noexcept { cp_mode_ = true; }
  void leave_cp_mode();
  bool in_cp_mode() const noexcept { return cp_mode_ || program_ == nullptr; }
  bool may_run() const noexcept { return program_ != nullptr && (!cp_mode_ || run_in_cp_mode_); }
  void set_run_in_cp_mode(bool on);  // SET RUN
  void external_interrupt();
  // Devices back to their first state, pending interruptions and what was typed ahead gone.
  void reset_devices();
  // SYSTEM RESET: this, and no program.
  void system_reset();
  void clear_storage() { storage_.clear(); }
  // A hint: the program will use the first `bytes` of storage (arch::StoragePool).
  void expect_use(std::uint64_t bytes) noexcept { storage_.expect_use(bytes); }

  // --- The console ----------------------------------------------------------------------------------
  // "GRAF L0003", "GRAF  0009" or, disconnected, empty.
  const std::string& terminal() const noexcept { return terminal_; }
  bool connected() const noexcept { return !terminal_.empty(); }
  void connect(std::string terminal) { terminal_ = std::move(terminal); }
  void disconnect() { terminal_.clear(); }
  void type_ahead(std::string line);
  // What was typed for the program has not come to its end: the program has not asked for more.
  bool command_runs() const noexcept { return command_runs_; }
  // Ends a logical line (cp/logical_lines.h); nothing = none does.
  std::optional<char> line_end() const noexcept { return line_end_; }
  void set_line_end(std::optional<char> line_end) noexcept { line_end_ = line_end; }
  // The program asked for input and nothing is there for it.
  bool reads_console() const noexcept { return reads_console_ && typed_.empty() && !turn_.ready; }

  // --- Devices --------------------------------------------------------------------------------------
  // By base device number; nullptr = no such NIC.
  VirtualNic* find_nic(arch::DeviceNumber base) const;
  // The NIC one of whose devices it is.
  VirtualNic* nic_of_device(arch::DeviceNumber device) const;
  guestlan::Nic* nic(arch::DeviceNumber base) const;
  // In the order of their base devices.
  const std::map<arch::DeviceNumber, std::unique_ptr<VirtualNic>>& nics() const noexcept { return nics_; }
  // The devices must be free (device_in_use), and so many subchannels from `first_subchannel` on.
  VirtualNic& add_nic(const guestlan::NicSettings& settings, std::uint16_t first_subchannel);
  void remove_nic(arch::DeviceNumber base);
  bool device_in_use(arch::DeviceNumber device) const;
  // The lowest run of free subchannel numbers, so that a guest that looks for devices finds no long gaps.
  // Nothing: there is no such run.
  std::optional<std::uint16_t> free_subchannels(unsigned count) const;
  // The channel path a new NIC gets if none is asked for.
  std::uint8_t free_channel_path() const;

  // Hints: what a datagram from the user or for it will need, step by step: each finds its way by what the
  // one before has brought.
  static constexpr unsigned steps_to_bring_near = 9;
  void bring_near(unsigned step) const noexcept;

  // --- Accounting -----------------------------------------------------------------------------------
  std::uint64_t sequence() const noexcept { return turn_.sequence; }
  arch::Time logged_on_at() const noexcept { return logged_on_at_; }
  arch::Time processor_time() const noexcept { return processor_time_; }

  // --- arch::Machine --------------------------------------------------------------------------------
  arch::GuestStorage storage() override { return storage_.view(); }
  const arch::Clock& clock() const override;
  std::string_view userid() const override { return entry_->userid; }
  std::uint64_t seed() const override { return seed_; }
  std::optional<arch::Schib> store_subchannel(arch::SubchannelNumber number) override;
  arch::ConditionCode modify_subchannel(arch::SubchannelNumber number, bool enabled) override;
  arch::ConditionCode start_subchannel(arch::SubchannelNumber number, const arch::Orb& orb) override;
  arch::ConditionCode halt_subchannel(arch::SubchannelNumber number) override;
  arch::ConditionCode clear_subchannel(arch::SubchannelNumber number) override;
  arch::ConditionCode test_subchannel(arch::SubchannelNumber number, arch::Irb& irb) override;
  arch::ConditionCode signal_adapter(const arch::Siga& operands) override;
  std::optional<arch::SubchannelNumber> test_pending_interruption() override;
  void write_console(std::string_view line) override;
  std::optional<std::string> read_console() override;
  arch::DiagnoseReply diagnose_8(std::string_view command) override;
  arch::Minidisk* minidisk(arch::DeviceNumber device) override;

 private:
  // Which device answers at a subchannel number; no NIC = the number is free.
  struct SubchannelSlot {
    VirtualNic* nic = nullptr;
    unsigned device_index = 0;
  };
  // For an instruction of the guest: what its devices could end meanwhile has ended before.
  arch::Subchannel* subchannel(arch::SubchannelNumber number);
  void take_ends();
  void pending(arch::SubchannelNumber number) override;
  void withdrawn(arch::SubchannelNumber number) override;
  void end_due(arch::SubchannelNumber number) override;
  void settle(const arch::Wait& wait);

  System& system_;
  std::shared_ptr<const UserEntry> entry_;
  arch::MainStorage storage_;
  std::uint64_t seed_;
  Turn turn_;
  std::map<arch::DeviceNumber, std::unique_ptr<VirtualNic>> nics_;
  std::vector<SubchannelSlot> subchannels_;
  // Each subchannel stands here once at most. No queue takes memory before there is something in it: there
  // are thousands of machines.
  std::vector<arch::SubchannelNumber> interruptions_;
  std::vector<arch::SubchannelNumber> ends_due_;
  std::list<std::string> typed_;
  std::string terminal_;
  std::optional<char> line_end_;
  bool cp_mode_ = false;
  bool run_in_cp_mode_ = false;
  bool reads_console_ = false;
  bool command_runs_ = false;
  bool in_turn_ = false;
  bool external_pending_ = false;
  arch::Time logged_on_at_;
  arch::Time processor_time_{0};
  std::unique_ptr<arch::Program> program_;
  std::unique_ptr<arch::Program> ended_program_;  // replaced in its own turn
};

}  // namespace vmlan::cp
