// Which stations a packet of a trace is from and to.
//
// Threads: any.
#pragma once

#include "apps/replay/replay.h"
#include "apps/replay/replay_record.h"
#include "apps/replay/stations.h"

namespace vmlan::apps {

struct Parties {
  StationKey source;
  StationKey destination;
  bool to_one = false;  // the destination is one station's address, as far as the packet tells
};

inline Parties parties_of(const JudgedRecord& judged, const ReplayOptions& options) noexcept {
  const std::uint32_t domain = options.apart_by_vlan ? judged.vlan : 0;
  Parties parties;
  if (options.judge.frames) {
    parties.source = StationKey::of(*judged.source_mac, domain);
    parties.destination = StationKey::of(*judged.destination_mac, domain);
    parties.to_one = !judged.destination_mac->is_group();
    return parties;
  }
  const auto& to = judged.destination;
  parties.source = {judged.source, domain};
  parties.destination = {to, domain};
  // A frame to everybody may hold a packet to a subnet's broadcast address.
  parties.to_one =
      !judged.was_broadcast() && !to.is_multicast() && !to.is_limited_broadcast() && !to.is_unspecified();
  return parties;
}

}  // namespace vmlan::apps
