#include "apps/replay/readdressing.h"

#include <algorithm>

#include "apps/replay/flow_key.h"
#include "wire/transport_packet.h"

namespace vmlan::apps {

namespace {

constexpr std::size_t ip_checksum_at = 10;

wire::IpAddress numbered(wire::IpVersion version, std::uint32_t number) {
  const auto part = [number](unsigned shift) { return static_cast<std::uint8_t>(number >> shift); };
  if (version == wire::IpVersion::v4) return wire::IpAddress::v4(10, part(16), part(8), part(0));
  std::array<std::uint8_t, 16> bytes{0xfd};
  bytes[13] = part(16);
  bytes[14] = part(8);
  bytes[15] = part(0);
  return wire::IpAddress::v6(bytes.data());
}

}  // namespace

void Readdressing::adjust(std::size_t checksum_at, const wire::IpAddress& before,
                          const wire::IpAddress& after) {
  const auto word = [](const auto& bytes, std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned>(bytes[at]) << 8U |
                                      static_cast<unsigned>(bytes[at + 1]));
  };
  std::uint32_t sum = ~word(packet_, checksum_at) & 0xffffU;
  // The half of an IPv4 key in front of its four bytes is the same in both.
  for (std::size_t at = 0; at < before.bytes.size(); at += 2) {
    sum += (~word(before.bytes, at) & 0xffffU) + word(after.bytes, at);
  }
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  const std::uint32_t checksum = ~sum & 0xffffU;
  packet_[checksum_at] = static_cast<std::byte>(checksum >> 8U);
  packet_[checksum_at + 1] = static_cast<std::byte>(checksum & 0xffU);
}

void Readdressing::find_checksums(wire::IpVersion version) {
  checksums_.clear();
  if (version == wire::IpVersion::v4) checksums_.push_back(ip_checksum_at);
  const auto ip = wire::find_ip(packet_, false);
  const auto transport = ip ? wire::find_transport(packet_, *ip) : std::nullopt;
  if (!transport) return;
  const bool udp = transport->protocol == wire::ip_protocol::udp;
  const std::size_t at =
      transport->begin + (udp ? offsetof(wire::UdpHeader, checksum) : offsetof(wire::TcpHeader, checksum));
  if (at + 2 > packet_.size()) return;
  // UDP's 0: there is none.
  const bool none = udp && packet_[at] == std::byte{0} && packet_[at + 1] == std::byte{0};
  if (!none) checksums_.push_back(at);
}

bool Readdressing::replace(wire::IpAddress& address, std::size_t at, std::uint32_t round) {
  if (address.is_multicast() || address.is_limited_broadcast() || address.is_unspecified()) return true;
  const auto number = known_.add({address, round});
  if (number >= most) return false;
  const auto version = address.version();
  const auto fresh = numbered(version, number + 1);
  for (const auto checksum : checksums_) adjust(checksum, address, fresh);
  const std::size_t skipped = version == wire::IpVersion::v4 ? 12 : 0;
  for (std::size_t i = skipped; i < fresh.bytes.size(); ++i)
    packet_[at + i - skipped] = static_cast<std::byte>(fresh.bytes[i]);
  address = fresh;
  return true;
}

bool Readdressing::rewrite(JudgedRecord& judged, std::uint32_t round) {
  packet_.assign(judged.packet.begin(), judged.packet.end());
  find_checksums(judged.version);
  const bool v4 = judged.version == wire::IpVersion::v4;
  const bool done =
      replace(judged.source, v4 ? 12 : 8, round) && replace(judged.destination, v4 ? 16 : 24, round);
  judged.packet = packet_;
  judged.ip = packet_;
  return done;
}

}  // namespace vmlan::apps
