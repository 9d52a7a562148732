// Commands that drivers of z/VM and z/OS are known to send and Linux 6.1 does not, and commands of which
// public records say what drivers live with. Through channel programs; what is public of the bytes, and what
// is completed, stands in tests/golden/other_guests.hex. What was decided, and why: docs/DECISIONS.md, 60-69.
#include <gtest/gtest.h>

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
using Calls = std::vector<std::string>;

qdio::Device::Settings settings() {
  qdio::Device::Settings settings;
  settings.base_device = {0x0800};
  settings.channel_path = 0x08;
  return settings;
}

class Commands : public ::testing::Test {
 protected:
  Commands() { link.attach(machine.device()); }
  void bring_up() {
    ASSERT_TRUE(guest.bring_up()) << guest.failure();
    port.calls.clear();
  }
  static std::string at(const Bytes& bytes, std::size_t offset, std::size_t length) {
    return offset + length <= bytes.size() ? kit::to_hex(std::span(bytes).subspan(offset, length)) : "short";
  }
  // The device status one command ends with.
  unsigned status(unsigned device, const LinuxDriver::Command& command) {
    EXPECT_EQ(guest.start(device, std::span(&command, 1)), arch::ConditionCode::zero);
    arch::Irb irb;
    return guest.collect(device, irb) ? irb.device_status : 0U;
  }

  kit::RecordingPort port;
  kit::SingleAdapter link{port};
  kit::BareMachine machine{settings(), link};
  LinuxDriver guest{machine, {}};
};

// --- SETADAPTERPARMS (row 11)

TEST_F(Commands, CardInfoIsThatOfATenGigabitCard) {
  bring_up();
  const Bytes reply = guest.ipa(golden("other_guests", "others.card_info"));
  EXPECT_EQ(at(reply, 0x04, 2), "0000");
  EXPECT_EQ(at(reply, 0x1c, 2), "001C");
  EXPECT_EQ(at(reply, 0x24, 2), "0000");
  // Linux, qeth_core_mpc.h (struct qeth_query_card_info): 10G fibre, full duplex, 10 Gbit/s.
  EXPECT_EQ(at(reply, 0x2c, 12), "640000030000000800000000");
  EXPECT_EQ(reply.size(), 0x38U);
}

TEST_F(Commands, IsolationIsNotPromisedToAnybody) {
  bring_up();
  const Bytes none = golden("other_guests", "others.access_control");
  EXPECT_EQ(at(guest.ipa(none), 0x04, 2), "0000");
  EXPECT_EQ(at(guest.ipa(none), 0x24, 2), "0000");
  for (const std::uint8_t mode : {std::uint8_t{1}, std::uint8_t{2}}) {
    const std::uint8_t wanted[] = {0, 0, 0, mode};
    const Bytes reply = guest.ipa(LinuxDriver::with(none, 0x2c, wanted));
    EXPECT_EQ(at(reply, 0x04, 2), "0000");
    EXPECT_EQ(at(reply, 0x24, 2), "0004");  // Linux: SET_ACCESS_CTRL_RC_NOT_SUPPORTED
  }
  EXPECT_EQ(guest.ipa_code(Bytes(none.begin(), none.begin() + 0x2c)), 6U);
}

TEST_F(Commands, AnUnknownSubcommandIsOne) {
  bring_up();
  const Bytes reply = guest.ipa(golden("other_guests", "others.unknown_subcommand"));
  EXPECT_EQ(at(reply, 0x04, 2), "E00E");
  EXPECT_EQ(at(reply, 0x24, 2), "E00E");
}

// --- Versions and layers (row 12)

TEST_F(Commands, WithoutAProtocolVersionIpv4IsMeant) {
  bring_up();
  const Bytes assists = guest.ipa(golden("other_guests", "others.query_assists.v0"));
  EXPECT_EQ(at(assists, 0x04, 2), "0000");
  EXPECT_EQ(at(assists, 0x0c, 4), "00134C77");
  EXPECT_EQ(guest.ipa_code(golden("other_guests", "others.set_routing.v0")), 0U);
  EXPECT_EQ(port.calls, Calls{"set_router 4 1"});
}

TEST_F(Commands, ALayer3DriverMayNameItsVlansAndItsMacAddress) {
  bring_up();
  const Bytes vlan = golden("other_guests", "others.set_vlan");
  Bytes mac = golden("other_guests", "others.set_mac");
  EXPECT_EQ(guest.ipa_code(vlan), 0U);
  port.answers["set_vlan"] = qdio::IpaCode::duplicate_vlan;
  EXPECT_EQ(guest.ipa_code(vlan), 0U);
  for (const std::byte command : {std::byte{0x21}, std::byte{0x22}}) {
    mac[0] = command;
    mac.back() = std::byte{0xb9};
    EXPECT_EQ(guest.ipa_code(mac), 0U);
    mac.back() = std::byte{0xba};
    EXPECT_EQ(guest.ipa_code(mac), 0x2003U) << "the NIC's address is CP's to choose";
  }
  EXPECT_EQ(port.calls, (Calls{"set_vlan 2021", "set_vlan 2021"}));
}

