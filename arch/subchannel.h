// A subchannel: the I/O instructions of one device, the channel program in progress, and the status that
// waits for TEST SUBCHANNEL.
//
// What comes from elsewhere only marks: a device that can end the command left with it says end_is_due(), and
// the owner takes that end when it is the guest's turn, with no channel program of the guest in progress. So
// no chain goes on inside another one, or inside what somebody else is doing.
//
// Source: PoP (SA22-7832), chapters 13-16. A channel program runs to its end inside START SUBCHANNEL,
// unless the device keeps a command (READ without data, ACTIVATE QUEUES): then the start function stays
// active until end_pending_command(), HALT or CLEAR. HALT and CLEAR end at once: one interruption, function
// control halt or clear alone, no status of the start function any more ("observed", what Linux 6.1 expects).
//
// Owns: its own state; not the device, not the storage. Threads: the machine's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "arch/channel.h"
#include "arch/channel_program.h"
#include "arch/storage.h"
#include "arch/types.h"

namespace vmlan::arch {

// Implemented by the owner of the subchannels: the queue behind TEST PENDING INTERRUPTION. All calls only
// mark; none may execute an instruction of the guest.
class SubchannelInterrupts {
 public:
  virtual ~SubchannelInterrupts() = default;
  // The subchannel became status pending. Not called again before the status was cleared.
  virtual void pending(SubchannelNumber subchannel) = 0;
  // The status was cleared (TEST, CLEAR, HALT SUBCHANNEL, reset): an interruption not yet taken is gone.
  virtual void withdrawn(SubchannelNumber subchannel) = 0;
  // The device can end the command that stayed with it. Not called again before the end was taken.
  virtual void end_due(SubchannelNumber subchannel) = 0;
};

class Subchannel {
 public:
  struct Settings {
    SubchannelNumber number;
    DeviceNumber device;
    std::uint8_t channel_path = 0;
    bool qdio = false;
  };

  Subchannel(const Settings& settings, GuestStorage storage, ChannelDevice& device,
             SubchannelInterrupts& interrupts) noexcept;
  Subchannel(const Subchannel&) = delete;
  Subchannel& operator=(const Subchannel&) = delete;

  const Settings& settings() const noexcept { return settings_; }

  // The instructions. cc 3 for a number that has no subchannel is the caller's; here it means not enabled
  // or no path.
  Schib store() const noexcept;
  // cc 1 status pending, cc 2 a function in progress.
  ConditionCode modify(bool enabled) noexcept;
  // cc 1 status pending, cc 2 a function in progress, cc 3.
  ConditionCode start(const Orb& orb);
  // cc 1 status pending (other than intermediate), cc 3.
  ConditionCode halt();
  ConditionCode clear();
  // cc 0 status stored and cleared, cc 1 none pending (the rest of `irb` is stored all the same), cc 3.
  ConditionCode test(Irb& irb) noexcept;

  bool status_pending() const noexcept { return (irb_.status_control & status_control::pending) != 0; }
  // A command stays at the device.
  bool active() const noexcept { return irb_.subchannel_active; }

  // From the device: it can end the command left pending. Ignored when there is none.
  void end_is_due() noexcept;
  // In the guest's turn. The command left pending has ended: `data` for a READ, status for all. Goes on with
  // the chain if there is one. Ignored when no command is pending.
  void end_pending_command(std::span<const std::byte> data, std::uint8_t device_status);
  // Program-controlled interruption of an active QDIO device: intermediate status. Ignored when not active.
  void present_pci() noexcept;

  // System reset: disabled, no status, no channel program. The caller resets the device itself.
  void reset() noexcept;

 private:
  void run();
  // Executes the command fetched; false: the program is over or the command pending.
  bool execute();
  bool finish(std::uint32_t transferred, std::uint8_t device_status, std::uint8_t channel_status);
  void stop_by_channel(std::uint8_t channel_status);
  void end_program(std::uint8_t device_status, std::uint8_t channel_status);
  void present(std::uint8_t conditions) noexcept;
  void present_function(std::uint8_t function) noexcept;
  void withdraw() noexcept;

  Settings settings_;
  GuestStorage storage_;
  ChannelDevice& device_;
  SubchannelInterrupts& interrupts_;
  bool enabled_ = false;
  bool end_due_ = false;
  Irb irb_;
  ChannelProgram program_;
};

}  // namespace vmlan::arch
