// What becomes of one record of a trace: a packet to send, or the name under which it ends.
//
// Threads: any. Records are hostile; see wire/link_layer.h and wire/ip_packet.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "host/trace/capture_reader.h"
#include "wire/ip_packet.h"
#include "wire/link_layer.h"

namespace vmlan::apps {

// Why a record is not sent.
enum class NotSent : std::uint8_t {
  unreadable_record,  // the file is damaged here
  unsupported_link,   // a link type that is not read
  malformed_frame,    // ends inside its link header
  arp,
  ieee802_3,
  mpls,
  pppoe,
  eapol,
  lldp,
  link_control,
  other_protocol,
  truncated_record,      // the trace holds less of the packet than was on the wire
  malformed_packet,      // IP header and data contradict each other
  no_length,             // the IP header's length is 0, and nothing else tells it
  unusable_source,       // unspecified, multicast, broadcast or an IPv4-mapped IPv6 address
  no_user,               // more source addresses than users allowed
  longer_than_a_buffer,  // no frame of the LAN is that long
};
inline constexpr std::size_t not_sent_reasons = 17;

// As the report prints it: "not IP: ARP".
std::string_view to_string(NotSent reason) noexcept;

struct JudgedRecord {
  bool is_packet = false;
  NotSent reason{};  // if it is none
  wire::IpVersion version = wire::IpVersion::v4;
  wire::IpAddress source;
  wire::IpAddress destination;
  std::span<const std::byte> packet;  // lies in the record
};

// Judges by what the record holds; users and buffers are not known here.
JudgedRecord judge_record(const host::CaptureRecord& record) noexcept;

}  // namespace vmlan::apps
