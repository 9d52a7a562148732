#include "wire/transport_packet.h"

#include <gtest/gtest.h>

#include "tests/kit/transport_packets.h"

namespace vmlan::wire {
namespace {

using kit::make_packet;
using kit::PacketShape;

const std::vector<std::byte> content(11, std::byte{0x77});

std::optional<TransportLayout> transport_of(std::span<const std::byte> packet, bool ethernet) {
  const auto ip = find_ip(packet, ethernet);
  return ip ? find_transport(packet, *ip) : std::nullopt;
}

TEST(TransportPacket, HeadersAreFoundBehindTagsAndOptions) {
  for (const unsigned version : {4U, 6U}) {
    for (const unsigned options : {0U, 1U, 3U}) {
      for (const unsigned ethernet : {0U, 1U, 2U}) {
        for (const bool tcp : {true, false}) {
          PacketShape shape{.ethernet = ethernet > 0, .vlan = ethernet > 1, .version = version, .tcp = tcp};
          shape.ip_options = options;
          const auto packet = make_packet(shape, content);
          const auto ip = find_ip(packet, shape.ethernet);
          ASSERT_TRUE(ip);
          EXPECT_EQ(ip->version, version == 4 ? IpVersion::v4 : IpVersion::v6);
          EXPECT_EQ(ip->ip, shape.ethernet_length());
          EXPECT_EQ(ip->end, packet.size());
          const auto transport = find_transport(packet, *ip);
          ASSERT_TRUE(transport);
          EXPECT_EQ(transport->begin, shape.ethernet_length() + shape.ip_length());
          EXPECT_EQ(transport->protocol, tcp ? ip_protocol::tcp : ip_protocol::udp);
        }
      }
    }
  }
}

TEST(TransportPacket, NoHeadIsTooShortToBeLookedAt) {
  for (const unsigned version : {4U, 6U}) {
    PacketShape shape{.ethernet = true, .vlan = true, .version = version};
    shape.ip_options = 2;
    const auto packet = make_packet(shape, {});
    for (std::size_t length = 0; length < packet.size(); ++length) {
      EXPECT_FALSE(transport_of(std::span(packet).first(length), true)) << length;
    }
    EXPECT_TRUE(transport_of(packet, true));
  }
}

TEST(TransportPacket, AFragmentIsNeverSummed) {
  const auto packet = make_packet({}, content);
  for (const unsigned field : {0x2000U, 0x0001U, 0x1fffU}) {
    auto fragment = packet;
    kit::write16(fragment, 6, field);
    EXPECT_FALSE(transport_of(fragment, false)) << field;
  }
  auto whole = packet;
  kit::write16(whole, 6, 0x4000);  // may not be cut
  EXPECT_TRUE(transport_of(whole, false));
  auto six = make_packet({.version = 6, .ip_options = 1}, content);
  six[6] = std::byte{44};
  EXPECT_FALSE(transport_of(six, false));
}

TEST(TransportPacket, OnASourceRouteTheChecksumNamesAnotherDestination) {
  auto packet = make_packet({.version = 6, .ip_options = 1}, content);
  packet[6] = std::byte{43};
  packet[42] = std::byte{0};  // routing type
  packet[43] = std::byte{0};  // none left
  EXPECT_TRUE(transport_of(packet, false));
  packet[43] = std::byte{1};
  EXPECT_FALSE(transport_of(packet, false));
}

TEST(TransportPacket, OtherProtocolsAreLeftAlone) {
  auto packet = make_packet({}, content);
  for (const unsigned protocol : {0U, 1U, 41U, 43U, 50U, 51U, 58U, 60U, 132U}) {
    packet[9] = static_cast<std::byte>(protocol);
    EXPECT_FALSE(transport_of(packet, false)) << protocol;
  }
}

TEST(TransportPacket, WhatIsNoIpHasNoLayout) {
  auto packet = make_packet({.ethernet = true}, content);
  kit::write16(packet, 12, 0x0806);
  EXPECT_FALSE(find_ip(packet, true));
  kit::write16(packet, 12, 0x86dd);  // contradicts what follows
  EXPECT_FALSE(find_ip(packet, true));
  auto bare = make_packet({}, content);
  bare[0] = std::byte{0x44};  // a header of 16 bytes
  EXPECT_FALSE(find_ip(bare, false));
  bare[0] = std::byte{0x75};
  EXPECT_FALSE(find_ip(bare, false));
}

}  // namespace
}  // namespace vmlan::wire
