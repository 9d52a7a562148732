// Rates, times and shares, as people write them on a command line and in settings: a number and its unit.
//
// Errors: nothing. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "arch/clock.h"

namespace vmlan::apps {

// "100M": of whatever it is a second, at least 1; k, M, G, T are powers of 1000.
std::optional<std::uint64_t> parse_rate(std::string_view text);
// "5ms": ns, us, ms, s.
std::optional<arch::Time> parse_duration(std::string_view text);
// "0.1%" or "0.001": 0 to 1.
std::optional<double> parse_share(std::string_view text);

}  // namespace vmlan::apps
