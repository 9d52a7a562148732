// TCP of a guest through the NAT: its frames made by hand, the other end a socket of this host.
#include <algorithm>
#include <csignal>

#include "host/uplink/test_nat.h"

namespace vmlan::host::nat {
namespace {

constexpr unsigned fin = 0x01;
constexpr unsigned syn = 0x02;
constexpr unsigned rst = 0x04;
constexpr unsigned push = 0x08;
constexpr unsigned ack = 0x10;

class NatTcp : public NatTest {
 protected:
  // A connection through `to` of the host, established; the host's end.
  HostSocket connect(const HostSocket& listener, unsigned from, std::uint32_t& peer_sequence) {
    send(to_host_.tcp(from, listener.port(), 1000, 0, syn));
    const auto answer =
        wait_for([&](const Bytes& frame) { return is_tcp(frame) && number_at(frame, 36) == from; });
    EXPECT_FALSE(answer.empty());
    EXPECT_EQ(answer.empty() ? 0 : tcp_flags(answer), syn | ack);
    peer_sequence = answer.empty() ? 0 : number32_at(answer, 38) + 1;
    send(to_host_.tcp(from, listener.port(), 1001, peer_sequence, ack));
    return HostSocket(::accept(listener.number(), nullptr, nullptr));
  }
};

TEST_F(NatTcp, TcpThroughTheHostsLoopbackAndBack) {
  make(open_host());
  if (!nat_) return;
  const HostSocket listener(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::listen(listener.number(), 8), 0);
  announce(guest_);
  std::uint32_t peer = 0;
  const auto accepted = connect(listener, 4001, peer);
  send(to_host_.tcp(4001, listener.port(), 1001, peer, ack | push, {'h', 'e', 'l', 'l', 'o'}));
  Bytes got;
  EXPECT_TRUE(until([&] { return !(got = accepted.receive()).empty(); }));
  EXPECT_EQ(got, (Bytes{'h', 'e', 'l', 'l', 'o'}));
  accepted.send({'t', 'h', 'e', 'r', 'e'});
  const auto answer =
      wait_for([](const Bytes& frame) { return is_tcp(frame) && !tcp_payload(frame).empty(); });
  ASSERT_FALSE(answer.empty());
  EXPECT_EQ(tcp_payload(answer), (Bytes{'t', 'h', 'e', 'r', 'e'}));
}

TEST_F(NatTcp, ASuperFrameArrivesWhole) {
  make(open_host());
  if (!nat_) return;
  const HostSocket listener(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::listen(listener.number(), 8), 0);
  announce(guest_);
  std::uint32_t peer = 0;
  const auto accepted = connect(listener, 4003, peer);
  Bytes data(30'000);
  for (std::size_t index = 0; index < data.size(); ++index)
    data[index] = static_cast<std::uint8_t>(index * 7);
  const auto frame = to_host_.tcp(4003, listener.port(), 1001, peer, ack | push, data);
  EXPECT_EQ(send(frame), EthernetDevice::Sent::too_long) << "what is none has the MTU for a limit";
  FrameWork work;
  work.segmentation = FrameWork::Segmentation::tcp_v4;
  EXPECT_EQ(send(frame, work), EthernetDevice::Sent::sent);
  Bytes got;
  EXPECT_TRUE(until([&] {
    got = std::move(got) + accepted.receive();
    return got.size() >= data.size();
  }));
  EXPECT_EQ(got, data);
}

TEST_F(NatTcp, SegmentsOfOnePassAreAcknowledgedTogether) {
  make(open_host());
  if (!nat_) return;
  const HostSocket listener(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::listen(listener.number(), 8), 0);
  announce(guest_);
  std::uint32_t peer = 0;
  const auto accepted = connect(listener, 4005, peer);
  pass_for(std::chrono::milliseconds(10));
  received_.clear();
  for (std::uint32_t number = 0; number < 10; ++number) {
    send(to_host_.tcp(4005, listener.port(), 1001 + number * 1000, peer, ack, Bytes(1000, 'x')));
  }
  EXPECT_FALSE(wait_for([](const Bytes& frame) {
                 return is_tcp(frame) && number32_at(frame, 42) == 1001 + 10 * 1000;
               }).empty());
  EXPECT_TRUE(received_.empty()) << received_.size() << " that say less";
  const auto lines = nat_->details();
  EXPECT_NE(std::ranges::find(lines, "acknowledgments merged 9"), lines.end());
}

TEST_F(NatTcp, APeerThatClosesDoesNotEndTheProcess) {
  std::signal(SIGPIPE, SIG_DFL);
  make(open_host());
  if (!nat_) return;
  const HostSocket listener(AF_INET, SOCK_STREAM);
  ASSERT_EQ(::listen(listener.number(), 8), 0);
  announce(guest_);
  std::uint32_t peer = 0;
  auto accepted = connect(listener, 4002, peer);
  send(to_host_.tcp(4002, listener.port(), 1001, peer, ack | push, {'a'}));
  EXPECT_TRUE(until([&] { return !accepted.receive().empty(); }));
  accepted.close();
  for (std::uint32_t turn = 1; turn < 50; ++turn) {
    send(to_host_.tcp(4002, listener.port(), 1001 + turn, peer, ack | push, {'b'}));
    if (turn > 10) loop_.pass(clock_.now() + std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(wait_for([](const Bytes& frame) {
                 return is_tcp(frame) && (tcp_flags(frame) & (rst | fin)) != 0;
               }).empty());
}

}  // namespace
}  // namespace vmlan::host::nat
