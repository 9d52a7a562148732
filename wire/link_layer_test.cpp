#include "wire/link_layer.h"

#include <gtest/gtest.h>

#include "tests/kit/hex.h"
#include "wire/ip_packet.h"

namespace vmlan::wire {
namespace {

using kit::from_hex;

constexpr std::string_view macs = "0200000000010200000000 02";

// The content and how many bytes are behind it.
std::pair<LinkContent, std::size_t> payload(LinkType type, const std::string& hex) {
  const auto frame = from_hex(hex);
  const auto result = link_payload(type, frame);
  return {result.content, result.bytes.size()};
}
std::pair<LinkContent, std::size_t> ethernet(const std::string& after_addresses) {
  return payload(LinkType::ethernet, std::string(macs) + after_addresses);
}
using Result = std::pair<LinkContent, std::size_t>;

TEST(LinkLayer, FindsIpInEthernet) {
  EXPECT_EQ(ethernet("0800 45000014"), (Result{LinkContent::ipv4, 4}));
  EXPECT_EQ(ethernet("86dd 60"), (Result{LinkContent::ipv6, 1}));
}

TEST(LinkLayer, TakesOffVlanTags) {
  EXPECT_EQ(ethernet("8100 0064 0800 45"), (Result{LinkContent::ipv4, 1})) << "IEEE 802.1Q";
  EXPECT_EQ(ethernet("88a8 0064 8100 0065 86dd 60"), (Result{LinkContent::ipv6, 1})) << "IEEE 802.1ad";
  EXPECT_EQ(ethernet("8100 00").first, LinkContent::malformed);
  EXPECT_EQ(ethernet("8100 0064 08").first, LinkContent::malformed);
  std::string many;
  for (int tag = 0; tag < 100; ++tag) many += "81000001";
  EXPECT_EQ(ethernet(many + "0800 45").first, LinkContent::too_many_headers) << "bounded";
}

TEST(LinkLayer, NamesWhatIsNotIp) {
  EXPECT_EQ(ethernet("0806 0001").first, LinkContent::arp);
  EXPECT_EQ(ethernet("88cc 00").first, LinkContent::lldp);
  EXPECT_EQ(ethernet("8863 1109 0000 0000").first, LinkContent::pppoe);
  EXPECT_EQ(ethernet("8847 00012140 50").first, LinkContent::mpls);
  EXPECT_EQ(ethernet("888e 00").first, LinkContent::eapol);
  EXPECT_EQ(ethernet("8137 ffff").first, LinkContent::other);
}

TEST(LinkLayer, ReadsLlcOfIeee8023) {
  EXPECT_EQ(ethernet("0026 424203 0000").first, LinkContent::ieee802_3) << "a bridge's spanning tree";
  EXPECT_EQ(ethernet("0009 aaaa03 000000 0800 45 ffff"), (Result{LinkContent::ipv4, 1}))
      << "SNAP, padding cut";
  EXPECT_EQ(ethernet("0009 aaaa03 00000c 0800 45").first, LinkContent::ieee802_3) << "another OUI";
}

TEST(LinkLayer, AFrameCutInItsHeaderIsMalformed) {
  EXPECT_EQ(payload(LinkType::ethernet, "").first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::ethernet, "02000000000102000000000208").first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::raw_ip, "").first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::loopback, "020000").first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::linux_cooked, std::string(30, '0')).first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::linux_cooked_v2, std::string(38, '0')).first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::ppp, "ff03").first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::ppp, "00").first, LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::cisco_hdlc, "0f0008").first, LinkContent::malformed);
}

TEST(LinkLayer, RawPacketsSayTheirVersion) {
  EXPECT_EQ(payload(LinkType::raw_ip, "4500"), (Result{LinkContent::ipv4, 2}));
  EXPECT_EQ(payload(LinkType::raw_ip, "6000"), (Result{LinkContent::ipv6, 2}));
  EXPECT_EQ(payload(LinkType::raw_ip, "7000").first, LinkContent::other);
}

TEST(LinkLayer, LoopbackFamiliesComeInBothByteOrders) {
  EXPECT_EQ(payload(LinkType::loopback, "02000000 45"), (Result{LinkContent::ipv4, 1}));
  EXPECT_EQ(payload(LinkType::loopback, "00000002 45"), (Result{LinkContent::ipv4, 1}));
  EXPECT_EQ(payload(LinkType::loopback, "1e000000 60"), (Result{LinkContent::ipv6, 1})) << "Darwin";
  EXPECT_EQ(payload(LinkType::loopback, "0000000a 60"), (Result{LinkContent::ipv6, 1})) << "Linux";
  EXPECT_EQ(payload(LinkType::loopback, "00000007 60").first, LinkContent::other);
}

