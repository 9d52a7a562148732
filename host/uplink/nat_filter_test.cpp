// What passes the wall around the host, by address: nothing is sent.
#include "host/uplink/nat_filter.h"

#include "host/uplink/test_nat.h"

namespace vmlan::host::nat {
namespace {

constexpr unsigned call = 0x02;      // SYN
constexpr unsigned accepted = 0x12;  // SYN, ACK

class NatWall : public ::testing::Test {
 protected:
  // "passes", or why not.
  static std::string verdict(const NatFilter& filter, const Bytes& frame) {
    const auto packet = parse_nat_packet(as_frame(frame));
    if (!packet) return "malformed";
    const auto drop = filter.judge(*packet, false);
    return drop ? std::string(to_string(*drop)) : "passes";
  }
  std::string closed(const Bytes& frame) const { return verdict(closed_, frame); }
  std::string open(const Bytes& frame) const { return verdict(open_, frame); }
  static Bytes tcp(std::string_view to, unsigned flags = call) {
    const bool v6 = to.find(':') != std::string_view::npos;
    return PacketMaker{ip(v6 ? "fd00::21" : "10.0.2.15"), ip(to)}.tcp(4000, 80, 1, 0, flags);
  }
  static Bytes udp(std::string_view to, unsigned port = 80) {
    return PacketMaker{ip("10.0.2.15"), ip(to)}.udp(4000, port, {'?'});
  }
  static NatFilter made(bool host_is_open) {
    NatFilter filter(std::get<NatPlan>(plan_nat({})), host_is_open);
    filter.set_host_addresses({ip("192.0.2.9"), ip("2001:db8::9")});
    return filter;
  }

  NatFilter closed_ = made(false);
  NatFilter open_ = made(true);
};

TEST_F(NatWall, TheWorldIsOpenAndTheHostsOwnAddressesAreNot) {
  EXPECT_EQ(closed(tcp("198.51.100.1")), "passes");
  EXPECT_EQ(closed(udp("198.51.100.1")), "passes");
  EXPECT_EQ(closed(tcp("2001:db8::1")), "passes");
  for (const auto* own : {"192.0.2.9", "2001:db8::9", "10.0.2.2", "fd00::2"}) {
    EXPECT_EQ(closed(tcp(own)), "the host is closed") << own;
    EXPECT_EQ(open(tcp(own)), "passes") << own;
    EXPECT_EQ(closed(tcp(own, accepted)), "passes") << own << ": it came through a forwarded port";
  }
  EXPECT_EQ(closed(udp("192.0.2.9")), "the host is closed");
  EXPECT_EQ(closed(udp("10.0.2.2", 67)), "passes") << "DHCP";
  EXPECT_EQ(closed(udp("10.0.2.2", 69)), "the host is closed");
  EXPECT_EQ(closed(udp("10.0.2.3", 53)), "passes") << "the name server";
}

TEST_F(NatWall, SomeAddressesAreNobodysToReach) {
  for (const auto* never : {"127.0.0.1", "0.0.0.0", "169.254.169.254"}) {
    EXPECT_EQ(open(tcp(never)), "the host is closed") << never;
    EXPECT_EQ(open(tcp(never, accepted)), "the host is closed") << never;
  }
  for (const auto* never : {"::1", "::", "::127.0.0.1"})
    EXPECT_EQ(open(tcp(never)), "the host is closed") << never;
  EXPECT_EQ(open(udp("224.0.0.251")), "protocol is not served");
  EXPECT_EQ(open(udp("240.0.0.1")), "protocol is not served");
  EXPECT_EQ(open(udp("10.0.2.16")), "for somebody else");
  EXPECT_EQ(open(udp("10.0.2.255")), "for somebody else");
  EXPECT_EQ(open(udp("255.255.255.255")), "for somebody else");
  EXPECT_EQ(open(tcp("fd00::22")), "for somebody else");
  EXPECT_EQ(open(tcp("fe80::2")), "protocol is not served");
}

TEST_F(NatWall, FramesToOtherStationsAreTheirs) {
  auto frame = tcp("198.51.100.1");
  EXPECT_EQ(closed(frame), "passes");
  frame[0] = 0x02;
  EXPECT_EQ(closed(frame), "for somebody else");
  const auto packet = parse_nat_packet(as_frame(frame));
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(closed_.judge(*packet, true), std::nullopt) << "an IP LAN has no stations";
  frame = tcp("198.51.100.1");
  frame[6] |= 1U;
  EXPECT_EQ(closed(frame), "malformed");
}

TEST_F(NatWall, WhoHasNoAddressMayAskForOneOnly) {
  const PacketMaker nobody{ip("0.0.0.0"), ip("255.255.255.255"), guest_mac, Bytes(6, 0xff)};
  EXPECT_EQ(closed(nobody.udp(68, 67, {})), "passes");
  EXPECT_EQ(closed(nobody.udp(68, 53, {})), "source is not of this network");
  EXPECT_EQ(closed(PacketMaker{ip("0.0.0.0"), ip("198.51.100.1")}.udp(68, 67, {})),
            "source is not of this network");
  EXPECT_EQ(closed(arp(1, guest_mac, ip("0.0.0.0"), ip("10.0.2.15"))), "passes");
  EXPECT_EQ(closed(arp(2, guest_mac, ip("0.0.0.0"), ip("10.0.2.15"))), "source is not of this network");
  EXPECT_EQ(closed(arp(2, guest_mac, ip("10.0.2.2"), ip("10.0.2.15"))), "source is not of this network");
  EXPECT_EQ(closed(PacketMaker{ip("fe80::21"), ip("2001:db8::1")}.tcp(1, 2, 3, 4, call)),
            "source is not of this network");
}

TEST_F(NatWall, AForgottenPeerGetsNoAnswer) {
  ForwardedPort port;
  port.protocol = ForwardedPort::Protocol::udp;
  port.host_port = 5353;
  port.guest_port = 53;
  port.guest_address = ip("10.0.2.15");
  closed_.add_forward(port);
  const auto comes = [&](unsigned from) {
    const auto frame = PacketMaker{ip("10.0.2.2"), ip("10.0.2.15")}.udp(from, 53, {'?'});
    closed_.note_outgoing(parse_nat_packet(as_frame(frame)).value());
  };
  const auto answer = [&](unsigned to) {
    return closed(PacketMaker{ip("10.0.2.15"), ip("10.0.2.2")}.udp(53, to, {'!'}));
  };
  comes(9000);
  EXPECT_EQ(answer(9000), "passes");
  EXPECT_EQ(answer(9001), "the host is closed");
  for (unsigned number = 0; number < NatFilter::most_peers; ++number) comes(10'000 + number);
  EXPECT_EQ(answer(9000), "the host is closed") << "the oldest made room";
  EXPECT_EQ(answer(10'000), "passes");
  closed_.remove_forward(port);
  EXPECT_EQ(answer(10'000), "the host is closed");
}

}  // namespace
}  // namespace vmlan::host::nat
