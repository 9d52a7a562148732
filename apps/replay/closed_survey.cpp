#include "apps/replay/closed_survey.h"

#include "apps/replay/addressing.h"
#include "apps/replay/departures.h"
#include "apps/replay/first_reading.h"

namespace vmlan::apps {

std::variant<TcpScripts, std::string> survey_connections(const ReplayOptions& options, Progress& progress) {
  Departures departures(options.pace);
  TcpConversations conversations(TcpConversations::Limits{});
  auto why = read_first(options, progress, [&](const JudgedRecord& packet, arch::Time time, bool first) {
    if (first) departures.next(time, static_cast<std::uint32_t>(packet.packet.size()));
    const auto parties = parties_of(packet, options);
    if (!parties.to_one) return;
    const auto segment = traced_segment_of(packet, parties.source, parties.destination);
    if (segment) conversations.take(*segment, packet.vlan, departures.own_time());
  });
  if (!why.empty()) return why;
  return conversations.end();
}

}  // namespace vmlan::apps
