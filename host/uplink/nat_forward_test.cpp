// Ports of the host that reach a guest, opened and closed while the device runs.
#include <algorithm>

#include "host/uplink/test_nat.h"

namespace vmlan::host::nat {
namespace {

// A port that nobody has.
std::uint16_t free_port(int type) {
  const HostSocket socket(AF_INET, type);
  return socket.port();
}

class NatForward : public NatTest {
 protected:
  static ForwardedPort to_guest(ForwardedPort::Protocol protocol, std::uint16_t host_port,
                                std::uint16_t guest_port) {
    ForwardedPort port;
    port.protocol = protocol;
    port.host_port = host_port;
    port.guest_port = guest_port;
    return port;
  }
  static ForwardedPort tcp(std::uint16_t host_port, std::uint16_t guest_port) {
    return to_guest(ForwardedPort::Protocol::tcp, host_port, guest_port);
  }
  static ForwardedPort udp(std::uint16_t host_port, std::uint16_t guest_port) {
    return to_guest(ForwardedPort::Protocol::udp, host_port, guest_port);
  }
};

TEST_F(NatForward, AConnectionReachesTheGuest) {
  NatSettings settings;
  settings.forwarded = {tcp(free_port(SOCK_STREAM), 22)};
  make(settings);
  if (!nat_) return;
  announce(guest_);
  const HostSocket client(AF_INET, SOCK_STREAM);
  ASSERT_TRUE(client.connect(settings.forwarded[0].host_port));
  const auto call = wait_for([](const Bytes& frame) { return is_tcp(frame) && tcp_flags(frame) == 0x02; });
  ASSERT_FALSE(call.empty());
  EXPECT_EQ(number_at(call, 36), 22U);
  EXPECT_EQ(Bytes(call.begin() + 26, call.begin() + 34), (Bytes{10, 0, 2, 2, 10, 0, 2, 15}));
  // The host is closed, but not to who answers.
  const auto from = number_at(call, 34);
  const auto next = number32_at(call, 38) + 1;
  send(to_host_.tcp(22, from, 7000, next, 0x12));
  send(to_host_.tcp(22, from, 7001, next, 0x18, {'S', 'S', 'H'}));
  Bytes got;
  EXPECT_TRUE(until([&] { return !(got = client.receive()).empty(); }));
  EXPECT_EQ(got, (Bytes{'S', 'S', 'H'}));
  EXPECT_EQ(nat_->dropped(NatDrop::host_closed), 0U);
}

// libslirp's own switch would cut the answer off.
TEST_F(NatForward, AnAnswerByUdpComesBackWhileTheHostIsClosed) {
  make();
  if (!nat_) return;
  const auto port = udp(free_port(SOCK_DGRAM), 5353);
  ASSERT_EQ(nat_->add_forward(port), std::nullopt);
  announce(guest_);
  const HostSocket client(AF_INET, SOCK_DGRAM);
  ASSERT_TRUE(client.connect(port.host_port));
  client.send({'?'});
  const auto question = wait_for(is_udp);
  ASSERT_FALSE(question.empty());
  EXPECT_EQ(number_at(question, 36), 5353U);
  send(to_host_.udp(5353, number_at(question, 34), {'!'}));
  EXPECT_TRUE(until([&] { return client.receive() == Bytes{'!'}; }));
  const HostSocket other(AF_INET, SOCK_DGRAM);
  send(to_host_.udp(5353, other.port(), {'!'}));
  send(to_host_.udp(5354, number_at(question, 34), {'!'}));
  pass_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(other.receive().empty());
  EXPECT_EQ(nat_->dropped(NatDrop::host_closed), 2U);
}

TEST_F(NatForward, Ipv6ReachesTheGuest) {
  make();
  if (!nat_) return;
  auto port = udp(0, 5353);
  {
    const HostSocket probe(AF_INET6, SOCK_DGRAM);
    port.host_port = probe.port();
  }
  port.host_address = ip("::1");
  port.guest_address = ip("fd00::21");
  ASSERT_EQ(nat_->add_forward(port), std::nullopt);
  nat_->answer_for(wire::MacAddress{{2, 0, 0, 0, 0, 1}});
  const HostSocket client(AF_INET6, SOCK_DGRAM);
  const std::uint8_t question = '?';
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_addr = in6addr_loopback;
  to.sin6_port = htons(port.host_port);
  ASSERT_EQ(::sendto(client.number(), &question, 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 1);
  const auto frame = wait_for([](const Bytes& one) { return number_at(one, 12) == 0x86dd && one[20] == 17; });
  ASSERT_EQ(frame.size(), 63U);
  EXPECT_EQ(Bytes(frame.begin() + 38, frame.begin() + 54), address_bytes(ip("fd00::21")));
  send(PacketMaker{ip("fd00::21"), ip("fd00::2")}.udp(5353, number_at(frame, 54), {'!'}));
  EXPECT_TRUE(until([&] { return client.receive() == Bytes{'!'}; }));
}

TEST_F(NatForward, APortThatIsTakenIsRefusedByName) {
  make();
  if (!nat_) return;
  const HostSocket taken(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::listen(taken.number(), 1), 0);
  EXPECT_EQ(nat_->add_forward(tcp(taken.port(), 22)),
            "tcp 127.0.0.1:" + std::to_string(taken.port()) + " is in use");
  const HostSocket taken_too(AF_INET, SOCK_DGRAM);
  EXPECT_EQ(nat_->add_forward(udp(taken_too.port(), 22)),
            "udp 127.0.0.1:" + std::to_string(taken_too.port()) + " is in use");
  auto elsewhere = tcp(free_port(SOCK_STREAM), 22);
  elsewhere.host_address = ip("192.0.2.1");
  EXPECT_EQ(nat_->add_forward(elsewhere),
            "tcp 192.0.2.1:" + std::to_string(elsewhere.host_port) + ": not an address of this host");
  EXPECT_EQ(nat_->connections(), 0U);
}

TEST_F(NatForward, ComesAndGoesWhileItRuns) {
  make();
  if (!nat_) return;
  const auto port = tcp(free_port(SOCK_STREAM), 22);
  EXPECT_EQ(nat_->remove_forward(port), listener_text(port) + " is not forwarded");
  ASSERT_EQ(nat_->add_forward(port), std::nullopt);
  EXPECT_EQ(nat_->add_forward(port), listener_text(port) + " is forwarded already");
  const auto lines = nat_->details();
  EXPECT_NE(std::ranges::find(lines, "forwarded " + listener_text(port) + " to 10.0.2.15:22"), lines.end());
  EXPECT_TRUE(HostSocket(AF_INET, SOCK_STREAM).connect(port.host_port));
  EXPECT_EQ(nat_->remove_forward(port), std::nullopt);
  EXPECT_FALSE(HostSocket(AF_INET, SOCK_STREAM).connect(port.host_port));
  EXPECT_EQ(nat_->add_forward(port), std::nullopt);
}

// Nobody has asked whether there is a connection: accept() would wait for ever on a blocking socket.
TEST_F(NatForward, ListeningSocketsDoNotBlock) {
  make();
  if (!nat_) return;
  ASSERT_EQ(nat_->add_forward(tcp(free_port(SOCK_STREAM), 22)), std::nullopt);
  std::vector<pollfd> polled;
  nat_->add_to(polled);
  ASSERT_EQ(polled.size(), 1U);
  polled[0].revents = POLLIN;
  nat_->happened(polled);
  EXPECT_EQ(nat_->connections(), 0U);
}

}  // namespace
}  // namespace vmlan::host::nat
