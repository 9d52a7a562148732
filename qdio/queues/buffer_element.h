// SBAL elements and transport headers as the hot path moves them: in registers, in whole doublewords.
//
// Pieces of other sizes would stall on store forwarding behind the copies of earlier packets: measured, a
// third of the cost of a 1500-byte datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "arch/load_once.h"
#include "arch/types.h"
#include "qdio/queues/blocks.h"
#include "wire/transport_header.h"

namespace vmlan::qdio {

// An SBAL element in registers, read once, by value. Read and written as two doublewords: pieces of other
// sizes would stall on store forwarding behind the copies of earlier packets.
struct Element {
  std::uint8_t flags = 0;         // element_flag
  std::uint8_t status_flags = 0;  // element 0 of an output buffer: pci_requested
  std::uint32_t length = 0;
  arch::Address address = 0;

  static Element load(const std::byte* from) noexcept {
    const auto head = arch::load_once<be64>(from);
    const auto address = arch::load_once<be64>(from + sizeof(head));
    return {static_cast<std::uint8_t>(head.value() >> 56U), static_cast<std::uint8_t>(head.value() >> 32U),
            static_cast<std::uint32_t>(head.value()), address};
  }
  bool last() const noexcept { return (flags & element_flag::last_entry) != 0; }
  // Flags and length; the address stays the driver's.
  void store_head(std::byte* to) const noexcept {
    const be64 head = std::uint64_t{flags} << 56U | std::uint64_t{status_flags} << 32U | length;
    std::memcpy(to, &head, sizeof(head));
  }
};

// What a received packet's transport header says. The bytes that are the same for every packet of a sender
// stay where they are; copying a header that was just put together would stall as above.
struct ReceiveHeader {
  const wire::Layer3Header* pattern;
  std::uint8_t flags;
  std::uint16_t length;

  void store(std::byte* to) const noexcept {
    const be16 big_endian_length = length;
    std::memcpy(to, pattern, sizeof(*pattern));
    to[offsetof(wire::Layer3Header, flags)] = std::byte{flags};
    std::memcpy(to + offsetof(wire::Layer3Header, length), &big_endian_length, sizeof(big_endian_length));
  }
};

}  // namespace vmlan::qdio
