// An IP packet as a sender or receiver judges it: who to whom, how long, whether its header holds.
//
// Source: RFC 791, RFC 8200. Checksums are not looked at: captures often hold packets whose checksum the
// network card was to fill in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "wire/ip_address.h"

namespace vmlan::wire {

enum class IpFlaw : std::uint8_t {
  none,
  wrong_version,  // the first half byte is not the expected version
  bad_length,     // header length, or a total length shorter than the header
  cut_short,      // ends before the header or the total length does
  no_length,  // the header leaves its length open: a jumbogram, or what an adapter was to cut (segmentation)
};

struct IpPacket {
  IpFlaw flaw = IpFlaw::none;
  IpAddress source;
  IpAddress destination;
  std::uint32_t length = 0;  // header and payload, without what pads the frame
};

// Judges the packet at the start of `bytes`, which may be longer.
IpPacket parse_ip_packet(IpVersion version, std::span<const std::byte> bytes) noexcept;

// The length of a packet whose header leaves it open (IpFlaw::no_length), all of which is in `bytes`: a
// jumbogram's by its option (RFC 2675), else all there is, if it is TCP or UDP and too much to be padding. 0:
// nothing tells it.
std::uint32_t length_by_record(IpVersion version, std::span<const std::byte> bytes) noexcept;

}  // namespace vmlan::wire
