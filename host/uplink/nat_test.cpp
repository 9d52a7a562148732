// A guest reaches what it may through the NAT: DHCP, ARP, UDP through sockets, IPv6.
#include <poll.h>

#include <algorithm>

#include "host/uplink/test_nat.h"

namespace vmlan::host::nat {
namespace {

class Nat : public NatTest {
 protected:
  // RFC 2131, 2: op 1, Ethernet, xid, flags, no addresses, chaddr; then the cookie and the message's type.
  static Bytes dhcp(std::uint8_t type, const Bytes& options) {
    const Bytes bootp = Bytes{1, 1, 6, 0, 0x39, 0x03, 0xf3, 0x26} + Bytes(20, 0) + guest_mac +
                        Bytes(10 + 64 + 128, 0) + Bytes{0x63, 0x82, 0x53, 0x63, 53, 1, type} + options +
                        Bytes{255};
    return PacketMaker{ip("0.0.0.0"), ip("255.255.255.255"), guest_mac, Bytes(6, 0xff)}.udp(68, 67, bootp);
  }
  Bytes dhcp_answer() {
    return wait_for([](const Bytes& frame) { return is_udp(frame) && number_at(frame, 34) == 67; });
  }
  static bool is_arp(const Bytes& frame) { return number_at(frame, 12) == 0x0806; }
};

TEST_F(Nat, DhcpGivesAnAddressAndTellsIt) {
  NatSettings settings;
  settings.hostname = "linux1";
  settings.domain = "example.test";
  make(settings);
  if (!nat_) return;
  send(dhcp(1, {}));
  const auto offer = udp_payload(dhcp_answer());
  ASSERT_GE(offer.size(), 243U);
  EXPECT_EQ(Bytes(offer.begin() + 16, offer.begin() + 20), (Bytes{10, 0, 2, 15}));
  EXPECT_EQ(Bytes(offer.begin() + 236, offer.begin() + 243), (Bytes{0x63, 0x82, 0x53, 0x63, 53, 1, 2}));
  send(dhcp(3, {50, 4, 10, 0, 2, 15}));
  const auto acknowledged = udp_payload(dhcp_answer());
  ASSERT_GE(acknowledged.size(), 243U);
  EXPECT_EQ(acknowledged[242], 5);
  const auto has = [&](const Bytes& option) {
    return std::search(acknowledged.begin() + 243, acknowledged.end(), option.begin(), option.end()) !=
           acknowledged.end();
  };
  EXPECT_TRUE(has({1, 4, 255, 255, 255, 0}));
  EXPECT_TRUE(has({3, 4, 10, 0, 2, 2}));
  EXPECT_TRUE(has({6, 4, 10, 0, 2, 3}));
  EXPECT_TRUE(has({12, 6, 'l', 'i', 'n', 'u', 'x', '1'}));
  const auto lines = nat_->details();
  EXPECT_NE(std::ranges::find(lines, "leases 10.0.2.15 to 10.0.2.30: 1 of 16 given"), lines.end());
  EXPECT_NE(std::ranges::find(lines, "lease 10.0.2.15 02-00-00-00-00-21"), lines.end());
}

TEST_F(Nat, WithoutDhcpNobodyAnswers) {
  NatSettings settings;
  settings.dhcp = false;
  make(settings);
  if (!nat_) return;
  send(dhcp(1, {}));
  pass_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(received_.empty());
}

TEST_F(Nat, ArpForTheHostIsAnsweredFromTheLoop) {
  make();
  if (!nat_) return;
  sending_ = true;
  send(arp(1, guest_mac, guest_, host_));
  sending_ = false;
  EXPECT_TRUE(nat_->deadline().has_value());
  const auto answer = wait_for(is_arp);
  ASSERT_GE(answer.size(), 42U);
  EXPECT_EQ(Bytes(answer.begin() + 20, answer.begin() + 32),
            (Bytes{0, 2, 0x52, 0x55, 10, 0, 2, 2, 10, 0, 2, 2}));
  EXPECT_EQ(batches_, 1U);
}

TEST_F(Nat, UdpThroughTheHostsLoopbackAndBack) {
  make(open_host());
  if (!nat_) return;
  const HostSocket service(AF_INET, SOCK_DGRAM);
  announce(guest_);
  send(to_host_.udp(4000, service.port(), {'p', 'i', 'n', 'g'}));
  sockaddr_storage from{};
  Bytes asked;
  EXPECT_TRUE(until([&] { return !(asked = service.receive(&from)).empty(); }));
  EXPECT_EQ(asked, (Bytes{'p', 'i', 'n', 'g'}));
  ASSERT_EQ(::sendto(service.number(), "pong", 4, 0, reinterpret_cast<sockaddr*>(&from), sizeof(sockaddr_in)),
            4);
  const auto answer = wait_for(is_udp);
  ASSERT_FALSE(answer.empty());
  EXPECT_EQ(udp_payload(answer), (Bytes{'p', 'o', 'n', 'g'}));
  EXPECT_EQ(Bytes(answer.begin() + 26, answer.begin() + 34), (Bytes{10, 0, 2, 2, 10, 0, 2, 15}));
  EXPECT_EQ(nat_->connections(), 1U);
}

TEST_F(Nat, ARouterAdvertisesItselfWhenAsked) {
  make();
  if (!nat_) return;
  const PacketMaker all_routers{ip("fe80::21"), ip("ff02::2"), guest_mac, {0x33, 0x33, 0, 0, 0, 2}};
  send(all_routers.frame(58, Bytes{133, 0, 0, 0, 0, 0, 0, 0}, 2));
  const auto answer =
      wait_for([](const Bytes& frame) { return number_at(frame, 12) == 0x86dd && frame[54] == 134; });
  ASSERT_GE(answer.size(), 110U);
  const Bytes prefix = Bytes{3, 4, 64};  // RFC 4861, 4.6.2: a prefix of 64 bits
  const auto at = std::search(answer.begin() + 70, answer.end(), prefix.begin(), prefix.end());
  ASSERT_NE(at, answer.end());
  EXPECT_EQ(Bytes(at + 16, at + 32), address_bytes(ip("fd00::")));
}

TEST_F(Nat, NeighborSolicitationForTheHostIsAnswered) {
  make();
  if (!nat_) return;
  const PacketMaker group{ip("fd00::21"), ip("ff02::1:ff00:2"), guest_mac, {0x33, 0x33, 0xff, 0, 0, 2}};
  send(group.frame(
      58, Bytes{135, 0, 0, 0, 0, 0, 0, 0} + address_bytes(ip("fd00::2")) + Bytes{1, 1} + guest_mac, 2));
  const auto answer =
      wait_for([](const Bytes& frame) { return number_at(frame, 12) == 0x86dd && frame[54] == 136; });
  ASSERT_GE(answer.size(), 86U);
  EXPECT_EQ(Bytes(answer.begin() + 62, answer.begin() + 78), address_bytes(ip("fd00::2")));
}

TEST_F(Nat, UdpOverIpv6ThroughTheHostsLoopback) {
  make(open_host());
  if (!nat_) return;
  const HostSocket service(AF_INET6, SOCK_DGRAM);
  nat_->answer_for(wire::MacAddress{{2, 0, 0, 0, 0, 1}});
  send(PacketMaker{ip("fd00::21"), ip("fd00::2")}.udp(4000, service.port(), {'6'}));
  sockaddr_storage from{};
  EXPECT_TRUE(until([&] { return service.receive(&from) == Bytes{'6'}; }));
  ASSERT_EQ(::sendto(service.number(), "x", 1, 0, reinterpret_cast<sockaddr*>(&from), sizeof(sockaddr_in6)),
            1);
  const auto answer =
      wait_for([](const Bytes& frame) { return number_at(frame, 12) == 0x86dd && frame[20] == 17; });
  ASSERT_EQ(answer.size(), 63U);
  EXPECT_EQ(answer[62], 'x');
}

// An IP LAN: the device's questions are answered by itself, also while it works at many sockets at once.
TEST_F(Nat, GuestsWithoutEthernetAreAnsweredFor) {
  constexpr unsigned guests = 40;
  make(open_host());
  if (!nat_) return;
  nat_->answer_for(wire::MacAddress{{2, 0, 0, 0, 0, 1}});
  const HostSocket service(AF_INET, SOCK_DGRAM);
  std::vector<sockaddr_storage> peers(guests);
  for (unsigned number = 0; number < guests; ++number) {
    const auto guest = wire::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(100 + number));
    send(PacketMaker{guest, host_}.udp(4000, service.port(), {'?'}));
    EXPECT_TRUE(until([&] { return !service.receive(&peers[number]).empty(); }));
  }
  for (const auto& peer : peers) {
    ASSERT_EQ(
        ::sendto(service.number(), "!", 1, 0, reinterpret_cast<const sockaddr*>(&peer), sizeof(sockaddr_in)),
        1);
  }
  EXPECT_TRUE(until([&] { return received_.size() >= guests; }));
  EXPECT_EQ(received_.size(), guests);
  EXPECT_TRUE(std::ranges::all_of(received_, is_udp)) << "a question of the engine was given on";
}

TEST_F(Nat, AnAnswerToAGuestWithoutEthernetDoesNotWait) {
  make();
  if (!nat_) return;
  nat_->answer_for(wire::MacAddress{{2, 0, 0, 0, 0, 1}});
  send(to_host_.frame(1, Bytes{8, 0, 0, 0, 0, 1, 0, 1}, 2));
  nat_->tend(clock_.now());
  ASSERT_EQ(received_.size(), 1U);
  EXPECT_EQ(received_.front()[34], 0) << "an echo reply";
}

TEST_F(Nat, APacketThatWaitedForAnArpReplyGoesWhenItComes) {
  make(open_host());
  if (!nat_) return;
  const HostSocket service(AF_INET, SOCK_DGRAM);
  send(to_host_.udp(4000, service.port(), {'?'}));
  sockaddr_storage from{};
  EXPECT_TRUE(until([&] { return !service.receive(&from).empty(); }));
  ASSERT_EQ(::sendto(service.number(), "!", 1, 0, reinterpret_cast<sockaddr*>(&from), sizeof(sockaddr_in)),
            1);
  ASSERT_FALSE(wait_for(is_arp).empty());
  send(arp(2, guest_mac, guest_, host_));
  loop_.pass(clock_.now());
  ASSERT_EQ(received_.size(), 1U);
  EXPECT_TRUE(is_udp(received_.front()));
}

TEST_F(Nat, SaysWhatItIs) {
  NatSettings settings;
  settings.network = ip("192.168.50.0");
  settings.mtu = 9000;
  make(settings);
  if (!nat_) return;
  EXPECT_EQ(nat_->name(), "NAT 192.168.50.0/24");
  EXPECT_EQ(nat_->frame_limit(), 9014U);
  EXPECT_EQ(nat_->state(), EthernetDevice::State::ready);
  EXPECT_FALSE(nat_->does_work());
  EXPECT_TRUE(nat_->needs_real_clock());
  EXPECT_EQ(nat_->details().front(), "host 192.168.50.2, name server 192.168.50.3, MTU 9000");
}

}  // namespace
}  // namespace vmlan::host::nat
