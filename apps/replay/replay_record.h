// What becomes of one record of a trace: a packet to send, or the name under which it ends.
//
// Threads: any. Records are hostile; see wire/link_layer.h and wire/ip_packet.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "host/trace/capture_reader.h"
#include "qdio/queues/finished_packets.h"
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
  wireless_management,
  wireless_control,
  wireless_no_data,
  encrypted_frame,
  compressed_frame,
  frame_fragment,
  bad_frame_check,  // the receiver says so
  too_many_headers,
  other_protocol,
  truncated_record,      // the trace holds less of the packet than was on the wire
  malformed_packet,      // IP header and data contradict each other
  no_length,             // the IP header's length is 0, and nothing else tells it
  unusable_source,       // unspecified, multicast, broadcast or an IPv4-mapped IPv6 address
  no_user,               // more source addresses than users allowed
  longer_than_a_buffer,  // no frame of the LAN is that long
  longer_than_mtu,       // --mtu, and it is no TCP that could be cut
  no_ethernet,           // Ethernet frames are replayed, and it is none
  closed_tunnel,         // --inner
  before_1970,           // its time
  after_2262,
  outside_window,  // --from, --to
  filtered_out,
  ignored,  // by the mapping
  played,   // by users' own stacks, which say the same in packets of their own (--closed)
};
inline constexpr std::size_t not_sent_reasons = 34;

// As the report prints it: "not IP: ARP".
std::string_view to_string(NotSent reason) noexcept;

struct JudgedRecord {
  bool is_packet = false;
  NotSent reason{};  // if it is none
  wire::IpVersion version = wire::IpVersion::v4;
  bool is_ip = true;  // of a frame: the fields beside its MAC addresses say something
  wire::IpAddress source;
  wire::IpAddress destination;
  std::uint16_t vlan = 0;  // the outermost tag's; 0: none
  // As the link header has them, if it has any.
  std::optional<wire::MacAddress> source_mac;
  std::optional<wire::MacAddress> destination_mac;
  std::span<const std::byte> packet;  // lies in the record or in the judge
  std::span<const std::byte> ip;      // the IP packet: all of `packet`, or a part of a frame

  bool was_broadcast() const noexcept { return destination_mac && destination_mac->is_group(); }
};

struct JudgeOptions {
  bool frames = false;    // whole Ethernet frames
  bool inner = false;     // what is inside tunnels
  bool pad = false;       // what the trace has cut off becomes zeros
  std::uint32_t mtu = 0;  // longer TCP packets are cut into segments; 0: sent as they are
};

// Judges by what the record holds; users and buffers are not known here.
class Judge {
 public:
  explicit Judge(const JudgeOptions& options) : options_(options) {}

  // The record's packet, or the first of those that it is cut into.
  const JudgedRecord& begin(const host::CaptureRecord& record);
  // The next of those; false: there is none.
  bool next();
  const JudgedRecord& judged() const noexcept { return judged_; }
  bool was_padded() const noexcept { return padded_; }

 private:
  void judge_frame(const host::CaptureRecord& record);
  void judge_packet(const host::CaptureRecord& record);
  bool judge_ip(std::span<const std::byte> bytes, bool was_cut);
  bool take_inner();
  void fill_in_length();
  void cut_to_mtu();
  bool end(NotSent reason);
  std::span<const std::byte> padded(std::span<const std::byte> bytes, std::size_t length);

  JudgeOptions options_;
  JudgedRecord judged_;
  bool padded_ = false;
  std::vector<std::byte> room_;  // of a padded packet
  std::vector<std::byte> part_;  // of a cut one
  std::optional<qdio::FinishedPackets> cut_;
  qdio::Segment whole_;
  unsigned next_part_ = 0;
};

}  // namespace vmlan::apps
