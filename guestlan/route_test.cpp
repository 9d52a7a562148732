// The rows of guestlan/route.h, each with every field of its answer; and that a decision changes nothing.
#include "guestlan/route.h"

#include <gtest/gtest.h>

#include "guestlan/lan.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/offload_station.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::IpaCode;
using qdio::RouterType;
using wire::Cast;
using wire::IpAddress;
using wire::IpVersion;
using Kind = Route::Kind;

// A judged frame and its bytes: transport header, payload.
struct SentFrame {
  explicit SentFrame(std::vector<std::byte> sent) : bytes(std::move(sent)) {
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
    EXPECT_TRUE(qdio::judge(frame));
  }
  SentFrame(const SentFrame&) = delete;
  SentFrame& operator=(const SentFrame&) = delete;
  std::vector<std::byte> bytes;
  qdio::Frame frame;
};

void expect_route(const Route& is, const Route& expected) {
  EXPECT_EQ(is.kind, expected.kind);
  if (expected.kind != Kind::station) {
    EXPECT_EQ(is.reason, expected.reason);
  }
  EXPECT_EQ(is.cast, expected.cast);
  EXPECT_EQ(is.vlan, expected.vlan);
  EXPECT_EQ(is.station, expected.station);
  EXPECT_EQ(is.members, expected.members);
  EXPECT_EQ(is.others, expected.others);
}

std::vector<std::byte> ipv6_packet(const IpAddress& to, unsigned flags = 0x86) {
  std::vector<std::byte> bytes(32 + 40 + 8);
  bytes[0] = std::byte{1};
  bytes[1] = std::byte(flags);
  put16(bytes.data() + 8, 48);
  std::memcpy(bytes.data() + 0x10, to.bytes.data(), 16);
  bytes[32] = std::byte{0x60};
  std::memcpy(bytes.data() + 32 + 24, to.bytes.data(), 16);
  return bytes;
}

class RouteIp : public ThreeLanUsers {
 protected:
  Route route(Bytes to, Bytes hop = {}, unsigned flags = 0x06) {
    auto bytes = ipv4_packet(alice_ip, to, 64);
    bytes[1] = std::byte(flags);
    std::memcpy(bytes.data() + 0x1c, hop.data(), 4);
    return route(std::move(bytes));
  }
  Route route(std::vector<std::byte> bytes) {
    const SentFrame sent(std::move(bytes));
    return lan.route(alice.port(), sent.frame);
  }
  Route to_station(LanUser& user) {
    Route expected;
    expected.kind = Kind::station;
    expected.station = &user.port();
    expected.others = &lan.promiscuous_ports();
    return expected;
  }
  Route to_group(Cast cast, const PortList* members, const PortList* others) {
    Route expected;
    expected.kind = Kind::group;
    expected.reason = Drop::no_receiver;
    expected.cast = cast;
    expected.members = members;
    expected.others = others;
    return expected;
  }
};

TEST_F(RouteIp, ARegisteredAddressIsAStationWhateverTheDriverSaysOfItsCast) {
  for (const unsigned flags : {0x06U, 0x05U, 0x04U, 0x00U}) {
    expect_route(route(bob_ip, bob_ip, flags), to_station(bob));
    expect_route(route(bob_ip, carol_ip, flags), to_station(bob));
  }
  expect_route(route(alice_ip), Route::drop(Drop::own_address));
}

