// A virtual NIC as its guest's channel subsystem sees it: three or more devices with consecutive numbers,
// driven by channel programs and SIGNAL ADAPTER. Executes the commands, queues control messages, owns the
// queue engines of the data devices.
//
// The same class serves a user of the base (channel programs run by arch::Subchannel) and a guest inside
// Hercules (whose own channel code calls the command functions); what lies behind it, adapter and LAN, is
// reached through AdapterLink: direct calls in the base, a socket in Hercules.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "arch/channel.h"
#include "arch/storage.h"
#include "qdio/adapter/adapter.h"
#include "qdio/queues/data_queues.h"

namespace vmlan::qdio {

// Behind the device. Implemented by guestlan::Nic (in process) and by the Hercules module's client.
class AdapterLink {
 public:
  virtual ~AdapterLink() = default;
  // A message written to a control device.
  virtual void send(unsigned device_index, std::span<const std::byte> message) = 0;
  // ACTIVATE QUEUES succeeded on a data device; `queues` stay valid until queues_stopped().
  virtual void queues_started(unsigned device_index, DataQueues& queues) = 0;
  virtual void queues_stopped(unsigned device_index) = 0;
  // SIGA-w: take primed buffers of the masked output queues, at most one ring's worth each.
  virtual void transmit(unsigned device_index, DataQueues& queues, std::uint32_t mask) = 0;
  // A device was halted or cleared.
  virtual void reset(unsigned device_index) = 0;
};

// What the device asks of the subchannel in front of one of its devices.
class DeviceInterrupts {
 public:
  virtual ~DeviceInterrupts() = default;
  // A pending READ has its message: Device::end_command() is to be called in the guest's turn, not from here.
  virtual void end_due(unsigned device_index) = 0;
  // Called by end_command(): the READ has ended with `data`.
  virtual void command_ended(unsigned device_index, std::span<const std::byte> data,
                             std::uint8_t device_status) = 0;
  // Program-controlled interruption of an active data device.
  virtual void program_controlled(unsigned device_index) = 0;
};

class Device final : public ControlReplies, private QueueInterrupt {
 public:
  struct Settings {
    AdapterKind kind = AdapterKind::osd;
    arch::DeviceNumber base_device;
    std::uint8_t channel_path = 0;
    unsigned devices = 3;
    bool virtual_machine_nic = false;  // node descriptor plant "VM"
  };

  Device(const Settings& settings, arch::GuestStorage storage, AdapterLink& link,
         DeviceInterrupts& interrupts);
  // Stops all queues; `link` must still be there.
  ~Device() override;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const Settings& settings() const noexcept { return settings_; }
  // One device of the NIC, for its channel; index 0 to devices-1.
  arch::ChannelDevice& channel_device(unsigned device_index);

  // SIGNAL ADAPTER for a data device; `function` as arch::Siga has it. cc 1: its queues are not active. cc 3:
  // no such device (a number without subchannel is the caller's) or a function it does not offer.
  arch::ConditionCode signal_adapter(unsigned device_index, std::uint32_t function, std::uint32_t mask);

  // In the guest's turn, with none of its channel programs in progress: ends a pending READ that has a
  // message (its chain goes on).
  void end_command(unsigned device_index);

  // ControlReplies: queues the message for a READ, marks the end of one that waits; calls nobody else. A
  // guest that fetches none gets max_waiting_replies kept; what comes then is lost and counted, and the guest
  // is told: the READ after the kept ones ends in unit check, equipment check with resetting event, upon
  // which a driver starts anew.
  void reply(unsigned device_index, Message message) override;
  static constexpr std::size_t max_waiting_replies = 128;
  // Replies lost in that way, over all devices.
  std::uint64_t lost_replies() const noexcept;

  // Hints: what a datagram will need of the last device, in two steps.
  void bring_near(unsigned step) const noexcept;

  // System reset: every device back to its first state, the guest's storage not touched any more.
  void system_reset();

 private:
  class Unit;
  void post(unsigned device_index) override;

  Settings settings_;
  arch::GuestStorage storage_;
  AdapterLink& link_;
  DeviceInterrupts& interrupts_;
  std::vector<std::unique_ptr<Unit>> units_;
};

}  // namespace vmlan::qdio
