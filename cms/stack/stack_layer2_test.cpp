// The stack over Ethernet frames: resolution, routers, what comes and goes with the LAN.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <string>

#include "cms/stack/ip_conversion.h"
#include "cms/stack/stack.h"
#include "cms/stack/test_wire.h"
#include "tests/kit/hex.h"

namespace vmlan::cms {
namespace {

using kit::from_hex;
using kit::to_hex;
using wire::IpAddress;
using namespace std::chrono_literals;

class Layer2Stack : public testing::Test {
 protected:
  struct User {
    std::unique_ptr<TestLink> link;
    std::unique_ptr<Stack> stack;
    Interface* interface = nullptr;
  };

  User make(const IpAddress& address) {
    User user;
    user.link = std::make_unique<TestLink>(wire_, true, 1500);
    user.link->link_state.layer2 = true;
    std::string error;
    user.stack = Stack::create(clock_, ++seed_, error);
    EXPECT_NE(user.stack, nullptr) << error;
    user.interface = user.stack->add_interface(*user.link, "ETH0", 0);
    EXPECT_EQ(user.interface->set_ipv4(address, 0xffffff00), qdio::IpaCode::success);
    return user;
  }
  // Everything that happens at once.
  void settle() {
    for (int round = 0; round < 20; ++round) {
      for (User* user : {&alice_, &bob_}) {
        user->stack->poll();
        user->stack->flush();
      }
    }
  }
  // Everything that happens until nobody waits for a timer.
  arch::Time settle_in_time() {
    const auto before = clock_.now();
    for (int round = 0; round < 1000; ++round) {
      settle();
      const auto next = alice_.stack->next_timer();
      if (!next) break;
      clock_.advance_to(*next);
    }
    return clock_.now() - before;
  }
  static err_t send(User& from, const IpAddress& to, const std::string& text = "hello") {
    LwipInstance& lwip = from.stack->lwip();
    const ip_addr_t address = to_lwip(to);
    udp_pcb* pcb = lwip->udp_new_ip_type(address.type);
    pbuf* packet = lwip->pbuf_alloc(PBUF_TRANSPORT, static_cast<u16_t>(text.size()), PBUF_RAM);
    std::memcpy(packet->payload, text.data(), text.size());
    const err_t error = lwip->udp_sendto(pcb, packet, &address, 7);
    lwip->pbuf_free(packet);
    lwip->udp_remove(pcb);
    return error;
  }
  static std::string frame(const User& user, std::size_t index) {
    return to_hex(user.link->frames.at(index));
  }
  static std::string last_frame(const User& user) { return to_hex(user.link->frames.back()); }
  void restart(User& user, bool layer2, bool online = true) {
    ++user.link->link_state.session;
    user.link->link_state.layer2 = layer2;
    user.link->link_state.online = online;
    settle();
  }

