// One device of a virtual NIC: executes channel commands. Which role it plays (read control, write control,
// data) is what the guest makes of it.
//
// Owns: the messages that wait for READ, and the queue engine once ESTABLISH QUEUES was given.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "arch/channel.h"
#include "qdio/adapter/mpc.h"
#include "qdio/device/device.h"
#include "qdio/device/device_identity.h"
#include "qdio/queues/data_queues.h"

namespace vmlan::qdio {

class Device::Unit final : public arch::ChannelDevice {
 public:
  // What all devices of a NIC share.
  struct Surroundings {
    arch::GuestStorage storage;
    AdapterLink& link;
    DeviceInterrupts& interrupts;
    QueueInterrupt& queue_interrupt;
  };

  Unit(const DeviceIdentity& identity, unsigned device_index, const Surroundings& surroundings);

  // nullptr before the first ESTABLISH QUEUES.
  DataQueues* queues() noexcept { return queues_.get(); }
  void take_reply(Message message);
  void end_read();
  std::uint64_t lost_replies() const noexcept { return lost_replies_; }
  // Back to the first state; the adapter is told.
  void reset();

  // arch::ChannelDevice
  arch::CommandEnding write(std::uint8_t command, std::span<const std::byte> data) override;
  arch::CommandEnding read(std::uint8_t command, std::span<std::byte> data) override;
  bool is_immediate(std::uint8_t command) const override;
  std::array<std::uint8_t, 32> take_sense() override;
  void halt() override { reset(); }
  void clear() override { reset(); }

 private:
  using Data = std::span<const std::byte>;
  using Room = std::span<std::byte>;
  struct WriteCommand;
  struct ReadCommand;
  static const std::array<WriteCommand, 5> write_commands;
  static const std::array<ReadCommand, 5> read_commands;

  arch::CommandEnding write_message(Data data);
  arch::CommandEnding no_operation(Data data);
  arch::CommandEnding set_interface(Data data);
  arch::CommandEnding establish_queues(Data data);
  arch::CommandEnding activate_queues(Data data);

  arch::CommandEnding read_message(Room room);
  arch::CommandEnding read_sense(Room room);
  arch::CommandEnding read_sense_id(Room room);
  arch::CommandEnding read_configuration(Room room);
  arch::CommandEnding read_node(Room room);

  arch::CommandEnding reject();
  void stop_queues();

  DeviceIdentity identity_;
  unsigned device_index_;
  Surroundings around_;
  std::unique_ptr<DataQueues> queues_;
  std::deque<Message> replies_;
  std::uint64_t lost_replies_ = 0;
  bool replies_were_lost_ = false;  // and the guest has not been told yet
  bool read_pending_ = false;
  std::array<std::uint8_t, 32> sense_{};
};

}  // namespace vmlan::qdio
