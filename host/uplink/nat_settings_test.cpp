// What an operator may say about a NAT, what is refused, and the answers the device makes without the engine.
#include "host/uplink/nat_settings.h"

#include <gtest/gtest.h>

#include "host/uplink/nat_device.h"
#include "host/uplink/nat_host.h"
#include "host/uplink/neighbor_packets.h"
#include "host/uplink/test_nat.h"

namespace vmlan::host::nat {
namespace {

std::string wrong_with(const NatSettings& settings) {
  const auto plan = plan_nat(settings);
  const auto* wrong = std::get_if<std::string>(&plan);
  return wrong != nullptr ? *wrong : "";
}

NatSettings on(std::string_view network, unsigned bits) {
  NatSettings settings;
  settings.network = ip(network);
  settings.prefix_length = bits;
  return settings;
}

TEST(NatSettings, TheDefaultIsTheNetworkThatEverybodyKnows) {
  const auto plan = std::get<NatPlan>(plan_nat({}));
  EXPECT_EQ(wire::to_string(plan.host), "10.0.2.2");
  EXPECT_EQ(wire::to_string(plan.name_server), "10.0.2.3");
  EXPECT_EQ(wire::to_string(plan.first_lease), "10.0.2.15");
  EXPECT_EQ(wire::to_string(plan.host6), "fd00::2");
  EXPECT_EQ(wire::to_string(plan.name_server6), "fd00::3");
  EXPECT_TRUE(plan.is_guest(ip("10.0.2.254")));
  EXPECT_FALSE(plan.is_guest(ip("10.0.2.255")));
  EXPECT_FALSE(plan.is_guest(ip("10.0.3.1")));
  EXPECT_TRUE(plan.is_guest(ip("fd00::1")));
  EXPECT_FALSE(plan.is_guest(ip("fd00::")));
  EXPECT_FALSE(plan.is_guest(ip("fd00::2")));
}

TEST(NatSettings, NetworksThatMakeNoSenseAreRefused) {
  EXPECT_EQ(wrong_with(on("10.0.2.1", 24)), "10.0.2.1 is no network of 24 bits");
  EXPECT_EQ(wrong_with(on("127.0.0.0", 8)), "127.0.0.0 is no network for guests");
  EXPECT_EQ(wrong_with(on("224.0.0.0", 24)), "224.0.0.0 is no network for guests");
  EXPECT_EQ(wrong_with(on("10.0.2.0", 30)), "the network has to be an IPv4 network of 8 to 29 bits");
  EXPECT_EQ(wrong_with(on("10.0.2.0", 28)),
            "DHCP needs 16 addresses in a row, which 10.0.2.15 and what follows are not");
  EXPECT_EQ(wrong_with(on("10.0.2.0", 27)), "");
  auto small = on("10.0.2.0", 29);
  small.dhcp = false;
  EXPECT_EQ(wrong_with(small), "");
  auto settings = on("10.0.2.0", 24);
  settings.name_server = ip("10.0.2.2");
  EXPECT_EQ(wrong_with(settings), "the host and the name server need different addresses");
  settings.name_server = ip("10.0.3.3");
  EXPECT_EQ(wrong_with(settings), "10.0.3.3 is no address in 10.0.2.0/24");
  settings.name_server = ip("10.0.2.20");
  EXPECT_NE(wrong_with(settings), "") << "it lies in the pool";
  settings = on("10.0.0.0", 16);
  settings.first_lease = ip("10.0.1.250");
  EXPECT_NE(wrong_with(settings), "") << "libslirp counts in the last byte only";
}

TEST(NatSettings, OptionsHaveTheirBounds) {
  NatSettings settings;
  settings.mtu = 1000;
  EXPECT_EQ(wrong_with(settings), "with IPv6 the MTU has to be at least 1280");
  settings.ipv6 = false;
  EXPECT_EQ(wrong_with(settings), "");
  settings.mtu = 575;
  EXPECT_EQ(wrong_with(settings), "the MTU has to be between 576 and 65521");
  settings.mtu = 65522;
  EXPECT_EQ(wrong_with(settings), "the MTU has to be between 576 and 65521");
  settings = {};
  settings.hostname = std::string(33, 'a');
  EXPECT_EQ(wrong_with(settings), "a host name has at most 32 letters, digits, dashes and dots");
  settings = {};
  settings.domain = "exa mple";
  EXPECT_EQ(wrong_with(settings), "a domain has at most 128 letters, digits, dashes and dots");
  settings = {};
  settings.prefix6 = ip("fe80::");
  EXPECT_EQ(wrong_with(settings), "fe80:: is no IPv6 prefix of 64 bits for a network");
}

TEST(NatSettings, ForwardedPortsAreChecked) {
  const auto plan = std::get<NatPlan>(plan_nat({}));
  const auto wrong_port = [&](const ForwardedPort& port) {
    const auto planned = plan_forward(plan, port);
    const auto* wrong = std::get_if<std::string>(&planned);
    return wrong != nullptr ? *wrong : to_string(std::get<ForwardedPort>(planned));
  };
  ForwardedPort port;
  port.host_port = 2222;
  EXPECT_EQ(wrong_port(port), "a port is a number from 1 to 65535");
  port.guest_port = 22;
  EXPECT_EQ(wrong_port(port), "tcp 127.0.0.1:2222 to 10.0.2.15:22");
  port.guest_address = ip("10.0.2.2");
  EXPECT_EQ(wrong_port(port),
            "tcp 127.0.0.1:2222 to 10.0.2.2:22: 10.0.2.2 is no address for a guest of this network");
  port.guest_address = ip("fd00::21");
  EXPECT_EQ(wrong_port(port),
            "tcp 127.0.0.1:2222 to [fd00::21]:22: the host's address and the guest's have to be of one kind, "
            "IPv4 or IPv6");
  port.host_address = ip("::1");
  EXPECT_EQ(wrong_port(port), "tcp [::1]:2222 to [fd00::21]:22");
}

TEST(NatSettings, WhatIsWrongIsSaidInsteadOfADevice) {
  const auto made = NatDevice::make(on("127.0.0.0", 8));
  const auto* wrong = std::get_if<std::string>(&made);
  ASSERT_NE(wrong, nullptr);
  EXPECT_TRUE(*wrong == "127.0.0.0 is no network for guests" ||
              *wrong == "this vmlan was built without NAT; install libslirp-dev and build again")
      << *wrong;
}

// RFC 826, by hand.
TEST(NatPacket, AnArpRequestIsAnswered) {
  const Bytes question = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x55, 10,   0,    2,  2, 0x08, 0x06,
                          0,    1,    0x08, 0x00, 6,    4,    0,    1,    0x52, 0x55, 10, 0, 2,    2,
                          10,   0,    2,    2,    0,    0,    0,    0,    0,    0,    10, 0, 2,    15};
  const Bytes expected = {0x52, 0x55, 10,   0,    2,    2,    0x02, 0, 0,    0, 0,  1, 0x08, 0x06,
                          0,    1,    0x08, 0x00, 6,    4,    0,    2, 0x02, 0, 0,  0, 0,    1,
                          10,   0,    2,    15,   0x52, 0x55, 10,   0, 2,    2, 10, 0, 2,    2};
  const auto answer = answer_neighbor_question(as_frame(question), wire::MacAddress{{2, 0, 0, 0, 0, 1}});
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(std::ranges::equal(answer->frame(), as_frame(expected)));
  EXPECT_FALSE(answer_neighbor_question(as_frame(expected), wire::MacAddress{}).has_value());
}

// RFC 4861, 4.3 and 4.4, by hand: solicited, override, hop limit 255, the target's link-layer address.
TEST(NatPacket, ANeighborSolicitationIsAnswered) {
  const auto question =
      PacketMaker{
          ip("fd00::2"), ip("ff02::1:ff00:21"), {0x52, 0x56, 0, 0, 0, 2}, {0x33, 0x33, 0xff, 0, 0, 0x21}}
          .frame(58,
                 Bytes{135, 0, 0, 0, 0, 0, 0, 0} + address_bytes(ip("fd00::21")) +
                     Bytes{1, 1, 0x52, 0x56, 0, 0, 0, 2},
                 2);
  const auto answer = answer_neighbor_question(as_frame(question), wire::MacAddress{{2, 0, 0, 0, 0, 1}});
  ASSERT_TRUE(answer.has_value());
  const Bytes expected =
      Bytes{0x52, 0x56, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 32, 58, 255} +
      address_bytes(ip("fd00::21")) + address_bytes(ip("fd00::2")) +
      Bytes{136, 0, 0x1c, 0x5c, 0x60, 0, 0, 0} + address_bytes(ip("fd00::21")) +
      Bytes{2, 1, 2, 0, 0, 0, 0, 1};
  EXPECT_TRUE(std::ranges::equal(answer->frame(), as_frame(expected)));
}

// libslirp keeps 32 bits of milliseconds, and lets UDP sockets end up to four minutes later.
TEST(NatTime, TheMinutesBeforeItsWrapAreLeftOut) {
  using std::chrono::milliseconds;
  constexpr std::int64_t wrap = std::int64_t{1} << 32U;
  const auto ms = [](std::int64_t time) { return nat_time_of(milliseconds(time)) / milliseconds(1); };
  EXPECT_EQ(ms(0), 1000);
  EXPECT_EQ(ms(60'000), 61'000);
  EXPECT_EQ(ms(wrap - 300'000 - 1001), wrap - 300'000 - 1);
  EXPECT_EQ(ms(wrap - 300'000 - 1000), wrap);
  EXPECT_EQ(ms(2 * (wrap - 300'000) - 1000), 2 * wrap);
}

}  // namespace
}  // namespace vmlan::host::nat
