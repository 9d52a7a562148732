#include "apps/system/quantities.h"

#include <array>
#include <charconv>
#include <cmath>

namespace vmlan::apps {

namespace {

struct Scaled {
  double value = 0;
  std::string_view unit;
};

// A number of at least 0 and what stands behind it.
std::optional<Scaled> parse_scaled(std::string_view text) {
  Scaled scaled;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), scaled.value);
  if (error != std::errc{} || !(scaled.value >= 0) || !std::isfinite(scaled.value)) return std::nullopt;
  scaled.unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return scaled;
}

struct Unit {
  std::string_view name;
  double factor;
};

template <std::size_t Size>
std::optional<double> in_units(std::string_view text, const std::array<Unit, Size>& units) {
  constexpr double most = 9e18;  // what 63 bits hold
  const auto scaled = parse_scaled(text);
  if (!scaled) return std::nullopt;
  for (const Unit& unit : units) {
    if (scaled->unit == unit.name && scaled->value * unit.factor < most) return scaled->value * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  constexpr std::array units{Unit{"", 1}, Unit{"k", 1e3}, Unit{"M", 1e6}, Unit{"G", 1e9}, Unit{"T", 1e12}};
  const auto rate = in_units(text, units);
  if (!rate || *rate < 1) return std::nullopt;
  return static_cast<std::uint64_t>(*rate);
}

std::optional<arch::Time> parse_duration(std::string_view text) {
  constexpr std::array units{Unit{"ns", 1}, Unit{"us", 1e3}, Unit{"ms", 1e6}, Unit{"s", 1e9}};
  const auto time = in_units(text, units);
  if (!time) return std::nullopt;
  return arch::Time(std::llround(*time));
}

std::optional<double> parse_share(std::string_view text) {
  constexpr std::array units{Unit{"", 1}, Unit{"%", 0.01}};
  const auto share = in_units(text, units);
  return share && *share <= 1 ? share : std::nullopt;
}

}  // namespace vmlan::apps
