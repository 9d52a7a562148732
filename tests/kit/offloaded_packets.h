// Packets as a driver hands them over that leaves checksums and segmentation to its adapter: transport
// header, the extension of super-frames, packet. Layout: observed, Linux 6.1 qeth.
#pragma once

#include <random>

#include "tests/kit/transport_packets.h"

namespace vmlan::kit {

enum class Left { nothing, checksums, segmentation };

struct Sending {
  PacketShape shape;
  Left left = Left::nothing;
  bool layer2 = false;
  unsigned segment_size = 1448;
};

inline PacketBytes as_sent(const Sending& sending, std::span<const std::byte> payload) {
  PacketShape shape = sending.shape;
  shape.fill_sums = sending.left == Left::nothing;
  shape.fill_ip_sum = sending.layer2 && sending.left == Left::checksums;
  shape.fill_lengths = sending.left != Left::segmentation;
  const auto packet = make_packet(shape, payload);
  const bool cut = sending.left == Left::segmentation;
  PacketBytes bytes(cut ? 64 : 32);
  if (sending.layer2) {
    bytes[0] = cut ? std::byte{6} : std::byte{2};
    bytes[2] = sending.left == Left::checksums ? std::byte{0x20} : std::byte{0};
    bytes[3] = std::byte{0x04};
    write16(bytes, 6, static_cast<std::uint32_t>(packet.size()));
  } else {
    bytes[0] = cut ? std::byte{3} : std::byte{1};
    bytes[1] = std::byte{6} | (shape.version == 6 ? std::byte{0x80} : std::byte{0}) |
               (shape.ethernet ? std::byte{0x10} : std::byte{0});
    write16(bytes, 8, static_cast<std::uint32_t>(packet.size()));
    bytes[0x0b] = sending.left == Left::checksums ? std::byte{0x30} : std::byte{0};
  }
  if (cut) {
    write16(bytes, 0x20, 0x20);
    write16(bytes, 0x22, 0x0100);
    write16(bytes, 0x24, 0x0101);
    write16(bytes, 0x26, 0x1c);
    write16(bytes, 0x2a, static_cast<std::uint32_t>(payload.size()));
    write16(bytes, 0x2c, sending.segment_size);
    write16(bytes, 0x2e, static_cast<std::uint32_t>(shape.header_length()));
  }
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  return bytes;
}

inline PacketBytes payload_of(std::size_t length) {
  std::mt19937 random(static_cast<unsigned>(length));
  PacketBytes bytes(length);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random() & 0xffU);
  return bytes;
}

}  // namespace vmlan::kit
