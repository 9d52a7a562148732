// How DHCP passes through an interface: beside lwIP, which takes nothing for an interface without an address.
#include <algorithm>
#include <array>
#include <cstring>

#include "cms/stack/interface.h"
#include "cms/stack/ip_conversion.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/transport_packet.h"

namespace vmlan::cms {
namespace {

// What the checksum of UDP covers of the IP header (RFC 768).
struct UdpPseudoHeader {
  std::array<std::uint8_t, 4> source{};
  std::array<std::uint8_t, 4> destination{};
  arch::be16 protocol{std::uint16_t{IP_PROTO_UDP}};
  arch::be16 length;
};
static_assert(sizeof(UdpPseudoHeader) == 12);

constexpr wire::IpAddress everybody = wire::IpAddress::v4(255, 255, 255, 255);
constexpr wire::IpAddress nobody = wire::IpAddress::v4(0, 0, 0, 0);

}  // namespace

// true: the packet was for the DHCP client.
bool Interface::take_dhcp(std::span<const std::byte> packet) {
  constexpr std::uint16_t offset_and_more = 0x3fff;
  wire::Ipv4Header ip;
  wire::UdpHeader udp;
  if (packet.size() < sizeof(ip)) return false;
  std::memcpy(&ip, packet.data(), sizeof(ip));
  const std::size_t ip_length = std::size_t{ip.version_ihl} % 16 * 4;
  const bool is_udp = ip.version_ihl / 16 == 4 && ip.protocol == IP_PROTO_UDP && ip_length >= sizeof(ip) &&
                      (ip.fragment & offset_and_more) == 0;
  if (!is_udp || packet.size() < ip_length + sizeof(udp)) return false;
  std::memcpy(&udp, packet.data() + ip_length, sizeof(udp));
  if (udp.source_port != dhcp_server_port || udp.destination_port != dhcp_client_port) return false;
  const auto datagram = packet.subspan(ip_length);
  ++counters_.packets_in;
  counters_.bytes_in += packet.size();
  if (udp.length < sizeof(udp) || udp.length > datagram.size()) return true;
  dhcp_->receive_dhcp(datagram.first(udp.length).subspan(sizeof(udp)));
  return true;
}

bool Interface::send_dhcp(const DhcpClient::Message& message) {
  const wire::IpAddress source = message.source.value_or(nobody);
  const wire::IpAddress destination = message.destination.value_or(everybody);
  wire::UdpHeader udp;
  const auto length = static_cast<std::uint16_t>(sizeof(udp) + message.bytes.size());
  udp.source_port = dhcp_client_port;
  udp.destination_port = dhcp_server_port;
  udp.length = length;
  UdpPseudoHeader pseudo;
  std::copy_n(source.v4_bytes(), 4, pseudo.source.begin());
  std::copy_n(destination.v4_bytes(), 4, pseudo.destination.begin());
  pseudo.length = length;
  wire::InternetSum sum;
  sum.add(&pseudo, sizeof(pseudo));
  sum.add(&udp, sizeof(udp));
  sum.add(message.bytes.data(), message.bytes.size());
  udp.checksum = sum.checksum() == 0 ? std::uint16_t{0xffff} : sum.checksum();

  pbuf* packet = lwip_->pbuf_alloc(PBUF_IP, length, PBUF_RAM);
  if (packet == nullptr) return false;
  auto* bytes = static_cast<std::byte*>(packet->payload);
  std::memcpy(bytes, &udp, sizeof(udp));
  std::memcpy(bytes + sizeof(udp), message.bytes.data(), message.bytes.size());
  const ip_addr_t from = to_lwip(source);
  const ip_addr_t to = to_lwip(destination);
  constexpr std::uint8_t time_to_live = 64;
  const err_t error = lwip_->ip4_output_if_src(packet, &from.u_addr.ip4, &to.u_addr.ip4, time_to_live, 0,
                                               IP_PROTO_UDP, &netif_);
  lwip_->pbuf_free(packet);
  return error == ERR_OK;
}

}  // namespace vmlan::cms
