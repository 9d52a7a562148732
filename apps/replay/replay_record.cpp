#include "apps/replay/replay_record.h"

#include <array>
#include <cstring>

#include "wire/ethernet.h"
#include "wire/transport_packet.h"
#include "wire/tunnel.h"

namespace vmlan::apps {

namespace {

using wire::LinkContent;

constexpr std::uint32_t longest_frame = 65'536;

NotSent reason_for(LinkContent content) noexcept {
  switch (content) {
    case LinkContent::arp:
      return NotSent::arp;
    case LinkContent::ieee802_3:
      return NotSent::ieee802_3;
    case LinkContent::mpls:
      return NotSent::mpls;
    case LinkContent::pppoe:
      return NotSent::pppoe;
    case LinkContent::eapol:
      return NotSent::eapol;
    case LinkContent::lldp:
      return NotSent::lldp;
    case LinkContent::link_control:
      return NotSent::link_control;
    case LinkContent::wireless_management:
      return NotSent::wireless_management;
    case LinkContent::wireless_control:
      return NotSent::wireless_control;
    case LinkContent::wireless_no_data:
      return NotSent::wireless_no_data;
    case LinkContent::encrypted:
      return NotSent::encrypted_frame;
    case LinkContent::compressed:
      return NotSent::compressed_frame;
    case LinkContent::fragment:
      return NotSent::frame_fragment;
    case LinkContent::bad_frame_check:
      return NotSent::bad_frame_check;
    case LinkContent::too_many_headers:
      return NotSent::too_many_headers;
    case LinkContent::malformed:
      return NotSent::malformed_frame;
    case LinkContent::unsupported:
      return NotSent::unsupported_link;
    default:
      return NotSent::other_protocol;
  }
}

// An IPv4-mapped address never stands in an IPv6 packet (RFC 6890); here it would be taken for the IPv4 user.
bool is_usable_source(const wire::IpAddress& source, wire::IpVersion version) noexcept {
  return source.version() == version && !source.is_unspecified() && !source.is_multicast() &&
         !source.is_limited_broadcast();
}

struct NamedReason {
  NotSent reason;
  std::string_view name;
};

constexpr std::array names_of_reasons{
    NamedReason{NotSent::unreadable_record, "unreadable record"},
    NamedReason{NotSent::unsupported_link, "link type not supported"},
    NamedReason{NotSent::malformed_frame, "malformed frame"},
    NamedReason{NotSent::arp, "not IP: ARP"},
    NamedReason{NotSent::ieee802_3, "not IP: IEEE 802.3 LLC"},
    NamedReason{NotSent::mpls, "not IP: MPLS"},
    NamedReason{NotSent::pppoe, "not IP: PPPoE"},
    NamedReason{NotSent::eapol, "not IP: EAPOL"},
    NamedReason{NotSent::lldp, "not IP: LLDP"},
    NamedReason{NotSent::link_control, "not IP: link control"},
    NamedReason{NotSent::wireless_management, "not IP: IEEE 802.11 management"},
    NamedReason{NotSent::wireless_control, "not IP: IEEE 802.11 control"},
    NamedReason{NotSent::wireless_no_data, "not IP: IEEE 802.11 without data"},
    NamedReason{NotSent::encrypted_frame, "encrypted frame"},
    NamedReason{NotSent::compressed_frame, "compressed frame"},
    NamedReason{NotSent::frame_fragment, "fragment of a frame"},
    NamedReason{NotSent::bad_frame_check, "wrong frame check sequence"},
    NamedReason{NotSent::too_many_headers, "too many link headers"},
    NamedReason{NotSent::other_protocol, "not IP: other protocol"},
    NamedReason{NotSent::truncated_record, "truncated record"},
    NamedReason{NotSent::malformed_packet, "malformed IP packet"},
    NamedReason{NotSent::no_length, "IP length 0"},
    NamedReason{NotSent::unusable_source, "source address not usable"},
    NamedReason{NotSent::no_user, "more sources than users"},
    NamedReason{NotSent::longer_than_a_buffer, "longer than the largest frame"},
    NamedReason{NotSent::longer_than_mtu, "longer than the MTU, and not TCP"},
    NamedReason{NotSent::no_ethernet, "no Ethernet frame"},
    NamedReason{NotSent::closed_tunnel, "tunnel that can't be opened"},
    NamedReason{NotSent::before_1970, "time before 1970"},
    NamedReason{NotSent::after_2262, "time after 2262"},
    NamedReason{NotSent::outside_window, "outside --from and --to"},
    NamedReason{NotSent::filtered_out, "filtered out"},
    NamedReason{NotSent::ignored, "ignored by the mapping"},
    NamedReason{NotSent::played, "played by stacks"},
};

constexpr bool reasons_are_in_order() {
  for (std::size_t i = 0; i < names_of_reasons.size(); ++i) {
    if (static_cast<std::size_t>(names_of_reasons[i].reason) != i) return false;
  }
  return names_of_reasons.size() == not_sent_reasons;
}
static_assert(reasons_are_in_order());

}  // namespace

std::string_view to_string(NotSent reason) noexcept {
  return names_of_reasons[static_cast<std::size_t>(reason)].name;
}

bool Judge::end(NotSent reason) {
  judged_.is_packet = false;
  judged_.reason = reason;
  return false;
}

const JudgedRecord& Judge::begin(const host::CaptureRecord& record) {
  judged_ = {};
  padded_ = false;
  cut_.reset();
  if (record.time_flaw == host::TimeFlaw::before_1970 || record.time_flaw == host::TimeFlaw::after_2262) {
    end(record.time_flaw == host::TimeFlaw::before_1970 ? NotSent::before_1970 : NotSent::after_2262);
  } else if (options_.frames) {
    judge_frame(record);
  } else {
    judge_packet(record);
  }
  return judged_;
}

std::span<const std::byte> Judge::padded(std::span<const std::byte> bytes, std::size_t length) {
  room_.assign(bytes.begin(), bytes.end());
  room_.resize(length);
  padded_ = true;
  return room_;
}

// A frame is sent as it is, whatever it holds.
void Judge::judge_frame(const host::CaptureRecord& record) {
  if (record.link != wire::LinkType::ethernet) return void(end(NotSent::no_ethernet));
  auto bytes = record.bytes;
  if (bytes.size() < record.original_length) {
    if (!options_.pad || record.original_length > longest_frame) return void(end(NotSent::truncated_record));
    bytes = padded(bytes, record.original_length);
  }
  wire::EthernetHeader header;
  if (bytes.size() < sizeof(header)) return void(end(NotSent::malformed_frame));
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.source.is_group() || header.source.is_zero()) return void(end(NotSent::unusable_source));
  const auto content = wire::link_payload(record.link, bytes);
  judged_.version = content.content == LinkContent::ipv6 ? wire::IpVersion::v6 : wire::IpVersion::v4;
  judged_.is_ip = (content.content == LinkContent::ipv4 || content.content == LinkContent::ipv6) &&
                  judge_ip(content.bytes, false);
  judged_.is_packet = true;
  judged_.source_mac = header.source;
  judged_.destination_mac = header.destination;
  judged_.vlan = content.vlans.outer_id();
  judged_.packet = bytes;
}