TEST(LinkLayer, ReadsBothLinuxCookedHeaders) {
  EXPECT_EQ(payload(LinkType::linux_cooked, "0000 0001 0006 020000000001 0000 0800 45"),
            (Result{LinkContent::ipv4, 1}));
  EXPECT_EQ(payload(LinkType::linux_cooked, "0000 0001 0006 020000000001 0000 8100 0064 86dd 60"),
            (Result{LinkContent::ipv6, 1}));
  EXPECT_EQ(payload(LinkType::linux_cooked, "0000 0001 0006 020000000001 0000 0004 424203").first,
            LinkContent::ieee802_3);
  EXPECT_EQ(payload(LinkType::linux_cooked, "0000 0001 0006 020000000001 0000 8100 00").first,
            LinkContent::malformed);
  EXPECT_EQ(payload(LinkType::linux_cooked_v2, "86dd 0000 00000003 0001 00 06 0200000000010000 60"),
            (Result{LinkContent::ipv6, 1}));
}

TEST(LinkLayer, ReadsPppAndCiscoHdlc) {
  EXPECT_EQ(payload(LinkType::ppp, "ff03 0021 45"), (Result{LinkContent::ipv4, 1}));
  EXPECT_EQ(payload(LinkType::ppp, "0057 60"), (Result{LinkContent::ipv6, 1}));
  EXPECT_EQ(payload(LinkType::ppp, "21 45"), (Result{LinkContent::ipv4, 1})) << "protocol field compressed";
  EXPECT_EQ(payload(LinkType::ppp, "ff03 c021 01").first, LinkContent::link_control);
  EXPECT_EQ(payload(LinkType::cisco_hdlc, "0f00 0800 45"), (Result{LinkContent::ipv4, 1}));
  EXPECT_EQ(payload(LinkType::cisco_hdlc, "8f00 8035 00").first, LinkContent::link_control);
}

TEST(LinkLayer, HeadersInHeadersEndAtABound) {
  std::string bridged;
  for (int level = 0; level < 100; ++level) bridged += std::string(macs) + "6558";
  EXPECT_EQ(ethernet("6558" + bridged).first, LinkContent::too_many_headers);
  std::string labels;
  for (int label = 0; label < 100; ++label) labels += "00011040";
  EXPECT_EQ(ethernet("8847" + labels + "00011140 45").first, LinkContent::too_many_headers);
}

TEST(LinkLayer, SaysWhatItDoesNotRead) {
  EXPECT_EQ(payload(LinkType::unsupported, "4500").first, LinkContent::unsupported);
}

// An IPv4 packet of 28 bytes, 10.1.1.1 to 10.1.1.2.
constexpr std::string_view v4_packet = "4500001c 00010000 40110000 0a010101 0a010102 0001000200080000";

TEST(IpPacket, TellsWhoToWhomAndHowLong) {
  const auto bytes = from_hex(std::string(v4_packet) + "eeeeee");
  const auto packet = parse_ip_packet(IpVersion::v4, bytes);
  EXPECT_EQ(packet.flaw, IpFlaw::none);
  EXPECT_EQ(packet.length, 28U) << "without padding";
  EXPECT_EQ(to_string(packet.source), "10.1.1.1");
  EXPECT_EQ(to_string(packet.destination), "10.1.1.2");
  const auto v6 =
      from_hex("60000000 0002 3b40 fe800000000000000000000000000001 ff020000000000000000000000000001 abcd");
  const auto packet6 = parse_ip_packet(IpVersion::v6, v6);
  EXPECT_EQ(packet6.flaw, IpFlaw::none);
  EXPECT_EQ(packet6.length, 42U);
  EXPECT_EQ(to_string(packet6.source), "fe80::1");
  EXPECT_EQ(to_string(packet6.destination), "ff02::1");
}

TEST(IpPacket, EveryShorterPieceIsCutShort) {
  const auto whole = from_hex(v4_packet);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(parse_ip_packet(IpVersion::v4, std::span(whole).first(size)).flaw, IpFlaw::cut_short) << size;
  }
  std::vector<std::byte> v6(60);
  v6[0] = std::byte{0x60};
  v6[5] = std::byte{20};
  for (std::size_t size = 0; size < v6.size(); ++size) {
    EXPECT_EQ(parse_ip_packet(IpVersion::v6, std::span(v6).first(size)).flaw, IpFlaw::cut_short) << size;
  }
}

TEST(IpPacket, RefusesHeadersThatContradictThemselves) {
  auto bytes = from_hex(v4_packet);
  EXPECT_EQ(parse_ip_packet(IpVersion::v6, bytes).flaw, IpFlaw::wrong_version);
  bytes[0] = std::byte{0x44};  // header of 16 bytes
  EXPECT_EQ(parse_ip_packet(IpVersion::v4, bytes).flaw, IpFlaw::bad_length);
  bytes[0] = std::byte{0x46};
  bytes[3] = std::byte{20};  // header of 24 bytes, packet of 20
  EXPECT_EQ(parse_ip_packet(IpVersion::v4, bytes).flaw, IpFlaw::bad_length);
  bytes[3] = std::byte{0};  // as captured before segmentation by the network card
  EXPECT_EQ(parse_ip_packet(IpVersion::v4, bytes).flaw, IpFlaw::no_length);
}

}  // namespace
}  // namespace vmlan::wire
