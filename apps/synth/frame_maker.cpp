#include "apps/synth/frame_maker.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "wire/checksum.h"
#include "wire/ethernet_front.h"

namespace vmlan::apps {

namespace {

constexpr std::size_t shortest_frame = 60;
constexpr std::uint16_t dont_fragment = 0x4000;
constexpr std::uint8_t protocol_igmp = 2;
constexpr std::uint8_t protocol_icmp6 = 58;

template <class Part>
std::byte* put(std::byte* at, const Part& part) noexcept {
  std::memcpy(at, &part, sizeof(part));
  return at + sizeof(part);
}

// Of a transport header and what it carries, with its checksum as zero.
std::uint16_t transport_checksum(const Envelope& envelope, std::uint8_t protocol, const std::byte* segment,
                                 std::uint32_t length) noexcept {
  wire::InternetSum sum;
  const bool v6 = envelope.is_v6();
  sum.add(v6 ? envelope.source.bytes.data() : envelope.source.v4_bytes(), v6 ? 16 : 4);
  sum.add(v6 ? envelope.destination.bytes.data() : envelope.destination.v4_bytes(), v6 ? 16 : 4);
  sum.add(arch::be16{protocol});
  sum.add(arch::be16{static_cast<std::uint16_t>(length)});
  sum.add(segment, length);
  return sum.checksum();
}

std::size_t padded_length(std::span<std::byte> room, const std::byte* end) noexcept {
  const auto length = static_cast<std::size_t>(end - room.data());
  if (length >= shortest_frame) return length;
  std::memset(room.data() + length, 0, shortest_frame - length);
  return shortest_frame;
}

}  // namespace

FrameMaker::FrameMaker() : alphabet_(longest_payload) {
  for (std::size_t i = 0; i < alphabet_.size(); ++i) alphabet_[i] = static_cast<std::byte>('a' + i % 26);
}

std::byte* FrameMaker::begin(std::span<std::byte> room, const Envelope& envelope, std::uint8_t protocol,
                             std::uint32_t length, std::span<const std::byte> ip_options) {
  const bool v6 = envelope.is_v6();
  const auto tag = envelope.vlan == 0 ? std::nullopt : std::optional(envelope.vlan);
  const wire::EthernetFront front(envelope.to, envelope.from, tag,
                                  v6 ? wire::ether_type::ipv6 : wire::ether_type::ipv4);
  std::memcpy(room.data(), front.data.data(), front.data.size());
  std::byte* at = room.data() + front.length;
  const auto whole = static_cast<std::uint16_t>(length + ip_options.size());
  if (v6) {
    wire::Ipv6Header header;
    header.payload_length = whole;
    header.next_header = ip_options.empty() ? protocol : wire::ip_protocol::hop_by_hop;
    header.hop_limit = envelope.hops;
    header.source = envelope.source.bytes;
    header.destination = envelope.destination.bytes;
    at = put(at, header);
    if (!ip_options.empty()) std::memcpy(at, ip_options.data(), ip_options.size());
    return at + ip_options.size();
  }
  wire::Ipv4Header header;
  header.version_ihl = static_cast<std::uint8_t>(0x45U + ip_options.size() / 4);
  header.total_length = static_cast<std::uint16_t>(sizeof(header) + whole);
  header.identification = static_cast<std::uint16_t>(number_);
  header.fragment = dont_fragment;
  header.ttl = envelope.hops;
  header.protocol = protocol;
  std::memcpy(header.source.data(), envelope.source.v4_bytes(), 4);
  std::memcpy(header.destination.data(), envelope.destination.v4_bytes(), 4);
  wire::InternetSum sum;
  sum.add(&header, sizeof(header));
  sum.add(ip_options.data(), ip_options.size());
  header.checksum = sum.checksum();
  at = put(at, header);
  if (!ip_options.empty()) std::memcpy(at, ip_options.data(), ip_options.size());
  return at + ip_options.size();
}

void FrameMaker::fill(std::byte* at, std::uint32_t payload) const noexcept {
  std::memcpy(at, alphabet_.data(), payload);
  if (payload >= sizeof(number_)) put(at, arch::be64{number_});
}

std::size_t FrameMaker::udp(std::span<std::byte> room, const Envelope& envelope, std::uint16_t from_port,
                            std::uint16_t to_port, std::uint32_t payload) {
  const auto length = static_cast<std::uint32_t>(sizeof(wire::UdpHeader)) + payload;
  std::byte* const segment = begin(room, envelope, wire::ip_protocol::udp, length);
  wire::UdpHeader header{from_port, to_port, static_cast<std::uint16_t>(length), {}};
  fill(put(segment, header), payload);
  const auto checksum = transport_checksum(envelope, wire::ip_protocol::udp, segment, length);
  header.checksum = checksum == 0 ? std::uint16_t{0xffff} : checksum;  // 0 would mean that there is none
  put(segment, header);
  ++number_;
  return padded_length(room, segment + length);
}

std::size_t FrameMaker::tcp(std::span<std::byte> room, const Envelope& envelope, wire::TcpHeader header,
                            std::span<const std::byte> options, std::uint32_t payload) {
  const auto length = static_cast<std::uint32_t>(sizeof(header) + options.size()) + payload;
  std::byte* const segment = begin(room, envelope, wire::ip_protocol::tcp, length);
  header.data_offset = static_cast<std::uint8_t>((sizeof(header) + options.size()) / 4 << 4U);
  header.checksum = 0;
  std::byte* at = put(segment, header);
  if (!options.empty()) std::memcpy(at, options.data(), options.size());
  fill(at + options.size(), payload);
  header.checksum = transport_checksum(envelope, wire::ip_protocol::tcp, segment, length);
  put(segment, header);
  ++number_;
  return padded_length(room, segment + length);
}

std::size_t FrameMaker::join(std::span<std::byte> room, const Envelope& envelope) {
  const bool v6 = envelope.is_v6();
  // The router alert that both reports must have; MLD's in a hop-by-hop header with its next header in front.
  constexpr std::array<std::uint8_t, 4> alert_v4{0x94, 4, 0, 0};
  constexpr std::array<std::uint8_t, 8> alert_v6{protocol_icmp6, 0, 5, 2, 0, 0, 1, 0};
  std::array<std::uint8_t, 24> message{};
  constexpr std::uint8_t report_v4 = 0x16;
  constexpr std::uint8_t report_v6 = 131;
  message[0] = v6 ? report_v6 : report_v4;
  const std::uint32_t length = v6 ? 24 : 8;
  if (v6) {
    std::memcpy(message.data() + 8, envelope.destination.bytes.data(), 16);
  } else {
    std::memcpy(message.data() + 4, envelope.destination.v4_bytes(), 4);
  }
  using Options = std::span<const std::byte>;
  const auto alert =
      v6 ? Options(std::as_bytes(std::span(alert_v6))) : Options(std::as_bytes(std::span(alert_v4)));
  std::byte* const at = begin(room, envelope, v6 ? protocol_icmp6 : protocol_igmp, length, alert);
  const auto* bytes = std::as_bytes(std::span(message)).data();
  wire::InternetSum sum;
  sum.add(bytes, length);
  const arch::be16 checksum =
      v6 ? transport_checksum(envelope, protocol_icmp6, bytes, length) : sum.checksum();
  std::memcpy(message.data() + 2, &checksum, sizeof(checksum));
  std::memcpy(at, message.data(), length);
  ++number_;
  return padded_length(room, at + length);
}

}  // namespace vmlan::apps
