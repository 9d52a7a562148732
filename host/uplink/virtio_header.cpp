#include "host/uplink/virtio_header.h"

namespace vmlan::host {

namespace {

using Segmentation = FrameWork::Segmentation;

constexpr std::size_t ethernet_header = 14;
constexpr std::size_t checksum_size = 2;
// TCP's, RFC 9293 3.1: where the checksum is, where the length of the header in words is, the shortest
// header.
constexpr std::size_t tcp_checksum_at = 16;
constexpr std::size_t tcp_length_at = 12;
constexpr std::size_t shortest_tcp = 20;

// Of the Ethernet, IP and TCP headers, as TCP's says; nothing: the frame ends before it does.
std::optional<std::size_t> length_of_headers(std::span<const std::byte> frame, std::size_t tcp) noexcept {
  if (tcp + shortest_tcp > frame.size()) return std::nullopt;
  const std::size_t length =
      std::size_t{4} * (std::to_integer<std::size_t>(frame[tcp + tcp_length_at]) >> 4U);
  if (length < shortest_tcp || tcp + length >= frame.size()) return std::nullopt;
  return tcp + length;
}

}  // namespace

std::optional<FrameWork> work_of(const VirtioHeader& header, std::span<const std::byte> frame) noexcept {
  FrameWork work;
  work.checksum = (header.flags & VirtioHeader::needs_checksum) != 0;
  work.checksum_good = !work.checksum && (header.flags & VirtioHeader::data_valid) != 0;
  if (work.checksum) {
    work.checksum_start = header.checksum_start;
    work.checksum_offset = header.checksum_offset;
  }
  switch (header.type & ~VirtioHeader::explicit_congestion) {
    case VirtioHeader::none:
      break;
    case VirtioHeader::tcp_v4:
      work.segmentation = Segmentation::tcp_v4;
      break;
    case VirtioHeader::tcp_v6:
      work.segmentation = Segmentation::tcp_v6;
      break;
    default:
      return std::nullopt;
  }
  if (work.segmentation != Segmentation::none) {
    const auto headers = length_of_headers(frame, header.checksum_start);
    if (!headers || *headers >= frame.size()) return std::nullopt;
    work.segment_size = header.segment_size;
    work.header_length = static_cast<std::uint16_t>(*headers);
  }
  if (!fits(work, frame.size())) return std::nullopt;
  return work;
}

bool fits(const FrameWork& work, std::size_t length) noexcept {
  const std::size_t start = work.checksum_start;
  if (work.checksum && (start < ethernet_header || start + work.checksum_offset + checksum_size > length))
    return false;
  if (work.segmentation == Segmentation::none) return true;
  // Whoever cuts it computes the sum of each part.
  return work.checksum && work.checksum_offset == tcp_checksum_at && work.segment_size > 0 &&
         work.header_length >= start + shortest_tcp && work.header_length < length;
}

VirtioHeader header_of(const FrameWork& work) noexcept {
  VirtioHeader header;
  if (work.checksum) {
    header.flags = VirtioHeader::needs_checksum;
    header.checksum_start = work.checksum_start;
    header.checksum_offset = work.checksum_offset;
  }
  if (work.segmentation == Segmentation::none) return header;
  header.type = work.segmentation == Segmentation::tcp_v4 ? VirtioHeader::tcp_v4 : VirtioHeader::tcp_v6;
  header.header_length = work.header_length;
  header.segment_size = work.segment_size;
  return header;
}

}  // namespace vmlan::host
