// What an OSA does for guests without Ethernet: answering for them, and finding whom they name.
#include "host/uplink/neighbors.h"

#include <gtest/gtest.h>

#include <set>

#include "host/uplink/neighbor_packets.h"
#include "host/uplink/test_device.h"

namespace vmlan::host {
namespace {

using namespace std::chrono_literals;

constexpr wire::MacAddress osa{{2, 0, 0, 0, 0, 0x99}};
constexpr wire::MacAddress router_mac{{0x52, 0x55, 0, 0, 0, 1}};

wire::IpAddress ip(std::string_view text) { return *wire::parse_ip_address(text); }

class OsaNeighbors : public testing::Test {
 protected:
  std::set<wire::IpAddress> ours{ip("10.1.1.1"), ip("fd00::1")};
  std::vector<FrameBytes> sent;
  std::vector<FrameWork> works;
  Neighbors neighbors{
      osa, [this](const Neighbors::Key& key) { return key.vlan != 30 && ours.contains(key.address); },
      [this](Neighbors::Pieces pieces, const FrameWork& work) {
        FrameBytes frame;
        for (const auto piece : pieces) frame.insert(frame.end(), piece.begin(), piece.end());
        sent.push_back(std::move(frame));
        works.push_back(work);
        return takes;
      },
      [this](std::uint64_t count) { lost += count; }};
  bool takes = true;
  std::uint64_t lost = 0;

