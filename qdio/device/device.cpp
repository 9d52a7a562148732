#include "qdio/device/device.h"

#include <cassert>

#include "arch/machine.h"
#include "arch/prefetch.h"
#include "qdio/device/device_unit.h"

namespace vmlan::qdio {

Device::Device(const Settings& settings, arch::GuestStorage storage, AdapterLink& link,
               DeviceInterrupts& interrupts)
    : settings_(settings), storage_(storage), link_(link), interrupts_(interrupts) {
  const Unit::Surroundings surroundings{storage_, link_, interrupts_, *this};
  for (unsigned index = 0; index < settings_.devices; ++index) {
    const DeviceIdentity identity{settings_.kind, settings_.channel_path,
                                  static_cast<std::uint8_t>(settings_.base_device.value + index),
                                  settings_.virtual_machine_nic};
    units_.push_back(std::make_unique<Unit>(identity, index, surroundings));
  }
}

Device::~Device() { system_reset(); }

arch::ChannelDevice& Device::channel_device(unsigned device_index) {
  assert(device_index < units_.size());
  return *units_[device_index];
}

arch::ConditionCode Device::signal_adapter(unsigned device_index, std::uint32_t function,
                                           std::uint32_t mask) {
  if (device_index >= units_.size()) return arch::ConditionCode::three;
  DataQueues* queues = units_[device_index]->queues();
  if (queues == nullptr || !queues->active()) return arch::ConditionCode::one;
  switch (static_cast<arch::Siga::Function>(function)) {
    case arch::Siga::Function::write:
      link_.transmit(device_index, *queues, mask);
      return arch::ConditionCode::zero;
    // Input buffers are looked for when a packet comes; nothing is cached that would need synchronizing.
    case arch::Siga::Function::read:
    case arch::Siga::Function::synchronize:
      return arch::ConditionCode::zero;
  }
  return arch::ConditionCode::three;
}

void Device::reply(unsigned device_index, Message message) {
  if (device_index < units_.size()) units_[device_index]->take_reply(std::move(message));
}

void Device::end_command(unsigned device_index) {
  if (device_index < units_.size()) units_[device_index]->end_read();
}

std::uint64_t Device::lost_replies() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& unit : units_) sum += unit->lost_replies();
  return sum;
}

void Device::system_reset() {
  for (const auto& unit : units_) unit->reset();
}

void Device::bring_near(unsigned step) const noexcept {
  if (step == 0) return __builtin_prefetch(units_.data());
  if (!units_.empty()) arch::prefetch_object(*units_.back());
}

void Device::post(unsigned device_index) { interrupts_.program_controlled(device_index); }

}  // namespace vmlan::qdio
