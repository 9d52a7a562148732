#include "apps/replay/replay_survey.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "apps/replay/addressing.h"
#include "apps/replay/trace_inputs.h"
#include "apps/system/messages.h"
#include "host/waiting.h"

namespace vmlan::apps {

std::string log_on_first(Members& members, const ReplayOptions& options) {
  auto opened = TraceInputs::open(options.traces, {});
  if (const auto* error = std::get_if<TraceInputs::Error>(&opened)) {
    return format(Message::cannot_read_trace, {error->path, error->message});
  }
  auto& inputs = std::get<TraceInputs>(opened);
  struct Seen {
    StationKey key;
    std::uint16_t vlan;
  };
  std::vector<Seen> seen;
  Stations known;
  const auto note = [&](const StationKey& key, std::uint16_t vlan) {
    const auto before = known.size();
    known.add(key);
    if (known.size() > before) seen.push_back({key, vlan});
  };
  Judge judge(options.judge);
  host::CaptureRecord record;
  for (auto next = inputs.next(record); next != TraceInputs::Next::end; next = inputs.next(record)) {
    if (next == TraceInputs::Next::not_yet) host::wait_readable(inputs.descriptor(), std::nullopt);
    if (host::interrupted()) return format(Message::interrupted);
    if (next != TraceInputs::Next::record) continue;
    const auto& judged = judge.begin(record);
    if (!judged.is_packet) continue;
    const auto parties = parties_of(judged, options);
    note(parties.source, judged.vlan);
    if (parties.to_one && !options.senders_only) note(parties.destination, judged.vlan);
  }
  std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
    return a.key.domain != b.key.domain ? a.key.domain < b.key.domain : a.key.address < b.key.address;
  });
  for (const Seen& station : seen) members.log_on(station.key, station.vlan);
  return {};
}

}  // namespace vmlan::apps
