// A NIC in the base: where it may be coupled, what its devices are, and who is told what.
#include "guestlan/nic.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/kit/adapter_fixture.h"

namespace vmlan::guestlan {
namespace {

using qdio::AdapterKind;
using qdio::IpaCode;
using qdio::Transport;
using Role = Nic::Role;

NicSettings osa_of(std::string owner, unsigned devices = 6) {
  NicSettings settings;
  settings.owner = std::move(owner);
  settings.base_device = {0x0800};
  settings.devices = devices;
  settings.mac = {{2, 0, 0, 0, 0, 8}};
  return settings;
}

LanAttributes system_lan(LanType type = LanType::qdio, Transport transport = Transport::ip) {
  LanAttributes attributes;
  attributes.owner = "SYSTEM";
  attributes.name = "LAN1";
  attributes.type = type;
  attributes.transport = transport;
  return attributes;
}

class NicOfSix : public ::testing::Test, public qdio::ControlReplies {
 protected:
  NicOfSix() { nic.attach(*this); }
  void reply(unsigned device, qdio::Message message) override {
    replies.emplace_back(device, std::move(message));
  }
  // IDX ACTIVATE on `device` for the data path of `data_device`; the answer's channel byte.
  unsigned activate(const char* request, unsigned device, unsigned data_device) {
    auto message = kit::from_hex(request);
    message[0x1f] = message[0x21] = std::byte(data_device);
    replies.clear();
    nic.send(device, message);
    if (replies.size() != 1 || replies[0].first != device) return 0;
    return std::to_integer<unsigned>(replies[0].second[8]);
  }
  unsigned read(unsigned device, unsigned data_device) {
    return activate(qdio::idx_read, device, data_device);
  }
  unsigned write(unsigned device, unsigned data_device) {
    return activate(qdio::idx_write, device, data_device);
  }
  void start_session(const char* ulp_enable) {
    ASSERT_EQ(read(0, 2), 0x1aU);
    ASSERT_EQ(write(1, 2), 0x16U);
    using namespace qdio;
    for (const auto& [type, body] :
         std::initializer_list<std::pair<unsigned, const char*>>{{cm, cm_enable},
                                                                 {cm, cm_setup},
                                                                 {ulp, ulp_enable},
                                                                 {ulp, ulp_setup},
                                                                 {ulp, dm_act},
                                                                 {ipa, qdio::start_lan}}) {
      replies.clear();
      nic.send(1, request(type, body));
      ASSERT_EQ(replies.size(), 1U) << body;
      ASSERT_EQ(replies[0].first, 0U) << "on the read channel";
    }
    replies.clear();
  }
  std::vector<Role> roles() const {
    std::vector<Role> all;
    for (unsigned device = 0; device < 6; ++device) all.push_back(nic.role(device));
    return all;
  }
  // The IPA command of the only message that came.
  unsigned event() {
    if (replies.size() != 1 || replies[0].first != 0) return 0xfff;
    const auto message = std::move(replies[0].second);
    replies.clear();
    const auto pdu = qdio::parse_pdu(message);
    return pdu && !pdu->body.empty() ? std::to_integer<unsigned>(pdu->body[0]) : 0xffe;
  }

