#include "host/trace/pcapng_interface.h"

#include <algorithm>

#include "host/trace/link_types.h"
#include "host/trace/pcapng_blocks.h"

namespace vmlan::host {

namespace {

using Bytes = std::span<const std::byte>;

std::uint64_t number_of(Bytes bytes, bool big_endian) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value = value << 8U | std::to_integer<std::uint64_t>(bytes[big_endian ? i : bytes.size() - 1 - i]);
  }
  return value;
}

}  // namespace

void PcapngTime::set_resolution(std::uint8_t resolution) noexcept {
  constexpr std::uint8_t binary = 0x80;
  constexpr unsigned most_digits = 19;  // of 64 bits
  const unsigned exponent = resolution & 0x7fU;
  factor_ = divisor_ = 1;
  shift_ = 0;
  if ((resolution & binary) != 0) {
    factor_ = per_second;
    shift_ = exponent;
    return;
  }
  if (exponent > 9 + most_digits) {
    factor_ = 0;  // no time stamp reaches a nanosecond
    return;
  }
  for (unsigned power = exponent; power < 9; ++power) factor_ *= 10;
  for (unsigned power = 9; power < exponent; ++power) divisor_ *= 10;
}

std::optional<PcapngInterface> PcapngInterface::parse(Bytes body, bool big_endian) noexcept {
  if (body.size() < smallest) return std::nullopt;
  PcapngInterface interface;
  interface.link_number = static_cast<std::uint32_t>(number_of(body.first(2), big_endian));
  interface.link = link_type_of(interface.link_number);
  interface.snap_length = static_cast<std::uint32_t>(number_of(body.subspan(4, 4), big_endian));
  for (Bytes options = body.subspan(smallest); options.size() >= 4;) {
    const auto code = number_of(options.first(2), big_endian);
    const auto length = static_cast<std::size_t>(number_of(options.subspan(2, 2), big_endian));
    options = options.subspan(4);
    if (code == pcapng::option::end) break;
    if (length > options.size()) return std::nullopt;
    const Bytes value = options.first(length);
    if (code == pcapng::option::time_resolution && length == 1) {
      interface.time.set_resolution(std::to_integer<std::uint8_t>(value[0]));
    } else if (code == pcapng::option::time_offset && length == 8) {
      interface.time.set_offset(static_cast<std::int64_t>(number_of(value, big_endian)));
    }
    options = options.subspan(std::min((length + 3) / 4 * 4, options.size()));
  }
  return interface;
}

}  // namespace vmlan::host
