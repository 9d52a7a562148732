// Lines between two stations (PPP, Cisco's HDLC, Frame Relay, SLIP) and label switching (MPLS).
//
// Source: RFC 1661, 1662, 1990 (multilink), 2516 (PPPoE), 2427, 1973, 3032, 4385 and 4448 (pseudowires), 4928
// (what the bits behind the labels tell).
#include <algorithm>

#include "wire/ethernet.h"
#include "wire/link_steps.h"

namespace vmlan::wire::steps {

namespace {

namespace ppp_protocol {
constexpr std::uint16_t ipv4 = 0x0021;
constexpr std::uint16_t compressed_tcp = 0x002d;
constexpr std::uint16_t uncompressed_tcp = 0x002f;
constexpr std::uint16_t multilink = 0x003d;
constexpr std::uint16_t encrypted = 0x0053;
constexpr std::uint16_t ipv6 = 0x0057;
constexpr std::uint16_t compressed_link = 0x00fb;
constexpr std::uint16_t compressed = 0x00fd;
constexpr std::uint16_t mpls = 0x0281;
constexpr std::uint16_t mpls_multicast = 0x0283;
constexpr std::uint16_t first_control = 0x8000;  // what begins with 8 or C controls the link
}  // namespace ppp_protocol

Step by_ppp_protocol(LinkPayload& frame, std::uint16_t protocol) noexcept;

// A packet that is whole begins and ends in its piece; the long sequence numbers are the usual ones.
Step multilink(LinkPayload& frame) noexcept {
  constexpr unsigned begin_and_end = 0xc0;
  if (frame.bytes.size() < 4) return cut_in_header;
  if ((byte_at(frame.bytes, 0) & begin_and_end) != begin_and_end)
    return content(frame, LinkContent::fragment);
  return then(frame, 4, read_ppp);
}

Step by_ppp_protocol(LinkPayload& frame, std::uint16_t protocol) noexcept {
  switch (protocol) {
    case ppp_protocol::ipv4:
      return content(frame, LinkContent::ipv4);
    case ppp_protocol::ipv6:
      return content(frame, LinkContent::ipv6);
    case ppp_protocol::multilink:
      return multilink(frame);
    case ppp_protocol::mpls:
    case ppp_protocol::mpls_multicast:
      return {read_mpls};
    case ppp_protocol::encrypted:
      return content(frame, LinkContent::encrypted);
    case ppp_protocol::compressed_tcp:
    case ppp_protocol::uncompressed_tcp:
    case ppp_protocol::compressed_link:
    case ppp_protocol::compressed:
      return content(frame, LinkContent::compressed);
    default:
      return content(
          frame, protocol >= ppp_protocol::first_control ? LinkContent::link_control : LinkContent::other);
  }
}

// Network layer protocol identifiers (ISO/IEC TR 9577); frame.bytes begins with one.
Step by_network_identifier(LinkPayload& frame) noexcept {
  constexpr unsigned snap = 0x80;
  constexpr unsigned ipv6 = 0x8e;
  constexpr unsigned ipv4 = 0xcc;
  constexpr unsigned ppp = 0xcf;
  constexpr unsigned signalling = 0x08;  // Q.933
  if (frame.bytes.empty()) return cut_in_header;
  const auto identifier = byte_at(frame.bytes, 0);
  frame.bytes = frame.bytes.subspan(1);
  switch (identifier) {
    case snap:
      return {read_snap};
    case ipv4:
      return content(frame, LinkContent::ipv4);
    case ipv6:
      return content(frame, LinkContent::ipv6);
    case ppp:
      return {read_ppp};
    case signalling:
      return content(frame, LinkContent::link_control);
    default:
      return content(frame, LinkContent::other);
  }
}

// Whether an Ethernet frame may begin here: nothing in front of it says so, only a type that is known does.
bool may_be_ethernet(Bytes bytes) noexcept {
  if (bytes.size() < sizeof(EthernetHeader)) return false;
  LinkPayload guess;
  guess.bytes = bytes.subspan(offsetof(EthernetHeader, type));
  const auto step = read_type_field(guess);
  if (step.next == nullptr)
    return guess.content != LinkContent::other && guess.content != LinkContent::malformed;
  if (step.next != read_llc) return true;
  return read_llc(guess).next != nullptr || guess.content != LinkContent::ieee802_3 ||
         begins_with(guess.bytes, std::array<std::uint8_t, 2>{0x42, 0x42});
}

// Behind the last label nothing tells what follows but its first half byte: 4 and 6 are IP, 0 a control word.
Step behind_labels(LinkPayload& frame) noexcept {
  constexpr std::size_t control_word_size = 4;
  constexpr unsigned control_word = 0;
  constexpr unsigned shortest_ipv4 = 0x45;
  if (frame.bytes.empty()) return cut_in_header;
  const auto first = byte_at(frame.bytes, 0);
  const auto version = first >> 4U;
  if (version == 6) return content(frame, LinkContent::ipv6);
  if (version == 4 && first >= shortest_ipv4) return content(frame, LinkContent::ipv4);
  if (version == control_word && frame.bytes.size() >= control_word_size &&
      may_be_ethernet(frame.bytes.subspan(control_word_size)))
    return then(frame, control_word_size, read_ethernet);
  if (may_be_ethernet(frame.bytes)) return {read_ethernet};
  return content(frame, LinkContent::mpls);
}

}  // namespace

Step read_ppp(LinkPayload& frame) {
  constexpr std::array<std::uint8_t, 2> address_and_control{0xff, 0x03};
  constexpr std::array<std::uint8_t, 2> cisco_unicast{0x0f, 0x00};
  constexpr std::array<std::uint8_t, 2> cisco_broadcast{0x8f, 0x00};
  if (begins_with(frame.bytes, cisco_unicast) || begins_with(frame.bytes, cisco_broadcast))
    return {read_cisco_hdlc};
  if (begins_with(frame.bytes, address_and_control)) frame.bytes = frame.bytes.subspan(2);
  if (frame.bytes.empty()) return cut_in_header;
  // An odd first byte is a protocol number compressed to one byte.
  auto protocol = static_cast<std::uint16_t>(byte_at(frame.bytes, 0));
  std::size_t size = 1;
  if (protocol % 2 == 0) {
    if (frame.bytes.size() < 2) return cut_in_header;
    protocol = half_at(frame.bytes, 0);
    size = 2;
  }
  frame.bytes = frame.bytes.subspan(size);
  return by_ppp_protocol(frame, protocol);
}

// The direction's byte stands in front of the frame, or (Linux's pppd) for its address.
Step read_ppp_directed(LinkPayload& frame) {
  constexpr std::array<std::uint8_t, 1> control{0x03};
  if (!skip(frame, 1)) return cut_in_header;
  return then(frame, begins_with(frame.bytes, control) ? 1 : 0, read_ppp);
}

Step read_pppoe(LinkPayload& frame) {
  constexpr std::size_t header_size = 6;
  constexpr unsigned version_and_type = 0x11;
  constexpr unsigned session_data = 0;
  if (frame.bytes.size() < header_size) return cut_in_header;
  if (byte_at(frame.bytes, 0) != version_and_type || byte_at(frame.bytes, 1) != session_data)
    return content(frame, LinkContent::pppoe);
  const std::size_t length = half_at(frame.bytes, 4);
  frame.bytes = frame.bytes.subspan(header_size);
  frame.bytes = frame.bytes.first(std::min(length, frame.bytes.size()));
  return {read_ppp};
}

Step read_cisco_hdlc(LinkPayload& frame) {
  constexpr std::uint16_t keep_alive = 0x8035;
  constexpr std::uint16_t osi = 0xfefe;
  if (frame.bytes.size() < 4) return cut_in_header;
  const auto type = half_at(frame.bytes, 2);
  frame.bytes = frame.bytes.subspan(4);
  if (type == keep_alive) return content(frame, LinkContent::link_control);
  if (type == osi) return content(frame, LinkContent::ieee802_3);
  return by_ether_type(frame, type);
}

Step read_frame_relay(LinkPayload& frame) {
  constexpr std::size_t longest_address = 4;
  constexpr unsigned last_of_address = 0x01;
  constexpr unsigned unnumbered = 0x03;
  std::size_t size = 0;
  bool last = false;
  while (!last && size < longest_address && size < frame.bytes.size())
    last = (byte_at(frame.bytes, size++) & last_of_address) != 0;
  if (!last && size == longest_address) return content(frame, LinkContent::other);
  if (!last || frame.bytes.size() < size + 2) return cut_in_header;
  frame.bytes = frame.bytes.subspan(size);
  if (byte_at(frame.bytes, 0) != unnumbered) {
    // Cisco's: an EtherType at once.
    const auto type = half_at(frame.bytes, 0);
    frame.bytes = frame.bytes.subspan(2);
    return by_ether_type(frame, type);
  }
  frame.bytes = frame.bytes.subspan(1);
  if (byte_at(frame.bytes, 0) == 0) frame.bytes = frame.bytes.subspan(1);  // pads what follows
  return by_network_identifier(frame);
}

Step read_mpls(LinkPayload& frame) {
  constexpr std::size_t label_size = 4;
  constexpr unsigned most_labels = 16;
  constexpr std::uint32_t bottom = 0x100;
  for (unsigned labels = 0; labels < most_labels; ++labels) {
    if (frame.bytes.size() < label_size) return cut_in_header;
    const auto label = word_at(frame.bytes, 0);
    frame.bytes = frame.bytes.subspan(label_size);
    if ((label & bottom) != 0) return behind_labels(frame);
  }
  return content(frame, LinkContent::too_many_headers);
}

// Direction, kind of packet, and room for the compressed header of a TCP segment.
Step read_slip(LinkPayload& frame) {
  constexpr std::size_t header_size = 16;
  constexpr unsigned compressed = 0x80;
  if (frame.bytes.size() < header_size) return cut_in_header;
  const bool is_compressed = (byte_at(frame.bytes, 1) & compressed) != 0;
  frame.bytes = frame.bytes.subspan(header_size);
  return is_compressed ? content(frame, LinkContent::compressed) : Step{read_raw_ip};
}

}  // namespace vmlan::wire::steps
