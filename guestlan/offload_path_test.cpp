// The one path with adapters that fill in checksums and cut super-frames: every mix of what senders leave to
// their adapter and of what receivers rely on theirs for. Every sum that arrives is checked by a model.
#include <gtest/gtest.h>

#include "tests/kit/offload_station.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::Transport;
using wire::IpVersion;

// Every way a packet can be shaped on this transport.
std::vector<Sending> sendings(bool layer2) {
  std::vector<Sending> all;
  for (const Left left : {Left::nothing, Left::checksums, Left::segmentation}) {
    for (const unsigned version : {4U, 6U}) {
      for (const bool tcp : {true, false}) {
        for (const unsigned framing : {0U, 1U, 2U}) {  // bare, Ethernet, Ethernet with a VLAN tag
          const bool suits = layer2 ? framing > 0 : framing == 0 || (version == 6 && framing == 1);
          if (!suits || (left == Left::segmentation && !tcp)) continue;
          Sending sending;
          sending.shape = {.ethernet = framing > 0, .vlan = framing > 1, .version = version, .tcp = tcp};
          sending.left = left;
          sending.layer2 = layer2;
          all.push_back(sending);
        }
      }
    }
  }
  return all;
}

void run(Lan& lan, const Sending& sending, bool relies, bool whole) {
  Station alice(lan, 1);
  Station bob(lan, 2, whole);
  bob.rely_on_adapter(relies);
  bob.memory.empty_input(128);
  const auto payload = payload_of(sending.left == Left::segmentation ? 20000 : 1000);
  alice.send(as_sent(sending, payload));
  EXPECT_EQ(alice.result, 0xa1U);
  const auto received = bob.receive();
  const bool cut = sending.left == Left::segmentation && !whole;
  const auto expected = model_of_segments(sending.shape, payload, cut ? sending.segment_size : 65535);
  ASSERT_EQ(received.size(), expected.size());
  for (std::size_t index = 0; index < received.size(); ++index) {
    EXPECT_EQ(received[index].packet, expected[index]) << index;
    EXPECT_EQ(flaw_of(sending.shape, received[index].packet), "");
    EXPECT_EQ(received[index].verified, relies && sending.left != Left::nothing);
  }
  EXPECT_EQ(alice.counters().tx_packets, bob.counters().rx_packets);
  EXPECT_EQ(alice.counters().tx_bytes, bob.counters().rx_bytes);
  EXPECT_EQ(bob.counters().rx_packets, sending.left == Left::segmentation ? 14U : 1U);
  expect_balance(alice);
}

TEST(OffloadPath, EveryMixOfSenderAndReceiverGetsRightSums) {
  for (const bool layer2 : {false, true}) {
    Lan lan(attributes(layer2 ? Transport::ethernet : Transport::ip));
    for (const Sending& sending : sendings(layer2)) {
      for (const bool relies : {false, true}) {
        for (const bool whole : {false, true}) {
          SCOPED_TRACE("layer " + std::to_string(layer2 ? 2 : 3) + " IPv" +
                       std::to_string(sending.shape.version) + (sending.shape.tcp ? " TCP" : " UDP") +
                       " left " + std::to_string(static_cast<int>(sending.left)) + " relies " +
                       std::to_string(relies) + " whole " + std::to_string(whole));
          run(lan, sending, relies, whole);
        }
      }
    }
  }
}

TEST(OffloadPath, EachVersionOfIpIsReliedOnForItself) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.memory.empty_input(128);
  bob.port().enable_inbound_checksum(IpVersion::v6, true);
  Sending sending{.shape = {.ethernet = true}, .left = Left::checksums, .layer2 = true};
  alice.send(as_sent(sending, payload_of(100)));
  sending.shape.version = 6;
  alice.send(as_sent(sending, payload_of(100)));
  const auto received = bob.receive();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_FALSE(received[0].verified);
  EXPECT_TRUE(received[1].verified);
}

}  // namespace
}  // namespace vmlan::guestlan
