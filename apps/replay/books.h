// The tables of a replay: accounts by user, LAN, VLAN, flow and interval. Only kept when somebody asked for
// them; the sums of the whole run stand in ReplayTally in any case.
//
// Owns: the accounts. Threads: one. Memory: a flow costs some 300 bytes; flows beyond `most_flows` share one
// account, which the report names.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "apps/replay/account.h"
#include "apps/replay/flow_key.h"

namespace vmlan::apps {

// Whose a packet is, as the books have it.
struct BookEntry {
  std::uint32_t user = 0;
  std::uint32_t lan = 0;
  std::uint16_t vlan = 0;
  std::uint32_t flow = 0;  // of flow()
};

class Books {
 public:
  static constexpr std::uint32_t most_flows = 200'000;
  static constexpr std::uint32_t no_flow = 0;  // the account that flows beyond the limit share

  // `interval`: how long one is; 0: none are kept.
  explicit Books(arch::Time interval) : interval_(interval), flows_(1), flow_keys_(1) {}

  // Its number.
  std::uint32_t flow(const FlowKey& key);

  void sent(const BookEntry& entry, std::uint64_t bytes, arch::Time now);
  void copied(const BookEntry& entry, arch::Time now);
  void dropped(const BookEntry& entry, Ending ending, std::uint64_t packets, arch::Time now);
  // By `receiver`, of the sender's `entry`.
  void received(std::uint32_t receiver, const BookEntry& entry, std::uint64_t bytes, arch::Time latency,
                arch::Time now);

  const std::vector<Account>& users() const noexcept { return users_; }
  const std::vector<Account>& lans() const noexcept { return lans_; }
  // By VLAN number; 0: untagged.
  const std::vector<Account>& vlans() const noexcept { return vlans_; }
  const std::vector<Account>& flows() const noexcept { return flows_; }
  const std::vector<FlowKey>& flow_keys() const noexcept { return flow_keys_; }
  const std::vector<Account>& intervals() const noexcept { return intervals_; }
  arch::Time interval() const noexcept { return interval_; }
  // There were more intervals than are kept: the last one holds the rest.
  bool intervals_are_cut() const noexcept { return intervals_cut_; }
  const Account& run() const noexcept { return run_; }

 private:
  template <class Change>
  void in_each(const BookEntry& entry, arch::Time now, Change change);
  Account* interval_at(arch::Time now);

  arch::Time interval_;
  Account run_;
  std::vector<Account> users_;
  std::vector<Account> lans_;
  std::vector<Account> vlans_;
  std::vector<Account> flows_;
  std::vector<FlowKey> flow_keys_;
  std::unordered_map<FlowKey, std::uint32_t, FlowKey::Hash> flow_numbers_;
  std::vector<Account> intervals_;
  bool intervals_cut_ = false;
};

}  // namespace vmlan::apps