  bool hold(const Neighbors::Key& key, std::size_t length = 100, std::uint8_t mark = 0x45,
            const FrameWork& work = {}) {
    const FrameBytes datagram(length, std::byte{mark});
    const std::array pieces{std::span<const std::byte>(datagram).first(10),
                            std::span<const std::byte>(datagram).subspan(10)};
    return neighbors.hold(key, ip(key.address.is_v4() ? sender : "fd00::1"), priority, pieces, work);
  }
  const char* sender = "10.1.1.1";
  std::uint16_t priority = 0;
  static FrameBytes bytes_of(const NeighborAnswer& frame) {
    return {frame.frame().begin(), frame.frame().end()};
  }
  // As the router answers the last question.
  FrameBytes answer() { return bytes_of(*answer_neighbor_question(sent.back(), router_mac)); }
  static FrameBytes tagged(FrameBytes frame, std::uint8_t vlan) {
    const std::array tag{std::byte{0x81}, std::byte{0}, std::byte{0}, std::byte{vlan}};
    frame.insert(frame.begin() + 12, tag.begin(), tag.end());
    return frame;
  }
};

TEST_F(OsaNeighbors, ADatagramWaitsForTheAnswerAndGoesWithItsAddress) {
  for (const char* address : {"10.1.1.254", "fd00::fe"}) {
    sent.clear();
    const Neighbors::Key router{ip(address), 0};
    EXPECT_EQ(neighbors.find(router), nullptr);
    EXPECT_TRUE(hold(router));
    ASSERT_EQ(sent.size(), 1U) << "asked once";
    EXPECT_TRUE(hold(router, 60, 0x46));
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(neighbors.received(answer()), router.address.is_v4());
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[1].size(), 114U);
    EXPECT_EQ(std::memcmp(sent[1].data(), router_mac.bytes.data(), 6), 0);
    EXPECT_EQ(std::memcmp(sent[1].data() + 6, osa.bytes.data(), 6), 0);
    EXPECT_EQ(sent[1][14], std::byte{0x45});
    EXPECT_EQ(sent[2].size(), 74U);
    ASSERT_NE(neighbors.find(router), nullptr);
    EXPECT_EQ(*neighbors.find(router), router_mac);
  }
}

TEST_F(OsaNeighbors, AsksInTheNameOfTheSender) {
  hold({ip("10.1.1.254"), 0});
  const auto arp = parse_nat_packet(sent[0]);
  EXPECT_EQ(arp->kind, NatPacket::Kind::arp_request);
  EXPECT_EQ(arp->source, ip("10.1.1.1"));
  EXPECT_EQ(arp->destination, ip("10.1.1.254"));
  EXPECT_TRUE(arp->mac_destination.is_broadcast());
  hold({ip("fd00::12:3456"), 0});
  const auto discovery = parse_nat_packet(sent[1]);
  EXPECT_EQ(discovery->source, ip("fd00::1"));
  EXPECT_EQ(discovery->destination, ip("ff02::1:ff12:3456"));
  EXPECT_EQ(wire::to_string(discovery->mac_destination), "33-33-FF-12-34-56");
  EXPECT_EQ(discovery->hop_limit, 255);
}

TEST_F(OsaNeighbors, AsksThriceASecondApartAndGivesUp) {
  const Neighbors::Key nobody{ip("10.1.1.77"), 0};
  hold(nobody);
  for (unsigned second = 1; second <= 6; ++second) neighbors.tend(std::chrono::seconds(second));
  EXPECT_EQ(sent.size(), 3U);
  EXPECT_EQ(neighbors.size(), 0U);
  EXPECT_EQ(lost, 1U);
  EXPECT_FALSE(neighbors.deadline());
  hold(nobody);
  EXPECT_EQ(sent.size(), 4U) << "the next one asks anew";
}

TEST_F(OsaNeighbors, AnswersForGuestsAndForNobodyElse) {
  sent.clear();
  const auto ask = [&](const char* who, const char* name) {
    return neighbors.received(bytes_of(neighbor_question(ip(who), ip(name), router_mac)));
  };
  EXPECT_TRUE(ask("10.1.1.1", "10.1.1.254"));
  ASSERT_EQ(sent.size(), 1U);
  const auto reply = parse_nat_packet(sent[0]);
  EXPECT_EQ(reply->kind, NatPacket::Kind::arp_reply);
  EXPECT_EQ(reply->source, ip("10.1.1.1"));
  EXPECT_EQ(reply->mac_source, osa);
  EXPECT_FALSE(ask("fd00::1", "fd00::fe")) << "the guest hears of it";
  EXPECT_TRUE(ask("10.1.1.2", "10.1.1.254")) << "nobody's, and still no guest's business";
  EXPECT_EQ(sent.size(), 1U);
  EXPECT_NE(neighbors.find({ip("10.1.1.254"), 0}), nullptr) << "who asks is known";
}

TEST_F(OsaNeighbors, NobodyOutsideSpeaksForAGuest) {
  const Neighbors::Key router{ip("10.1.1.254"), 0};
  neighbors.received(bytes_of(neighbor_question(ip("10.1.1.1"), ip("10.1.1.1"), router_mac)));
  EXPECT_EQ(neighbors.find({ip("10.1.1.1"), 0}), nullptr);
  hold(router);
  for (const auto& mac : {wire::MacAddress{{1, 0, 0x5e, 0, 0, 1}}, wire::MacAddress{}, osa}) {
    neighbors.received(bytes_of(*answer_neighbor_question(sent.back(), mac)));
    EXPECT_EQ(neighbors.find(router), nullptr) << wire::to_string(mac);
  }
}

TEST_F(OsaNeighbors, WhatWasNeverAskedIsNotLearnt) {
  const auto question = neighbor_question(ip("10.1.1.254"), ip("10.1.1.9"), osa);
  neighbors.received(bytes_of(*answer_neighbor_question(question.frame(), router_mac)));
  EXPECT_EQ(neighbors.size(), 0U);
}

TEST_F(OsaNeighbors, ANeighborThatMovesIsFollowed) {
  const Neighbors::Key router{ip("10.1.1.254"), 0};
  hold(router);
  neighbors.received(answer());
  constexpr wire::MacAddress second{{0x52, 0x55, 0, 0, 0, 2}};
  neighbors.received(bytes_of(neighbor_question(ip("10.1.1.254"), ip("10.1.1.254"), second)));
  EXPECT_EQ(*neighbors.find(router), second);
}

TEST_F(OsaNeighbors, WhatIsKnownIsBelievedForAWhile) {
  const Neighbors::Key router{ip("10.1.1.254"), 0};
  neighbors.set_timeout(2min);
  hold(router);
  neighbors.received(answer());
  neighbors.tend(119s);
  EXPECT_NE(neighbors.find(router), nullptr);
  ASSERT_TRUE(neighbors.deadline());
  EXPECT_EQ(*neighbors.deadline(), arch::Time(2min));
  neighbors.tend(121s);
  EXPECT_EQ(neighbors.find(router), nullptr);
}

TEST_F(OsaNeighbors, AVlanIsANetworkOfItsOwn) {
  hold({ip("10.1.1.254"), 10});
  EXPECT_EQ(sent[0].size(), 46U);
  EXPECT_EQ(sent[0][12], std::byte{0x81});
  EXPECT_EQ(sent[0][15], std::byte{10});
  auto untagged = sent[0];
  untagged.erase(untagged.begin() + 12, untagged.begin() + 16);
  const auto reply = bytes_of(*answer_neighbor_question(untagged, router_mac));
  neighbors.received(reply);
  neighbors.received(tagged(reply, 20));
  EXPECT_EQ(sent.size(), 1U);
  neighbors.received(tagged(reply, 10));
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[1].size(), 118U);
  EXPECT_EQ(neighbors.find({ip("10.1.1.254"), 0}), nullptr);
}

TEST_F(OsaNeighbors, WorkCountsFromTheHeaderOn) {
  FrameWork work;
  work.checksum = true;
  work.checksum_start = 20;
  work.segmentation = FrameWork::Segmentation::tcp_v4;
  work.segment_size = 1460;
  work.header_length = 40;
  hold({ip("10.1.1.254"), 0}, 4000, 0x45, work);
  neighbors.received(answer());
  EXPECT_EQ(works.back().checksum_start, 34);
  EXPECT_EQ(works.back().header_length, 54);
}

