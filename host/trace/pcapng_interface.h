// An interface of a pcapng section, as its description block has it: link type, and what a time stamp means.
//
// Source: IETF draft-ietf-opsawg-pcapng, if_tsresol and if_tsoffset. Threads: any.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "host/trace/capture_reader.h"
#include "wire/link_layer.h"

namespace vmlan::host {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

class PcapngTime {
 public:
  PcapngTime() noexcept { set_resolution(6); }
  // As if_tsresol has it: 10^-n seconds, with the upper bit 2^-n.
  void set_resolution(std::uint8_t resolution) noexcept;
  void set_offset(std::int64_t seconds) noexcept {
    offset_ = static_cast<Int128>(seconds) * static_cast<Int128>(per_second);
  }

  // Time since 1970 of a time stamp, which may be anything. The flaw: there is none that can be said.
  TimeFlaw time_of(std::uint64_t units, arch::Time& time) const noexcept {
    constexpr auto latest = static_cast<Int128>(std::numeric_limits<std::int64_t>::max());
    Uint128 nanoseconds = static_cast<Uint128>(units) * factor_ >> shift_;
    if (divisor_ != 1) [[unlikely]] {
      nanoseconds = units / divisor_;
    }
    const Int128 sum = static_cast<Int128>(nanoseconds) + offset_;
    if (sum < 0) return TimeFlaw::before_1970;
    if (sum > latest) return TimeFlaw::after_2262;
    time = arch::Time(static_cast<std::int64_t>(sum));
    return TimeFlaw::none;
  }

 private:
  static constexpr std::uint64_t per_second = 1'000'000'000;

  // Nanoseconds are units * factor >> shift; with a divisor, units / divisor.
  std::uint64_t factor_ = 1;
  std::uint64_t divisor_ = 1;
  unsigned shift_ = 0;
  Int128 offset_ = 0;
};

struct PcapngInterface {
  std::uint32_t link_number = 0;
  wire::LinkType link = wire::LinkType::unsupported;
  std::uint32_t snap_length = 0;  // 0: no limit
  PcapngTime time;

  // What is between the two lengths of the block. Nothing: too short, or its options can't be read; what they
  // say of its times may be behind the damage.
  static constexpr std::size_t smallest = 8;
  static std::optional<PcapngInterface> parse(std::span<const std::byte> body, bool big_endian) noexcept;
};

}  // namespace vmlan::host
