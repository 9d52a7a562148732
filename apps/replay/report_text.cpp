#include "apps/replay/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "host/trace/link_types.h"

namespace vmlan::apps {

namespace {

double as_seconds(arch::Time time) { return std::chrono::duration<double>(time).count(); }

// What was read is said first: whoever reads no further must not take a part for the whole.
std::string input_line(const TraceInputs::Input& input) {
  std::string links;
  for (const std::uint32_t number : input.links) {
    links += fmt::format("{}{}", links.empty() ? "" : ", ", host::link_type_name(number));
  }
  const auto& reader = input.reader;
  const auto compression = reader.compression();
  auto line = fmt::format("Trace: {} ({}{}{})", input.path == "-" ? "standard input" : input.path,
                          links.empty() ? "no record" : links, compression.empty() ? "" : ", ", compression);
  if (reader.damage().empty()) return line;
  const auto whole = reader.size() == 0 ? std::string() : fmt::format(" of {}", reader.size());
  const auto read = compression.empty() ? reader.position() : reader.bytes_read();
  return line +
         fmt::format(", read {}{} bytes: {} records, then {}", read, whole, input.records, reader.damage());
}

std::string lans_text(const Members& members) {
  std::string text;
  constexpr std::size_t most_shown = 4;
  const auto names = members.lan_names();
  for (std::size_t i = 0; i < std::min(names.size(), most_shown); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", names[i].owner, names[i].name);
  }
  if (names.size() > most_shown) text += fmt::format(" and {} more", names.size() - most_shown);
  return fmt::format("{} {}", names.size() == 1 ? "LAN" : "LANs", names.empty() ? "none" : text);
}

std::string users_line(const Members& members, bool frames) {
  std::uint64_t v4 = 0;
  for (std::uint32_t i = 0; i < members.stations().size(); ++i)
    v4 += members.stations()[i].address.is_v4() ? 1U : 0U;
  std::uint64_t senders = 0;
  for (std::uint32_t user = 0; user < members.size(); ++user) senders += members[user].has_sent ? 1U : 0U;
  const auto stations = members.stations().size();
  const auto kinds =
      frames ? fmt::format("{} MAC addresses", stations) : fmt::format("{} IPv4, {} IPv6", v4, stations - v4);
  return fmt::format("Users: {} ({}; {} send), each with storage and a NIC of its own, on {}", members.size(),
                     kinds, senders, lans_text(members));
}

std::string rate_line(const ReplayTally& tally, arch::Time real) {
  const double time = std::max(as_seconds(real), 1e-9);
  return fmt::format("Real time: {:.3f} s, {:.0f} packets/s, {:.0f} bytes/s", time,
                     static_cast<double>(tally.sent) / time, static_cast<double>(tally.sent_bytes) / time);
}

std::string percentiles(std::string_view what, const LatencyHistogram& histogram) {
  return fmt::format("{}: median {}, 90 % {}, 99 % {}, most {}", what, shown_time(histogram.percentile(0.5)),
                     shown_time(histogram.percentile(0.9)), shown_time(histogram.percentile(0.99)),
                     shown_time(histogram.most()));
}

}  // namespace

std::string shown_time(arch::Time time) {
  const auto count = time.count();
  const auto ns = static_cast<double>(count);
  if (count < 1000) return fmt::format("{} ns", count);
  if (count < 1'000'000) return fmt::format("{:.3g} us", ns / 1e3);
  if (count < 1'000'000'000) return fmt::format("{:.3g} ms", ns / 1e6);
  return fmt::format("{:.4g} s", ns / 1e9);
}

std::vector<std::string> report_lines(const ReplayRun& run, const ReplayOptions& options, bool partial,
                                      arch::Time real_time) {
  const auto& tally = run.tally();
  std::vector<std::string> lines;
  if (partial) {
    const auto size = run.inputs().size();
    const auto share = size == 0 ? std::string() : fmt::format(" of {}", size);
    lines.push_back(fmt::format("PARTIAL: interrupted after {} records, {}{} bytes read", tally.records,
                                run.inputs().bytes_read(), share));
  }
  for (const auto& input : run.inputs().all()) lines.push_back(input_line(input));
  lines.push_back(users_line(run.members(), options.judge.frames));
  if (options.clock == ClockKind::virtual_time)
    lines.push_back(fmt::format("Virtual time: {:.6f} s", as_seconds(run.now())));
  for (auto& line : tally_lines(tally)) lines.push_back(std::move(line));
  const auto latency = tally.latency();
  if (latency.most() > arch::Time{0}) lines.push_back(percentiles("Latency", latency));
  if (tally.lateness.count() > 0) lines.push_back(percentiles("Lateness of departures", tally.lateness));
  if (run.closed() != nullptr) {
    for (auto& line : closed_lines(run.closed()->tally())) lines.push_back(std::move(line));
  }
  if (const auto several = run.members().in_several_vlans(); several > 0 && !options.apart_by_vlan) {
    lines.push_back(fmt::format(
        "Note: {} addresses are in several VLANs of the trace, and one user each; --by-vlan keeps them apart",
        several));
  }
  for (const auto& warning : run.members().warnings()) lines.push_back(fmt::format("Note: {}", warning));
  if (options.rate) lines.push_back(rate_line(tally, real_time));
  return lines;
}

}  // namespace vmlan::apps
