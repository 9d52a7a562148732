// A guest in an emulator that has joined a base: a machine with the module's client, and the kit's driver on
// it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tests/kit/golden.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/queue_memory.h"
#include "tests/linked/emulated_machine.h"
#include "tests/linked/running_base.h"

namespace vmlan::linked {

// The card a JoinedGuest has.
constexpr bool iqd = true;
constexpr bool osd = false;

// Waits, for a bounded time, until `condition` holds.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(15)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

class JoinedGuest {
 public:
  static constexpr unsigned ring = 128;
  static constexpr unsigned fewest_buffers = 64;  // empty input buffers of a driver that has just come up
  static constexpr std::uint8_t input_primed = 0x82;
  static constexpr std::uint8_t output_primed = 0x62;

  // Layer 3, with the address 10.1.1.`host`.
  JoinedGuest(RunningBase& base, const std::string& user, std::uint8_t host, bool hipersockets,
              const std::string& operands = {}, unsigned devices = 3)
      : machine("user " + user + " system " + base.path() + (hipersockets ? " type hipers " : " ") + operands,
                devices),
        base_(base),
        user_(user),
        host_(host) {
    kit::LinuxDriver::Options options;
    options.iqd = hipersockets;
    options.base_device = EmulatedMachine::base_device;
    guest = std::make_unique<kit::LinuxDriver>(machine, options);
  }

  // Online, with its address and `buffers` empty input buffers.
  void bring_up(unsigned buffers = ring) {
    ASSERT_TRUE(machine.says("HHC03820I")) << machine.said();
    ASSERT_TRUE(guest->bring_up()) << guest->failure();
    ASSERT_TRUE(guest->give_input_buffers(buffers)) << guest->failure();
    ASSERT_EQ(set_ip(), 0U);
  }
  unsigned set_ip() {
    const std::uint8_t address[] = {10, 1, 1, host_};
    return guest->ipa_code(kit::LinuxDriver::with(kit::golden("ipa", "set_ip.v4"), 0x14, address));
  }

  // Sends a packet that carries `number`; waits for an empty output buffer, for a bounded time.
  bool send(std::uint8_t to, std::uint32_t number, std::size_t ip_length = 200) {
    if (!eventually([this] { return guest->output_state(0, next_output_) != output_primed; })) return false;
    auto packet = kit::ipv4_packet({10, 1, 1, host_}, {10, 1, 1, to}, ip_length);
    kit::put32(packet.data() + number_at, number);
    next_output_ = (guest->prime(0, packet) + 1) % ring;
    guest->signal_output(0);
    return true;
  }
  // The number in the next packet that arrives within the limit.
  std::optional<std::uint32_t> receive(std::chrono::milliseconds limit = std::chrono::seconds(15)) {
    if (!eventually([this] { return guest->input_state(next_input_) == input_primed; }, limit)) {
      return std::nullopt;
    }
    const kit::Bytes packet = guest->take_input(next_input_);
    next_input_ = (next_input_ + 1) % ring;
    machine.signal_adapter(
        {arch::Siga::Function::read, guest->subchannel(kit::LinuxDriver::data_device), 0x80000000U});
    return packet.size() < number_at + 4 ? 0 : kit::get32(packet.data() + number_at);
  }
  // What the base counts for this guest's NIC.
  guestlan::Counters counters() {
    return base_.call<guestlan::Counters>([this](cp::ControlProgram& system) {
      auto* user = system.find(user_);
      auto* nic = user == nullptr ? nullptr : user->nic({EmulatedMachine::base_device});
      return nic == nullptr ? guestlan::Counters{} : nic->total();
    });
  }
  // Its NIC's MAC address as the base shows it.
  std::string mac() {
    return base_.call<std::string>([this](cp::ControlProgram& system) {
      auto* user = system.find(user_);
      auto* nic = user == nullptr ? nullptr : user->nic({EmulatedMachine::base_device});
      return nic == nullptr ? std::string("none") : wire::to_string(nic->settings().mac);
    });
  }

  EmulatedMachine machine;
  std::unique_ptr<kit::LinuxDriver> guest;

 private:
  static constexpr std::size_t number_at = 32 + 20;  // behind transport header and IPv4 header

  RunningBase& base_;
  std::string user_;
  std::uint8_t host_;
  unsigned next_output_ = 0;
  unsigned next_input_ = 0;
};

}  // namespace vmlan::linked
