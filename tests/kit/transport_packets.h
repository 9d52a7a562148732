// TCP segments and UDP datagrams put together byte by byte, and what their bytes have to satisfy: an
// independent model of what an adapter makes of packets that a driver left to it. Uses no code of the layers
// it tests.
//
// Source: RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 1071.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vmlan::kit {

using PacketBytes = std::vector<std::byte>;

inline void append16(PacketBytes& to, std::uint32_t value) {
  to.push_back(static_cast<std::byte>(value >> 8U & 0xffU));
  to.push_back(static_cast<std::byte>(value & 0xffU));
}
inline std::uint32_t read16(std::span<const std::byte> bytes, std::size_t at) {
  return std::to_integer<std::uint32_t>(bytes[at]) << 8U | std::to_integer<std::uint32_t>(bytes[at + 1]);
}
inline std::uint32_t read32(std::span<const std::byte> bytes, std::size_t at) {
  return read16(bytes, at) << 16U | read16(bytes, at + 2);
}
inline void write16(std::span<std::byte> bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::byte>(value >> 8U & 0xffU);
  bytes[at + 1] = static_cast<std::byte>(value & 0xffU);
}

// RFC 1071 as its text says it: one 16-bit word after the other, the carry added at once.
inline std::uint32_t add_words(std::uint32_t sum, std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    const std::uint32_t low = at + 1 < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at + 1]) : 0;
    sum += std::to_integer<std::uint32_t>(bytes[at]) << 8U | low;
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

// What a packet looks like. Addresses end in `from` and `to`, two bytes.
struct PacketShape {
  bool ethernet = false;
  bool vlan = false;  // with ethernet: tag 100
  unsigned version = 4;
  bool tcp = true;
  unsigned ip_options = 0;    // IPv4: words; IPv6: hop-by-hop and destination options headers
  unsigned tcp_options = 0;   // words
  unsigned network = 0x0a00;  // the first two bytes of IPv4 addresses
  unsigned from = 1;
  unsigned to = 2;
  std::uint32_t sequence = 0x10;
  unsigned identification = 0x20;
  unsigned flags = 0x18;     // ACK, PSH
  bool fill_sums = true;     // false: as a driver leaves it, with something else in the fields
  bool fill_ip_sum = false;  // IPv4's nevertheless
  bool fill_lengths = true;  // false: IP's length is left open, as in a super-frame

  std::size_t ethernet_length() const { return ethernet ? (vlan ? 18U : 14U) : 0U; }
  std::size_t ip_length() const { return version == 4 ? 20 + 4 * ip_options : 40 + 8 * ip_options; }
  std::size_t transport_length() const { return tcp ? 20 + 4 * tcp_options : 8; }
  std::size_t header_length() const { return ethernet_length() + ip_length() + transport_length(); }
};

