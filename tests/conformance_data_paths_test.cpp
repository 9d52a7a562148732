// One pair of control devices with several data paths, as z/OS has it: a TRLE with DATAPATH=(402-404), a data
// device for IPv4, one for IPv6, one for a second stack. Driven through channel programs, NIC and LAN behind.
// What is public of the bytes, and what is completed, stands in tests/golden/other_guests.hex.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

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
using Token = std::array<std::uint8_t, 4>;

constexpr unsigned cm = 0x81;
constexpr unsigned ulp = 0x41;
constexpr unsigned ipa = 0xc1;
constexpr unsigned devices = 5;  // 0400 read, 0401 write, 0402-0404 data

guestlan::NicSettings nic_settings() {
  guestlan::NicSettings settings;
  settings.owner = "ZOS1";
  settings.base_device = {0x0400};
  settings.channel_path = 0x04;
  settings.devices = devices;
  settings.mac = {{0x02, 0, 0, 0, 0, 1}};
  return settings;
}

qdio::Device::Settings device_settings() {
  qdio::Device::Settings settings;
  settings.base_device = {0x0400};
  settings.channel_path = 0x04;
  settings.devices = devices;
  return settings;
}

LinuxDriver::Options options(std::uint16_t first, arch::Address storage) {
  LinuxDriver::Options options;
  options.base_device = static_cast<std::uint16_t>(0x0400 + first);
  options.first_subchannel = first;
  options.base = storage;
  return options;
}

class SeveralDataPaths : public ::testing::Test {
 protected:
  static constexpr unsigned reader = LinuxDriver::read_device;
  static constexpr unsigned writer = LinuxDriver::write_device;

