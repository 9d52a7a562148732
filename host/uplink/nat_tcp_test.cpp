// TCP of a guest through the NAT: its frames made by hand, the other end a socket of this host.
#include <algorithm>
#include <csignal>
#include <optional>

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
  // A connection of the guest's port 4001 to a socket of the open host; the host's end. Nothing: the test is
  // over.
  std::optional<HostSocket> establish() {
    make(open_host());
    if (!nat_) return std::nullopt;
    EXPECT_EQ(::listen(listener_.number(), 8), 0);
    announce(guest_);
    return connect();
  }
  // From it, behind so many bytes.
  Bytes segment(std::uint32_t behind, unsigned flags, const Bytes& data) const {
    return to_host_.tcp(port, listener_.port(), 1001 + behind, peer_, flags, data);
  }

 private:
  HostSocket connect() {
    send(to_host_.tcp(port, listener_.port(), 1000, 0, syn));
    const auto answer =
        wait_for([&](const Bytes& frame) { return is_tcp(frame) && number_at(frame, 36) == port; });
    EXPECT_FALSE(answer.empty());
    EXPECT_EQ(answer.empty() ? 0 : tcp_flags(answer), syn | ack);
    peer_ = answer.empty() ? 0 : number32_at(answer, 38) + 1;
    send(segment(0, ack, {}));
    return HostSocket(::accept(listener_.number(), nullptr, nullptr));
  }

  static constexpr unsigned port = 4001;
  HostSocket listener_{AF_INET, SOCK_STREAM};
  std::uint32_t peer_ = 0;
};

TEST_F(NatTcp, TcpThroughTheHostsLoopbackAndBack) {
  const auto accepted = establish();
  if (!accepted) return;
  send(segment(0, ack | push, {'h', 'e', 'l', 'l', 'o'}));
  Bytes got;
  EXPECT_TRUE(until([&] { return !(got = accepted->receive()).empty(); }));
  EXPECT_EQ(got, (Bytes{'h', 'e', 'l', 'l', 'o'}));
  accepted->send({'t', 'h', 'e', 'r', 'e'});
  const auto answer =
      wait_for([](const Bytes& frame) { return is_tcp(frame) && !tcp_payload(frame).empty(); });
  ASSERT_FALSE(answer.empty());
  EXPECT_EQ(tcp_payload(answer), (Bytes{'t', 'h', 'e', 'r', 'e'}));
}

TEST_F(NatTcp, ASuperFrameArrivesWhole) {
  const auto accepted = establish();
  if (!accepted) return;
  Bytes data(30'000);
  for (std::size_t index = 0; index < data.size(); ++index)
    data[index] = static_cast<std::uint8_t>(index * 7);
  const auto frame = segment(0, ack | push, data);
  EXPECT_EQ(send(frame), EthernetDevice::Sent::too_long) << "what is none has the MTU for a limit";
  FrameWork work;
  work.segmentation = FrameWork::Segmentation::tcp_v4;
  EXPECT_EQ(send(frame, work), EthernetDevice::Sent::sent);
  Bytes got;
  EXPECT_TRUE(until([&] {
    got = std::move(got) + accepted->receive();
    return got.size() >= data.size();
  }));
  EXPECT_EQ(got, data);
}

TEST_F(NatTcp, SegmentsOfOnePassAreAcknowledgedTogether) {
  const auto accepted = establish();
  if (!accepted) return;
  pass_for(std::chrono::milliseconds(10));
  received_.clear();
  for (std::uint32_t number = 0; number < 10; ++number) {
    send(segment(number * 1000, ack, Bytes(1000, 'x')));
  }
  EXPECT_FALSE(wait_for([](const Bytes& frame) {
                 return is_tcp(frame) && number32_at(frame, 42) == 1001 + 10 * 1000;
               }).empty());
  EXPECT_TRUE(received_.empty()) << received_.size() << " that say less";
  const auto lines = nat_->details();
  EXPECT_NE(std::ranges::find(lines, "acknowledgments merged 9"), lines.end());
}

// The second of two that acknowledge the same says that something is missing, also to who hears the third.
TEST_F(NatTcp, AnAcknowledgmentThatTellsOfALossStays) {
  const auto accepted = establish();
  if (!accepted) return;
  pass_for(std::chrono::milliseconds(10));
  received_.clear();
  for (const std::uint32_t number : {0U, 2U, 1U}) send(segment(number * 1000, ack, Bytes(1000, 'x')));
  pass_for(std::chrono::milliseconds(20));
  std::vector<std::uint32_t> acknowledged;
  for (const auto& frame : received_) {
    if (is_tcp(frame)) acknowledged.push_back(number32_at(frame, 42) - 1001);
  }
  EXPECT_EQ(acknowledged, (std::vector<std::uint32_t>{1000, 1000, 3000}));
}

TEST_F(NatTcp, APeerThatClosesDoesNotEndTheProcess) {
  std::signal(SIGPIPE, SIG_DFL);
  auto accepted = establish();
  if (!accepted) return;
  send(segment(0, ack | push, {'a'}));
  EXPECT_TRUE(until([&] { return !accepted->receive().empty(); }));
  accepted->close();
  for (std::uint32_t turn = 1; turn < 50; ++turn) {
    send(segment(turn, ack | push, {'b'}));
    if (turn > 10) loop_.pass(clock_.now() + std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(wait_for([](const Bytes& frame) {
                 return is_tcp(frame) && (tcp_flags(frame) & (rst | fin)) != 0;
               }).empty());
}

}  // namespace
}  // namespace vmlan::host::nat
