#include "cms/stack/stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>

#include "cms/stack/ip_conversion.h"
#include "cms/stack/test_wire.h"

namespace vmlan::cms {
namespace {

using wire::IpAddress;

class StackTest : public testing::Test {
 protected:
  struct User {
    std::unique_ptr<TestLink> link;
    std::unique_ptr<Stack> stack;
    Interface* interface = nullptr;
  };

  User make(bool ethernet_for_ipv6 = true, std::uint32_t mtu = 1492) {
    User user;
    user.link = std::make_unique<TestLink>(wire_, ethernet_for_ipv6, mtu);
    std::string error;
    user.stack = Stack::create(clock_, ++seed_, error);
    EXPECT_NE(user.stack, nullptr) << error;
    user.interface = user.stack->add_interface(*user.link, "ETH0", 0);
    return user;
  }

  // Lets everything happen that happens at once.
  void settle(User& one, User& two) {
    for (int round = 0; round < 100 && (one.stack->more() || two.stack->more() || round < 2); ++round) {
      for (User* user : {&one, &two}) {
        user->stack->poll();
        user->stack->flush();
      }
    }
  }

  arch::VirtualClock clock_;
  TestWire wire_;
  std::uint64_t seed_ = 0;
};

struct Answer {
  int count = 0;
  std::string text;
};

void on_datagram(void* argument, udp_pcb*, pbuf* packet, const ip_addr_t*, u16_t) {
  auto& answer = *static_cast<Answer*>(argument);
  ++answer.count;
  for (pbuf* part = packet; part != nullptr; part = part->next) {
    answer.text.append(static_cast<const char*>(part->payload), part->len);
  }
}

udp_pcb* listen(Stack& stack, std::uint16_t port, Answer& answer) {
  udp_pcb* pcb = stack.lwip()->udp_new_ip_type(IPADDR_TYPE_ANY);
  const ip_addr_t any = IPADDR_ANY_TYPE_INIT;
  EXPECT_EQ(stack.lwip()->udp_bind(pcb, &any, port), ERR_OK);
  stack.lwip()->udp_recv(pcb, on_datagram, &answer);
  return pcb;
}

err_t send(Stack& stack, const IpAddress& to, std::uint16_t port, const std::string& text) {
  const ip_addr_t address = to_lwip(to);
  udp_pcb* pcb = stack.lwip()->udp_new_ip_type(address.type);
  pbuf* packet = stack.lwip()->pbuf_alloc(PBUF_TRANSPORT, static_cast<u16_t>(text.size()), PBUF_RAM);
  std::memcpy(packet->payload, text.data(), text.size());
  const err_t error = stack.lwip()->udp_sendto(pcb, packet, &address, port);
  stack.lwip()->pbuf_free(packet);
  stack.lwip()->udp_remove(pcb);
  return error;
}

const IpAddress alice = IpAddress::v4(10, 1, 1, 1);
const IpAddress bob = IpAddress::v4(10, 1, 1, 2);
constexpr std::uint32_t mask24 = 0xffffff00;

IpAddress v6(const char* text) { return *wire::parse_ip_address(text); }

TEST_F(StackTest, AnIpv4DatagramTravelsAsABarePacketWithItsNextHopInTheHeader) {
  User one = make();
  User two = make();
  ASSERT_EQ(one.interface->set_ipv4(alice, mask24), qdio::IpaCode::success);
  ASSERT_EQ(two.interface->set_ipv4(bob, mask24), qdio::IpaCode::success);
  Answer answer;
  listen(*two.stack, 7, answer);
  ASSERT_EQ(send(*one.stack, bob, 7, "hello"), ERR_OK);
  settle(one, two);
  EXPECT_EQ(answer.text, "hello");
  const TestPacket& packet = wire_.log.at(0);
  EXPECT_EQ(packet.header.flags, static_cast<std::uint8_t>(wire::Cast::unicast));
  EXPECT_EQ(packet.payload.at(0), std::byte{0x45});
  EXPECT_TRUE(std::equal(bob.bytes.begin() + 12, bob.bytes.end(), packet.header.next_hop.begin() + 12));
}

TEST_F(StackTest, ADatagramLargerThanTheMtuIsCutAndPutTogetherAgain) {
  User one = make();
  User two = make();
  one.interface->set_ipv4(alice, mask24);
  two.interface->set_ipv4(bob, mask24);
  Answer answer;
  listen(*two.stack, 7, answer);
  const std::string large(9000, 'x');
  ASSERT_EQ(send(*one.stack, bob, 7, large), ERR_OK);
  EXPECT_EQ(one.stack->next_timer(), std::nullopt);
  settle(one, two);
  EXPECT_EQ(answer.text, large);
  for (const auto& packet : wire_.log) EXPECT_LE(packet.payload.size(), 1492U);
}

TEST_F(StackTest, AMissingFragmentKeepsTheReassemblyTimerRunningUntilItIsGivenUp) {
  User one = make();
  User two = make();
  one.interface->set_ipv4(alice, mask24);
  two.interface->set_ipv4(bob, mask24);
  const std::size_t before = two.stack->lwip().heap().bytes_in_use();
  wire_.drop_every = 2;
  ASSERT_EQ(send(*one.stack, bob, 7, std::string(4000, 'x')), ERR_OK);
  settle(one, two);
  EXPECT_GT(two.stack->lwip().heap().bytes_in_use(), before);
  wire_.drop_every = 0;
  for (int turn = 0; turn < 5000; ++turn) {
    const auto next = two.stack->next_timer();
    if (!next) break;
    clock_.advance_to(*next);
    two.stack->poll();
  }
  EXPECT_EQ(two.stack->next_timer(), std::nullopt);
  EXPECT_EQ(two.stack->lwip().heap().bytes_in_use(), before);
}

TEST_F(StackTest, OsdCarriesIpv6InEthernetFramesAndTheStacksDiscoverEachOther) {
  User one = make();
  User two = make();
  ASSERT_EQ(one.interface->add_ipv6(v6("fd00::1")), qdio::IpaCode::success);
  ASSERT_EQ(two.interface->add_ipv6(v6("fd00::2")), qdio::IpaCode::success);
  Answer answer;
  listen(*two.stack, 7, answer);
  ASSERT_EQ(send(*one.stack, v6("fd00::2"), 7, "six"), ERR_OK);
  settle(one, two);
  EXPECT_EQ(answer.text, "six");
  for (const auto& packet : wire_.log) {
    EXPECT_TRUE((packet.header.flags & wire::layer3_flag::passthru) != 0);
    EXPECT_EQ(packet.payload.at(12), std::byte{0x86});
    EXPECT_EQ(packet.payload.at(13), std::byte{0xdd});
  }
}

TEST_F(StackTest, HiperSocketsCarryIpv6Bare) {
  User one = make(false);
  User two = make(false);
  one.interface->add_ipv6(v6("fd00::1"));
  two.interface->add_ipv6(v6("fd00::2"));
  Answer answer;
  listen(*two.stack, 7, answer);
  ASSERT_EQ(send(*one.stack, v6("fd00::2"), 7, "six"), ERR_OK);
  settle(one, two);
  EXPECT_EQ(answer.text, "six");
  for (const auto& packet : wire_.log) {
    EXPECT_EQ(packet.header.flags & (wire::layer3_flag::passthru | wire::layer3_flag::ipv6),
              wire::layer3_flag::ipv6);
    EXPECT_EQ(packet.payload.at(0) >> 4U, std::byte{6});
  }
}

TEST_F(StackTest, TheGroupsEveryHostBelongsToAreRegistered) {
  User one = make();
  EXPECT_EQ(one.interface->groups(), (std::vector{IpAddress::v4(224, 0, 0, 1)}));
  one.interface->add_ipv6(v6("fd00::1"));
  EXPECT_THAT(one.interface->groups(), testing::IsSupersetOf({v6("ff02::1"), v6("ff02::1:ff00:1")}));
  EXPECT_EQ(one.link->groups, one.interface->groups());
}

TEST_F(StackTest, ADuplicateAddressIsRefusedAndNothingChanges) {
  User one = make();
  User two = make();
  ASSERT_EQ(one.interface->set_ipv4(alice, mask24), qdio::IpaCode::success);
  EXPECT_EQ(two.interface->set_ipv4(alice, mask24), qdio::IpaCode::duplicate_ip_address);
  EXPECT_EQ(two.interface->ipv4(), std::nullopt);
  EXPECT_TRUE(two.stack->routes().all().empty());
}

TEST_F(StackTest, ANewAddressReplacesTheOldOne) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  ASSERT_EQ(one.interface->set_ipv4(bob, mask24), qdio::IpaCode::success);
  EXPECT_EQ(one.link->addresses, (std::vector{bob}));
}

TEST_F(StackTest, WhatIsNotOnTheSubnetGoesToTheGateway) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  EXPECT_EQ(send(*one.stack, IpAddress::v4(192, 0, 2, 1), 7, "x"), ERR_RTE);
  one.stack->routes().add({0, 0, v4_integer(bob), one.interface, 0});
  EXPECT_EQ(send(*one.stack, IpAddress::v4(192, 0, 2, 1), 7, "x"), ERR_OK);
  one.stack->flush();
  ASSERT_EQ(wire_.log.size(), 1U);
  EXPECT_TRUE(std::equal(bob.bytes.begin() + 12, bob.bytes.end(), wire_.log[0].header.next_hop.begin() + 12));
}

