// Two of the kit's guests on one guest LAN: what Linux' driver does with a NIC reaches the LAN and the other
// guest, for every kind of NIC and LAN.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/golden.h"
#include "tests/kit/hex.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/queue_memory.h"

namespace vmlan {
namespace {

using kit::Bytes;
using kit::golden;
using kit::LinuxDriver;

struct Flavour {
  const char* name;
  bool iqd;
  bool layer2;
};

void PrintTo(const Flavour& flavour, std::ostream* out) { *out << flavour.name; }

// A user: NIC, machine, driver.
class User {
 public:
  User(const Flavour& flavour, const char* name, std::uint8_t mac) : nic(nic_settings(flavour, name, mac)) {
    nic.attach(machine.device());
    LinuxDriver::Options options;
    options.iqd = flavour.iqd;
    options.layer2 = flavour.layer2;
    guest = std::make_unique<LinuxDriver>(machine, options);
  }
  static guestlan::NicSettings nic_settings(const Flavour& flavour, const char* name, std::uint8_t mac) {
    guestlan::NicSettings settings;
    settings.owner = name;
    settings.kind = flavour.iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    settings.base_device = {0x0800};
    settings.channel_path = 0x08;
    settings.mac = {{0x02, 0, 0, 0, 0, mac}};
    return settings;
  }
  static qdio::Device::Settings device_settings(const guestlan::NicSettings& nic) {
    qdio::Device::Settings settings;
    settings.kind = nic.kind;
    settings.base_device = nic.base_device;
    settings.channel_path = nic.channel_path;
    settings.devices = nic.devices;
    return settings;
  }
  unsigned set_ip(std::uint8_t last_byte) {
    const std::uint8_t address[] = {10, 1, 1, last_byte};
    return guest->ipa_code(LinuxDriver::with(golden("ipa", "set_ip.v4"), 0x14, address));
  }

  guestlan::Nic nic;
  kit::BareMachine machine{device_settings(nic.settings()), nic};
  std::unique_ptr<LinuxDriver> guest;
};

class OnOneLan : public ::testing::TestWithParam<Flavour> {
 protected:
  OnOneLan() {
    alice.nic.couple(lan, true);
    bob.nic.couple(lan, true);
  }
  static guestlan::LanAttributes attributes() {
    guestlan::LanAttributes attributes;
    attributes.owner = "SYSTEM";
    attributes.name = "LAN1";
    attributes.type = GetParam().iqd ? guestlan::LanType::hipers : guestlan::LanType::qdio;
    attributes.transport = GetParam().layer2 ? qdio::Transport::ethernet : qdio::Transport::ip;
    return attributes;
  }
  void bring_up() {
    ASSERT_TRUE(alice.guest->bring_up()) << alice.guest->failure();
    ASSERT_TRUE(bob.guest->bring_up()) << bob.guest->failure();
    if (GetParam().layer2) return;
    ASSERT_EQ(alice.set_ip(1), 0U);
    ASSERT_EQ(bob.set_ip(2), 0U);
  }
  // From Alice to Bob: transport header and packet.
  static Bytes packet() {
    if (!GetParam().layer2) return kit::ipv4_packet({10, 1, 1, 1}, {10, 1, 1, 2}, 100);
    Bytes bytes =
        kit::from_hex("02000004 00000072" + std::string(48, '0') + "020000000002 020000000001 0800");
    bytes.resize(32 + 0x72, std::byte{0x5a});
    return bytes;
  }