TEST_F(OsaNeighbors, APriorityInTheTagIsNoVlan) {
  priority = 0xa000;
  hold({ip("10.1.1.254"), 10});
  auto untagged = sent[0];
  untagged.erase(untagged.begin() + 12, untagged.begin() + 16);
  neighbors.received(tagged(bytes_of(*answer_neighbor_question(untagged, router_mac)), 10));
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[1][14], std::byte{0xa0});
  EXPECT_EQ(sent[1][15], std::byte{10});
}

TEST_F(OsaNeighbors, WhereAGuestIsNotNobodyAnswersForIt) {
  const auto question = bytes_of(neighbor_question(ip("10.1.1.1"), ip("10.1.1.254"), router_mac));
  EXPECT_TRUE(neighbors.received(tagged(question, 30)));
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(neighbors.size(), 0U);
}

TEST_F(OsaNeighbors, AnnouncesAnAddressToAll) {
  neighbors.announce({ip("10.1.1.1"), 0});
  const auto packet = parse_nat_packet(sent[0]);
  EXPECT_EQ(packet->kind, NatPacket::Kind::arp_request);
  EXPECT_EQ(packet->source, packet->destination);
  EXPECT_TRUE(packet->mac_destination.is_broadcast());
}

TEST_F(OsaNeighbors, WhatTheDeviceDoesNotTakeIsLost) {
  hold({ip("10.1.1.254"), 0});
  takes = false;
  neighbors.received(answer());
  EXPECT_EQ(lost, 1U);
}

TEST_F(OsaNeighbors, WhatIsHeldIsBounded) {
  const Neighbors::Key router{ip("10.1.1.254"), 0};
  for (unsigned number = 0; number < Neighbors::most_held_for_one; ++number) EXPECT_TRUE(hold(router));
  EXPECT_FALSE(hold(router));
  unsigned taken = 0;
  for (unsigned number = 1; number < 60; ++number) {
    taken += hold({wire::IpAddress::v4(10, 2, 0, static_cast<std::uint8_t>(number)), 0}, 60'000) ? 1U : 0U;
  }
  EXPECT_EQ(taken, (Neighbors::most_held_bytes - 400) / 60'000);
  neighbors.forget();
  EXPECT_EQ(lost, 4U + taken);
  EXPECT_TRUE(hold(router, 60'000));
}

TEST_F(OsaNeighbors, NobodyFillsTheTable) {
  const auto ask_for_ours = [&](unsigned number) {
    const auto from = wire::IpAddress::v4(10, 3, static_cast<std::uint8_t>(number >> 8U),
                                          static_cast<std::uint8_t>(number));
    neighbors.received(bytes_of(neighbor_question(ip("10.1.1.1"), from, router_mac)));
  };
  for (unsigned number = 0; number < 3000; ++number) ask_for_ours(number);
  EXPECT_EQ(neighbors.size(), Neighbors::most / 2) << "strangers who ask";
  for (unsigned number = 0; number < 200; ++number) {
    hold({wire::IpAddress::v4(10, 4, 0, static_cast<std::uint8_t>(number)), 0}, 20);
  }
  EXPECT_EQ(neighbors.size(), Neighbors::most / 2 + Neighbors::most_asked_for_one)
      << "a guest that names nobody";
  sender = "10.1.1.2";
  EXPECT_TRUE(hold({ip("10.1.1.80"), 0})) << "another one";
  for (unsigned guest = 3; guest < 20; ++guest) {
    const auto name = "10.1.1." + std::to_string(guest);
    sender = name.c_str();
    for (unsigned number = 0; number < 100; ++number) {
      hold({wire::IpAddress::v4(10, 5, static_cast<std::uint8_t>(guest), static_cast<std::uint8_t>(number)),
            0},
           20);
    }
  }
  EXPECT_LE(neighbors.size(), Neighbors::most);
}

TEST_F(OsaNeighbors, HostileFramesAreNoTrouble) {
  arch::Prng chance(1);
  hold({ip("10.1.1.254"), 0});
  hold({ip("fd00::fe"), 0});
  const std::vector<FrameBytes> seeds = {
      bytes_of(neighbor_question(ip("10.1.1.1"), ip("10.1.1.254"), router_mac)),
      bytes_of(neighbor_question(ip("fd00::1"), ip("fd00::fe"), router_mac)),
      bytes_of(*answer_neighbor_question(sent[0], router_mac)),
      bytes_of(*answer_neighbor_question(sent[1], router_mac))};
  for (unsigned count = 0; count < 50'000; ++count) {
    auto frame = seeds[chance.below(seeds.size())];
    if (chance.below(3) == 0) frame = tagged(frame, 10);
    frame.resize(chance.below(frame.size() + 1));
    for (unsigned spoilt = 0; spoilt < chance.below(4) && !frame.empty(); ++spoilt) {
      frame[chance.below(frame.size())] = static_cast<std::byte>(chance.next());
    }
    neighbors.received(frame);
    if (count % 100 == 0) neighbors.tend(std::chrono::milliseconds(count));
    sent.clear();
    works.clear();
  }
  EXPECT_LE(neighbors.size(), Neighbors::most);
}

}  // namespace
}  // namespace vmlan::host