  SeveralDataPaths() {
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

  // IDX ACTIVATE on a control device; its answer.
  Bytes activate(unsigned device, std::string_view name) {
    return activate(device, golden("other_guests", name));
  }
  Bytes activate(unsigned device, const Bytes& request) {
    machine.storage().write_bytes(first.page(device), request);
    const std::array<LinuxDriver::Command, 2> commands = {
        {{0x01, 0x60, static_cast<std::uint16_t>(request.size()), first.page(device)},
         {0x02, 0x20, 0x1000, first.page(device)}}};
    EXPECT_EQ(first.start(device, commands), arch::ConditionCode::zero);
    arch::Irb irb;
    EXPECT_TRUE(first.collect(device, irb));
    Bytes reply(0x1000U - irb.residual);
    machine.storage().read_bytes(first.page(device), reply);
    return reply;
  }
  // The whole answer to a message whose body this is.
  Bytes ask(unsigned type, const Token& token, const Bytes& body) {
    Bytes message = golden("handshake", "cm_enable.request");
    message.resize(0x40);
    message[0x18] = static_cast<std::byte>(type);
    kit::put32(&message[0x0c], static_cast<std::uint32_t>(0x40 + body.size()));
    for (const std::size_t at : {0x26U, 0x29U, 0x3aU}) {
      kit::put16(&message[at], static_cast<std::uint16_t>(body.size()));
    }
    std::memcpy(&message[0x2c], token.data(), token.size());
    message.insert(message.end(), body.begin(), body.end());
    EXPECT_TRUE(first.write_control(message)) << first.failure();
    return first.fetch();
  }
  static Token token_at(const Bytes& body, std::size_t at) {
    Token token{};
    if (body.size() >= at + token.size()) std::memcpy(token.data(), body.data() + at, token.size());
    return token;
  }
  static Bytes with(Bytes body, std::size_t at, std::initializer_list<std::uint8_t> bytes) {
    std::transform(bytes.begin(), bytes.end(), body.begin() + static_cast<std::ptrdiff_t>(at),
                   [](std::uint8_t byte) { return std::byte{byte}; });
    return body;
  }

  void start_session() { start_session(golden("other_guests", "zos.idx.write.three")); }
  void start_session(const Bytes& idx_write) {
    ASSERT_TRUE(first.enable() && second.enable());
    activate(reader, "zos.idx.read.three");
    activate(writer, idx_write);
    const LinuxDriver::Command read{0x02, 0x20, 0x1000, first.page(reader)};
    ASSERT_EQ(first.start(reader, std::span(&read, 1)), arch::ConditionCode::zero);
    Bytes enable = golden("handshake", "cm_enable.request");
    enable.erase(enable.begin(), enable.begin() + 0x40);
    ASSERT_FALSE(ask(cm, {}, enable).empty());
    ASSERT_FALSE(ask(cm, {}, golden("handshake", "cm_setup.request.pdu")).empty());
    const Bytes layer3 = with(golden("handshake", "ulp_enable.request.pdu"), 0x10, {0x03});
    ASSERT_FALSE(ask(ulp, {}, layer3).empty());
  }
  // ULP_SETUP of the data device 04`unit`, whose guest's token ends with it; our token.
  Token set_up(std::uint8_t unit) {
    Bytes setup = with(golden("handshake", "ulp_setup.request.pdu"), 0x14, {unit});
    setup = with(setup, 0x28, {0x04, unit, 0x00, unit});
    const Bytes reply = LinuxDriver::body_of(ask(ulp, {}, setup));
    EXPECT_GE(reply.size(), 4U);
    if (reply.size() < 4) return {};
    EXPECT_EQ(kit::to_hex(std::span(reply).last(4)), kit::to_hex(std::span(setup).last(4)));
    return token_at(reply, 0x1a);
  }
  void activate_data_manager(const Token& token) {
    const Bytes request =
        with(golden("handshake", "dm_act.request.pdu"), 0x11, {token[0], token[1], token[2], token[3]});
    ASSERT_FALSE(ask(ulp, {}, request).empty());
  }
  // An IPA command on one data path; the return code.
  unsigned command(const Token& token, const Bytes& body, std::uint8_t unit) {
    const Bytes reply = ask(ipa, token, body);
    EXPECT_EQ(std::to_integer<unsigned>(token_of_receiver(reply)), unit);
    const Bytes answer = LinuxDriver::body_of(reply);
    return answer.size() < 6 ? 0xffffU : kit::get32(&answer[4]) >> 16U;
  }
  // The last byte of whom an IPA message is for.
  static std::byte token_of_receiver(const Bytes& message) {
    return message.size() > 0x2f ? message[0x2f] : std::byte{0xff};
  }
  static Bytes set_ip(std::uint8_t last) { return with(golden("ipa", "set_ip.v4"), 0x14, {10, 1, 1, last}); }

  // Both data paths up, 10.1.1.2 and 10.1.1.3.
  void bring_both_up() {
    start_session();
    second_token = set_up(3);
    first_token = set_up(2);
    for (const auto& [token, unit] : {std::pair{first_token, 2}, std::pair{second_token, 3}}) {
      activate_data_manager(token);
      const auto last = static_cast<std::uint8_t>(unit);
      ASSERT_EQ(command(token, golden("ipa", "start_lan"), last), 0U);
      ASSERT_EQ(command(token, set_ip(last), last), 0U);
    }
    for (LinuxDriver* driver : {&first, &second}) {
      ASSERT_TRUE(driver->establish_queues() && driver->activate_queues() && driver->give_input_buffers(64))
          << driver->failure();
    }
  }
  bool is_registered(std::uint8_t last) {
    return lan.ip_table().find(wire::IpAddress::v4(10, 1, 1, last)) != nullptr;
  }
  bool arrives_at_second() {
    first.prime(0, kit::ipv4_packet({10, 1, 1, 2}, {10, 1, 1, 3}, 100));
    EXPECT_EQ(first.signal_output(0), arch::ConditionCode::zero);
    return second.input_state(0) == 0x82;
  }

  guestlan::Lan lan{attributes()};
  guestlan::Nic nic{nic_settings()};
  kit::BareMachine machine{device_settings(), nic};
  LinuxDriver first{machine, options(0, 0x10000)};    // 0400, 0401 and 0402
  LinuxDriver second{machine, options(1, 0x800000)};  // of it only 0403 is used
  Token first_token{};
  Token second_token{};
};

TEST_F(SeveralDataPaths, IdxActivateIsAnsweredWithAllOfThem) {
  ASSERT_TRUE(first.enable());
  for (const auto& [device, name] :
       {std::pair{reader, "zos.idx.read.three"}, {writer, "zos.idx.write.three"}}) {
    const Bytes request = golden("other_guests", name);
    const Bytes reply = activate(device, name);
    ASSERT_EQ(reply.size(), 0x2aU);
    EXPECT_EQ(reply[0x08] & std::byte{3}, std::byte{2});
    EXPECT_EQ(kit::to_hex(std::span(reply).subspan(0x0a, 1)), "03");
    EXPECT_EQ(kit::to_hex(std::span(reply).subspan(0x1e)), kit::to_hex(std::span(request).subspan(0x1e)));
  }
  for (unsigned device = 2; device < devices; ++device)
    EXPECT_EQ(nic.role(device), guestlan::Nic::Role::data);
}

TEST_F(SeveralDataPaths, AMessageThatSaysMoreThanItHasNamesWhatItHas) {
  ASSERT_TRUE(first.enable());
  EXPECT_EQ(activate(reader, "zos.idx.read.cut").size(), 0x26U);
}

TEST_F(SeveralDataPaths, TheTwoChannelsMayNameThemInDifferentOrders) {
  Bytes idx_write = golden("other_guests", "zos.idx.write.three");
  std::swap_ranges(idx_write.begin() + 0x1e, idx_write.begin() + 0x22, idx_write.begin() + 0x22);
  start_session(idx_write);
  EXPECT_NE(set_up(2), Token{});
  EXPECT_NE(set_up(3), Token{});
}

TEST_F(SeveralDataPaths, EachHasTokensAndAddressesOfItsOwn) {
  bring_both_up();
  EXPECT_NE(first_token, second_token);
  EXPECT_EQ(nic.port_of_data_device(2).unicast().size(), 1U);
  EXPECT_EQ(nic.port_of_data_device(3).unicast().size(), 1U);
  EXPECT_TRUE(arrives_at_second());
  // A token that is neither's names nobody.
  EXPECT_TRUE(ask(ipa, {1, 2, 3, 4}, golden("ipa", "start_lan")).empty());
}

TEST_F(SeveralDataPaths, SettingOneUpAgainLeavesTheOtherAlone) {
  bring_both_up();
  EXPECT_EQ(set_up(2), first_token);
  EXPECT_FALSE(is_registered(2));
  EXPECT_TRUE(is_registered(3));
  EXPECT_EQ(command(second_token, set_ip(3), 3), 0xe00aU);
}

TEST_F(SeveralDataPaths, TakingOneDownOrClearingItsDeviceLeavesTheOtherAlone) {
  bring_both_up();
  const Bytes take_down = with(golden("handshake", "dm_act.request.pdu"), 2, {0x41, 0x05});
  // A second time, when there is nothing left to take down.
  for (int time = 0; time < 2; ++time) {
    EXPECT_TRUE(
        ask(ulp, {}, with(take_down, 0x11, {first_token[0], first_token[1], first_token[2], first_token[3]}))
            .empty());
    EXPECT_FALSE(is_registered(2));
    EXPECT_TRUE(is_registered(3));
  }
  EXPECT_EQ(machine.clear_subchannel({3}), arch::ConditionCode::zero);
  EXPECT_FALSE(is_registered(3));
  EXPECT_EQ(nic.role(0), guestlan::Nic::Role::control_read);
  EXPECT_NE(set_up(3), Token{});
}

TEST_F(SeveralDataPaths, AllOfThemEndWithTheirControlDevice) {
  bring_both_up();
  EXPECT_EQ(machine.clear_subchannel({0}), arch::ConditionCode::zero);
  EXPECT_EQ(lan.ip_table().size(), 0U);
  EXPECT_EQ(nic.role(1), guestlan::Nic::Role::unassigned);
}

TEST_F(SeveralDataPaths, EachIsToldThatItsLanHasGone) {
  bring_both_up();
  nic.uncouple();
  std::array<bool, 8> told{};
  for (int event = 0; event < 2; ++event) {
    const Bytes message = first.fetch();
    ASSERT_FALSE(message.empty());
    EXPECT_EQ(LinuxDriver::body_of(message).at(0), std::byte{0x02});
    told.at(std::to_integer<std::size_t>(token_of_receiver(message))) = true;
  }
  EXPECT_TRUE(told[2] && told[3]);
}

TEST_F(SeveralDataPaths, AnotherSessionTakesOneOfThemOver) {
  bring_both_up();
  // 0404 becomes a read device for 0403.
  Bytes request = golden("other_guests", "zvm.idx.read");
  kit::put16(&request[0x1e], 0x0403);
  request[0x21] = std::byte{3};
  nic.send(4, request);
  EXPECT_FALSE(is_registered(3));
  EXPECT_TRUE(is_registered(2));
  EXPECT_EQ(nic.role(4), guestlan::Nic::Role::control_read);
  EXPECT_EQ(nic.role(0), guestlan::Nic::Role::control_read);
}

}  // namespace
}  // namespace vmlan