TEST_F(StackTest, ASubnetBroadcastIsMarkedAsOne) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  const ip_addr_t target = to_lwip(IpAddress::v4(10, 1, 1, 255));
  udp_pcb* pcb = one.stack->lwip()->udp_new_ip_type(IPADDR_TYPE_V4);
  pcb->so_options |= SOF_BROADCAST;
  pbuf* packet = one.stack->lwip()->pbuf_alloc(PBUF_TRANSPORT, 10, PBUF_RAM);
  ASSERT_EQ(one.stack->lwip()->udp_sendto(pcb, packet, &target, 7), ERR_OK);
  one.stack->lwip()->pbuf_free(packet);
  one.stack->flush();
  ASSERT_EQ(wire_.log.size(), 1U);
  EXPECT_EQ(wire_.log[0].header.flags & wire::layer3_flag::cast_mask,
            static_cast<int>(wire::Cast::broadcast));
}

TEST_F(StackTest, APacketToOnesOwnAddressComesBackWithoutTheWire) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  Answer answer;
  listen(*one.stack, 7, answer);
  ASSERT_EQ(send(*one.stack, alice, 7, "self"), ERR_OK);
  EXPECT_TRUE(one.stack->more());
  one.stack->poll();
  EXPECT_EQ(answer.text, "self");
  EXPECT_TRUE(wire_.log.empty());
}

