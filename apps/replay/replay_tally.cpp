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

}  // namespace

std::vector<std::string> tally_lines(const ReplayTally& tally) {
  std::vector<std::string> lines;
  lines.push_back(line("", "Records in the trace", tally.records));
  for (std::size_t reason = 0; reason < not_sent_reasons; ++reason) {
    if (tally.not_sent[reason] == 0) continue;
    lines.push_back(line("  ", fmt::format("not sent: {}", to_string(static_cast<NotSent>(reason))),
                         tally.not_sent[reason]));
  }
  lines.push_back(line("  ", "sent", tally.sent));
  if (tally.late != 0) {
    const double seconds = std::chrono::duration<double>(tally.latest).count();
    lines.push_back(line("    ", fmt::format("after their time, by {:.6f} s at most", seconds), tally.late));
  }
  lines.push_back(line("    ", "received, as sent and in order", tally.received));
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    if (tally.dropped[reason] == 0) continue;
    const auto name = to_string(static_cast<guestlan::Drop>(reason));
    lines.push_back(line("    ", fmt::format("dropped by the LAN: {}", name), tally.dropped[reason]));
  }
  const auto drops = sum(tally.dropped) + sum(tally.not_sent);
  lines.push_back(
      fmt::format("Sum: {} = {} received + {} under the names above", tally.records, tally.received, drops));
  return lines;
}

std::vector<std::string> tally_faults(const ReplayTally& tally, const guestlan::Counters& lan) {
  std::vector<std::string> faults;
  const std::pair<std::string_view, std::uint64_t> never[] = {
      {"packets had no output buffer", tally.refused},
      {"packets did not arrive", tally.lost},
      {"packets arrived otherwise than they were sent", tally.differing},
      {"packets arrived where none was expected", tally.unexpected},
  };
  for (const auto& [what, count] : never) {
    if (count != 0) faults.push_back(fmt::format("{} {}", count, what));
  }
  if (tally.late != tally.gone_back) {
    faults.push_back(fmt::format("{} packets left after their time, the trace goes back {} times", tally.late,
                                 tally.gone_back));
  }
  if (tally.records != tally.sent + sum(tally.not_sent)) {
    faults.push_back(fmt::format("records {} differ from sent {} + not sent {}", tally.records, tally.sent,
                                 sum(tally.not_sent)));
  }
  if (tally.sent != tally.received + sum(tally.dropped)) {
    faults.push_back(fmt::format("sent {} differs from received {} + dropped {}", tally.sent, tally.received,
                                 sum(tally.dropped)));
  }
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