  arch::VirtualClock clock_;
  TestWire wire_;
  std::uint64_t seed_ = 0;
  User alice_ = make(IpAddress::v4(10, 1, 1, 1));
  User bob_ = make(IpAddress::v4(10, 1, 1, 2));
  const IpAddress bob_address_ = IpAddress::v4(10, 1, 1, 2);
};

TEST_F(Layer2Stack, AnnouncesItsAddress) {
  settle();
  ASSERT_FALSE(alice_.link->frames.empty());
  EXPECT_EQ(frame(alice_, 0), to_hex(from_hex("FFFFFFFFFFFF 020000000001 0806 0001 0800 06 04 0001"
                                              "020000000001 0A010101 000000000000 0A010101")));
  EXPECT_EQ(alice_.link->header_flags, wire::layer2_flag::broadcast);
  EXPECT_FALSE(alice_.stack->next_timer().has_value()) << "an announcement waits for no answer";
}

TEST_F(Layer2Stack, AsksWhoHasAnAddressAndSendsWhatWaited) {
  settle();
  alice_.link->frames.clear();
  ASSERT_EQ(send(alice_, bob_address_), ERR_OK);
  settle();
  ASSERT_EQ(alice_.link->frames.size(), 2U);
  EXPECT_EQ(frame(alice_, 0), to_hex(from_hex("FFFFFFFFFFFF 020000000001 0806 0001 0800 06 04 0001"
                                              "020000000001 0A010101 000000000000 0A010102")));
  EXPECT_EQ(frame(alice_, 1).substr(0, 28), "0200000000020200000000010800");
  EXPECT_EQ(alice_.link->header_flags, wire::layer2_flag::unicast);
  ASSERT_EQ(send(alice_, bob_address_), ERR_OK);
  settle();
  EXPECT_EQ(alice_.link->frames.size(), 3U) << "it knows now";
}

TEST_F(Layer2Stack, GivesUpInTimeIfNobodyAnswers) {
  settle();
  alice_.link->frames.clear();
  ASSERT_EQ(send(alice_, IpAddress::v4(10, 1, 1, 9)), ERR_OK);
  const auto time = settle_in_time();
  EXPECT_EQ(alice_.link->frames.size(), 5U) << "asked five times";
  EXPECT_GE(time, 4s);
  EXPECT_LE(time, 12s) << "and then it is quiet";
}

TEST_F(Layer2Stack, SendsToTheRouterOnItsWay) {
  alice_.stack->routes().add({0, 0, v4_integer(bob_address_), alice_.interface, 0});
  settle();
  alice_.link->frames.clear();
  ASSERT_EQ(send(alice_, IpAddress::v4(192, 0, 2, 1)), ERR_OK);
  settle();
  ASSERT_EQ(alice_.link->frames.size(), 2U);
  EXPECT_EQ(last_frame(alice_).substr(0, 28), "0200000000020200000000010800");
}

TEST_F(Layer2Stack, SendsToANeighbourOutsideOfItsSubnet) {
  const auto outside = IpAddress::v4(192, 0, 2, 7);
  ASSERT_EQ(bob_.interface->set_ipv4(outside, 0xffffff00), qdio::IpaCode::success);
  alice_.stack->routes().add({v4_integer(outside), 0xffffffff, 0, alice_.interface, 0});
  settle();
  alice_.link->frames.clear();
  ASSERT_EQ(send(alice_, outside), ERR_OK);
  settle();
  ASSERT_EQ(alice_.link->frames.size(), 2U);
  EXPECT_EQ(last_frame(alice_).substr(0, 28), "0200000000020200000000010800");
}

TEST_F(Layer2Stack, AnInterfaceFollowsItsLanFromLayerToLayer) {
  settle();
  ASSERT_EQ(send(alice_, bob_address_), ERR_OK);
  settle();
  restart(alice_, false);
  EXPECT_FALSE(alice_.interface->is_layer2());
  const auto frames = alice_.link->frames.size();
  wire_.log.clear();
  ASSERT_EQ(send(alice_, bob_address_), ERR_OK);
  settle();
  EXPECT_EQ(alice_.link->frames.size(), frames);
  ASSERT_EQ(wire_.log.size(), 1U) << "a bare packet";
  EXPECT_EQ(to_hex(wire_.log[0].payload).substr(0, 2), "45");
  restart(alice_, true);
  alice_.link->frames.clear();
  ASSERT_EQ(send(alice_, bob_address_), ERR_OK);
  settle();
  EXPECT_EQ(frame(alice_, 0).substr(24, 4), "0806") << "who was where on another LAN is forgotten";
}

TEST_F(Layer2Stack, ALanThatComesBackIsToldWhoIsHere) {
  settle();
  alice_.link->link_state.online = false;
  settle();
  alice_.link->frames.clear();
  restart(alice_, true);
  ASSERT_FALSE(alice_.link->frames.empty());
  EXPECT_EQ(frame(alice_, 0).substr(24, 4), "0806");
}

TEST_F(Layer2Stack, LooksForRoutersAndUsesTheOneItFinds) {
  ASSERT_EQ(alice_.interface->add_ipv6(*wire::parse_ip_address("fd00::1")), qdio::IpaCode::success);
  settle_in_time();
  unsigned solicitations = 0;
  for (const auto& sent : alice_.link->frames) {
    const auto hex = to_hex(sent);
    solicitations += hex.substr(24, 4) == "86DD" && hex.substr(108, 2) == "85" ? 1U : 0U;
  }
  EXPECT_EQ(solicitations, 3U);
  // Bob's address in a router advertisement of half an hour.
  auto advertisement = from_hex(
      "333300000001 020000000002 86DD 60000000 0018 3A FF FE80000000000000 000000FFFE000002"
      "FF020000000000000000000000000001 8600 0000 40 00 0708 00000000 00000000 0101 020000000002");
  wire_.links.clear();  // nobody else hears
  std::uint32_t sum = 0x3a + 0x18;
  for (std::size_t at = 22; at < advertisement.size(); at += 2) {
    sum += std::to_integer<std::uint32_t>(advertisement[at]) << 8U;
    sum += std::to_integer<std::uint32_t>(advertisement[at + 1]);
  }
  while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
  advertisement[56] = std::byte(~sum >> 8U & 0xffU);
  advertisement[57] = std::byte(~sum & 0xffU);
  alice_.link->deliver_frame(advertisement);
  settle();
  alice_.link->frames.clear();
  ASSERT_EQ(send(alice_, *wire::parse_ip_address("2001:db8::9")), ERR_OK);
  settle();
  ASSERT_FALSE(alice_.link->frames.empty());
  EXPECT_EQ(last_frame(alice_).substr(0, 28), "02000000000202000000000186DD");
}

TEST_F(Layer2Stack, FramesForOthersAndUselessOnesAreCounted) {
  settle();
  const auto before = alice_.interface->counters();
  for (const char* useless : {"", "02", "020000000001 020000000002 08", "020000000001 020000000002 0800"})
    alice_.link->deliver_frame(from_hex(useless));
  alice_.link->deliver_frame(from_hex("020000000009 020000000002 0800 45"));
  settle();
  EXPECT_EQ(alice_.interface->counters().unusable_in, before.unusable_in + 5);
  EXPECT_EQ(alice_.interface->counters().packets_in, before.packets_in);
}

TEST_F(Layer2Stack, HostileFramesNeitherEndTheProgramNorEatItsMemory) {
  arch::Prng chance(11);
  const std::array<std::string, 5> starts{
      "FFFFFFFFFFFF 020000000009 0806 0001 0800 06 04 0001",
      "020000000001 020000000009 0806 0001 0800 06 04 0002", "020000000001 020000000009 0800 45",
      "333300000001 020000000009 86DD 60000000 0020 3A FF", "020000000001 020000000009 8100 0064 0800 45"};
  for (unsigned round = 0; round < 20'000; ++round) {
    auto hostile = from_hex(starts[chance.below(starts.size())]);
    for (std::uint64_t left = chance.below(120); left > 0; --left)
      hostile.push_back(std::byte(chance.next() & 0xffU));
    alice_.link->deliver_frame(std::move(hostile));
    alice_.stack->poll();
    alice_.stack->flush();
    alice_.link->frames.clear();
  }
  EXPECT_LT(alice_.stack->lwip().heap().bytes_in_use(), 4U << 20U);
  ASSERT_EQ(send(alice_, bob_address_), ERR_OK);
}

}  // namespace
}  // namespace vmlan::cms
