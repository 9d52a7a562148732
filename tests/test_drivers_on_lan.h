// Users with nothing but a QDIO driver, on one LAN of the real device.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "arch/clock.h"
#include "cms/driver/qdio_driver.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"
#include "tests/kit/trace_file.h"
#include "wire/ethernet.h"

namespace vmlan {

using guestlan::LanType;

class Quiet final : public cp::ConsoleSink {
 public:
  void line(std::string_view, std::string_view) override {}
};

struct User {
  cp::VirtualMachine* machine = nullptr;
  std::unique_ptr<cms::QdioDriver> driver;
  std::string address;

  // What its program would do in its turn, but for the data.
  void take_interruptions() {
    while (const auto subchannel = machine->test_pending_interruption())
      driver->handle_interruption(*subchannel);
  }
};

class DriverOnLan : public ::testing::TestWithParam<LanType> {
 protected:
  guestlan::Lan& define_lan(LanType type, qdio::Transport transport = qdio::Transport::ip) {
    guestlan::LanAttributes attributes;
    attributes.owner = "SYSTEM";
    attributes.name = "LAN1";
    attributes.type = type;
    attributes.transport = transport;
    attributes.max_frame_size = 65536;
    system.vmlan().create(attributes);
    return *system.vmlan().find("SYSTEM", "LAN1");
  }
  User log_on(const std::string& userid, LanType type, bool coupled, cms::QdioDriver::Options options = {}) {
    cp::UserEntry entry;
    entry.userid = userid;
    cp::NicDefinition nic;
    nic.device = {0x0600};
    nic.kind = type == LanType::hipers ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    if (coupled) {
      nic.lan_owner = "SYSTEM";
      nic.lan_name = "LAN1";
    }
    entry.nics.push_back(nic);
    User user;
    user.machine = system.logon(std::move(entry));
    options.base_device = {0x0600};
    options.area = 0x1000;
    user.driver = std::make_unique<cms::QdioDriver>(*user.machine, options);
    return user;
  }
  // Two users with addresses, ready to talk.
  void start_two(LanType type, cms::QdioDriver::Options options = {},
                 qdio::Transport transport = qdio::Transport::ip) {
    lan = &define_lan(type, transport);
    for (unsigned number = 1; number <= 2; ++number) {
      User& user = number == 1 ? alice : bob;
      user = log_on("USER" + std::to_string(number), type, true, options);
      ASSERT_EQ(user.driver->start(), cms::DriverError::none);
      user.address = "10.1.1." + std::to_string(number);
      ASSERT_EQ(user.driver->set_ip(*wire::parse_ip_address(user.address), 24), qdio::IpaCode::success);
    }
  }
  static bool send(User& from, const User& to, const std::string& packet) {
    const auto destination = *wire::parse_ip_address(to.address);
    return from.driver->send(cms::layer3_header(destination, destination), std::as_bytes(std::span(packet)));
  }
  static std::string frame(const wire::MacAddress& to, const User& from, std::size_t size) {
    wire::EthernetHeader header{to, from.driver->mac(), wire::ether_type::ipv4};
    std::string bytes(sizeof(header) + size, 'x');
    std::memcpy(bytes.data(), &header, sizeof(header));
    return bytes;
  }
  static bool send_frame(User& from, const std::string& bytes) {
    const auto data = std::as_bytes(std::span(bytes));
    return from.driver->send(cms::layer2_header(data), data) &&
           from.driver->flush() == arch::ConditionCode::zero;
  }
  static std::vector<std::string> receive(User& user) {
    std::vector<std::string> packets;
    user.take_interruptions();
    user.driver->poll([&](const cms::ReceivedPacket& packet) {
      packets.emplace_back(reinterpret_cast<const char*>(packet.payload.data()), packet.payload.size());
    });
    return packets;
  }

  arch::VirtualClock clock;
  Quiet quiet;
  cp::ControlProgram system{{clock, quiet, {}, {}}};
  guestlan::Lan* lan = nullptr;
  User alice;
  User bob;
};

}  // namespace vmlan