  static constexpr Role none = Role::unassigned;
  Lan lan{system_lan()};
  std::vector<std::pair<unsigned, qdio::Message>> replies;
  Nic nic{osa_of("LINUX1")};
};

// --- roles

TEST_F(NicOfSix, DevicesHaveNoRoleUntilADriverGivesThemOne) {
  EXPECT_EQ(roles(), std::vector<Role>(6, none));
  EXPECT_TRUE(nic.ports().empty());
  EXPECT_EQ(read(0, 2), 0x1aU);
  EXPECT_EQ(roles(), (std::vector<Role>{Role::control_read, none, Role::data, none, none, none}));
  EXPECT_EQ(write(1, 2), 0x16U);
  EXPECT_EQ(roles(),
            (std::vector<Role>{Role::control_read, Role::control_write, Role::data, none, none, none}));
  ASSERT_EQ(nic.ports().size(), 1U);
  EXPECT_EQ(nic.ports()[0]->device_index(), 2U);
}

TEST_F(NicOfSix, TwoSessionsHaveTheirOwnDevicesAndPorts) {
  for (const unsigned first : {3U, 0U}) {
    EXPECT_EQ(read(first, first + 2), 0x1aU);
    EXPECT_EQ(write(first + 1, first + 2), 0x16U);
  }
  EXPECT_EQ(roles(), (std::vector<Role>{Role::control_read, Role::control_write, Role::data,
                                        Role::control_read, Role::control_write, Role::data}));
  ASSERT_EQ(nic.ports().size(), 2U);
  EXPECT_EQ(nic.ports()[0]->device_index(), 5U) << "in the order of their start";
  EXPECT_EQ(nic.ports()[1]->device_index(), 2U);
  EXPECT_EQ(&nic.port_of_data_device(5), nic.ports()[0].get());
  EXPECT_EQ(nic.ports().size(), 2U);
}

TEST_F(NicOfSix, ADataDeviceItHasNotIsRefused) {
  EXPECT_EQ(read(0, 6), 0x1bU);
  EXPECT_EQ(read(0, 5), 0x1aU);
  EXPECT_EQ(read(0, 0), 0x1bU) << "no device is its own data device";
  EXPECT_EQ(nic.ports().size(), 1U);
}

TEST_F(NicOfSix, WhoSaysNothingSensibleGetsNoAnswer) {
  nic.send(1, qdio::request(qdio::cm, qdio::cm_enable));
  EXPECT_TRUE(replies.empty());
  EXPECT_TRUE(nic.ports().empty());
  Nic unattached(osa_of("LINUX2"));
  auto message = kit::from_hex(qdio::idx_read);
  unattached.send(0, message);
  message[0x1f] = message[0x21] = std::byte{9};
  unattached.send(0, message);
  EXPECT_EQ(unattached.role(0), Role::control_read) << "nobody hears the answers";
}

TEST_F(NicOfSix, ANewRoleOfADeviceEndsItsOldOne) {
  start_session(qdio::ulp_enable_layer3);
  ASSERT_EQ(nic.ports()[0]->state(), SessionState::established) << "no LAN";
  EXPECT_EQ(read(2, 3), 0x1aU) << "the data device becomes a control device";
  EXPECT_EQ(nic.role(2), Role::control_read);
  EXPECT_EQ(nic.role(3), Role::data);
  EXPECT_EQ(nic.role(0), none);
  EXPECT_EQ(nic.role(1), none);
  EXPECT_EQ(nic.ports()[0]->state(), SessionState::startup);
  EXPECT_EQ(read(0, 2), 0x1aU) << "and a data device again";
  EXPECT_EQ(nic.role(2), Role::data);
  EXPECT_EQ(nic.role(3), Role::data) << "named once, it stays one";
  EXPECT_EQ(nic.role(0), Role::control_read);
}

TEST_F(NicOfSix, ASecondChannelOfASessionKeepsTheFirst) {
  EXPECT_EQ(read(0, 2), 0x1aU);
  EXPECT_EQ(write(1, 2), 0x16U);
  EXPECT_EQ(nic.role(0), Role::control_read);
  EXPECT_EQ(read(3, 5), 0x1aU);
  EXPECT_EQ(nic.role(0), Role::control_read) << "another session is nobody's end";
  EXPECT_EQ(nic.role(1), Role::control_write);
  EXPECT_EQ(write(1, 5), 0x16U);
  EXPECT_EQ(nic.role(0), none) << "its session has lost a channel to the other";
  EXPECT_EQ(nic.role(1), Role::control_write);
  EXPECT_EQ(nic.role(3), Role::control_read);
}

// --- resets

TEST_F(NicOfSix, AResetOfAControlDeviceEndsItsSessionOnly) {
  start_session(qdio::ulp_enable_layer3);
  EXPECT_EQ(read(3, 5), 0x1aU);
  nic.reset(1);
  EXPECT_EQ(roles(), (std::vector<Role>{none, none, Role::data, Role::control_read, none, Role::data}));
  EXPECT_EQ(nic.ports()[0]->state(), SessionState::startup);
}

TEST_F(NicOfSix, AResetOfItsDataDeviceEndsASession) {
  start_session(qdio::ulp_enable_layer3);
  nic.reset(4);
  EXPECT_EQ(nic.ports()[0]->state(), SessionState::established) << "that one has no part in it";
  nic.reset(2);
  EXPECT_EQ(nic.ports()[0]->state(), SessionState::startup);
  EXPECT_EQ(nic.role(0), none);
}

TEST_F(NicOfSix, AResetOfADataDeviceWithoutASessionResetsItsPort) {
  DataPort& port = nic.port_of_data_device(2);
  port.session_established(Transport::ip, "TEST", "");
  nic.reset(2);
  EXPECT_EQ(port.state(), SessionState::startup);
  EXPECT_EQ(port.ulp_name(), "");
}

// --- coupling

TEST_F(NicOfSix, AStartedDriverIsToldThatItsLanGoesAndComes) {
  ASSERT_EQ(nic.couple(lan, false), CoupleResult::coupled);
  start_session(qdio::ulp_enable_layer3);
  ASSERT_EQ(nic.ports()[0]->state(), SessionState::lan_started);
  nic.uncouple();
  EXPECT_EQ(event(), 0x02U) << "STOPLAN";
  EXPECT_EQ(nic.lan(), nullptr);
  nic.uncouple();
  EXPECT_TRUE(replies.empty()) << "it knows";
  Lan ethernet(system_lan(LanType::qdio, Transport::ethernet));
  ASSERT_EQ(nic.couple(ethernet, false), CoupleResult::coupled);
  EXPECT_EQ(event(), 0x02U) << "a session of layer 3 finds no LAN there, and is told so";
  nic.uncouple();
  replies.clear();
  ASSERT_EQ(nic.couple(lan, false), CoupleResult::coupled);
  EXPECT_EQ(event(), 0x01U) << "STARTLAN";
  nic.uncouple();
}

TEST_F(NicOfSix, PortsMadeBeforeAndAfterAreOnItsLan) {
  DataPort& before = nic.port_of_data_device(2);
  EXPECT_EQ(before.lan(), nullptr);
  ASSERT_EQ(nic.couple(lan, false), CoupleResult::coupled);
  DataPort& after = nic.port_of_data_device(5);
  EXPECT_EQ(before.lan(), &lan);
  EXPECT_EQ(after.lan(), &lan);
  EXPECT_EQ(nic.lan(), &lan);
  nic.uncouple();
  EXPECT_EQ(before.lan(), nullptr);
  EXPECT_EQ(after.lan(), nullptr);
  EXPECT_TRUE(lan.nics().empty());
}

TEST(Couple, AsksForTheTypeTheListAndTheRoomInThisOrder) {
  for (const LanType type : {LanType::qdio, LanType::hipers}) {
    for (const AdapterKind kind : {AdapterKind::osd, AdapterKind::iqd}) {
      LanAttributes attributes = system_lan(type);
      attributes.restricted = true;
      attributes.max_connections = 1;
      Lan lan(attributes);
      auto settings = osa_of("LINUX1");
      settings.kind = kind;
      Nic nic(settings);
      const bool fits = (type == LanType::hipers) == (kind == AdapterKind::iqd);
      EXPECT_EQ(nic.couple(lan, false), fits ? CoupleResult::not_authorized : CoupleResult::wrong_type);
      EXPECT_EQ(nic.lan(), nullptr);
      EXPECT_EQ(nic.couple(lan, true), fits ? CoupleResult::coupled : CoupleResult::wrong_type);
      EXPECT_EQ(lan.nics().size(), fits ? 1U : 0U);
      if (!fits) continue;
      EXPECT_EQ(nic.couple(lan, true), CoupleResult::already_coupled);
      settings.owner = "LINUX2";
      Nic second(settings);
      EXPECT_EQ(second.couple(lan, false), CoupleResult::not_authorized);
      lan.grant("LINUX2", {});
      EXPECT_EQ(second.couple(lan, false), CoupleResult::lan_full);
      lan.attributes().max_connections = 2;
      EXPECT_EQ(second.couple(lan, false), CoupleResult::coupled);
      lan.attributes().max_connections = 3;
      Nic third(settings);
      EXPECT_EQ(third.couple(lan, false), CoupleResult::coupled);
    }
  }
}

TEST(Couple, ANicThatGoesIsOnNoLan) {
  Lan lan(system_lan());
  {
    Nic nic(osa_of("LINUX1"));
    ASSERT_EQ(nic.couple(lan, false), CoupleResult::coupled);
  }
  EXPECT_TRUE(lan.nics().empty());
}

TEST(Couple, AMacAddressGivenBeforeIsThatOfItsPorts) {
  Nic nic(osa_of("LINUX1"));
  nic.set_mac({{2, 0, 0, 0, 0, 0x42}});
  EXPECT_EQ(nic.settings().mac, (wire::MacAddress{{2, 0, 0, 0, 0, 0x42}}));
  EXPECT_EQ(nic.port_of_data_device(2).mac(), nic.settings().mac);
  nic.set_mac({{2, 0, 0, 0, 0, 0x43}});
  EXPECT_EQ(nic.port_of_data_device(2).mac(), nic.settings().mac) << "its driver has not asked for it yet";
}

}  // namespace
}  // namespace vmlan::guestlan