void Judge::judge_packet(const host::CaptureRecord& record) {
  const bool was_cut = record.bytes.size() < record.original_length;
  const auto frame = wire::link_payload(record.link, record.bytes);
  if (frame.content != LinkContent::ipv4 && frame.content != LinkContent::ipv6) {
    const bool cut_in_header = frame.content == LinkContent::malformed && was_cut;
    return void(end(cut_in_header ? NotSent::truncated_record : reason_for(frame.content)));
  }
  judged_.version = frame.content == LinkContent::ipv4 ? wire::IpVersion::v4 : wire::IpVersion::v6;
  judged_.source_mac = frame.source;
  judged_.destination_mac = frame.destination;
  judged_.vlan = frame.vlans.outer_id();
  if (!judge_ip(frame.bytes, was_cut)) return;
  if (options_.inner && !take_inner()) return;
  judged_.is_packet = true;
  judged_.packet = judged_.ip;
  if (options_.mtu != 0 && judged_.packet.size() > options_.mtu) cut_to_mtu();
}

bool Judge::judge_ip(std::span<const std::byte> bytes, bool was_cut) {
  auto packet = wire::parse_ip_packet(judged_.version, bytes);
  if (packet.flaw == wire::IpFlaw::no_length) {
    if (was_cut) return end(NotSent::truncated_record);
    packet.length = wire::length_by_record(judged_.version, bytes);
    if (packet.length == 0) return end(NotSent::no_length);
    packet.flaw = wire::IpFlaw::none;
  }
  if (packet.flaw == wire::IpFlaw::cut_short && was_cut) {
    // Without its own header a packet has no length: parse_ip_packet leaves it 0.
    if (!options_.pad || packet.length == 0) return end(NotSent::truncated_record);
    bytes = padded(bytes, packet.length);
    packet.flaw = wire::IpFlaw::none;
  }
  if (packet.flaw != wire::IpFlaw::none) return end(NotSent::malformed_packet);
  if (!is_usable_source(packet.source, judged_.version)) return end(NotSent::unusable_source);
  judged_.source = packet.source;
  judged_.destination = packet.destination;
  judged_.ip = bytes.first(packet.length);
  return true;
}

