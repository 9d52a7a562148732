// What the kernel says of a frame that is not finished, in front of it, on TAP devices and packet sockets:
// virtio's net header. <linux/virtio_net.h> does not compile as C++, so it is defined here.
//
// Source: Virtio 1.2, 5.1.6; on these devices in the machine's own byte order ("observed, Linux 6.18 on
// x86-64"; TUNSETVNETLE and TUNSETVNETBE are never called). hdr_len is a hint only: the kernel puts the
// length of its first piece there, so the TCP header is asked instead.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "host/uplink/ethernet_device.h"

namespace vmlan::host {

struct VirtioHeader {
  enum Flags : std::uint8_t { needs_checksum = 1, data_valid = 2 };
  // With explicit_congestion added by whoever segments only where both sides agreed; packet sockets give it
  // unasked.
  enum Type : std::uint8_t { none = 0, tcp_v4 = 1, tcp_v6 = 4, explicit_congestion = 0x80 };

  std::uint8_t flags = 0;
  std::uint8_t type = none;
  std::uint16_t header_length = 0;
  std::uint16_t segment_size = 0;
  std::uint16_t checksum_start = 0;
  std::uint16_t checksum_offset = 0;
  std::uint16_t buffers = 0;  // not on packet sockets, whose header ends before it
};
static_assert(sizeof(VirtioHeader) == 12 && offsetof(VirtioHeader, checksum_start) == 6);
constexpr std::size_t packet_socket_header_size = offsetof(VirtioHeader, buffers);

// What is to be done to `frame`; nothing: it cannot be told, or leads beyond the frame.
std::optional<FrameWork> work_of(const VirtioHeader& header, std::span<const std::byte> frame) noexcept;

// The work can be done to a frame of that length.
bool fits(const FrameWork& work, std::size_t length) noexcept;

// Of work that fits.
VirtioHeader header_of(const FrameWork& work) noexcept;

}  // namespace vmlan::host
