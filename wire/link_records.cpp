// What a system's own tracing writes in front of a packet: an address family, a cooked header, attributes.
//
// Source: the tcpdump project's pages of the link types; Linux, uapi/linux/netfilter/nfnetlink_log.h (NFLOG);
// the PPI specification 1.0.10 (CACE); Apple's net/pktap.h; OpenBSD's net/if_enc.h and if_pflog.h; the ERF
// types of Endace's DAG; tcpdump's print-juniper.c.
#include <algorithm>

#include "wire/link_steps.h"

namespace vmlan::wire::steps {

namespace {

// Linux and Solaris; NetBSD and OpenBSD; FreeBSD; Darwin.
constexpr std::array<std::uint32_t, 5> families_ipv6{10, 26, 24, 28, 30};
constexpr std::uint32_t family_ipv4 = 2;

Step by_family(LinkPayload& frame, std::uint32_t family) noexcept {
  if (family == family_ipv4) return content(frame, LinkContent::ipv4);
  const bool ipv6 = std::find(families_ipv6.begin(), families_ipv6.end(), family) != families_ipv6.end();
  return content(frame, ipv6 ? LinkContent::ipv6 : LinkContent::other);
}

// In the byte order of the machine that captured; its value is small.
std::uint32_t family_at(Bytes bytes, std::size_t offset) noexcept {
  constexpr std::uint32_t largest = 0xffff;
  const auto family = word_at(bytes, offset);
  return family <= largest ? family : little_word_at(bytes, offset);
}

// A cooked header keeps the hardware type and the source address beside the protocol.
struct Cooked {
  std::size_t size;
  std::size_t protocol;
  std::size_t hardware;
  std::size_t address_length;  // one byte; SLL has two, of which this is the second
  std::size_t address;
};

Step read_cooked(LinkPayload& frame, const Cooked& layout) noexcept {
  constexpr std::uint16_t protocol_llc = 0x0004;
  constexpr std::uint16_t hardware_frame_relay = 770;
  constexpr std::uint16_t hardware_radiotap = 803;
  constexpr std::uint16_t hardware_netlink = 824;
  constexpr unsigned mac_size = 6;
  if (frame.bytes.size() < layout.size) return cut_in_header;
  const auto protocol = half_at(frame.bytes, layout.protocol);
  const auto hardware = half_at(frame.bytes, layout.hardware);
  if (byte_at(frame.bytes, layout.address_length) == mac_size && !frame.source)
    frame.source = mac_at(frame.bytes, layout.address);
  if (is_vlan_type(protocol)) {
    // The tag's control bytes follow: as if its type stood in front of them.
    frame.bytes = frame.bytes.subspan(layout.size);
    if (frame.bytes.size() < tag_control_size) return cut_in_header;
    keep_tag(frame, half_at(frame.bytes, 0));
    return then(frame, tag_control_size, read_type_field);
  }
  frame.bytes = frame.bytes.subspan(layout.size);
  if (hardware == hardware_radiotap) return {read_radiotap};
  if (hardware == hardware_frame_relay) return {read_frame_relay};
  if (hardware == hardware_netlink) return content(frame, LinkContent::other);
  return protocol == protocol_llc ? Step{read_llc} : by_ether_type(frame, protocol);
}

// What PPI and Apple's packet taps name is a program's DLT; those of what carries IP are the same everywhere
// but for raw IP.
Step by_program_link(LinkPayload& frame, std::uint32_t number) noexcept {
  switch (number) {
    case 0:
      return {read_loopback};
    case 1:
      return {read_ethernet};
    case 9:
      return {read_ppp};
    case 12:
    case 14:
    case 101:
      return {read_raw_ip};
    case 105:
      return {read_wireless};
    case 108:
      return {read_loopback};
    case 113:
      return {read_linux_cooked};
    case 127:
      return {read_radiotap};
    default:
      return content(frame, LinkContent::other);
  }
}

}  // namespace

Step read_raw_ip(LinkPayload& frame) {
  if (frame.bytes.empty()) return cut_in_header;
  const auto version = byte_at(frame.bytes, 0) >> 4U;
  if (version == 4) return content(frame, LinkContent::ipv4);
  return content(frame, version == 6 ? LinkContent::ipv6 : LinkContent::other);
}

Step read_loopback(LinkPayload& frame) {
  if (frame.bytes.size() < 4) return cut_in_header;
  const auto family = family_at(frame.bytes, 0);
  frame.bytes = frame.bytes.subspan(4);
  return by_family(frame, family);
}

Step read_linux_cooked(LinkPayload& frame) { return read_cooked(frame, {16, 14, 2, 5, 6}); }
Step read_linux_cooked_v2(LinkPayload& frame) { return read_cooked(frame, {20, 0, 8, 11, 12}); }

// Attributes in the byte order of the machine that captured; types are small numbers.
Step read_nflog(LinkPayload& frame) {
  constexpr std::size_t header_size = 4;
  constexpr std::size_t attribute_header = 4;
  constexpr unsigned most_attributes = 64;
  constexpr unsigned payload = 9;
  if (!skip(frame, header_size)) return cut_in_header;
  for (unsigned attributes = 0; attributes < most_attributes; ++attributes) {
    if (frame.bytes.size() < attribute_header) return cut_in_header;
    const bool big = byte_at(frame.bytes, 3) != 0 && byte_at(frame.bytes, 2) == 0;
    const std::size_t length = big ? half_at(frame.bytes, 0) : little_half_at(frame.bytes, 0);
    const unsigned type = big ? half_at(frame.bytes, 2) : little_half_at(frame.bytes, 2);
    if (length < attribute_header || length > frame.bytes.size()) return cut_in_header;
    if (type == payload) {
      frame.bytes = frame.bytes.first(length);
      return then(frame, attribute_header, read_raw_ip);
    }
    if (!skip(frame, (length + 3) / 4 * 4)) return cut_in_header;
  }
  return content(frame, LinkContent::too_many_headers);
}

Step read_ppi(LinkPayload& frame) {
  constexpr std::size_t shortest = 8;
  if (frame.bytes.size() < shortest) return cut_in_header;
  if (byte_at(frame.bytes, 0) != 0) return content(frame, LinkContent::other);
  const std::size_t length = little_half_at(frame.bytes, 2);
  const auto number = little_word_at(frame.bytes, 4);
  if (length < shortest || !skip(frame, length)) return cut_in_header;
  return by_program_link(frame, number);
}

Step read_packet_tap(LinkPayload& frame) {
  constexpr std::size_t shortest = 12;
  constexpr std::uint32_t packet = 1;
  if (frame.bytes.size() < shortest) return cut_in_header;
  const std::size_t length = little_word_at(frame.bytes, 0);
  const auto kind = little_word_at(frame.bytes, 4);
  const auto number = little_word_at(frame.bytes, 8);
  if (length < shortest || !skip(frame, length)) return cut_in_header;
  return kind == packet ? by_program_link(frame, number) : content(frame, LinkContent::other);
}

// Family, the security association's number, flags.
Step read_openbsd_enc(LinkPayload& frame) {
  constexpr std::size_t header_size = 12;
  if (frame.bytes.size() < header_size) return cut_in_header;
  const auto family = family_at(frame.bytes, 0);
  frame.bytes = frame.bytes.subspan(header_size);
  return by_family(frame, family);
}

Step read_packet_filter_log(LinkPayload& frame) {
  if (frame.bytes.size() < 2) return cut_in_header;
  const std::size_t length = (byte_at(frame.bytes, 0) + 3) / 4 * 4;
  return then(frame, length, read_raw_ip);
}

Step read_erf(LinkPayload& frame) {
  constexpr std::size_t header_size = 16;
  constexpr std::size_t extension_size = 8;
  constexpr unsigned most_extensions = 16;
  constexpr unsigned another = 0x80;
  if (frame.bytes.size() < header_size) return cut_in_header;
  unsigned more = byte_at(frame.bytes, 8);
  const unsigned type = more & 0x7fU;
  frame.bytes = frame.bytes.subspan(header_size);
  for (unsigned extensions = 0; (more & another) != 0; ++extensions) {
    if (frame.bytes.size() < extension_size) return cut_in_header;
    if (extensions == most_extensions) return content(frame, LinkContent::too_many_headers);
    more = byte_at(frame.bytes, 0);
    frame.bytes = frame.bytes.subspan(extension_size);
  }
  switch (type) {
    case 1:  // HDLC on a line: PPP's or Cisco's
      return {read_ppp};
    case 2:
    case 11:
    case 16:
    case 20:
      return then(frame, 2, read_ethernet);
    case 22:
    case 23:
      return {read_raw_ip};
    default:
      return content(frame, LinkContent::other);
  }
}

Step read_juniper_ethernet(LinkPayload& frame) {
  constexpr std::array<std::uint8_t, 3> magic{0x4d, 0x47, 0x43};
  constexpr unsigned no_link_header = 0x02;
  constexpr unsigned extension = 0x80;
  if (frame.bytes.size() < 4) return cut_in_header;
  if (!begins_with(frame.bytes, magic)) return content(frame, LinkContent::other);
  const auto flags = byte_at(frame.bytes, 3);
  frame.bytes = frame.bytes.subspan(4);
  if ((flags & extension) != 0) {
    if (frame.bytes.size() < 2) return cut_in_header;
    if (!skip(frame, std::size_t{2} + half_at(frame.bytes, 0))) return cut_in_header;
  }
  if ((flags & no_link_header) == 0) return {read_ethernet};
  return then(frame, 4, read_raw_ip);
}

}  // namespace vmlan::wire::steps