// What is no tunnel leaves as it is.
bool Judge::take_inner() {
  const auto inner = wire::inner_packet(judged_.version, judged_.ip);
  if (inner.end == wire::TunnelEnd::no_tunnel) return true;
  if (inner.end != wire::TunnelEnd::found) return end(NotSent::closed_tunnel);
  judged_.version = inner.version;
  // Neither the outer frame's addresses nor its VLAN are the inner packet's.
  judged_.source_mac.reset();
  judged_.destination_mac.reset();
  judged_.vlan = 0;
  return judge_ip(inner.packet, false);
}

// Of a packet whose header leaves it open: what was to be cut has it in a copy, as far as the field reaches.
void Judge::fill_in_length() {
  if (judged_.packet.size() > 0xffff) return;
  const auto length = static_cast<std::uint16_t>(judged_.packet.size());
  room_.assign(judged_.packet.begin(), judged_.packet.end());
  const bool v4 = judged_.version == wire::IpVersion::v4;
  const arch::be16 field = static_cast<std::uint16_t>(v4 ? length : length - sizeof(wire::Ipv6Header));
  std::memcpy(room_.data() + (v4 ? offsetof(wire::Ipv4Header, total_length)
                                 : offsetof(wire::Ipv6Header, payload_length)),
              &field, sizeof(field));
  judged_.packet = room_;
}

// --- Cutting ------------------------------------------------------------------------------------------

// As an adapter would have cut it; checksums come out right.
void Judge::cut_to_mtu() {
  fill_in_length();
  const auto ip = wire::find_ip(judged_.packet, false);
  const auto transport = ip ? wire::find_transport(judged_.packet, *ip) : std::nullopt;
  if (!transport || transport->protocol != wire::ip_protocol::tcp) return void(end(NotSent::longer_than_mtu));
  wire::TcpHeader tcp;
  std::memcpy(&tcp, &judged_.packet[transport->begin], sizeof(tcp));
  const std::uint32_t headers = transport->begin + (tcp.data_offset >> 4U) * 4U;
  if (headers >= options_.mtu || headers >= judged_.packet.size()) return void(end(NotSent::longer_than_mtu));
  qdio::Offload offload;
  offload.ip_checksum = true;
  offload.transport_checksum = true;
  offload.header_length = static_cast<std::uint16_t>(headers);
  offload.segment_size = static_cast<std::uint16_t>(options_.mtu - headers);
  whole_ = {judged_.packet.data(), static_cast<std::uint32_t>(judged_.packet.size())};
  cut_.emplace(offload, &whole_, 1, whole_.length);
  if (!cut_->usable()) return void(end(NotSent::malformed_packet));
  next_part_ = 0;
  next();
}

bool Judge::next() {
  if (!cut_ || next_part_ >= cut_->count()) return false;
  const auto packet = cut_->packet(next_part_++);
  part_.clear();
  for (unsigned i = 0; i < packet.segments; ++i) {
    part_.insert(part_.end(), packet.segment[i].data, packet.segment[i].data + packet.segment[i].length);
  }
  judged_.packet = part_;
  judged_.ip = part_;
  return true;
}

}  // namespace vmlan::apps
