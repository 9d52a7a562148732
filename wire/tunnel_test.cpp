// Tunnels against packets that another program has made: tests/golden/tunnels.hex.
#include "wire/tunnel.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "tests/kit/golden.h"
#include "tests/kit/hex.h"

namespace vmlan::wire {
namespace {

struct GoldenTunnel {
  std::string_view name;
  TunnelEnd end;
  unsigned depth = 0;
  IpVersion inner = IpVersion::v4;
};

constexpr auto found = TunnelEnd::found;
constexpr std::array golden_tunnels{
    GoldenTunnel{"inner.gre", found, 1},
    GoldenTunnel{"inner.gre.options", found, 1, IpVersion::v6},
    GoldenTunnel{"inner.gre.bridged", found, 1},
    GoldenTunnel{"inner.gre.mpls", found, 1},
    GoldenTunnel{"inner.gre.pptp", found, 1},
    GoldenTunnel{"inner.erspan_2", found, 1},
    GoldenTunnel{"inner.erspan_3", found, 1},
    GoldenTunnel{"inner.ip_in_ip", found, 1},
    GoldenTunnel{"inner.ipv6_in_ip", found, 1, IpVersion::v6},
    GoldenTunnel{"inner.ip_in_ipv6", found, 1},
    GoldenTunnel{"inner.authenticated", found, 1},
    GoldenTunnel{"inner.atomic_fragment", found, 1, IpVersion::v6},
    GoldenTunnel{"inner.ether_ip", found, 1},
    GoldenTunnel{"inner.mpls_in_ip", found, 1},
    GoldenTunnel{"inner.vxlan", found, 1},
    GoldenTunnel{"inner.vxlan.linux", found, 1, IpVersion::v6},
    GoldenTunnel{"inner.geneve", found, 1},
    GoldenTunnel{"inner.geneve.options", found, 1, IpVersion::v6},
    GoldenTunnel{"inner.gtp", found, 1},
    GoldenTunnel{"inner.gtp.extension", found, 1},
    GoldenTunnel{"inner.gtp.extensions", found, 1},
    GoldenTunnel{"inner.vxlan_in_gre", found, 2, IpVersion::v6},
    GoldenTunnel{"no_tunnel", TunnelEnd::no_tunnel},
    GoldenTunnel{"not_ip", TunnelEnd::not_ip},
    GoldenTunnel{"control", TunnelEnd::control},
    GoldenTunnel{"fragment", TunnelEnd::fragment},
    GoldenTunnel{"fragment.v6", TunnelEnd::fragment},
    GoldenTunnel{"encrypted", TunnelEnd::encrypted},
    GoldenTunnel{"unreadable", TunnelEnd::unreadable},
};

IpVersion version_of(std::span<const std::byte> packet) {
  return !packet.empty() && std::to_integer<unsigned>(packet[0]) >> 4U == 6 ? IpVersion::v6 : IpVersion::v4;
}

TEST(Tunnel, EachLeadsToItsInnerPacketOrSaysWhyNot) {
  for (const auto& tunnel : golden_tunnels) {
    const auto& packet = kit::golden("tunnels", tunnel.name);
    const auto inner = inner_packet(version_of(packet), packet);
    EXPECT_EQ(inner.end, tunnel.end) << tunnel.name << ": " << to_string(inner.end);
    if (inner.end != found) continue;
    EXPECT_EQ(inner.depth, tunnel.depth) << tunnel.name;
    EXPECT_EQ(inner.version, tunnel.inner) << tunnel.name;
    const auto& expected = kit::golden("tunnels", tunnel.inner == IpVersion::v4 ? "packet.v4" : "packet.v6");
    EXPECT_EQ(kit::to_hex(inner.packet), kit::to_hex(expected)) << tunnel.name;
  }
}

TEST(Tunnel, NoPieceOfOneLeadsToAnotherPacket) {
  for (const auto& tunnel : golden_tunnels) {
    const auto& whole = kit::golden("tunnels", tunnel.name);
    const auto all = inner_packet(version_of(whole), whole);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<std::byte> piece(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto inner = inner_packet(version_of(whole), piece);
      if (inner.end != found) continue;
      ASSERT_EQ(all.end, found) << tunnel.name << " " << size;
      // Of a tunnel in a tunnel the outer one is found sooner.
      ASSERT_LE(inner.depth, all.depth) << tunnel.name << " " << size;
      ASSERT_LE(inner.packet.data() + inner.packet.size(), piece.data() + size) << tunnel.name;
      if (inner.depth < all.depth) continue;
      EXPECT_EQ(inner.packet.data() - piece.data(), all.packet.data() - whole.data()) << tunnel.name;
    }
  }
}

// `levels` headers of IPv4 with protocol 4 around what has none.
std::vector<std::byte> nested(unsigned levels) {
  std::vector<std::byte> packet;
  for (unsigned level = 0; level <= levels; ++level) {
    auto header = kit::from_hex("4500 0000 0000 0000 4004 0000 c0000201 c0000202");
    const std::size_t length = (levels - level + 1) * header.size();
    header[2] = static_cast<std::byte>(length >> 8U);
    header[3] = static_cast<std::byte>(length & 0xffU);
    if (level == levels) header[9] = std::byte{59};
    packet.insert(packet.end(), header.begin(), header.end());
  }
  return packet;
}

TEST(Tunnel, TunnelsInTunnelsAreOpenedToABound) {
  for (unsigned levels = 1; levels <= most_tunnels; ++levels) {
    const auto packet = nested(levels);
    const auto inner = inner_packet(IpVersion::v4, packet);
    EXPECT_EQ(inner.end, found) << levels;
    EXPECT_EQ(inner.depth, levels);
    EXPECT_EQ(inner.packet.size(), 20U) << levels;
  }
  EXPECT_EQ(inner_packet(IpVersion::v4, nested(most_tunnels + 1)).end, TunnelEnd::too_deep);
  EXPECT_EQ(inner_packet(IpVersion::v4, nested(2000)).end, TunnelEnd::too_deep);
}

TEST(Tunnel, ExtensionHeadersAreWalkedToABound) {
  const auto with_headers = [](unsigned count) {
    auto packet =
        kit::from_hex("60000000 0000 3c40 20010db8000000000000000000000001 20010db8000000000000000000000002");
    for (unsigned header = 0; header < count; ++header) {
      const auto options = kit::from_hex(header + 1 < count ? "3c00 0104 00000000" : "0400 0104 00000000");
      packet.insert(packet.end(), options.begin(), options.end());
    }
    const auto inner = nested(0);
    packet.insert(packet.end(), inner.begin(), inner.end());
    packet[5] = static_cast<std::byte>(packet.size() - 40);
    return packet;
  };
  EXPECT_EQ(inner_packet(IpVersion::v6, with_headers(most_extension_headers)).end, found);
  EXPECT_EQ(inner_packet(IpVersion::v6, with_headers(most_extension_headers + 1)).end, TunnelEnd::too_deep);
}

// The inner packet is the last that can be opened; what follows the outer packet is none of it.
TEST(Tunnel, WhatCannotBeOpenedInsideIsAPacketLikeAnyOther) {
  auto packet = nested(1);
  packet[20 + 9] = std::byte{50};  // encrypted from here on
  const auto inner = inner_packet(IpVersion::v4, packet);
  EXPECT_EQ(inner.end, found);
  EXPECT_EQ(inner.depth, 1U);
  packet.insert(packet.end(), 10, std::byte{0xee});
  EXPECT_EQ(inner_packet(IpVersion::v4, packet).packet.size(), 20U) << "padding of the frame";
}

TEST(Tunnel, AnyBytesAreReadWithinTheirBounds) {
  std::mt19937 random(2784);
  for (unsigned round = 0; round < 200'000; ++round) {
    std::vector<std::byte> bytes =
        kit::golden("tunnels", golden_tunnels[random() % golden_tunnels.size()].name);
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    for (unsigned changes = random() % 8; changes > 0 && !bytes.empty(); --changes)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xffU);
    bytes.shrink_to_fit();  // a sanitizer sees the end
    const auto inner = inner_packet(version_of(bytes), bytes);
    ASSERT_LE(inner.depth, most_tunnels);
    if (inner.end != found) continue;
    ASSERT_GE(inner.depth, 1U);
    ASSERT_GE(inner.packet.data(), bytes.data());
    ASSERT_LE(inner.packet.data() + inner.packet.size(), bytes.data() + bytes.size());
  }
}

}  // namespace
}  // namespace vmlan::wire
