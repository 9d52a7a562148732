// The virtual NIC as the guest drives it, on this side of the link: the device with its channel commands and
// queues in the emulated main storage, and what of it has to cross to the base.
//
// Owns: the device. Threads: one at a time, under the client's lock; calls nothing of Hercules'. Messages to
// the base are put into a SendBuffer, interruptions are noted until somebody takes them.
//
// While there is no base, a driver hears what OfflineSession says; its frames are dropped under a name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "arch/storage.h"
#include "hercules/counters.h"
#include "hercules/offline_session.h"
#include "hercules/trace.h"
#include "link/protocol.h"
#include "link/send_buffer.h"
#include "qdio/adapter/idx.h"
#include "qdio/device/device.h"
#include "qdio/queues/finished_packets.h"

namespace vmlan::hercules {

struct GuestNicSettings {
  qdio::Device::Settings device;      // numbers as the guest knows them
  arch::DeviceNumber virtual_device;  // the first device as CP knows it
};

// Bytes in which a guest wants to find that a device has an interruption (CHANNEL SUBSYSTEM CALL 0021): one
// of the device, and one of the set of devices it is in.
struct Indicators {
  arch::Address device = 0;
  arch::AccessKey device_key{};
  arch::Address summary = 0;
  arch::AccessKey summary_key{};
};

class GuestNic final : private qdio::AdapterLink, private qdio::DeviceInterrupts {
 public:
  GuestNic(const GuestNicSettings& settings, link::SendBuffer& to_base, Trace& trace);
  ~GuestNic() override;
  GuestNic(const GuestNic&) = delete;
  GuestNic& operator=(const GuestNic&) = delete;

  unsigned devices() const noexcept { return static_cast<unsigned>(units_.size()); }
  Counters counters() const noexcept;  // of all devices

  // Where main storage is; before the first channel command. Resets all devices.
  void set_storage(arch::GuestStorage storage);
  // Channel commands. A pending one is asked for again with ended() until it is not nothing, or reset.
  arch::CommandEnding write(unsigned index, std::uint8_t command, std::span<const std::byte> data);
  arch::CommandEnding read(unsigned index, std::uint8_t command, std::span<std::byte> room);
  std::optional<arch::CommandEnding> ended(unsigned index, std::span<std::byte> room);
  std::array<std::uint8_t, 32> take_sense(unsigned index);
  // Where interruptions of a device are indicated too, until it is reset; nothing: nowhere. false: what is
  // named can't be stored to, and it is nowhere.
  bool indicate_at(unsigned index, const std::optional<Indicators>& indicators);
  // HALT, CLEAR, reset: the guest's storage is not touched any more.
  void halt(unsigned index);

  // The base has accepted us, or is gone.
  void base_joined();
  void base_lost();

  // A message of the base. false: the guest has no empty input buffer for this frame now, or for the rest of
  // this super-frame; offer the message again, or give it up with drop().
  bool receive(const link::MessageView& message);
  void drop() noexcept;
  // Tells the base what was lost here since the last time; false: nothing was.
  bool tell_losses();
  // A part of the message that is offered again and again went in, since the last call.
  bool take_progress() noexcept { return std::exchange(offered_.progress, false); }
  // Hands what was received to the guest.
  void publish();
  // Takes what the guest has primed on the masked output queues, while the send buffer has room. Returns the
  // queues that have to be looked at again.
  std::uint32_t transmit(unsigned index, std::uint32_t queue_mask);
  bool active(unsigned index) const noexcept { return units_[index].queues != nullptr; }

  // Output buffers were completed, or input was given, since the last call.
  bool take_completed(unsigned index) noexcept { return std::exchange(units_[index].completed, false); }
  bool take_given(unsigned index) noexcept { return std::exchange(units_[index].given, false); }
  // The base does not read what the guest makes us say: something was not said, and it must be left.
  bool take_overrun() noexcept { return std::exchange(overrun_, false); }
  // Asks for an interruption of an active data device.
  void remind(unsigned index) noexcept {
    if (active(index)) program_controlled(index);
  }
  // Devices with an interruption to be raised, bit 0 the first; taken once. What has indicators has been
  // indicated.
  std::uint64_t take_interrupts() noexcept;
  // A command that was pending has ended since the last call.
  bool take_ended() noexcept;

 private:
  struct Unit {
    qdio::DataQueues* queues = nullptr;        // while active
    std::vector<arch::DeviceNumber> sessions;  // control device: the data devices of its IDX ACTIVATE
    std::vector<qdio::IdxDataPath> asked;      // the same in the guest's words
    std::vector<qdio::IdxDataPath> named;      // and in the base's
    bool is_read = false;
    bool known_to_base = false;         // the present base has seen IDX ACTIVATE, or the start of the queues
    std::optional<qdio::Message> kept;  // IDX ACTIVATE that waits for a base
    OfflineSession offline;
    std::optional<Indicators> indicators;
    bool completed = false;  // data device: output buffers
    bool given = false;      // input
    bool ended = false;      // a pending command, as somebody asks for it
    std::uint8_t status = 0;
    qdio::Message data;
  };

  // The message that the guest could not take yet: as long as it is offered again, and not a moment longer.
  struct Offered {
    unsigned device = 0;
    unsigned next_packet = 0;  // of a super-frame
    std::uint64_t left = 0;    // packets
    bool progress = false;
  };

  // qdio::AdapterLink
  void send(unsigned index, std::span<const std::byte> message) override;
  void queues_started(unsigned index, qdio::DataQueues& queues) override;
  void queues_stopped(unsigned index) override;
  void transmit(unsigned index, qdio::DataQueues& queues, std::uint32_t queue_mask) override;
  void reset(unsigned index) override;
  // qdio::DeviceInterrupts
  void end_due(unsigned index) override;
  void command_ended(unsigned index, std::span<const std::byte> data, std::uint8_t status) override;
  void program_controlled(unsigned index) noexcept override;

  void indicate(const Indicators& at) const noexcept;
  // What the base has to know, unless more than anybody needs waits to be read already.
  void tell(link::MessageType type, unsigned index, std::span<const std::byte> body = {});
  void activate_channel(unsigned index, std::span<const std::byte> message);
  // What a message of ULP_SETUP, or its confirmation, calls its data path.
  static void rename_data_path(qdio::Message& message, std::span<const qdio::IdxDataPath> from,
                               std::span<const qdio::IdxDataPath> to);
  void answer_offline(const Unit& writer, std::span<const std::byte> message);
  bool has_session(unsigned data_index) const noexcept;
  // Offers a packet to the base; the SBALF 15 code.
  std::uint8_t take_frame(unsigned index, const qdio::Frame& frame);
  bool give(const link::MessageView& message);
  bool give_unfinished(const link::MessageView& message);
  // false: no empty buffer.
  bool give_packet(unsigned index, const qdio::ReceiveHeader& header,
                   const qdio::FinishedPackets::Packet& packet);

  GuestNicSettings settings_;
  link::SendBuffer& to_base_;
  Trace& trace_;
  arch::GuestStorage storage_;
  bool joined_ = false;
  std::uint32_t still_to_do_ = 0;  // what transmit() leaves
  bool ended_ = false;
  std::uint64_t interrupts_ = 0;
  Offered offered_;
  bool overrun_ = false;
  std::vector<Counters> counters_;  // by device
  std::vector<Counters> told_;      // what of these the base knows
  std::vector<Unit> units_;
  std::unique_ptr<qdio::Device> device_;
};

}  // namespace vmlan::hercules
