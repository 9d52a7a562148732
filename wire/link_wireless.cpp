// IEEE 802.11 data frames, and the headers in which a receiver tells how it heard them.
//
// Source: IEEE 802.11-2020, 9.2 and 9.3.2; radiotap.org; the Prism and AVS headers of the linux-wlan project.
#include "wire/link_steps.h"

namespace vmlan::wire::steps {

namespace {

// Of the frame control field's two bytes.
constexpr unsigned protocol_version = 0x03;
constexpr unsigned frame_kind = 0x0c;
constexpr unsigned management = 0x00;
constexpr unsigned control = 0x04;
constexpr unsigned data = 0x08;
constexpr unsigned quality_of_service = 0x80;  // of a data frame
constexpr unsigned no_data = 0x40;
constexpr unsigned to_distribution = 0x01;
constexpr unsigned from_distribution = 0x02;
constexpr unsigned more_fragments = 0x04;
constexpr unsigned is_protected = 0x40;
constexpr unsigned more_control = 0x80;  // HT control behind QoS control

constexpr std::size_t first_address = 4;
constexpr std::size_t second_address = 10;
constexpr std::size_t third_address = 16;
constexpr std::size_t sequence_control = 22;
constexpr std::size_t short_header = 24;
constexpr std::size_t address_size = 6;

// An aggregate's first frame: its stations, its length, then LLC like any other.
Step read_aggregate(LinkPayload& frame) {
  constexpr std::size_t header_size = 14;
  if (frame.bytes.size() < header_size) return cut_in_header;
  frame.destination = mac_at(frame.bytes, 0);
  frame.source = mac_at(frame.bytes, address_size);
  const std::size_t length = half_at(frame.bytes, 2 * address_size);
  frame.bytes = frame.bytes.subspan(header_size);
  if (length < frame.bytes.size()) frame.bytes = frame.bytes.first(length);
  return {read_llc};
}

// Which of the four addresses are the stations' (IEEE 802.11, table 9-30).
void keep_stations(LinkPayload& frame, unsigned flags) noexcept {
  const bool to = (flags & to_distribution) != 0;
  const bool from = (flags & from_distribution) != 0;
  const std::size_t source = !from ? second_address : to ? short_header : third_address;
  keep_addresses(frame, to ? third_address : first_address, source);
}

// `padded`: the receiver has filled the header up to a multiple of four bytes.
Step read_data(LinkPayload& frame, unsigned kind, unsigned flags, bool padded) noexcept {
  constexpr unsigned aggregate = 0x80;  // of the QoS control field
  constexpr unsigned fragment_number = 0x0f;
  const bool four_addresses = (flags & to_distribution) != 0 && (flags & from_distribution) != 0;
  const bool has_quality = (kind & quality_of_service) != 0;
  const std::size_t quality_at = short_header + (four_addresses ? address_size : 0);
  std::size_t size = quality_at;
  if (has_quality) size += (flags & more_control) != 0 ? 6 : 2;
  if (padded) size = (size + 3) / 4 * 4;
  if (frame.bytes.size() < size) return cut_in_header;
  keep_stations(frame, flags);
  const bool is_aggregate = has_quality && (byte_at(frame.bytes, quality_at) & aggregate) != 0;
  const bool is_fragment =
      (flags & more_fragments) != 0 || (byte_at(frame.bytes, sequence_control) & fragment_number) != 0;
  frame.bytes = frame.bytes.subspan(size);
  if ((kind & no_data) != 0) return content(frame, LinkContent::wireless_no_data);
  if ((flags & is_protected) != 0) return content(frame, LinkContent::encrypted);
  if (is_fragment) return content(frame, LinkContent::fragment);
  return is_aggregate ? Step{read_aggregate} : Step{read_llc};
}

Step read_wireless_frame(LinkPayload& frame, bool padded) noexcept {
  if (frame.bytes.size() < 2) return cut_in_header;
  const auto kind = byte_at(frame.bytes, 0);
  if ((kind & protocol_version) != 0) return content(frame, LinkContent::other);
  switch (kind & frame_kind) {
    case management:
      return content(frame, LinkContent::wireless_management);
    case control:
      return content(frame, LinkContent::wireless_control);
    case data:
      return read_data(frame, kind, byte_at(frame.bytes, 1), padded);
    default:
      return content(frame, LinkContent::other);
  }
}

// Radiotap's flags, behind words that tell which fields there are; 0 if there are none. `header` is all of
// it.
unsigned radiotap_flags(Bytes header) noexcept {
  constexpr std::size_t first_word = 4;
  constexpr std::uint32_t has_time = 0x1;
  constexpr std::uint32_t has_flags = 0x2;
  constexpr std::uint32_t another_word = 0x8000'0000;
  const auto fields = little_word_at(header, first_word);
  if ((fields & has_flags) == 0) return 0;
  std::size_t at = first_word;
  for (;; at += 4) {
    if (at + 4 > header.size()) return 0;
    if ((little_word_at(header, at) & another_word) == 0) break;
  }
  at += 4;
  if ((fields & has_time) != 0) at = (at + 7) / 8 * 8 + 8;
  return at < header.size() ? byte_at(header, at) : 0;
}

}  // namespace

Step read_wireless(LinkPayload& frame) { return read_wireless_frame(frame, false); }

Step read_radiotap(LinkPayload& frame) {
  constexpr std::size_t shortest = 8;
  constexpr unsigned padded = 0x20;
  constexpr unsigned bad_check = 0x40;
  if (frame.bytes.size() < shortest) return cut_in_header;
  if (byte_at(frame.bytes, 0) != 0) return content(frame, LinkContent::other);
  const std::size_t length = little_half_at(frame.bytes, 2);
  if (length < shortest || length > frame.bytes.size()) return cut_in_header;
  const auto flags = radiotap_flags(frame.bytes.first(length));
  frame.bytes = frame.bytes.subspan(length);
  if ((flags & bad_check) != 0) return content(frame, LinkContent::bad_frame_check);
  return read_wireless_frame(frame, (flags & padded) != 0);
}

Step read_avs(LinkPayload& frame) {
  constexpr std::size_t shortest = 8;
  if (frame.bytes.size() < shortest) return cut_in_header;
  const std::size_t length = word_at(frame.bytes, 4);
  return length < shortest ? cut_in_header : then(frame, length, read_wireless);
}

// A header of a fixed length, unless the driver wrote AVS's under this number.
Step read_prism(LinkPayload& frame) {
  constexpr std::size_t header_size = 144;
  constexpr std::uint32_t version_mask = 0xffff'f000;
  constexpr std::uint32_t avs_cookie = 0x8021'1000;
  if (frame.bytes.size() < 4) return cut_in_header;
  if ((word_at(frame.bytes, 0) & version_mask) == avs_cookie) return {read_avs};
  return then(frame, header_size, read_wireless);
}

}  // namespace vmlan::wire::steps
