#include "apps/replay/replay_survey.h"

#include <algorithm>
#include <vector>

#include "apps/replay/addressing.h"
#include "apps/replay/first_reading.h"
#include "host/waiting.h"

namespace vmlan::apps {

std::string log_on_first(Members& members, const ReplayOptions& options, Progress& progress) {
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
  auto why = read_first(options, progress, [&](const JudgedRecord& packet, arch::Time, bool) {
    const auto parties = parties_of(packet, options);
    note(parties.source, packet.vlan);
    if (parties.to_one && !options.senders_only) note(parties.destination, packet.vlan);
  });
  if (!why.empty() || host::interrupted()) return why;
  std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
    return a.key.domain != b.key.domain ? a.key.domain < b.key.domain : a.key.address < b.key.address;
  });
  for (const Seen& station : seen) {
    if (host::interrupted()) break;
    members.log_on(station.key, station.vlan);
  }
  return {};
}

}  // namespace vmlan::apps