// --- ULP_ENABLE and ULP_SETUP (row 14)

TEST_F(Commands, OptionsAndLinkParametersAreRepeated) {
  bring_up();
  // The handshake starts over: a driver's messages in its own words.
  const auto ask = [&](const char* name) {
    const Bytes body = golden("other_guests", name);
    Bytes message = golden("other_guests", "zos.takedown.message");
    message.resize(0x40);
    kit::put32(&message[0x0c], static_cast<std::uint32_t>(0x40 + body.size()));
    for (const std::size_t place : {0x26U, 0x29U, 0x3aU}) {
      kit::put16(&message[place], static_cast<std::uint16_t>(body.size()));
    }
    message.insert(message.end(), body.begin(), body.end());
    EXPECT_TRUE(guest.write_control(message)) << guest.failure();
    return LinuxDriver::body_of(guest.fetch());
  };
  const Bytes enabled = ask("others.ulp_enable.pdu");
  // As long as it was, with MTU and link type put in.
  EXPECT_EQ(at(enabled, 0x17, 0x1c),
            "001C040A0020000005DC0008C8E8C4F1C7F1000010000000"
            "55667788");
  EXPECT_EQ(enabled.size(), 0x33U);
  const Bytes confirmed = ask("others.ulp_setup.pdu");
  EXPECT_EQ(at(confirmed, 0x1e, 8), "00080407C8000000");
}

// --- Ports and interfaces (row 16)

TEST_F(Commands, AnotherPortThanTheFirstIsRefused) {
  ASSERT_TRUE(guest.enable());
  Bytes request = golden("other_guests", "zvm.idx.read");
  request[0x0b] = std::byte{0xc1};
  machine.storage().write_bytes(guest.page(0), request);
  const std::array<LinuxDriver::Command, 2> commands = {
      {{0x01, 0x60, 0x22, guest.page(0)}, {0x02, 0x20, 0x1000, guest.page(0)}}};
  ASSERT_EQ(guest.start(0, commands), arch::ConditionCode::zero);
  arch::Irb irb;
  ASSERT_TRUE(guest.collect(0, irb));
  Bytes reply(0x22);
  machine.storage().read_bytes(guest.page(0), reply);
  EXPECT_EQ(at(reply, 0x08, 2), "1B22");
  EXPECT_FALSE(link.adapter().read_device().has_value());
}

TEST_F(Commands, AnInterfaceThatDoesNotExistIsRejected) {
  ASSERT_TRUE(guest.enable());
  for (const auto& [record, ending] : {std::pair{"B0000000", 0x0cU},
                                       {"B0020000", 0x0cU},
                                       {"B0030000", 0x0eU},
                                       {"B0010001", 0x0eU},
                                       {"00000000", 0x0eU}}) {
    machine.storage().write_bytes(guest.page(0), kit::from_hex(record));
    EXPECT_EQ(status(0, {0x81, 0x20, 4, guest.page(0)}), ending) << record;
  }
}

// --- What is registered twice, and what is not (row 13)

class Registrations : public ::testing::Test {
 protected:
  Registrations() {
    nic.attach(machine.device());
    nic.couple(lan, true);
  }
  static guestlan::LanAttributes attributes() {
    guestlan::LanAttributes attributes;
    attributes.owner = "SYSTEM";
    attributes.name = "LAN1";
    attributes.type = guestlan::LanType::qdio;
    attributes.transport = qdio::Transport::ip;
    return attributes;
  }
  static guestlan::NicSettings nic_settings() {
    guestlan::NicSettings settings;
    settings.owner = "ZOS1";
    settings.base_device = {0x0800};
    settings.mac = {{0x02, 0, 0, 0, 0, 1}};
    return settings;
  }

  guestlan::Lan lan{attributes()};
  guestlan::Nic nic{nic_settings()};
  kit::BareMachine machine{settings(), nic};
  LinuxDriver guest{machine, {}};
};

TEST_F(Registrations, AgainAndOfWhatIsNotThereHaveTheirCodes) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  Bytes address = golden("ipa", "set_ip.v4");
  EXPECT_EQ(guest.ipa_code(address), 0U);
  EXPECT_EQ(guest.ipa_code(address), 0xe00aU);
  address[0] = std::byte{0xb7};
  EXPECT_EQ(guest.ipa_code(address), 0U);
  EXPECT_EQ(guest.ipa_code(address), 0xe010U);
  Bytes group = golden("ipa", "set_multicast.v4");
  EXPECT_EQ(guest.ipa_code(group), 0U);
  EXPECT_EQ(guest.ipa_code(group), 0U);
  EXPECT_EQ(nic.port_of_data_device(2).multicast().size(), 1U);
  group[0] = std::byte{0xb5};
  EXPECT_EQ(guest.ipa_code(group), 0U);
  EXPECT_EQ(guest.ipa_code(group), 0xe00bU);
}

}  // namespace
}  // namespace vmlan
