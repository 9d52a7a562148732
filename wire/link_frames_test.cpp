// Link layers against frames that another program has made: tests/golden/link_frames.hex.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/kit/golden.h"
#include "wire/link_layer.h"

namespace vmlan::wire {
namespace {

using FrameBytes = std::span<const std::byte>;

struct GoldenFrame {
  LinkType type;
  std::string_view name;
  LinkContent content;
  std::vector<std::uint16_t> tags{};  // all of them, kept or not
  std::string_view stations{};        // "2<1": to 02:00:00:00:00:02 from :01; '-': not told
};

constexpr auto ipv4 = LinkContent::ipv4;
constexpr auto ipv6 = LinkContent::ipv6;

const std::vector<GoldenFrame> golden_frames{
    {LinkType::ethernet, "ip.ethernet.v4", ipv4, {}, "2<1"},
    {LinkType::ethernet, "ip.ethernet.v6", ipv6, {}, "2<1"},
    {LinkType::ethernet, "ip.ethernet.padded", ipv4, {}, "2<1"},
    {LinkType::ethernet, "ip.vlan.8100", ipv4, {0xa064}, "2<1"},
    {LinkType::ethernet, "ip.vlan.88a8", ipv6, {200, 100}, "2<1"},
    {LinkType::ethernet, "ip.vlan.9100", ipv4, {200, 300, 100}, "2<1"},
    {LinkType::ethernet, "ip.vlan.pppoe", ipv4, {7}, "2<1"},
    {LinkType::ethernet, "ip.pppoe.v6", ipv6, {}, "2<1"},
    {LinkType::ethernet, "ip.snap", ipv4, {}, "2<1"},
    {LinkType::ethernet, "ip.mpls", ipv4, {}, "2<1"},
    {LinkType::ethernet, "ip.mpls.v6", ipv6, {}, "2<1"},
    {LinkType::ethernet, "ip.mpls.pseudowire", ipv4, {100}, "4<3"},
    {LinkType::ethernet, "ip.mpls.pseudowire.plain", ipv4, {}, "4<3"},
    {LinkType::ethernet, "ip.backbone", ipv4, {}, "4<3"},
    {LinkType::ethernet, "ip.mac_security", ipv4, {}, "2<1"},
    {LinkType::ethernet, "ip.service_header", ipv4, {}, "2<1"},
    {LinkType::ethernet, "ip.arista", ipv4, {}, "2<1"},
    {LinkType::ethernet, "pppoe.discovery", LinkContent::pppoe, {}, "2<1"},
    {LinkType::ethernet, "mac_security", LinkContent::encrypted, {}, "2<1"},
    {LinkType::ethernet, "arp", LinkContent::arp, {}, "2<1"},
    {LinkType::ethernet, "spanning_tree", LinkContent::ieee802_3},
    {LinkType::loopback, "ip.loopback.v4", ipv4, {}, "-<-"},
    {LinkType::loopback, "ip.loopback.v6", ipv6, {}, "-<-"},
    {LinkType::raw_ip, "ip.raw.v4", ipv4, {}, "-<-"},
    {LinkType::raw_ip, "ip.raw.v6", ipv6, {}, "-<-"},
    {LinkType::linux_cooked, "ip.cooked", ipv4, {}, "-<1"},
    {LinkType::linux_cooked, "ip.cooked.vlan", ipv6, {100, 101}, "-<1"},
    {LinkType::linux_cooked_v2, "ip.cooked_v2", ipv4, {}, "-<1"},
    {LinkType::linux_cooked_v2, "ip.cooked_v2.vlan", ipv4, {200, 100}, "-<1"},
    {LinkType::ppp, "ip.ppp", ipv4},
    {LinkType::ppp, "ip.ppp.hdlc", ipv6},
    {LinkType::ppp, "ip.ppp.cisco", ipv4},
    {LinkType::ppp, "ip.ppp.mpls", ipv4},
    {LinkType::ppp_directed, "ip.ppp.directed", ipv4},
    {LinkType::ppp_directed, "ip.ppp.pppd", ipv4},
    {LinkType::ppp, "ppp.negotiation", LinkContent::link_control},
    {LinkType::pppoe, "ip.pppoe.alone", ipv4},
    {LinkType::cisco_hdlc, "ip.cisco_hdlc", ipv4},
    {LinkType::cisco_hdlc, "ip.cisco_hdlc.v6", ipv6},
    {LinkType::cisco_hdlc, "ip.cisco_hdlc.mpls", ipv4},
    {LinkType::cisco_hdlc, "keep_alive", LinkContent::link_control},
    {LinkType::frame_relay, "ip.frame_relay.v4", ipv4},
    {LinkType::frame_relay, "ip.frame_relay.v6", ipv6},
    {LinkType::frame_relay, "ip.frame_relay.snap", ipv4},
    {LinkType::frame_relay, "ip.frame_relay.bridged", ipv4, {}, "2<1"},
    {LinkType::frame_relay, "ip.frame_relay.long", ipv4},
    {LinkType::frame_relay, "ip.frame_relay.cisco", ipv4},
    {LinkType::mpls, "ip.mpls.alone", ipv4},
    {LinkType::slip, "ip.slip", ipv4},
    {LinkType::fddi, "ip.fddi", ipv4, {}, "2<1"},
    {LinkType::token_ring, "ip.token_ring", ipv4, {}, "2<1"},
    {LinkType::token_ring, "ip.token_ring.routed", ipv4, {}, "2<1"},
    {LinkType::llc, "ip.llc", ipv6},
    {LinkType::ip_over_fibre_channel, "ip.fibre_channel", ipv4},
    {LinkType::ip_over_firewire, "ip.firewire", ipv4},
    {LinkType::ip_over_infiniband, "ip.infiniband", ipv4},
    {LinkType::nflog, "ip.nflog", ipv4},
    {LinkType::nflog, "ip.nflog.big_endian", ipv4},
    {LinkType::ipnet, "ip.ipnet", ipv4},
    {LinkType::wireless, "ip.wireless.from_access_point", ipv4, {}, "2<1"},
    {LinkType::wireless, "ip.wireless.to_access_point", ipv6, {}, "2<1"},
    {LinkType::wireless, "ip.wireless.four_addresses", ipv4, {}, "2<1"},
    {LinkType::wireless, "ip.wireless.aggregate", ipv4, {}, "2<1"},
    {LinkType::wireless, "ip.wireless.ht_control", ipv4, {}, "2<1"},
    {LinkType::wireless, "wireless.protected", LinkContent::encrypted, {}, "2<1"},
    {LinkType::wireless, "wireless.fragment", LinkContent::fragment, {}, "2<1"},
    {LinkType::wireless, "wireless.no_data", LinkContent::wireless_no_data},
    {LinkType::wireless, "wireless.beacon", LinkContent::wireless_management, {}, "-<-"},
    {LinkType::wireless, "wireless.acknowledgment", LinkContent::wireless_control, {}, "-<-"},
    {LinkType::radiotap, "ip.radiotap", ipv4, {}, "2<1"},
    {LinkType::radiotap, "ip.radiotap.padded", ipv4, {}, "2<1"},
    {LinkType::radiotap, "radiotap.bad_check", LinkContent::bad_frame_check},
    {LinkType::ppi, "ip.ppi", ipv4, {}, "2<1"},
    {LinkType::ppi, "ip.ppi.ethernet", ipv4, {}, "2<1"},
    {LinkType::avs, "ip.avs", ipv4, {}, "2<1"},
    {LinkType::prism, "ip.prism", ipv4, {}, "2<1"},
    {LinkType::prism, "ip.avs", ipv4, {}, "2<1"},
    {LinkType::openbsd_enc, "ip.enc", ipv4},
    {LinkType::packet_filter_log, "ip.packet_filter_log", ipv4},
    {LinkType::packet_tap, "ip.packet_tap", ipv4, {}, "2<1"},
    {LinkType::erf, "ip.erf", ipv4, {}, "2<1"},
    {LinkType::juniper_ethernet, "ip.juniper", ipv4, {}, "2<1"},
    {LinkType::switch_tag_dsa, "ip.dsa", ipv4, {}, "2<1"},
    {LinkType::switch_tag_edsa, "ip.edsa", ipv4, {100}, "2<1"},
    {LinkType::switch_tag_broadcom, "ip.broadcom", ipv4, {}, "2<1"},
    {LinkType::hilscher, "ip.hilscher", ipv4, {}, "2<1"},
};

FrameBytes packet_of(LinkContent content) {
  if (content != ipv4 && content != ipv6) return {};
  return kit::golden("link_frames", content == ipv4 ? "packet.v4" : "packet.v6");
}

bool begins_so(FrameBytes bytes, FrameBytes front) {
  return bytes.size() >= front.size() && std::equal(front.begin(), front.end(), bytes.begin());
}

std::string stations(const LinkPayload& payload) {
  const auto digit = [](const std::optional<MacAddress>& mac) {
    return mac ? std::string(1, static_cast<char>('0' + mac->bytes[5])) : std::string("-");
  };
  return digit(payload.destination) + "<" + digit(payload.source);
}

TEST(LinkFrames, EachLeadsToItsPacketOrItsName) {
  for (const auto& frame : golden_frames) {
    const auto payload = link_payload(frame.type, kit::golden("link_frames", frame.name));
    EXPECT_EQ(payload.content, frame.content) << frame.name;
    EXPECT_TRUE(begins_so(payload.bytes, packet_of(frame.content))) << frame.name;
  }
}

TEST(LinkFrames, TellTheirVlansAndStations) {
  for (const auto& frame : golden_frames) {
    const auto payload = link_payload(frame.type, kit::golden("link_frames", frame.name));
    EXPECT_EQ(payload.vlans.count, frame.tags.size()) << frame.name;
    for (std::size_t tag = 0; tag < VlanTags::most_kept; ++tag)
      EXPECT_EQ(payload.vlans.tags[tag], tag < frame.tags.size() ? frame.tags[tag] : 0) << frame.name;
    if (frame.stations.empty()) continue;
    EXPECT_EQ(stations(payload), frame.stations) << frame.name;
  }
}

// A piece of a frame never leads to a packet elsewhere, nor to more bytes than it has.
TEST(LinkFrames, EveryShorterPieceIsReadWithinItself) {
  for (const auto& frame : golden_frames) {
    const FrameBytes whole = kit::golden("link_frames", frame.name);
    const auto packet = packet_of(frame.content);
    const auto found = std::search(whole.begin(), whole.end(), packet.begin(), packet.end());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<std::byte> piece(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto payload = link_payload(frame.type, piece);
      const bool is_ip = payload.content == ipv4 || payload.content == ipv6;
      if (!is_ip) continue;
      EXPECT_EQ(payload.content, frame.content) << frame.name << " " << size;
      EXPECT_EQ(payload.bytes.data() - piece.data(), found - whole.begin()) << frame.name << " " << size;
      EXPECT_LE(payload.bytes.data() + payload.bytes.size(), piece.data() + size) << frame.name;
    }
  }
}

// Each type reads every other's frames and noise: what it finds lies in the frame.
TEST(LinkFrames, AnyBytesAreReadWithinTheirBounds) {
  std::mt19937 random(276);
  for (unsigned round = 0; round < 200'000; ++round) {
    std::vector<std::byte> bytes =
        kit::golden("link_frames", golden_frames[random() % golden_frames.size()].name);
    bytes.resize(random() % (bytes.size() + 1));
    for (unsigned changes = random() % 8; changes > 0 && !bytes.empty(); --changes)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xffU);
    const auto type = static_cast<LinkType>(random() % (static_cast<unsigned>(LinkType::unsupported) + 1));
    bytes.shrink_to_fit();  // a sanitizer sees the end
    const auto payload = link_payload(type, bytes);
    if (payload.bytes.empty()) continue;
    ASSERT_GE(payload.bytes.data(), bytes.data());
    ASSERT_LE(payload.bytes.data() + payload.bytes.size(), bytes.data() + bytes.size());
    ASSERT_LE(payload.vlans.count, VlanTags::most_read);
  }
}

}  // namespace
}  // namespace vmlan::wire
