// A virtual NIC as its user has it: the device the guest drives, its subchannels, and its presence on a LAN.
//
// Owns: all three. Threads: the base's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "arch/subchannel.h"
#include "guestlan/nic.h"
#include "qdio/device/device.h"

namespace vmlan::cp {

class VirtualNic final : private qdio::DeviceInterrupts {
 public:
  // Subchannels get the numbers from `first_subchannel` on.
  VirtualNic(const guestlan::NicSettings& settings, std::uint16_t first_subchannel,
             arch::GuestStorage storage, arch::SubchannelInterrupts& interrupts);
  ~VirtualNic() override;
  VirtualNic(const VirtualNic&) = delete;
  VirtualNic& operator=(const VirtualNic&) = delete;

  guestlan::Nic& base() noexcept { return nic_; }
  const guestlan::Nic& base() const noexcept { return nic_; }
  qdio::Device& device() noexcept { return device_; }
  arch::Subchannel& subchannel(unsigned device_index) { return *subchannels_[device_index]; }
  std::uint16_t first_subchannel() const noexcept { return first_subchannel_; }
  bool has_device(arch::DeviceNumber device) const noexcept;
  void system_reset();

  // A program of this system, or a card of an emulator, is using it.
  bool in_use() const noexcept;
  // From now on its driver is in an emulator, and `replies` gets the adapter's answers: its devices do not
  // answer to programs of this system any more.
  void hand_over(qdio::ControlReplies& replies) noexcept;
  bool handed_over() const noexcept { return handed_over_; }
  // VirtualMachine::bring_near, its steps from the third on.
  void bring_near(unsigned step) const noexcept;

 private:
  void end_due(unsigned device_index) override;
  void command_ended(unsigned device_index, std::span<const std::byte> data,
                     std::uint8_t device_status) override;
  void program_controlled(unsigned device_index) override;

  guestlan::Nic nic_;
  qdio::Device device_;
  std::uint16_t first_subchannel_;
  std::vector<std::unique_ptr<arch::Subchannel>> subchannels_;
  bool handed_over_ = false;
};

}  // namespace vmlan::cp
