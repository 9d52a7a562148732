#include <gtest/gtest.h>

#include <cstring>

#include "wire/ethernet.h"
#include "wire/transport_header.h"

namespace vmlan::wire {
namespace {

TEST(IpAddresses, PrintAndParseBothVersions) {
  for (const char* text : {"10.1.2.3", "255.255.255.255", "fe80::1", "2001:db8::ff00:42:8329", "::"}) {
    const auto address = parse_ip_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
  for (const char* text : {"", "10.1.2", "10.1.2.256", "1.2.3.4.5", "fe80:::1", "hello", "10.1.2.3 "}) {
    EXPECT_FALSE(parse_ip_address(text)) << text;
  }
}

TEST(IpAddresses, KnowTheirKind) {
  EXPECT_TRUE(IpAddress::v4(224, 0, 0, 1).is_multicast());
  EXPECT_TRUE(IpAddress::v4(239, 255, 255, 255).is_multicast());
  EXPECT_FALSE(IpAddress::v4(240, 0, 0, 1).is_multicast());
  EXPECT_TRUE(parse_ip_address("ff02::1")->is_multicast());
  EXPECT_TRUE(IpAddress::v4(255, 255, 255, 255).is_limited_broadcast());
  EXPECT_TRUE(IpAddress::v4(0, 0, 0, 0).is_unspecified());
  EXPECT_TRUE(parse_ip_address("::")->is_unspecified());
  EXPECT_EQ(parse_ip_address("::ffff:10.0.0.1")->version(), IpVersion::v4) << "one key for one address";
}

TEST(IpAddresses, CompareByValue) {
  const auto a = IpAddress::v4(10, 0, 0, 1);
  auto b = a;
  EXPECT_TRUE(a == b);
  b.bytes[0] = 1;
  EXPECT_FALSE(a == b);
  EXPECT_LT(a, b);
}

TEST(MacAddresses, PrintAsZvmDoes) {
  const auto mac = parse_mac_address("02:00:00:00:0a:21");
  ASSERT_TRUE(mac);
  EXPECT_EQ(to_string(*mac), "02-00-00-00-0A-21");
  EXPECT_EQ(parse_mac_address("020000000A21"), mac);
  EXPECT_FALSE(parse_mac_address("02-00-00-00-0A"));
  EXPECT_FALSE(parse_mac_address("02-00-00-00-0A-2G"));
  EXPECT_EQ(mac->as_integer(), 0x020000000a21U);
}

// RFC 1112, 6.4 and RFC 2464, 7.
TEST(MacAddresses, OfGroupsFollowTheRfcs) {
  EXPECT_EQ(to_string(multicast_mac(IpAddress::v4(224, 0, 0, 1))), "01-00-5E-00-00-01");
  EXPECT_EQ(to_string(multicast_mac(IpAddress::v4(239, 255, 1, 2))), "01-00-5E-7F-01-02");
  EXPECT_EQ(to_string(multicast_mac(*parse_ip_address("ff02::1:ff00:21"))), "33-33-FF-00-00-21");
}

// A layer-3 transport header by hand from Linux 6.1, for an 84-byte IPv4 packet to 192.168.70.1
// (struct qeth_hdr_layer3, drivers/s390/net/qeth_core.h).
TEST(TransportHeaders, Layer3FieldsStandWhereLinuxPutsThem) {
  constexpr std::uint8_t bytes[32] = {0x01, 0x06, 0,    0, 0, 0, 0,    0,    0x00, 0x54, 0,
                                      0x01, 0x00, 0x64, 0, 0, 0, 0,    0,    0,    0,    0,
                                      0,    0,    0,    0, 0, 0, 0xc0, 0xa8, 0x46, 0x01};
  Layer3Header header;
  std::memcpy(reinterpret_cast<std::uint8_t*>(&header), bytes, sizeof(bytes));
  EXPECT_EQ(header.id, 1);
  EXPECT_EQ(static_cast<Cast>(header.flags & layer3_flag::cast_mask), Cast::unicast);
  EXPECT_EQ(header.length, 84);
  EXPECT_EQ(header.extended_flags, layer3_extended::vlan_id);
  EXPECT_EQ(header.vlan_id, 100);
  EXPECT_EQ(IpAddress::v4(header.next_hop.data() + 12), IpAddress::v4(192, 168, 70, 1));
}

// struct qeth_hdr_layer2, the same source.
TEST(TransportHeaders, Layer2FieldsStandWhereLinuxPutsThem) {
  constexpr std::uint8_t bytes[32] = {0x02, 0, 0x20, 0x14, 0, 0, 0x05, 0xea, 0, 0, 0x00, 0x64};
  Layer2Header header;
  std::memcpy(reinterpret_cast<std::uint8_t*>(&header), bytes, sizeof(bytes));
  EXPECT_EQ(header.id, 2);
  EXPECT_EQ(header.flags[1], layer2_checksum::transport);
  EXPECT_EQ(header.flags[2], layer2_flag::unicast | layer2_flag::vlan);
  EXPECT_EQ(header.length, 1514);
  EXPECT_EQ(header.vlan_id, 100);
}

// An ICMP echo request in an Ethernet II frame, put together by hand from RFC 894 and RFC 791.
TEST(EthernetHeaders, StandInFrontOfIp) {
  constexpr std::uint8_t bytes[34] = {0x02, 0,    0,    0,    0,    0x21, 0x02, 0,    0,    0,    0,    0x22,
                                      0x08, 0x00, 0x45, 0x00, 0x00, 0x54, 0x12, 0x34, 0x40, 0x00, 0x40, 0x01,
                                      0xaa, 0xbb, 10,   44,   7,    2,    10,   44,   7,    12};
  EthernetHeader ethernet;
  Ipv4Header ip;
  std::memcpy(reinterpret_cast<std::uint8_t*>(&ethernet), bytes, sizeof(ethernet));
  std::memcpy(reinterpret_cast<std::uint8_t*>(&ip), bytes + 14, sizeof(ip));
  EXPECT_EQ(ethernet.type, ether_type::ipv4);
  EXPECT_EQ(to_string(ethernet.source), "02-00-00-00-00-22");
  EXPECT_EQ(ip.total_length, 84);
  EXPECT_EQ(ip.protocol, 1);
  EXPECT_EQ(IpAddress::v4(ip.destination.data()), IpAddress::v4(10, 44, 7, 12));
}

}  // namespace
}  // namespace vmlan::wire
