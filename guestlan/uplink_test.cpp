// Who goes out: the rows of the uplink in guestlan/route.h, and a LAN without its uplink.
#include "guestlan/uplink.h"

#include <gtest/gtest.h>

#include "guestlan/lan_registry.h"
#include "tests/kit/offload_station.h"

namespace vmlan::guestlan {
namespace {

using kit::Station;
using qdio::IpaCode;
using qdio::Transport;
using wire::IpAddress;
using wire::IpVersion;

class PlainUplink final : public Uplink {
 public:
  explicit PlainUplink(std::uint16_t device = 0x0a00) : Uplink({device}, {{2, 0, 0, 0, 0, 0x99}}) {}
  ~PlainUplink() override { leave(); }
  State is = State::ready;
  void become(State state) {
    is = state;
    update();
  }
  State state() const override { return is; }
  std::string name() const override { return "PLAIN"; }
  std::string trouble() const override { return {}; }
  std::vector<std::string> details() const override { return {}; }
};

class UplinkRows : public testing::Test {
 protected:
  UplinkRows() {
    uplink.join(lan);
    uplink.carry(true);
  }
  Route to(const IpAddress& address, const Port& from) {
    packet = wire::Ipv4Header{};
    std::memcpy(packet.destination.data(), address.bytes.data() + 12, 4);
    frame.segments = 1;
    frame.length = sizeof(packet);
    frame.segment[0] = {reinterpret_cast<const std::byte*>(&packet), sizeof(packet)};
    return lan.route(from, frame);
  }

  Lan lan{kit::attributes(Transport::ip)};
  Station alice{lan, 1};
  Station bob{lan, 2};
  PlainUplink uplink;
  wire::Ipv4Header packet;
  qdio::Frame frame;
  IpAddress beyond = IpAddress::v4(192, 0, 2, 1);
};

TEST_F(UplinkRows, WhatNobodyHasGoesToTheRouterAndThenOut) {
  EXPECT_EQ(to(beyond, alice.port()).station, &uplink);
  EXPECT_EQ(to(IpAddress::v4(10, 0, 0, 2), alice.port()).station, &bob.port());
  ASSERT_EQ(bob.port().set_router(IpVersion::v4, qdio::RouterType::primary), IpaCode::success);
  EXPECT_EQ(to(beyond, alice.port()).station, &bob.port());
  EXPECT_EQ(to(beyond, bob.port()).station, &uplink) << "the router's own way on";
  EXPECT_EQ(to(beyond, uplink).station, &bob.port());
}

TEST_F(UplinkRows, WhatComesFromOutsideDoesNotGoBack) {
  const auto route = to(beyond, uplink);
  EXPECT_EQ(route.kind, Route::Kind::drop);
  EXPECT_EQ(route.reason, Drop::unknown_address);
}

TEST_F(UplinkRows, GroupsAndBroadcastsGoOutToo) {
  EXPECT_EQ(to(IpAddress::v4(224, 0, 0, 251), alice.port()).beyond, &lan.uplinks());
  EXPECT_EQ(to(IpAddress::v4(255, 255, 255, 255), alice.port()).beyond, &lan.uplinks());
  EXPECT_EQ(to(IpAddress::v4(10, 0, 0, 255), alice.port()).beyond, &lan.uplinks());
  EXPECT_EQ(to(IpAddress::v4(10, 0, 0, 2), alice.port()).beyond, nullptr);
}

TEST_F(UplinkRows, OneThatIsNotReadyOrStandsByIsNotThere) {
  uplink.become(Uplink::State::not_ready);
  EXPECT_EQ(to(beyond, alice.port()).reason, Drop::unknown_address);
  uplink.become(Uplink::State::ready);
  EXPECT_EQ(lan.uplink(), &uplink);
  uplink.carry(false);
  EXPECT_EQ(lan.uplink(), nullptr);
  EXPECT_EQ(lan.attached().size(), 1U);
}

TEST(UplinkOfARegistry, IsFreeWhenItsLanHasGone) {
  LanRegistry registry;
  ASSERT_EQ(registry.create(kit::attributes(Transport::ethernet)), LanRegistry::CreateResult::created);
  PlainUplink uplink;
  uplink.join(*registry.find("SYSTEM", "LAN1"));
  EXPECT_TRUE(registry.destroy("SYSTEM", "LAN1"));
  EXPECT_EQ(uplink.lan(), nullptr);
}

TEST(UplinkOfARegistry, KeepsTheLanThatAGuestHasMade) {
  LanRegistry registry;
  auto attributes = kit::attributes(Transport::ethernet);
  attributes.made_by_guest = true;
  ASSERT_EQ(registry.create(attributes), LanRegistry::CreateResult::created);
  Lan& lan = *registry.find("SYSTEM", "LAN1");
  PlainUplink uplink;
  uplink.join(lan);
  EXPECT_FALSE(registry.nic_left(lan));
  EXPECT_EQ(uplink.lan(), &lan);
  uplink.leave();
  EXPECT_TRUE(registry.nic_left(lan));
}

TEST_F(UplinkRows, OnAnotherLanItCarriesNothingUntilToldTo) {
  uplink.leave();
  Lan other(kit::attributes(Transport::ip));
  uplink.join(other);
  EXPECT_EQ(other.uplink(), nullptr);
  uplink.carry(true);
  EXPECT_EQ(other.uplink(), &uplink);
  uplink.leave();
}

}  // namespace
}  // namespace vmlan::guestlan
