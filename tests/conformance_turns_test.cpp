// What comes back to a guest is only marked: answers of the adapter, ends of READs, a LAN that goes. None of
// it runs a channel program of the guest inside another one, or inside a command of somebody else.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/golden.h"
#include "tests/kit/hex.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/queue_memory.h"
#include "tests/kit/recording_port.h"

namespace vmlan {
namespace {

using kit::Bytes;
using kit::golden;
using kit::LinuxDriver;

constexpr std::uint8_t chained = 0x60;
constexpr std::uint8_t last = 0x20;

// Hands everything on, and knows whether a message comes while something else is going on.
class Watched final : public qdio::AdapterLink {
 public:
  explicit Watched(qdio::AdapterLink& behind) : behind_(behind) {}

  void send(unsigned device_index, std::span<const std::byte> message) override {
    if (busy) ++reentered;
    ++messages;
    busy = true;
    behind_.send(device_index, message);
    busy = false;
  }
  void queues_started(unsigned device_index, qdio::DataQueues& queues) override {
    behind_.queues_started(device_index, queues);
  }
  void queues_stopped(unsigned device_index) override { behind_.queues_stopped(device_index); }
  void transmit(unsigned device_index, qdio::DataQueues& queues, std::uint32_t mask) override {
    behind_.transmit(device_index, queues, mask);
  }
  void reset(unsigned device_index) override { behind_.reset(device_index); }

  bool busy = false;
  unsigned reentered = 0;
  unsigned messages = 0;

 private:
  qdio::AdapterLink& behind_;
};

qdio::Device::Settings settings() {
  qdio::Device::Settings settings;
  settings.base_device = {0x0800};
  settings.channel_path = 0x08;
  settings.devices = 9;
  return settings;
}

// READ, and chained to it IDX ACTIVATE of `channel` for a data device: it goes on when the READ has ended.
void read_then_activate(kit::BareMachine& machine, LinuxDriver& guest, std::string_view channel,
                        std::uint16_t data_device) {
  constexpr arch::Address activate_at = 0x8000;
  Bytes activate = golden("handshake", std::string("idx.") + std::string(channel) + ".request");
  kit::put16(&activate[0x1e], data_device);
  activate[0x21] = static_cast<std::byte>(data_device);
  machine.storage().write_bytes(activate_at, activate);
  const std::array<LinuxDriver::Command, 2> program = {
      {{0x02, chained, 0x1000, guest.page(LinuxDriver::read_device)}, {0x01, last, 0x22, activate_at}}};
  ASSERT_EQ(guest.start(LinuxDriver::read_device, program), arch::ConditionCode::zero);
}

TEST(Turns, ReadChainedToIdxActivateGoesOnInTheGuestsTurnNotInsideUncouple) {
  guestlan::LanAttributes attributes;
  attributes.owner = "SYSTEM";
  attributes.name = "LAN1";
  attributes.type = guestlan::LanType::qdio;
  guestlan::Lan lan(attributes);
  guestlan::NicSettings nic_settings;
  nic_settings.owner = "ALICE";
  nic_settings.base_device = {0x0800};
  nic_settings.devices = 9;
  nic_settings.mac = {{0x02, 0, 0, 0, 0, 1}};
  guestlan::Nic nic(nic_settings);
  nic.couple(lan, true);
  Watched link(nic);
  kit::BareMachine machine(settings(), link);
  nic.attach(machine.device());
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  nic.port_of_data_device(5);  // a second data path, behind the first

  arch::Irb irb;
  nic.uncouple();
  ASSERT_TRUE(guest.collect(LinuxDriver::read_device, irb));  // STOPLAN
  read_then_activate(machine, guest, "read", 0x0808);
  const unsigned messages = link.messages;
  nic.couple(lan, true);  // STARTLAN for the READ
  EXPECT_EQ(link.messages, messages) << "the guest's program went on inside COUPLE";
  ASSERT_TRUE(guest.collect(LinuxDriver::read_device, irb));
  EXPECT_EQ(link.messages, messages + 1);
  EXPECT_EQ(irb.device_status, 0x0c);
  nic.uncouple();
  EXPECT_EQ(link.reentered, 0U);
}

TEST(Turns, IdxActivateDuringAnArpAnswerInPartsWaitsForItsEnd) {
  kit::RecordingPort port;
  for (unsigned host = 0; host < 1000; ++host) {
    const auto high = static_cast<std::uint8_t>(host >> 8U);
    const auto low = static_cast<std::uint8_t>(host);
    port.known.push_back({wire::IpAddress::v4(10, 0, high, low), {{2, 0, 0, 0, high, low}}});
  }
  kit::SingleAdapter adapter{port};
  Watched link(adapter);
  kit::BareMachine machine(settings(), link);
  adapter.attach(machine.device());
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();

  arch::Irb irb;
  adapter.adapter().lan_lost(port);
  ASSERT_TRUE(guest.collect(LinuxDriver::read_device, irb));
  read_then_activate(machine, guest, "write", 0x0802);
  // The last command written, with another body: SETASSPARMS ARP QUERY.
  Bytes query = guest.dialogue.back().sent;
  for (std::size_t at = guest.dialogue.size(); query.empty() && at-- > 0;) query = guest.dialogue[at].sent;
  query.resize(0x40);
  const Bytes body = kit::from_hex(
      "B3000001 00000100 01010004 00000000 00000000 00000001 0040 0104 0000 0000 8000 0000 00000000");
  query.insert(query.end(), body.begin(), body.end());
  kit::put32(&query[0x0c], static_cast<std::uint32_t>(query.size()));
  for (const std::size_t at : {0x26U, 0x29U, 0x3aU}) {
    kit::put16(&query[at], static_cast<std::uint16_t>(body.size()));
  }
  ASSERT_TRUE(guest.write_control(query)) << guest.failure();
  EXPECT_EQ(link.reentered, 0U);
  ASSERT_TRUE(guest.collect(LinuxDriver::read_device, irb));
  EXPECT_EQ(irb.device_status, 0x0c);
  EXPECT_EQ(link.reentered, 0U);
}

}  // namespace
}  // namespace vmlan
