#include "host/uplink/tcp_acknowledgment.h"

#include "host/uplink/nat_queue.h"
#include "host/uplink/test_nat.h"

namespace vmlan::host::nat {
namespace {

constexpr unsigned only_ack = 0x10;

// What libslirp sends to a guest.
struct Acknowledgments {
  PacketMaker maker{ip("10.0.2.2"), ip("10.0.2.15"), nat_mac, guest_mac};
  Bytes of(std::uint32_t number, unsigned flags = only_ack, const Bytes& data = {},
           std::uint32_t sequence = 7) const {
    return maker.tcp(80, 4000, sequence, number, flags, data);
  }
};

Acknowledges compare(const Bytes& newer, const Bytes& older) {
  return compare_acknowledgments(as_frame(newer), as_frame(older));
}
bool supersedes(const Bytes& newer, const Bytes& older) {
  return compare(newer, older) == Acknowledges::more;
}

TEST(TcpAcknowledgment, TheOneThatAcknowledgesMoreSaysItAll) {
  const Acknowledgments acknowledgment;
  EXPECT_TRUE(supersedes(acknowledgment.of(2920), acknowledgment.of(1460)));
  EXPECT_TRUE(supersedes(acknowledgment.of(5), acknowledgment.of(0xfffffff0)));
  const Acknowledgments six{{ip("fd00::2"), ip("fd00::15"), nat_mac, guest_mac}};
  EXPECT_TRUE(supersedes(six.of(2920), six.of(1460)));
}

TEST(TcpAcknowledgment, TwoOfTheSameTellOfALoss) {
  const Acknowledgments acknowledgment;
  EXPECT_EQ(compare(acknowledgment.of(1460), acknowledgment.of(1460)), Acknowledges::no_more);
  EXPECT_EQ(compare(acknowledgment.of(1460), acknowledgment.of(2920)), Acknowledges::no_more);
}

TEST(TcpAcknowledgment, WhatHasSomethingElseInItStays) {
  const Acknowledgments acknowledgment;
  for (const unsigned flags : {0x11U, 0x12U, 0x14U, 0x18U, 0x30U, 0x50U, 0x90U}) {
    EXPECT_FALSE(supersedes(acknowledgment.of(2920, flags), acknowledgment.of(1460))) << flags;
    EXPECT_FALSE(supersedes(acknowledgment.of(2920), acknowledgment.of(1460, flags))) << flags;
  }
  EXPECT_FALSE(supersedes(acknowledgment.of(2920, only_ack, {1}), acknowledgment.of(1460, only_ack, {1})));
  EXPECT_FALSE(supersedes(acknowledgment.of(2920, only_ack, {}, 8), acknowledgment.of(1460)));
  auto with_options = acknowledgment.of(2920, only_ack, Bytes(12, 1));
  with_options[46] = 0x80;
  EXPECT_FALSE(supersedes(with_options, with_options));
}

TEST(TcpAcknowledgment, AnotherVlansStays) {
  const Acknowledgments acknowledgment;
  const auto tagged = [&](std::uint32_t number, std::uint8_t vlan) {
    auto frame = acknowledgment.of(number);
    frame.insert(frame.begin() + 12, {0x81, 0, 0, vlan});
    return frame;
  };
  EXPECT_TRUE(supersedes(tagged(2920, 5), tagged(1460, 5)));
  EXPECT_FALSE(supersedes(tagged(2920, 6), tagged(1460, 5)));
}

TEST(TcpAcknowledgment, AnotherConnectionsStays) {
  const Acknowledgments acknowledgment;
  const auto first = acknowledgment.of(1460);
  const auto path = [&](const char* from, const char* to) {
    return PacketMaker{ip(from), ip(to), nat_mac, guest_mac};
  };
  EXPECT_FALSE(supersedes(path("10.0.2.2", "10.0.2.16").tcp(80, 4000, 7, 2920, only_ack), first));
  EXPECT_FALSE(supersedes(path("10.0.2.3", "10.0.2.15").tcp(80, 4000, 7, 2920, only_ack), first));
  EXPECT_FALSE(supersedes(acknowledgment.maker.tcp(81, 4000, 7, 2920, only_ack), first));
  EXPECT_FALSE(supersedes(acknowledgment.maker.tcp(80, 4001, 7, 2920, only_ack), first));
  const Acknowledgments elsewhere{{ip("10.0.2.2"), ip("10.0.2.15"), nat_mac, Bytes(6, 2)}};
  EXPECT_FALSE(supersedes(elsewhere.of(2920), first));
  EXPECT_FALSE(supersedes(first, {}));
  EXPECT_FALSE(supersedes({}, first));
}

TEST(NatQueue, TheNewestCanBeReplacedUntilItIsHandedOut) {
  const Bytes one(60, 1);
  const Bytes two(60, 2);
  const Bytes three(60, 3);
  NatQueue queue;
  EXPECT_TRUE(queue.newest().empty());
  queue.push(as_frame(one));
  queue.push(as_frame(two));
  ASSERT_EQ(queue.newest().size(), 60U);
  queue.replace_newest(as_frame(three));
  const auto is = [](std::span<const std::byte> got, const Bytes& wanted) {
    return std::ranges::equal(got, as_frame(wanted));
  };
  EXPECT_TRUE(is(*queue.pop(), one));
  EXPECT_TRUE(queue.newest().empty()) << "it is being handed out";
  EXPECT_TRUE(is(*queue.pop(), three));
  EXPECT_FALSE(queue.pop());
}

}  // namespace
}  // namespace vmlan::host::nat
