#include "apps/replay/closed_tally.h"

#include <fmt/format.h>

#include "apps/replay/report_text.h"

namespace vmlan::apps {

namespace {

std::string closed_line(std::string_view name, std::uint64_t count) {
  return fmt::format("  {:<60}{:>14}", name, count);
}

std::string durations_line(std::string_view what, const LatencyHistogram& times) {
  return fmt::format("  {}: median {}, 90 % {}, 99 % {}, most {}", what, shown_time(times.percentile(0.5)),
                     shown_time(times.percentile(0.9)), shown_time(times.percentile(0.99)),
                     shown_time(times.most()));
}

void add_rule_lines(std::vector<std::string>& lines, const ClosedTally& tally) {
  for (std::size_t rule = 0; rule < tcp_rules; ++rule) {
    const auto& count = tally.rules[rule];
    if (count.connections == 0) continue;
    const auto kind = static_cast<TcpRule>(rule);
    lines.push_back(fmt::format("  {:<60}{:>14}{:>16} bytes",
                                fmt::format("{}: {}", is_played(kind) ? "played" : "left", to_string(kind)),
                                count.connections, count.bytes));
  }
}

}  // namespace

std::vector<std::string> closed_lines(const ClosedTally& tally) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("Closed loop: {} TCP connections played by {} stacks, {} ended as in the trace",
                              tally.connections, tally.stacks, tally.ended));
  add_rule_lines(lines, tally);
  const auto add = [&lines](std::string_view name, std::uint64_t count) {
    if (count != 0) lines.push_back(closed_line(name, count));
  };
  lines.push_back(closed_line("bytes to be written", tally.bytes));
  add("of them zeros for what the trace lacks", tally.gap_bytes);
  lines.push_back(closed_line("bytes verified", tally.verified));
  add("bytes wrong", tally.wrong);
  lines.push_back(closed_line("segments", tally.segments));
  lines.push_back(closed_line("segments sent again", tally.repeated));
  add("link: queue full", tally.queue_full);
  add("link: lost", tally.lost_on_link);
  add("link: copies made", tally.duplicated);
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    add(fmt::format("dropped by the LAN: {}", to_string(static_cast<guestlan::Drop>(reason))),
        tally.lan.dropped[reason]);
  }
  if (tally.durations.count() > 0) {
    lines.push_back(durations_line("Duration", tally.durations));
    lines.push_back(durations_line("Duration in the trace", tally.trace_durations));
  }
  return lines;
}

std::vector<std::string> closed_faults(const ClosedTally& tally, bool partial) {
  std::vector<std::string> faults;
  if (tally.wrong != 0) faults.push_back(fmt::format("{} bytes of streams arrived wrong", tally.wrong));
  if (!partial && tally.ended != tally.connections) {
    faults.push_back(
        fmt::format("{} of {} TCP connections did not end as in the trace, {} of them reset or given up",
                    tally.connections - tally.ended, tally.connections, tally.refused));
  }
  if (tally.unexplained != 0) {
    faults.push_back(fmt::format("{} packets that the LANs dropped stand in no table", tally.unexplained));
  }
  return faults;
}

}  // namespace vmlan::apps
