#include "apps/replay/replay_tally.h"

#include <fmt/format.h>

#include <chrono>
#include <numeric>
#include <string_view>

namespace vmlan::apps {

namespace {

template <std::size_t Size>
std::uint64_t sum(const std::array<std::uint64_t, Size>& counts) noexcept {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::string line(std::string_view indent, std::string_view name, std::uint64_t count) {
  constexpr std::size_t name_width = 44;
  return fmt::format("{}{:<{}}{:>12}", indent, name, name_width - indent.size(), count);
}

void compare(std::vector<std::string>& faults, std::string_view name, std::uint64_t ours, std::uint64_t lan) {
  if (ours != lan)
    faults.push_back(fmt::format("{}: {} by the users' books, {} by the LAN's", name, ours, lan));
}

double in_seconds(arch::Time time) { return std::chrono::duration<double>(time).count(); }

void add_if_any(std::vector<std::string>& lines, std::string_view indent, std::string_view name,
                std::uint64_t count) {
  if (count != 0) lines.push_back(line(indent, name, count));
}

void add_time_lines(std::vector<std::string>& lines, const ReplayTally& tally) {
  using host::TimeFlaw;
  const auto count = [&](TimeFlaw flaw) { return tally.time_flaws[static_cast<std::size_t>(flaw)]; };
  add_if_any(lines, "  ", "time: a fraction of a second or more, carried", count(TimeFlaw::carried));
  add_if_any(lines, "  ", "time: none; that of the record before", count(TimeFlaw::no_time));
}

std::string sum_line(const ReplayTally& tally) {
  const auto names = dropped_by_lans(tally) + not_sent_at_all(tally) + tally.queue_full + tally.lost_on_link;
  const auto copies = tally.duplicated + tally.group_copies + tally.segments;
  const auto made = copies == 0 ? std::string() : fmt::format(" + {} copies", copies);
  return fmt::format("Sum: {}{} = {} received + {} under the names above", tally.records, made,
                     tally.received, names);
}

}  // namespace

LatencyHistogram ReplayTally::latency() const {
  LatencyHistogram all;
  if (at_once_ > 0) all.add(arch::Time{0}, at_once_);
  all.add(latencies_);
  return all;
}

std::uint64_t not_sent_at_all(const ReplayTally& tally) noexcept { return sum(tally.not_sent); }
std::uint64_t dropped_by_lans(const ReplayTally& tally) noexcept { return sum(tally.dropped); }

std::vector<std::string> tally_lines(const ReplayTally& tally) {
  std::vector<std::string> lines;
  lines.push_back(line("", "Records in the trace", tally.records));
  for (std::size_t reason = 0; reason < not_sent_reasons; ++reason) {
    add_if_any(lines, "  ", fmt::format("not sent: {}", to_string(static_cast<NotSent>(reason))),
               tally.not_sent[reason]);
  }
  add_time_lines(lines, tally);
  add_if_any(lines, "  ", "padded to their length on the wire", tally.padded);
  add_if_any(lines, "  ", "more by cutting to the MTU", tally.segments);
  lines.push_back(line("  ", "sent", tally.left));
  if (tally.late != 0) {
    lines.push_back(line(
        "    ", fmt::format("after their time, by {:.6f} s at most", in_seconds(tally.latest)), tally.late));
  }
  add_if_any(lines, "    ", "link: queue full", tally.queue_full);
  add_if_any(lines, "    ", "link: lost", tally.lost_on_link);
  add_if_any(lines, "    ", "link: copies made", tally.duplicated);
  add_if_any(lines, "    ", "pauses of senders, HiperSockets", tally.paused);
  add_if_any(lines, "    ", "more by several receivers of a group", tally.group_copies);
  lines.push_back(line("    ", "received, as sent and in order", tally.received));
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    const auto name = to_string(static_cast<guestlan::Drop>(reason));
    add_if_any(lines, "    ", fmt::format("dropped by the LAN: {}", name), tally.dropped[reason]);
  }
  lines.push_back(sum_line(tally));
  return lines;
}

std::vector<std::string> tally_faults(const ReplayTally& tally, const guestlan::Counters& lan,
                                      bool keeps_time) {
  std::vector<std::string> faults;
  const std::pair<std::string_view, std::uint64_t> never[] = {
      {"packets had no output buffer", tally.refused},
      {"packets did not arrive", tally.lost},
      {"packets arrived otherwise than they were sent", tally.differing},
      {"packets arrived where none was expected", tally.unexpected},
      {"packets were not taken by their receivers", tally.waiting},
  };
  for (const auto& [what, count] : never) {
    if (count != 0) faults.push_back(fmt::format("{} {}", count, what));
  }
  const auto must_be = [&](std::string_view what, std::uint64_t one, std::string_view of_what,
                           std::uint64_t other) {
    if (one != other) faults.push_back(fmt::format("{} {} differ from {} {}", what, one, of_what, other));
  };
  if (keeps_time && tally.late != tally.gone_back) {
    faults.push_back(fmt::format("{} packets left after their time, the trace goes back {} times", tally.late,
                                 tally.gone_back));
  }
  must_be("records and what they were cut into", tally.records + tally.segments,
          "those that left and that were not sent", tally.left + not_sent_at_all(tally));
  must_be("packets that left and copies of links", tally.left + tally.duplicated,
          "those sent or lost on links", tally.sent + tally.refused + tally.queue_full + tally.lost_on_link);
  must_be("packets sent and copies for groups", tally.sent + tally.group_copies, "those received or dropped",
          tally.received + dropped_by_lans(tally));
  compare(faults, "packets sent", tally.sent, lan.tx_packets);
  compare(faults, "bytes sent", tally.sent_bytes, lan.tx_bytes);
  compare(faults, "packets received", tally.received, lan.rx_packets);
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    compare(faults, to_string(static_cast<guestlan::Drop>(reason)), tally.dropped[reason],
            lan.dropped[reason]);
  }
  return faults;
}

}  // namespace vmlan::apps
