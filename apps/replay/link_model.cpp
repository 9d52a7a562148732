#include "apps/replay/link_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "apps/system/quantities.h"

namespace vmlan::apps {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

std::string bad_word(std::string_view word, std::string_view allowed) {
  return fmt::format("{}: must be {}", word, allowed);
}

bool take_queue(std::string_view text, std::uint32_t& queue) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), queue);
  return error == std::errc{} && end == text.data() + text.size() && queue <= 1'000'000;
}

template <class Value>
bool take(const std::optional<Value>& value, Value& to) {
  if (value) to = *value;
  return value.has_value();
}

// Empty = taken.
std::string take_word(std::string_view word, LinkSettings& settings) {
  constexpr std::string_view share = "a share such as 0.1% or 0.001";
  const auto equals = word.find('=');
  const auto name = word.substr(0, equals);
  const auto value = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
  if (name == "rate") {
    return take(parse_rate(value), settings.bits_per_second) ? ""
                                                             : bad_word(word, "bits a second, such as 100M");
  }
  if (name == "delay")
    return take(parse_duration(value), settings.propagation) ? "" : bad_word(word, "a time, such as 5ms");
  if (name == "queue") return take_queue(value, settings.queue) ? "" : bad_word(word, "0 to 1000000 packets");
  if (name == "loss") return take(parse_share(value), settings.loss) ? "" : bad_word(word, share);
  if (name == "duplicate") return take(parse_share(value), settings.duplication) ? "" : bad_word(word, share);
  if (name == "reorder") return take(parse_share(value), settings.reordering) ? "" : bad_word(word, share);
  if (name == "reorder-by") {
    return take(parse_duration(value), settings.reordered_by) ? "" : bad_word(word, "a time, such as 1ms");
  }
  return bad_word(word, "rate=, delay=, queue=, loss=, duplicate=, reorder= or reorder-by=");
}

}  // namespace

std::variant<LinkSettings, std::string> parse_link_settings(std::string_view text) {
  constexpr std::string_view separators = " ,\t";
  LinkSettings settings;
  while (true) {
    const auto begin = text.find_first_not_of(separators);
    if (begin == std::string_view::npos) return settings;
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find_first_of(separators));
    if (auto wrong = take_word(word, settings); !wrong.empty()) return wrong;
    text.remove_prefix(word.size());
  }
}

bool LinkModel::happens(double share) noexcept {
  // Asked only where there is something to decide, so that one setting does not change another's fates.
  if (share <= 0) return false;
  return static_cast<double>(chance_.next() >> 11U) * 0x1p-53 < share;
}

arch::Time LinkModel::time_on_link(std::uint32_t bytes) const noexcept {
  if (settings_.bits_per_second == 0) return arch::Time{0};
  const Wide bits = Wide{bytes} * 8 * nanoseconds_per_second;
  return arch::Time(
      static_cast<std::int64_t>((bits + settings_.bits_per_second - 1) / settings_.bits_per_second));
}

LinkModel::Passage LinkModel::offer(arch::Time now, std::uint32_t bytes) {
  while (!starts_.empty() && starts_.front() <= now) starts_.pop_front();
  const auto waiting = static_cast<std::uint32_t>(starts_.size());
  ++occupancy_.offered;
  occupancy_.found += waiting;
  const bool must_wait = free_at_ > now;
  if (must_wait && waiting >= settings_.queue) return {Fate::queue_full, now, std::nullopt};

  const arch::Time start = std::max(now, free_at_);
  if (must_wait) {
    starts_.push_back(start);
    occupancy_.most = std::max(occupancy_.most, waiting + 1);
  }
  free_at_ = start + time_on_link(bytes);
  Passage passage{Fate::arrives, free_at_ + settings_.propagation, std::nullopt};
  if (happens(settings_.loss)) {
    passage.fate = Fate::lost;
    return passage;
  }
  if (happens(settings_.duplication)) passage.again = passage.arrives;
  if (happens(settings_.reordering)) passage.arrives += settings_.reordered_by;
  return passage;
}

}  // namespace vmlan::apps
