#include "apps/replay/replay_record.h"

namespace vmlan::apps {

namespace {

using wire::LinkContent;

JudgedRecord not_sent(NotSent reason) noexcept {
  JudgedRecord judged;
  judged.reason = reason;
  return judged;
}

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

}  // namespace

std::string_view to_string(NotSent reason) noexcept {
  switch (reason) {
    case NotSent::unreadable_record:
      return "unreadable record";
    case NotSent::unsupported_link:
      return "link type not supported";
    case NotSent::malformed_frame:
      return "malformed frame";
    case NotSent::arp:
      return "not IP: ARP";
    case NotSent::ieee802_3:
      return "not IP: IEEE 802.3 LLC";
    case NotSent::mpls:
      return "not IP: MPLS";
    case NotSent::pppoe:
      return "not IP: PPPoE";
    case NotSent::eapol:
      return "not IP: EAPOL";
    case NotSent::lldp:
      return "not IP: LLDP";
    case NotSent::link_control:
      return "not IP: link control";
    case NotSent::other_protocol:
      return "not IP: other protocol";
    case NotSent::truncated_record:
      return "truncated record";
    case NotSent::malformed_packet:
      return "malformed IP packet";
    case NotSent::no_length:
      return "IP length 0";
    case NotSent::unusable_source:
      return "source address not usable";
    case NotSent::no_user:
      return "more sources than users";
    case NotSent::longer_than_a_buffer:
      return "longer than the largest frame";
  }
  return "unknown";
}

JudgedRecord judge_record(const host::CaptureRecord& record) noexcept {
  const bool was_cut = record.bytes.size() < record.original_length;
  const auto frame = wire::link_payload(record.link, record.bytes);
  const bool ip = frame.content == LinkContent::ipv4 || frame.content == LinkContent::ipv6;
  if (!ip) {
    const bool cut_in_header = frame.content == LinkContent::malformed && was_cut;
    return not_sent(cut_in_header ? NotSent::truncated_record : reason_for(frame.content));
  }
  JudgedRecord judged;
  judged.version = frame.content == LinkContent::ipv4 ? wire::IpVersion::v4 : wire::IpVersion::v6;
  auto packet = wire::parse_ip_packet(judged.version, frame.bytes);
  if (packet.flaw == wire::IpFlaw::no_length) {
    if (was_cut) return not_sent(NotSent::truncated_record);
    packet.length = wire::length_by_record(judged.version, frame.bytes);
    if (packet.length == 0) return not_sent(NotSent::no_length);
    packet.flaw = wire::IpFlaw::none;
  }
  if (packet.flaw == wire::IpFlaw::cut_short && was_cut) return not_sent(NotSent::truncated_record);
  if (packet.flaw != wire::IpFlaw::none) return not_sent(NotSent::malformed_packet);
  if (!is_usable_source(packet.source, judged.version)) return not_sent(NotSent::unusable_source);
  judged.is_packet = true;
  judged.source = packet.source;
  judged.destination = packet.destination;
  judged.packet = frame.bytes.first(packet.length);
  return judged;
}

}  // namespace vmlan::apps
