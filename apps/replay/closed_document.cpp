#include "apps/replay/closed_document.h"

#include "apps/replay/account_document.h"

namespace vmlan::apps {

Document closed_member(const ClosedTally& tally, arch::Time began) {
  Document member;
  member["connections"] = tally.connections;
  member["ended"] = tally.ended;
  member["reset_or_given_up"] = tally.refused;
  member["stacks"] = tally.stacks;
  for (const bool played : {true, false}) {
    auto& rules = member[played ? "played" : "left"] = Document::object();
    for (std::size_t rule = 0; rule < tcp_rules; ++rule) {
      const auto kind = static_cast<TcpRule>(rule);
      const auto& count = tally.rules[rule];
      if (is_played(kind) != played || count.connections == 0) continue;
      rules[std::string(to_string(kind))] = {{"connections", count.connections}, {"bytes", count.bytes}};
    }
  }
  member["bytes"] = tally.bytes;
  member["gap_bytes"] = tally.gap_bytes;
  member["written"] = tally.written;
  member["verified"] = tally.verified;
  member["wrong"] = tally.wrong;
  member["segments"] = tally.segments;
  member["sent_again"] = tally.repeated;
  member["queue_full"] = tally.queue_full;
  member["lost_on_link"] = tally.lost_on_link;
  member["duplicated"] = tally.duplicated;
  member["dropped"] = Document::object();
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    if (tally.lan.dropped[reason] == 0) continue;
    member["dropped"][std::string(to_string(static_cast<guestlan::Drop>(reason)))] =
        tally.lan.dropped[reason];
  }
  if (tally.packets) {
    auto& packets = member["packets"];
    add_account(packets, *tally.packets, began);
    packets["waiting"] = tally.waiting;
  }
  member["duration"] = latency_member(tally.durations, "connections");
  member["trace_duration"] = latency_member(tally.trace_durations, "connections");
  return member;
}

}  // namespace vmlan::apps
