// What guests and the host's peers may do to a NAT device, and what is left of it after.
#include <poll.h>

#include <algorithm>

#include "host/uplink/nat_queue.h"
#include "host/uplink/test_nat.h"

namespace vmlan::host::nat {
namespace {

class NatLimits : public NatTest {
 protected:
  static NatSettings settings_for(bool open, unsigned most_connections) {
    NatSettings settings;
    settings.host_is_open = open;
    settings.most_connections = most_connections;
    return settings;
  }
};

TEST_F(NatLimits, TheHostIsClosedUnlessItIsDeclaredOpen) {
  make();
  if (!nat_) return;
  const HostSocket service(AF_INET, SOCK_DGRAM);
  const HostSocket listener(AF_INET, SOCK_STREAM);
  const HostSocket service6(AF_INET6, SOCK_DGRAM);
  ASSERT_EQ(::listen(listener.number(), 8), 0);
  pass_for(std::chrono::milliseconds(1));  // it has looked up the host's addresses
  announce(guest_);
  unsigned tried = 0;
  for (const auto* host : {"10.0.2.2", "127.0.0.1", "127.9.9.9", "0.0.0.0"}) {
    send(PacketMaker{guest_, ip(host)}.udp(4000, service.port(), {'?'}));
    send(PacketMaker{guest_, ip(host)}.tcp(4000, listener.port(), 1, 0, 0x02));
    tried += 2;
  }
  for (const auto* host : {"fd00::2", "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1"}) {
    auto destination = ip(host);
    send(PacketMaker{ip("fd00::21"), destination}.udp(4000, service6.port(), {'?'}));
    ++tried;
  }
  pass_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(service.receive().empty());
  EXPECT_TRUE(service6.receive().empty());
  pollfd called{listener.number(), POLLIN, 0};
  EXPECT_EQ(::poll(&called, 1, 0), 0);
  EXPECT_EQ(nat_->connections(), 0U);
  EXPECT_EQ(nat_->dropped(NatDrop::host_closed), tried);
}

TEST_F(NatLimits, AForeignSourceIsDroppedAndCounted) {
  make(settings_for(true, 100));
  if (!nat_) return;
  const HostSocket service(AF_INET, SOCK_DGRAM);
  send(PacketMaker{ip("192.0.2.7"), host_}.udp(4000, service.port(), {'?'}));
  send(PacketMaker{ip("fd01::7"), ip("fd00::2")}.udp(4000, service.port(), {'?'}));
  send(PacketMaker{host_, ip("10.0.2.3")}.udp(4000, service.port(), {'?'}));
  send(arp(1, guest_mac, ip("192.0.2.7"), host_));
  pass_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(service.receive().empty());
  EXPECT_TRUE(received_.empty());
  EXPECT_EQ(nat_->dropped(NatDrop::foreign_source), 4U);
  const auto lines = nat_->details();
  EXPECT_NE(std::ranges::find(lines, "dropped 4: source is not of this network"), lines.end());
}

TEST_F(NatLimits, AFrameBeyondTheMtuIsRefused) {
  make();
  if (!nat_) return;
  EXPECT_EQ(send(Bytes(1514, 0)), EthernetDevice::Sent::sent);
  EXPECT_EQ(send(Bytes(1515, 0)), EthernetDevice::Sent::too_long);
  EXPECT_EQ(nat_->dropped(NatDrop::too_long), 1U);
}

TEST_F(NatLimits, PiecesAreOneFrame) {
  make();
  if (!nat_) return;
  const auto question = arp(1, guest_mac, guest_, host_);
  const auto whole = as_frame(question);
  const std::array<std::span<const std::byte>, 3> pieces = {whole.first(5), whole.subspan(5, 20),
                                                            whole.subspan(25)};
  EXPECT_EQ(nat_->send(pieces, FrameWork{}), EthernetDevice::Sent::sent);
  EXPECT_FALSE(wait_for([](const Bytes& frame) { return number_at(frame, 12) == 0x0806; }).empty());
}

// libslirp 4.7.0 of Debian 12 dies of one: found by uplink_nat_fuzz.
TEST_F(NatLimits, AFragmentDoesNotReachTheEngine) {
  make(settings_for(true, 100));
  if (!nat_) return;
  for (const unsigned offset : {0x0029U, 0x2000U, 0x2001U, 0x0001U}) {
    auto frame = to_host_.udp(4000, 9, Bytes(16, 'x'));
    frame[20] = static_cast<std::uint8_t>(offset >> 8U);
    frame[21] = static_cast<std::uint8_t>(offset);
    const auto sum = (number_at(frame, 24) + 0xffffU - offset) % 0xffffU;  // RFC 1624
    frame[24] = static_cast<std::uint8_t>(sum >> 8U);
    frame[25] = static_cast<std::uint8_t>(sum);
    send(frame);
  }
  pass_for(std::chrono::milliseconds(10));
  EXPECT_EQ(nat_->dropped(NatDrop::fragment), 4U);
  EXPECT_EQ(nat_->connections(), 0U);
}

// What is true of every frame but what a test of it changes, and frames that are nothing but chance.
TEST_F(NatLimits, GarbageHarmsNothing) {
  make();
  if (!nat_) return;
  arch::Prng chance(7);
  announce(guest_);
  // 192.0.2.0/24 is nobody's (RFC 5737): nothing is sent that anybody could get.
  const PacketMaker outside{guest_, ip("192.0.2.1")};
  const std::vector<Bytes> models = {
      arp(1, guest_mac, guest_, host_),
      to_host_.udp(68, 67, Bytes(240, 1)),
      to_host_.udp(1000, 69, Bytes{0, 1, 'f', 0, 'o', 0}),
      to_host_.tcp(1, 2, 3, 4, 0x10, Bytes(20, 9)),
      to_host_.frame(1, Bytes(64, 8), 2),
      PacketMaker{ip("fd00::21"), ip("fd00::2")}.frame(58, Bytes(32, 128), 2),
      PacketMaker{ip("fe80::21"), ip("ff02::1:2")}.udp(546, 547, Bytes(40, 1)),
  };
  for (unsigned turn = 0; turn < 100'000; ++turn) {
    auto frame = models[chance.below(models.size())];
    const auto changes = chance.below(6);
    for (std::uint64_t change = 0; change < changes; ++change) {
      const auto at = chance.below(frame.size());
      if (at >= 26 && at < 34) continue;  // IPv4 addresses: nothing leaves this host
      frame[at] = static_cast<std::uint8_t>(chance.next());
    }
    if (chance.below(8) == 0) frame.resize(chance.below(frame.size() + 40));
    if (chance.below(16) == 0)
      std::ranges::generate(frame, [&] { return static_cast<std::uint8_t>(chance.next()); });
    if (number_at(frame, 12) == 0x86dd && frame.size() > 38 && frame[38] != 0xfd && frame[38] != 0xfe &&
        frame[38] != 0xff)
      continue;
    send(frame);
    if (turn % 256 == 0) loop_.pass(clock_.now());
    received_.clear();
  }
  announce(guest_);
  send(arp(1, guest_mac, guest_, host_));
  EXPECT_FALSE(wait_for([](const Bytes& frame) { return number_at(frame, 12) == 0x0806; }).empty());
}

TEST_F(NatLimits, WhatTheLanDoesNotTakeIsBounded) {
  make();
  if (!nat_) return;
  announce(guest_);
  const auto question = arp(1, guest_mac, guest_, host_);
  for (unsigned turn = 0; turn < 100'000; ++turn) send(question);
  const auto lost = nat_->dropped(NatDrop::queue_full);
  EXPECT_EQ(lost, 100'000 - NatQueue::limit / 64);
  loop_.pass(clock_.now());
  EXPECT_LE(received_.size(), 3 * EthernetDevice::most_in_a_pass) << "three times in a pass: see EventLoop";
  EXPECT_TRUE(until([&] { return received_.size() == 100'000 - lost; }));
  EXPECT_EQ(batches_,
            (received_.size() + EthernetDevice::most_in_a_pass - 1) / EthernetDevice::most_in_a_pass);
}

TEST_F(NatLimits, TwoHundredConnectionsAtOnce) {
  constexpr unsigned many = 200;
  make(settings_for(true, 1000));
  if (!nat_) return;
  const HostSocket listener(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::listen(listener.number(), many), 0);
  announce(guest_);
  for (unsigned number = 0; number < many; ++number) {
    send(to_host_.tcp(20'000 + number, listener.port(), 1000, 0, 0x02));
  }
  std::vector<std::uint32_t> next(many);
  EXPECT_TRUE(until([&] {
    for (const auto& frame : received_) {
      if (is_tcp(frame) && tcp_flags(frame) == 0x12)
        next[number_at(frame, 36) - 20'000] = number32_at(frame, 38) + 1;
    }
    received_.clear();
    return std::ranges::count(next, 0U) == 0;
  }));
  EXPECT_EQ(nat_->connections(), many);
  for (unsigned number = 0; number < many; ++number) {
    send(to_host_.tcp(20'000 + number, listener.port(), 1001, next[number], 0x18,
                      {static_cast<std::uint8_t>(number)}));
  }
  pass_for(std::chrono::milliseconds(20));
  std::vector<HostSocket> accepted;
  for (unsigned number = 0; number < many; ++number) {
    accepted.emplace_back(::accept4(listener.number(), nullptr, nullptr, SOCK_NONBLOCK));
    EXPECT_EQ(accepted.back().receive().size(), 1U);
  }
  loop_.remove(*nat_);
  nat_.reset();  // with all of them open
  pollfd ended{accepted.back().number(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 1000), 1);
}

TEST_F(NatLimits, ConnectionsAreBounded) {
  make(settings_for(true, 8));
  if (!nat_) return;
  const HostSocket listener(AF_INET, SOCK_STREAM);
  const HostSocket service(AF_INET, SOCK_DGRAM);
  ASSERT_EQ(::listen(listener.number(), 100), 0);
  announce(guest_);
  for (unsigned number = 0; number < 20; ++number) {
    send(to_host_.tcp(20'000 + number, listener.port(), 1000, 0, 0x02));
    loop_.pass(clock_.now());
  }
  EXPECT_EQ(nat_->connections(), 8U);
  EXPECT_EQ(nat_->dropped(NatDrop::too_many_connections), 12U);
  for (unsigned number = 0; number < 20; ++number) send(to_host_.udp(30'000 + number, service.port(), {'?'}));
  EXPECT_EQ(nat_->connections(), 10U) << "a quarter more for UDP";
  EXPECT_EQ(nat_->dropped(NatDrop::too_many_connections), 12U + 18U);
}

TEST_F(NatLimits, NobodyIsLetInWhileThereIsNoRoom) {
  auto settings = settings_for(false, 1);
  ForwardedPort port;
  port.guest_port = 22;
  port.host_port = HostSocket(AF_INET, SOCK_STREAM).port();
  settings.forwarded = {port};
  make(settings);
  if (!nat_) return;
  announce(guest_);
  const HostSocket first(AF_INET, SOCK_STREAM);
  const HostSocket second(AF_INET, SOCK_STREAM);
  ASSERT_TRUE(first.connect(port.host_port));
  ASSERT_TRUE(second.connect(port.host_port));
  pass_for(std::chrono::milliseconds(30));
  EXPECT_EQ(nat_->connections(), 1U);
  std::vector<pollfd> polled;
  nat_->add_to(polled);
  ASSERT_FALSE(polled.empty());
  EXPECT_TRUE(std::ranges::any_of(polled, [](const pollfd& entry) { return entry.events == 0; }))
      << "the loop would find it readable again and again";
}

TEST_F(NatLimits, AnIdleDeviceSleeps) {
  NatSettings settings;
  settings.ipv6 = false;
  make(settings);
  if (!nat_) return;
  std::vector<pollfd> polled;
  nat_->tend(clock_.now());
  nat_->add_to(polled);
  EXPECT_TRUE(polled.empty());
  EXPECT_EQ(nat_->deadline(), std::nullopt);
}

}  // namespace
}  // namespace vmlan::host::nat