TEST_F(StackTest, AnIdleStackAsksForNoTurn) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  for (int turn = 0; turn < 1000 && one.stack->next_timer(); ++turn) {
    clock_.advance_to(*one.stack->next_timer());
    one.stack->poll();
  }
  EXPECT_EQ(one.stack->next_timer(), std::nullopt);
  const ip_addr_t target = to_lwip(bob);
  tcp_pcb* pcb = one.stack->lwip()->tcp_new_ip_type(IPADDR_TYPE_V4);
  ASSERT_EQ(one.stack->lwip()->tcp_connect(pcb, &target, 1, nullptr), ERR_OK);
  EXPECT_NE(one.stack->next_timer(), std::nullopt) << "an unanswered SYN has to be sent again";
}

TEST_F(StackTest, PacketsThatAreNoIpAreCountedAndDropped) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  one.link->deliver({}, {});
  wire::Layer3Header passthru;
  passthru.flags = wire::layer3_flag::passthru;
  one.link->deliver(passthru, std::vector<std::byte>(5));
  one.link->deliver(passthru, std::vector<std::byte>(60));
  one.stack->poll();
  EXPECT_EQ(one.interface->counters().unusable_in, 3U);
  // lwIP judges the rest; nothing may crash or leak.
  const std::size_t before = one.stack->lwip().heap().bytes_in_use();
  for (std::size_t length = 1; length < 100; ++length) {
    std::vector<std::byte> packet(length, std::byte{0x45});
    one.link->deliver({}, packet);
    packet.assign(length, std::byte{0x6f});
    one.link->deliver({}, packet);
  }
  one.stack->poll();
  EXPECT_EQ(one.stack->lwip().heap().bytes_in_use(), before);
}

TEST_F(StackTest, AFullOutputRingIsAnErrorToTheSenderAndCounted) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  one.link->room = 0;
  EXPECT_EQ(send(*one.stack, bob, 7, "x"), ERR_MEM);
  EXPECT_EQ(one.interface->counters().no_room_out, 1U);
}

TEST_F(StackTest, WhatAFullReceiverCouldNotTakeIsSignalledAgainAfterAMoment) {
  User one = make();
  one.link->is_busy = true;
  EXPECT_EQ(one.stack->next_timer(), clock_.now() + std::chrono::milliseconds(1));
}

TEST_F(StackTest, OnePollAndOneFlushMoveABurstWithOneSignal) {
  User one = make();
  one.interface->set_ipv4(alice, mask24);
  const int before = one.link->flushes;
  for (int i = 0; i < 50; ++i) send(*one.stack, bob, 7, "x");
  one.stack->flush();
  EXPECT_EQ(one.link->flushes, before + 1);
  EXPECT_EQ(wire_.log.size(), 50U);
}

}  // namespace
}  // namespace vmlan::cms