  guestlan::Lan lan{attributes()};
  User alice{GetParam(), "ALICE", 1};
  User bob{GetParam(), "BOB", 2};
};

TEST_P(OnOneLan, ADatagramOfLinuxArrivesInTheOthersInputBuffer) {
  bring_up();
  const Bytes sent = packet();
  const unsigned buffer = alice.guest->prime(0, sent);
  ASSERT_EQ(alice.guest->signal_output(0), arch::ConditionCode::zero);
  EXPECT_EQ(alice.guest->output_state(0, buffer), 0xa1);
  ASSERT_EQ(bob.guest->input_state(0), 0x82);
  const Bytes received = bob.guest->take_input(0);
  ASSERT_EQ(received.size(), sent.size());
  EXPECT_EQ(received[0], sent[0]);
  EXPECT_TRUE(std::equal(sent.begin() + 32, sent.end(), received.begin() + 32));
  // Bob is told, Alice is not.
  EXPECT_EQ(bob.machine.interruptions().size(), 1U);
  EXPECT_TRUE(alice.machine.interruptions().empty());
  EXPECT_EQ(alice.guest->input_state(0), 0x41);
}

TEST_P(OnOneLan, AReceiverThatWentOfflineIsNotTouched) {
  bring_up();
  ASSERT_TRUE(bob.guest->shut_down()) << bob.guest->failure();
  alice.guest->prime(0, packet());
  ASSERT_EQ(alice.guest->signal_output(0), arch::ConditionCode::zero);
  EXPECT_EQ(bob.guest->input_state(0), 0x41);
  // And it can come back.
  ASSERT_TRUE(bob.guest->bring_up()) << bob.guest->failure();
}

TEST_P(OnOneLan, UncouplingIsALanThatGoesAndComes) {
  bring_up();
  bob.nic.uncouple();
  EXPECT_EQ(LinuxDriver::body_of(bob.guest->fetch()).at(0), std::byte{0x02});
  bob.nic.couple(lan, true);
  EXPECT_EQ(LinuxDriver::body_of(bob.guest->fetch()).at(0), std::byte{0x01});
  // Upon which Linux takes the device offline and online again.
  ASSERT_TRUE(bob.guest->shut_down()) << bob.guest->failure();
  ASSERT_TRUE(bob.guest->bring_up()) << bob.guest->failure();
}

TEST_P(OnOneLan, ShutDownAndBringUpManyTimes) {
  for (int round = 0; round < 20; ++round) {
    bring_up();
    ASSERT_TRUE(alice.guest->shut_down()) << alice.guest->failure();
    ASSERT_TRUE(bob.guest->shut_down()) << bob.guest->failure();
    EXPECT_EQ(lan.ip_table().size(), 0U);
  }
}

TEST_P(OnOneLan, TheOtherLayerIsRefused) {
  const Flavour& flavour = GetParam();
  User carol({"", flavour.iqd, !flavour.layer2}, "CAROL", 3);
  carol.nic.couple(lan, true);
  EXPECT_FALSE(carol.guest->bring_up());
  const Bytes& terminate = carol.guest->dialogue.back().received;
  ASSERT_GE(terminate.size(), 5U);
  EXPECT_EQ(terminate[2], std::byte{0xc0});
  EXPECT_EQ(terminate[4], std::byte{0x41});
}

class OnAnIpLan : public OnOneLan {};

TEST_P(OnAnIpLan, ADuplicateAddressIsE005AndATakeoverIsNot) {
  bring_up();
  EXPECT_EQ(bob.set_ip(1), 0xe005U);
  EXPECT_EQ(bob.set_ip(2), 0xe00aU);
  const std::uint8_t takeover[] = {10, 1, 1, 1, 255, 255, 255, 0, 0, 0, 0, 2};
  EXPECT_EQ(bob.guest->ipa_code(LinuxDriver::with(golden("ipa", "set_ip.v4"), 0x14, takeover)), 0U);
}

class OnAnEthernetLan : public OnOneLan {
 protected:
  // Whether Bob gets a frame tagged for this VLAN.
  bool arrives(std::uint16_t vlan) {
    Bytes frame = packet();
    constexpr std::size_t type_at = 32 + 12;
    kit::put16(frame.data() + type_at, 0x8100);
    kit::put16(frame.data() + type_at + 2, vlan);
    alice.guest->prime(0, frame);
    EXPECT_EQ(alice.guest->signal_output(0), arch::ConditionCode::zero);
    if (bob.guest->input_state(buffer_) != 0x82) return false;
    EXPECT_EQ(bob.guest->take_input(buffer_++).size(), frame.size());
    return true;
  }

 private:
  unsigned buffer_ = 0;
};

TEST_P(OnAnEthernetLan, ADriverThatRegisteredVlansGetsFramesOfTheseOnly) {
  bring_up();
  constexpr std::uint16_t priority = 0xe000;
  guestlan::DataPort& port = bob.nic.port_of_data_device(2);
  EXPECT_TRUE(arrives(100)) << "nothing registered, nothing filtered";
  ASSERT_EQ(port.set_vlan(100), qdio::IpaCode::success);
  EXPECT_TRUE(arrives(100));
  EXPECT_TRUE(arrives(priority | 100));
  EXPECT_TRUE(arrives(priority)) << "a priority, no VLAN";
  EXPECT_FALSE(arrives(101));
  const auto& dropped = alice.nic.port_of_data_device(2).counters().dropped;
  EXPECT_EQ(dropped[static_cast<std::size_t>(guestlan::Drop::vlan_not_registered)], 1U);
  ASSERT_EQ(port.delete_vlan(100), qdio::IpaCode::success);
  EXPECT_TRUE(arrives(101));
}

const Flavour flavours[] = {{"OsdLayer3", false, false},
                            {"IqdLayer3", true, false},
                            {"OsdLayer2", false, true},
                            {"IqdLayer2", true, true}};

INSTANTIATE_TEST_SUITE_P(Kinds, OnOneLan, ::testing::ValuesIn(flavours),
                         [](const auto& flavour) { return std::string(flavour.param.name); });
INSTANTIATE_TEST_SUITE_P(Layer2, OnAnEthernetLan, ::testing::Values(flavours[2], flavours[3]),
                         [](const auto& flavour) { return std::string(flavour.param.name); });
INSTANTIATE_TEST_SUITE_P(Layer3, OnAnIpLan, ::testing::Values(flavours[0], flavours[1]),
                         [](const auto& flavour) { return std::string(flavour.param.name); });

}  // namespace
}  // namespace vmlan
