// A guest with a card on real LANs, behind channel programs, that plays Linux' driver.
#pragma once

#include <array>
#include <memory>

#include "guestlan/nic.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/recording_sink.h"

namespace vmlan::fuzz {

inline constexpr std::size_t storage_size = 0x60'0000;
struct Kind {
  const char* owner;
  bool iqd;
  bool layer2;
};
inline constexpr std::array<Kind, 3> kinds{
    {{"ALICE", false, false}, {"BOB", false, true}, {"CAROL", true, false}}};

class Guest {
 public:
  Guest(const Kind& kind, std::uint8_t mac)
      : nic_(settings(kind, mac)), machine_(device(kind), nic_, storage_size) {
    nic_.attach(machine_.device());
    kit::LinuxDriver::Options options;
    options.iqd = kind.iqd;
    options.layer2 = kind.layer2;
    driver_ = std::make_unique<kit::LinuxDriver>(machine_, options);
  }

  guestlan::Nic& nic() { return nic_; }
  kit::BareMachine& machine() { return machine_; }
  kit::LinuxDriver& driver() { return *driver_; }
  void go_online() {
    if (driver_->bring_up()) driver_->give_input_buffers(128);
  }
  void take_everything() {
    for (unsigned buffer = 0; buffer < 128; ++buffer) {
      if (driver_->input_state(buffer) == 0x82) driver_->take_input(buffer);
    }
  }
  void go_behind_a_link(bool there) { nic_.port_of_data_device(2).remote_queues(there ? &sink_ : nullptr); }

 private:
  static guestlan::NicSettings settings(const Kind& kind, std::uint8_t mac) {
    guestlan::NicSettings nic;
    nic.owner = kind.owner;
    nic.kind = kind.iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    nic.base_device = {0x0800};
    nic.devices = 6;
    nic.mac = {{2, 0, 0, 0, 0, mac}};
    return nic;
  }
  static qdio::Device::Settings device(const Kind& kind) {
    qdio::Device::Settings device;
    device.kind = kind.iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    device.base_device = {0x0800};
    device.devices = 6;
    return device;
  }

  kit::RecordingSink sink_;
  guestlan::Nic nic_;
  kit::BareMachine machine_;
  std::unique_ptr<kit::LinuxDriver> driver_;
};

}  // namespace vmlan::fuzz