TEST_F(RouteIp, AGroupIsItsMembersAndThenTheRoutersOfItsVersion) {
  const auto& table = lan.ip_table();
  const auto group = IpAddress::v4(224, 1, 2, 3);
  const auto group6 = *wire::parse_ip_address("ff02::1:3");
  expect_route(route({224, 1, 2, 3}),
               to_group(Cast::multicast, nullptr, &table.multicast_routers(IpVersion::v4)));
  expect_route(route(ipv6_packet(group6)),
               to_group(Cast::multicast, nullptr, &table.multicast_routers(IpVersion::v6)));
  ASSERT_EQ(bob.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  ASSERT_EQ(bob.port().set_multicast(group6, wire::multicast_mac(group6)), IpaCode::success);
  expect_route(route({224, 1, 2, 3}), to_group(Cast::multicast, &table.find(group)->group->members,
                                               &table.multicast_routers(IpVersion::v4)));
  expect_route(route(ipv6_packet(group6)), to_group(Cast::multicast, &table.find(group6)->group->members,
                                                    &table.multicast_routers(IpVersion::v6)));
}

TEST_F(RouteIp, ABroadcastIsForActivePortsThatEnabledIt) {
  const Route expected = to_group(Cast::broadcast, &lan.broadcast_ports(), nullptr);
  expect_route(route({255, 255, 255, 255}), expected);
  expect_route(route({10, 0, 0, 255}), expected);
  expect_route(route({10, 9, 9, 255}, {}, 0x05), expected);
  expect_route(route({10, 9, 9, 255}, {}, 0x06), Route::drop(Drop::unknown_address));
  expect_route(route({10, 9, 9, 255}, {}, 0x04), Route::drop(Drop::unknown_address));
}

TEST_F(RouteIp, WhatIsBeyondGoesToTheNextHopThenToThePrimaryThenToTheSecondary) {
  const Bytes beyond{192, 0, 2, 1};
  const auto group = IpAddress::v4(224, 1, 2, 3);
  ASSERT_EQ(bob.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  expect_route(route(beyond, beyond), Route::drop(Drop::unknown_address));
  expect_route(route(beyond, carol_ip), to_station(carol));
  expect_route(route(beyond, {10, 0, 0, 99}), Route::drop(Drop::unknown_address));
  expect_route(route(beyond, {10, 0, 0, 255}), Route::drop(Drop::unknown_address));
  expect_route(route(beyond, {224, 1, 2, 3}), Route::drop(Drop::unknown_address));
  expect_route(route(beyond, alice_ip), Route::drop(Drop::unknown_address));

  ASSERT_EQ(carol.port().set_router(IpVersion::v6, RouterType::primary), IpaCode::success);
  expect_route(route(beyond, beyond), Route::drop(Drop::unknown_address));
  ASSERT_EQ(carol.port().set_router(IpVersion::v4, RouterType::secondary), IpaCode::success);
  expect_route(route(beyond, beyond), to_station(carol));
  ASSERT_EQ(bob.port().set_router(IpVersion::v4, RouterType::primary), IpaCode::success);
  expect_route(route(beyond, beyond), to_station(bob));
  expect_route(route(beyond, {10, 0, 0, 99}), to_station(bob));
  expect_route(route(beyond, {224, 1, 2, 3}), to_station(bob));
  expect_route(route(beyond, carol_ip), to_station(carol));
  ASSERT_EQ(bob.port().set_router(IpVersion::v4, RouterType::none), IpaCode::success);
  ASSERT_EQ(alice.port().set_router(IpVersion::v4, RouterType::primary), IpaCode::success);
  expect_route(route(beyond, beyond), Route::drop(Drop::unknown_address));
}

TEST_F(RouteIp, AnIpv6PacketHasItsNextHopInAllSixteenBytes) {
  const auto carol6 = *wire::parse_ip_address("fe80::3");
  const auto beyond = *wire::parse_ip_address("2001:db8::1");
  ASSERT_EQ(carol.port().set_ip(carol6, 64, 0), IpaCode::success);
  expect_route(route(ipv6_packet(carol6)), to_station(carol));
  expect_route(route(ipv6_packet(beyond)), Route::drop(Drop::unknown_address));
  auto bytes = ipv6_packet(beyond);
  std::memcpy(bytes.data() + 0x10, carol6.bytes.data(), 16);
  expect_route(route(bytes), to_station(carol));
}

TEST_F(RouteIp, APacketThatIsNoneIsMalformedOrNotIp) {
  auto short4 = ipv4_packet(alice_ip, bob_ip, 64);
  put16(short4.data() + 8, 19);
  expect_route(route(short4), Route::drop(Drop::malformed));
  put16(short4.data() + 8, 20);
  expect_route(route(short4), to_station(bob));
  expect_route(route(bob_ip, {}, 0x86), Route::drop(Drop::malformed));
  auto ethernet = ipv4_packet(alice_ip, bob_ip, 64);
  ethernet[0] = std::byte{2};
  put16(ethernet.data() + 6, 64);
  expect_route(route(ethernet), Route::drop(Drop::not_ip));
}

TEST_F(RouteIp, APassthruFrameIsRoutedByItsTypeAndWhatIsBehindIt) {
  const auto carol6 = *wire::parse_ip_address("fe80::3");
  ASSERT_EQ(carol.port().set_ip(carol6, 64, 0), IpaCode::success);
  for (const unsigned version_said : {0x00U, 0x80U}) {
    for (const unsigned type : {0x0800U, 0x86ddU, 0x0806U}) {
      for (const bool tagged : {false, true}) {
        const std::size_t ethernet = tagged ? 18 : 14;
        auto inner = type == 0x86dd ? ipv6_packet(carol6) : ipv4_packet(alice_ip, bob_ip, 48);
        inner[1] = std::byte(0x16 | version_said);
        put16(inner.data() + 8, static_cast<std::uint16_t>(48 + ethernet));
        inner.insert(inner.begin() + 32, ethernet, std::byte{0});
        if (tagged) put16(inner.data() + 32 + 12, 0x8100);
        put16(inner.data() + 32 + ethernet - 2, static_cast<std::uint16_t>(type));
        expect_route(route(inner), type == 0x0800   ? to_station(bob)
                                   : type == 0x86dd ? to_station(carol)
                                                    : Route::drop(Drop::not_ip));
      }
    }
  }
}

// --- ETHERNET

class RouteEthernet : public ::testing::Test {
 protected:
  Route route(const wire::MacAddress& to, std::size_t length = 60, unsigned tag = 0, unsigned id = 2) {
    std::vector<std::byte> bytes(32 + length);
    bytes[0] = std::byte(id);
    put16(bytes.data() + (id == 2 ? 6 : 8), static_cast<std::uint16_t>(length));
    std::memcpy(bytes.data() + 32, to.bytes.data(), std::min<std::size_t>(length, 6));
    if (tag != 0) {
      put16(bytes.data() + 32 + 12, 0x8100);
      put16(bytes.data() + 32 + 14, static_cast<std::uint16_t>(tag));
    }
    const SentFrame sent(std::move(bytes));
    return lan.route(alice.port(), sent.frame);
  }
  Route to(const PortList* members, Drop reason, Station* station = nullptr, std::uint16_t vlan = 0) {
    Route expected;
    expected.kind = station != nullptr ? Kind::station : Kind::group;
    expected.reason = reason;
    expected.vlan = vlan;
    expected.station = station != nullptr ? &station->port() : nullptr;
    expected.members = members;
    expected.others = members == &lan.active_ports() ? nullptr : &lan.promiscuous_ports();
    return expected;
  }

  Lan lan{attributes(qdio::Transport::ethernet)};
  Station alice{lan, 1};
  Station bob{lan, 2};
  wire::MacAddress group{{1, 0, 0x5e, 1, 2, 3}};
};

TEST_F(RouteEthernet, EachKindOfAddressHasItsRow) {
  expect_route(route(bob.nic.settings().mac), to(nullptr, {}, &bob));
  expect_route(route(alice.nic.settings().mac), to(nullptr, Drop::own_address));
  expect_route(route({{2, 0, 0, 0, 0, 0x99}}), to(nullptr, Drop::unknown_address));
  expect_route(route({{255, 255, 255, 255, 255, 255}}), to(&lan.active_ports(), Drop::no_receiver));
  expect_route(route(group), to(nullptr, Drop::no_receiver));
  ASSERT_EQ(bob.port().set_group_mac(group), IpaCode::success);
  expect_route(route(group), to(lan.find_mac(group), Drop::no_receiver));
}

TEST_F(RouteEthernet, AVlanIsPartOfTheDecision) {
  const auto bobs = bob.nic.settings().mac;
  expect_route(route(bobs, 60, 0xe007), to(nullptr, {}, &bob, 7));
  expect_route(route(bobs, 60, 0xe000), to(nullptr, {}, &bob, 0));
  expect_route(route(group, 60, 9), to(nullptr, Drop::no_receiver, nullptr, 9));
  ASSERT_EQ(bob.port().set_vlan(8), IpaCode::success);
  expect_route(route(bobs, 60, 7), to(nullptr, Drop::vlan_not_registered, nullptr, 7));
  expect_route(route(bobs, 60, 8), to(nullptr, {}, &bob, 8));
  expect_route(route(bobs), to(nullptr, {}, &bob));
}

TEST_F(RouteEthernet, AFrameWithoutADestinationOrOfAnotherLayerIsMalformed) {
  const auto bobs = bob.nic.settings().mac;
  expect_route(route(bobs, 5), Route::drop(Drop::malformed));
  expect_route(route(bobs, 6), to(nullptr, {}, &bob));
  expect_route(route(bobs, 60, 0, 1), Route::drop(Drop::malformed));
}

}  // namespace
}  // namespace vmlan::guestlan
