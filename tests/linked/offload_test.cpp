// What a guest's driver leaves to its card is done by the receiver's module: both ends with real threads, a
// real socket and a base between them.
#include <gtest/gtest.h>

#include "tests/kit/hex.h"
#include "tests/kit/offloaded_packets.h"
#include "tests/linked/joined_guest.h"

namespace vmlan {
namespace {

using kit::Left;
using kit::PacketBytes;
using kit::Sending;
using linked::eventually;
using linked::iqd;
using linked::JoinedGuest;
using linked::osd;
using linked::RunningBase;

constexpr unsigned segment_size = 400;
constexpr std::size_t payload_length = 3000;  // a super-frame in one page, of eight packets
constexpr unsigned parts = 8;

Sending from_alice_to_bob(Left left) {
  Sending sending;
  sending.shape.network = 0x0a01;
  sending.shape.from = 0x0101;
  sending.shape.to = 0x0102;
  sending.left = left;
  sending.segment_size = segment_size;
  return sending;
}

struct Received {
  PacketBytes packet;
  bool verified = false;
};

class LinkedOffload : public testing::Test {
 protected:
  void define_lan(const std::string& type) { base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE " + type); }
  void send(JoinedGuest& sender, const PacketBytes& bytes) {
    sender.guest->prime(0, bytes);
    sender.guest->signal_output(0);
  }
  // As many packets as are wanted, in order, the filled buffers given back.
  std::vector<Received> receive(JoinedGuest& receiver, std::size_t wanted) {
    std::vector<Received> all;
    while (all.size() < wanted) {
      if (!eventually([&] { return receiver.guest->input_state(next_input) == JoinedGuest::input_primed; }))
        break;
      const auto bytes = receiver.guest->take_input(next_input);
      next_input = (next_input + 1) % JoinedGuest::ring;
      for (std::size_t at = 0; at + 32 < bytes.size();) {
        const std::size_t length = kit::read16(bytes, at + 8);
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at + 32);
        if (at + 32 + length > bytes.size()) return all;
        all.push_back({PacketBytes(begin, begin + static_cast<std::ptrdiff_t>(length)),
                       (bytes[at + 0x0b] & std::byte{0x20}) != std::byte{0}});
        at += 32 + length;
      }
    }
    return all;
  }
  void expect(const std::vector<Received>& received, const std::vector<PacketBytes>& model, bool verified) {
    ASSERT_EQ(received.size(), model.size());
    for (std::size_t index = 0; index < model.size(); ++index) {
      EXPECT_EQ(received[index].packet, model[index]) << index;
      EXPECT_EQ(received[index].verified, verified) << index;
    }
  }

  RunningBase base;
  unsigned next_input = 0;
};

TEST_F(LinkedOffload, ASuperFrameIsCutBeforeItReachesItsGuest) {
  define_lan("QDIO IP");
  JoinedGuest alice(base, "ALICE", 1, osd);
  JoinedGuest bob(base, "BOB", 2, osd);
  alice.bring_up();
  bob.bring_up();
  const auto sending = from_alice_to_bob(Left::segmentation);
  const auto payload = kit::payload_of(payload_length);
  send(alice, as_sent(sending, payload));
  expect(receive(bob, parts), kit::model_of_segments(sending.shape, payload, segment_size), false);
  EXPECT_EQ(alice.counters().tx_packets, parts);
  EXPECT_EQ(bob.counters().rx_packets, parts);
}

TEST_F(LinkedOffload, AGuestWithLroGetsItWholeAndVerified) {
  define_lan("QDIO IP");
  JoinedGuest alice(base, "ALICE", 1, osd);
  JoinedGuest bob(base, "BOB", 2, osd, "lro on");
  alice.bring_up();
  bob.bring_up();
  for (const char* command : {"B3000000 00000100 01010004 00000000 00000000 00000002 0008 0001 0000 0000",
                              "B3000000 00000100 01010004 00000000 00000000 00000002 000C 0004 0000 0000 "
                              "00000038"}) {  // inbound checksums; observed, Linux 6.1 qeth
    ASSERT_EQ(bob.guest->ipa_code(kit::from_hex(command)), 0U);
  }
  const auto sending = from_alice_to_bob(Left::segmentation);
  const auto payload = kit::payload_of(payload_length);
  send(alice, as_sent(sending, payload));
  expect(receive(bob, 1), kit::model_of_segments(sending.shape, payload, payload.size()), true);
  EXPECT_EQ(bob.counters().rx_packets, parts) << "counts as what it would be cut into";
}

TEST_F(LinkedOffload, AChecksumIsFilledInBeforeItReachesItsGuest) {
  define_lan("QDIO IP");
  JoinedGuest alice(base, "ALICE", 1, osd);
  JoinedGuest bob(base, "BOB", 2, osd);
  alice.bring_up();
  bob.bring_up();
  auto sending = from_alice_to_bob(Left::checksums);
  sending.shape.tcp = false;
  const auto payload = kit::payload_of(1001);
  send(alice, as_sent(sending, payload));
  expect(receive(bob, 1), kit::model_of_segments(sending.shape, payload, payload.size()), false);
}

// HiperSockets lose nothing while a receiver is merely slow, not in the middle of a super-frame either.
TEST_F(LinkedOffload, AGuestThatIsFullInTheMiddleGetsTheRestLater) {
  define_lan("HIPERSOCKETS");
  JoinedGuest alice(base, "ALICE", 1, iqd);
  JoinedGuest bob(base, "BOB", 2, iqd);
  alice.bring_up();
  bob.bring_up(JoinedGuest::ring);
  const auto sending = from_alice_to_bob(Left::segmentation);
  constexpr unsigned parts_here = 7;  // which do not fill a ring of 128 buffers evenly
  const auto payload = kit::payload_of(parts_here * segment_size);
  const auto model = kit::model_of_segments(sending.shape, payload, segment_size);
  constexpr unsigned frames = JoinedGuest::ring / parts_here + 3;
  for (unsigned frame = 0; frame < frames; ++frame) send(alice, as_sent(sending, payload));
  ASSERT_TRUE(
      eventually([&] { return bob.guest->input_state(JoinedGuest::ring - 1) == JoinedGuest::input_primed; }));
  const auto received = receive(bob, frames * parts_here);
  ASSERT_EQ(received.size(), frames * parts_here);
  for (std::size_t index = 0; index < received.size(); ++index) {
    ASSERT_EQ(received[index].packet, model[index % parts_here]) << index;
  }
  EXPECT_EQ(bob.counters().tx_discarded(), 0U);
}

}  // namespace
}  // namespace vmlan
