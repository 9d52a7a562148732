// What uplinks on an interface of the kernel's have in common: it may go down, lose its cable, be removed and
// come back, and change its MTU, while frames cross with their virtio header.
//
// How a kind opens its interface, reads and writes is its own: TapDevice, PacketDevice.
//
// Owns: the descriptor, a watch on the interface. Threads: one.
#pragma once

#include <sys/uio.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/descriptor.h"
#include "host/uplink/ethernet_device.h"
#include "host/uplink/interface_watch.h"
#include "host/uplink/pauses.h"
#include "host/uplink/virtio_header.h"

namespace vmlan::host {

class InterfaceDevice : public EthernetDevice {
 public:
  // How often an interface is looked at that does not say when it changes.
  static constexpr arch::Time between_looks = std::chrono::seconds(1);

  InterfaceDevice(const InterfaceDevice&) = delete;
  InterfaceDevice& operator=(const InterfaceDevice&) = delete;

  void start(FrameReceiver& receiver) final { receiver_ = &receiver; }
  Sent send(std::span<const std::span<const std::byte>> pieces, const FrameWork& work) final;
  void flush() final {}
  std::size_t frame_limit() const final { return watch_.seen().mtu + InterfaceWatch::header_size; }
  State state() const final { return trouble_.empty() ? State::ready : State::waiting; }
  std::string trouble() const final { return trouble_; }
  std::vector<std::string> details() const final;

  void tend(arch::Time now) final;
  std::optional<arch::Time> deadline() const final;
  void add_to(std::vector<pollfd>& polled) final;
  void happened(std::span<const pollfd> polled) final;

 protected:
  // Pieces of one frame that are written without being copied.
  static constexpr std::size_t most_pieces = 64;

  // What is said of this kind's troubles, with their cures.
  struct Texts {
    std::string missing;
    std::string down;
    std::string disconnected;  // empty: the kind has no cable
  };

  InterfaceDevice(const std::string& interface, Texts texts) : watch_(interface), texts_(std::move(texts)) {}

  // For a new device: opens the interface, or says why it cannot.
  std::string open_first();
  // The interface, or "NAME: reason".
  virtual std::variant<Descriptor, std::string> open_interface(const InterfaceWatch::Seen& seen) = 0;
  // Gives at most so many frames on; the number.
  virtual unsigned read(unsigned most) = 0;
  // One frame; false and errno.
  virtual bool write(std::span<const iovec> pieces, const VirtioHeader& header) = 0;

  const std::string& interface() const noexcept { return watch_.interface(); }
  const Descriptor& device() const noexcept { return device_; }
  // With its header judged; what makes no sense is counted.
  void give(std::span<const std::byte> frame, const VirtioHeader& header);
  void count_lost() noexcept { ++lost_; }
  // The interface is not what it was: it is looked at in the next tend().
  void look_soon() noexcept { look_at_ = arch::Time{0}; }
  // The descriptor is of no use any more.
  void give_up() noexcept;

 private:
  std::string open_now();
  void look(arch::Time now);
  std::string trouble_seen() const;
  Sent failed(int reason) noexcept;

  InterfaceWatch watch_;
  Texts texts_;
  FrameReceiver* receiver_ = nullptr;
  Descriptor device_;
  unsigned index_ = 0;   // of the interface that is open
  std::string refused_;  // why it could not be opened
  std::string trouble_;
  bool given_up_ = false;
  Pauses pauses_;  // between attempts to open
  arch::Time look_at_{0};
  std::uint64_t senseless_ = 0;  // frames whose virtio header made no sense
  std::uint64_t lost_ = 0;       // that were longer than any
};

}  // namespace vmlan::host
