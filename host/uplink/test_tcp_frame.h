// A TCP super-frame with its work, as a kernel would send it.
#pragma once

#include <utility>

#include "host/uplink/ethernet_device.h"
#include "host/uplink/test_receiver.h"

namespace vmlan::host {

// Of `payload` bytes in segments of 1460, IPv4, to a station that nobody is.
inline std::pair<Bytes, FrameWork> tcp_super_frame(std::size_t payload) {
  constexpr std::uint16_t tcp_at = 34;
  constexpr std::uint16_t headers = tcp_at + 20;
  auto frame = numbered_frame(headers + payload, 77);
  const std::size_t total = frame.size() - 14;
  const auto put = [&](std::size_t at, std::initializer_list<std::size_t> values) {
    for (const auto value : values) frame[at++] = static_cast<std::byte>(value);
  };
  put(0, {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 8, 0});
  put(14, {0x45, 0, total >> 8U, total & 0xffU, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2});
  put(tcp_at, {0x1b, 0x59, 0x1b, 0x5a, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0});
  FrameWork work;
  work.checksum = true;
  work.checksum_start = tcp_at;
  work.checksum_offset = 16;
  work.segmentation = FrameWork::Segmentation::tcp_v4;
  work.segment_size = 1460;
  work.header_length = headers;
  return {std::move(frame), work};
}

inline bool same_work(const FrameWork& a, const FrameWork& b) {
  return a.checksum == b.checksum && a.checksum_start == b.checksum_start &&
         a.checksum_offset == b.checksum_offset && a.segmentation == b.segmentation &&
         a.segment_size == b.segment_size && a.header_length == b.header_length;
}

}  // namespace vmlan::host
