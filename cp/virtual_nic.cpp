#include "cp/virtual_nic.h"

#include <algorithm>

#include "arch/prefetch.h"

namespace vmlan::cp {
namespace {

qdio::Device::Settings device_settings(const guestlan::NicSettings& settings) {
  qdio::Device::Settings device;
  device.kind = settings.kind;
  device.base_device = settings.base_device;
  device.channel_path = settings.channel_path;
  device.devices = settings.devices;
  device.virtual_machine_nic = true;
  return device;
}

}  // namespace

VirtualNic::VirtualNic(const guestlan::NicSettings& settings, std::uint16_t first_subchannel,
                       arch::GuestStorage storage, arch::SubchannelInterrupts& interrupts)
    : nic_(settings),
      device_(device_settings(settings), storage, nic_, *this),
      first_subchannel_(first_subchannel) {
  nic_.attach(device_);
  subchannels_.reserve(settings.devices);
  for (unsigned i = 0; i < settings.devices; ++i) {
    arch::Subchannel::Settings subchannel;
    subchannel.number = {static_cast<std::uint16_t>(first_subchannel + i)};
    subchannel.device = {static_cast<std::uint16_t>(settings.base_device.value + i)};
    subchannel.channel_path = settings.channel_path;
    subchannel.qdio = true;
    subchannels_.push_back(
        std::make_unique<arch::Subchannel>(subchannel, storage, device_.channel_device(i), interrupts));
  }
}

VirtualNic::~VirtualNic() { system_reset(); }

bool VirtualNic::has_device(arch::DeviceNumber device) const noexcept {
  const auto& settings = nic_.settings();
  const unsigned offset = unsigned{device.value} - settings.base_device.value;  // wraps below the base
  return offset < settings.devices;
}

void VirtualNic::system_reset() {
  for (const auto& subchannel : subchannels_) subchannel->reset();
  device_.system_reset();
}

bool VirtualNic::in_use() const noexcept {
  using Role = guestlan::Nic::Role;
  const auto is_active = [](const auto& port) {
    return port->queues() != nullptr || port->state() != guestlan::SessionState::startup;
  };
  bool used = handed_over_ || std::any_of(nic_.ports().begin(), nic_.ports().end(), is_active);
  for (unsigned i = 0; i < nic_.settings().devices; ++i) {
    const Role role = nic_.role(i);
    used = used || role == Role::control_read || role == Role::control_write;
  }
  return used;
}

void VirtualNic::hand_over(qdio::ControlReplies& replies) noexcept {
  handed_over_ = true;
  nic_.attach(replies);
}

void VirtualNic::end_due(unsigned device_index) { subchannels_[device_index]->end_is_due(); }

void VirtualNic::command_ended(unsigned device_index, std::span<const std::byte> data,
                               std::uint8_t device_status) {
  subchannels_[device_index]->end_pending_command(data, device_status);
}

void VirtualNic::program_controlled(unsigned device_index) { subchannels_[device_index]->present_pci(); }

void VirtualNic::bring_near(unsigned step) const noexcept {
  switch (step) {
    case 0:
      nic_.bring_near(0);
      arch::prefetch_object(device_);
      __builtin_prefetch(&subchannels_);
      return;
    case 1:
      nic_.bring_near(1);
      device_.bring_near(0);
      __builtin_prefetch(subchannels_.data());
      return;
    case 2:
      nic_.bring_near(2);
      device_.bring_near(1);
      // Of a driver that uses them as Linux does, the data device is the last.
      arch::prefetch_object(*subchannels_.back());
      return;
    default:
      nic_.bring_near(step);
  }
}

}  // namespace vmlan::cp
