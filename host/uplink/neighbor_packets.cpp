#include "host/uplink/neighbor_packets.h"

#include <array>
#include <cstring>

#include "arch/big_endian.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"

namespace vmlan::host {

namespace {

using arch::be16;
using arch::be32;

// RFC 4861, 4.3 and 4.4, each with its one option, a link-layer address.
struct NatNeighborMessage {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  be16 checksum;
  be32 flags;
  std::array<std::uint8_t, 16> target{};
  std::uint8_t option = 2;  // target link-layer address
  std::uint8_t option_length = 1;
  std::array<std::uint8_t, 6> mac{};
};
static_assert(sizeof(NatNeighborMessage) == 32);

constexpr std::size_t after_ethernet = sizeof(wire::EthernetHeader);
constexpr std::size_t after_ipv6 = after_ethernet + sizeof(wire::Ipv6Header);
constexpr std::uint8_t source_option = 1, target_option = 2;
constexpr std::uint8_t discovery_hop_limit = 255;  // nothing that has passed a router

template <typename T>
std::optional<T> neighbor_read(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  if (bytes.size() < offset || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

template <typename T>
void neighbor_append(NeighborAnswer& answer, const T& value) noexcept {
  std::memcpy(answer.bytes.data() + answer.length, &value, sizeof(T));
  answer.length += sizeof(T);
}

NeighborAnswer answer_arp(const NatPacket& question, const wire::ArpPacket& asked,
                          const wire::MacAddress& mac) noexcept {
  wire::ArpPacket reply;
  reply.operation = wire::arp_operation::reply;
  reply.sender_mac = mac;
  reply.sender = asked.target;
  reply.target_mac = asked.sender_mac;
  reply.target = asked.sender;
  NeighborAnswer answer;
  neighbor_append(answer, wire::EthernetHeader{question.mac_source, mac, be16{wire::ether_type::arp}});
  neighbor_append(answer, reply);
  return answer;
}

// An IPv6 packet with this one message.
NeighborAnswer discovery_frame(const wire::MacAddress& to, const wire::MacAddress& from,
                               const wire::Ipv6Header& ip, NatNeighborMessage message) noexcept {
  wire::InternetSum sum;
  sum.add(ip.source.data(), ip.source.size());
  sum.add(ip.destination.data(), ip.destination.size());
  sum.add(ip.payload_length);
  sum.add(be16{nat_protocol::icmp6});
  sum.add(&message, sizeof(message));
  message.checksum = be16{sum.checksum()};
  NeighborAnswer answer;
  neighbor_append(answer, wire::EthernetHeader{to, from, be16{wire::ether_type::ipv6}});
  neighbor_append(answer, ip);
  neighbor_append(answer, message);
  return answer;
}

wire::Ipv6Header discovery_header() noexcept {
  wire::Ipv6Header ip;
  ip.payload_length = be16{sizeof(NatNeighborMessage)};
  ip.next_header = nat_protocol::icmp6;
  ip.hop_limit = discovery_hop_limit;
  return ip;
}

NeighborAnswer answer_solicitation(const NatPacket& question, const NatNeighborMessage& asked,
                                   const wire::MacAddress& mac) noexcept {
  constexpr std::uint32_t override_flag = 0x20000000U, solicited_flag = 0x40000000U;
  // Who asks without an address wants this one for itself: all are told that it is taken.
  constexpr std::array<std::uint8_t, 16> all_nodes{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const bool nobody = question.source.is_unspecified();
  auto ip = discovery_header();
  ip.source = asked.target;
  ip.destination = nobody ? all_nodes : question.source.bytes;
  NatNeighborMessage advertisement;
  advertisement.type = nat_icmp6_type::neighbor_advertisement;
  advertisement.flags = be32{override_flag | (nobody ? 0 : solicited_flag)};
  advertisement.target = asked.target;
  advertisement.option = target_option;
  advertisement.mac = mac.bytes;
  return discovery_frame(question.mac_source, mac, ip, advertisement);
}

bool is_solicitation(const NatPacket& packet) noexcept {
  return packet.kind == NatPacket::Kind::ipv6 && packet.protocol == nat_protocol::icmp6 &&
         packet.icmp_type == nat_icmp6_type::neighbor_solicitation;
}

}  // namespace

std::optional<NeighborAnswer> answer_neighbor_question(std::span<const std::byte> question,
                                                       const wire::MacAddress& mac) noexcept {
  const auto packet = parse_nat_packet(question);
  if (!packet) return std::nullopt;
  if (packet->kind == NatPacket::Kind::arp_request) {
    return answer_arp(*packet, *neighbor_read<wire::ArpPacket>(question, after_ethernet), mac);
  }
  const auto asked = neighbor_read<NatNeighborMessage>(question, after_ipv6);
  if (!is_solicitation(*packet) || !asked) return std::nullopt;
  return answer_solicitation(*packet, *asked, mac);
}

NeighborAnswer neighbor_question(const wire::IpAddress& target, const wire::IpAddress& source,
                                 const wire::MacAddress& mac) noexcept {
  constexpr std::array<std::uint8_t, 6> everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  if (target.is_v4()) {
    wire::ArpPacket request;
    request.operation = wire::arp_operation::request;
    request.sender_mac = mac;
    std::memcpy(request.sender.data(), source.v4_bytes(), request.sender.size());
    std::memcpy(request.target.data(), target.v4_bytes(), request.target.size());
    NeighborAnswer question;
    neighbor_append(question, wire::EthernetHeader{{everybody}, mac, be16{wire::ether_type::arp}});
    neighbor_append(question, request);
    return question;
  }
  auto ip = discovery_header();
  ip.source = source.bytes;
  // Its solicited-node group (RFC 4291, 2.7.1).
  ip.destination = {
      0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, target.bytes[13], target.bytes[14], target.bytes[15]};
  NatNeighborMessage solicitation;
  solicitation.type = nat_icmp6_type::neighbor_solicitation;
  solicitation.target = target.bytes;
  solicitation.option = source_option;
  solicitation.mac = mac.bytes;
  const wire::MacAddress group{{0x33, 0x33, 0xff, target.bytes[13], target.bytes[14], target.bytes[15]}};
  return discovery_frame(group, mac, ip, solicitation);
}

std::optional<NeighborNews> parse_neighbor_news(const NatPacket& packet,
                                                std::span<const std::byte> frame) noexcept {
  if (packet.kind == NatPacket::Kind::arp_request || packet.kind == NatPacket::Kind::arp_reply) {
    return NeighborNews{packet.source, neighbor_read<wire::ArpPacket>(frame, after_ethernet)->sender_mac};
  }
  const auto message = neighbor_read<NatNeighborMessage>(frame, after_ipv6);
  if (packet.kind != NatPacket::Kind::ipv6 || packet.protocol != nat_protocol::icmp6 || !message ||
      packet.hop_limit != discovery_hop_limit || message->option_length != 1) {
    return std::nullopt;
  }
  const wire::MacAddress mac{message->mac};
  if (packet.icmp_type == nat_icmp6_type::neighbor_advertisement && message->option == target_option) {
    return NeighborNews{wire::IpAddress::v6(message->target.data()), mac};
  }
  if (is_solicitation(packet) && message->option == source_option) return NeighborNews{packet.source, mac};
  return std::nullopt;
}

std::optional<wire::IpAddress> target_of_question(const NatPacket& packet,
                                                  std::span<const std::byte> frame) noexcept {
  if (packet.kind == NatPacket::Kind::arp_request) return packet.destination;
  const auto target = neighbor_read<std::array<std::uint8_t, 16>>(frame, after_ipv6 + 8);
  if (!is_solicitation(packet) || packet.hop_limit != discovery_hop_limit || !target) return std::nullopt;
  return wire::IpAddress::v6(target->data());
}

wire::EthernetFront datagram_front(const wire::MacAddress& to, const wire::MacAddress& from, bool ipv6,
                                   std::uint16_t tag) noexcept {
  const std::uint16_t type = ipv6 ? wire::ether_type::ipv6 : wire::ether_type::ipv4;
  return {to, from, tag == 0 ? std::nullopt : std::optional(tag), type};
}

}  // namespace vmlan::host