namespace packet_part {

inline PacketBytes address(const PacketShape& shape, unsigned host) {
  PacketBytes bytes;
  if (shape.version == 6) {
    for (const unsigned word : {0xfd00U, 0U, 0U, 0U, 0U, 0U, 0U}) append16(bytes, word);
  } else {
    append16(bytes, shape.network);
  }
  append16(bytes, host);
  return bytes;
}

inline void append(PacketBytes& to, const PacketBytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

inline PacketBytes ethernet(const PacketShape& shape) {
  PacketBytes bytes;
  for (const unsigned host : {shape.to, shape.from}) {
    append16(bytes, 0x0200);
    append16(bytes, 0);
    append16(bytes, host);
  }
  if (shape.vlan) {
    append16(bytes, 0x8100);
    append16(bytes, 100);
  }
  append16(bytes, shape.version == 4 ? 0x0800 : 0x86dd);
  return bytes;
}

inline PacketBytes ip(const PacketShape& shape, std::size_t behind) {
  const unsigned protocol = shape.tcp ? 6 : 17;
  const bool v4 = shape.version == 4;
  const std::size_t length = behind + shape.ip_length() - (v4 ? 0 : 40);
  const auto stated = static_cast<std::uint32_t>(shape.fill_lengths ? length : 0);
  PacketBytes bytes;
  if (v4) {
    append16(bytes, (0x45 + shape.ip_options) << 8U);
    append16(bytes, stated);
    append16(bytes, shape.identification);
    append16(bytes, 0x4000);
    append16(bytes, 0x4000 | protocol);
    append16(bytes, 0);
  } else {
    append16(bytes, 0x6000);
    append16(bytes, 0);
    append16(bytes, stated);
    append16(bytes, (shape.ip_options > 0 ? 0U : protocol) << 8U | 64U);
  }
  append(bytes, address(shape, shape.from));
  append(bytes, address(shape, shape.to));
  for (unsigned option = 0; option < shape.ip_options; ++option) {
    if (v4) {
      append16(bytes, 0x0101);  // no operation
      append16(bytes, 0x0101);
      continue;
    }
    const unsigned next = option + 1 == shape.ip_options ? protocol : 60;
    append16(bytes, next << 8U);
    append16(bytes, 0x0104);  // PadN
    append16(bytes, 0);
    append16(bytes, 0);
  }
  if (v4) write16(bytes, 10, shape.fill_sums || shape.fill_ip_sum ? 0xffff - add_words(0, bytes) : 0xbad0);
  return bytes;
}

inline PacketBytes transport(const PacketShape& shape, std::size_t payload) {
  PacketBytes bytes;
  append16(bytes, 5001);
  append16(bytes, 5002);
  if (!shape.tcp) {
    append16(bytes, static_cast<std::uint32_t>(8 + payload));
    append16(bytes, 0);
    return bytes;
  }
  append16(bytes, shape.sequence >> 16U);
  append16(bytes, shape.sequence & 0xffffU);
  append16(bytes, 0x1234);
  append16(bytes, 0x5678);
  append16(bytes, (5 + shape.tcp_options) << 12U | shape.flags);
  append16(bytes, 0x2000);
  append16(bytes, 0);
  append16(bytes, 0);
  for (unsigned option = 0; option < shape.tcp_options; ++option) {
    append16(bytes, 0x0101);
    append16(bytes, 0x0101);
  }
  return bytes;
}

inline std::uint32_t transport_sum(const PacketShape& shape, std::span<const std::byte> segment) {
  std::uint32_t sum = add_words(0, address(shape, shape.from));
  sum = add_words(sum, address(shape, shape.to));
  PacketBytes rest;
  append16(rest, shape.tcp ? 6 : 17);
  append16(rest, static_cast<std::uint32_t>(segment.size()));
  return add_words(add_words(sum, rest), segment);
}

}  // namespace packet_part

inline PacketBytes make_packet(const PacketShape& shape, std::span<const std::byte> payload) {
  PacketBytes segment = packet_part::transport(shape, payload.size());
  segment.insert(segment.end(), payload.begin(), payload.end());
  const std::size_t field = shape.tcp ? 16 : 6;
  std::uint32_t checksum = 0xffff - packet_part::transport_sum(shape, segment);
  if (checksum == 0 && !shape.tcp) checksum = 0xffff;
  write16(segment, field, shape.fill_sums ? checksum : 0xbad1);
  PacketBytes packet = shape.ethernet ? packet_part::ethernet(shape) : PacketBytes();
  packet_part::append(packet, packet_part::ip(shape, segment.size()));
  packet_part::append(packet, segment);
  return packet;
}

// The packets that a super-frame has to become, each put together for itself.
inline std::vector<PacketBytes> model_of_segments(PacketShape shape, std::span<const std::byte> payload,
                                                  std::size_t segment_size) {
  const PacketShape whole = shape;
  shape.fill_sums = true;
  shape.fill_lengths = true;
  std::vector<PacketBytes> packets;
  for (std::size_t at = 0; at == 0 || at < payload.size(); at += segment_size) {
    const auto part = payload.subspan(at, std::min(segment_size, payload.size() - at));
    const bool last = at + part.size() == payload.size();
    shape.sequence = whole.sequence + static_cast<std::uint32_t>(at);
    shape.identification = (whole.identification + static_cast<unsigned>(packets.size())) & 0xffffU;
    shape.flags = whole.flags & (last ? 0xffU : ~0x09U) & (at == 0 ? 0xffU : ~0x80U);
    packets.push_back(make_packet(shape, part));
  }
  return packets;
}

// What is wrong with the sums and lengths of a packet with these headers; empty: nothing.
inline std::string flaw_of(const PacketShape& shape, std::span<const std::byte> packet) {
  const std::size_t ip = shape.ethernet_length();
  const std::size_t transport = ip + shape.ip_length();
  if (packet.size() < shape.header_length()) return "too short";
  if (shape.version == 4 && add_words(0, packet.subspan(ip, shape.ip_length())) != 0xffff)
    return "IP checksum";
  const std::size_t stated = shape.version == 4 ? read16(packet, ip + 2) : 40 + read16(packet, ip + 4);
  if (stated != packet.size() - ip) return "IP length";
  const auto segment = packet.subspan(transport);
  if (!shape.tcp && read16(segment, 6) == 0) return "UDP without a checksum";
  return packet_part::transport_sum(shape, segment) == 0xffff ? "" : "transport checksum";
}

}  // namespace vmlan::kit
