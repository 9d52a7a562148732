#include "apps/replay/books.h"

#include <algorithm>

namespace vmlan::apps {

namespace {

constexpr std::size_t most_intervals = 100'000;

Account& at(std::vector<Account>& accounts, std::size_t index) {
  if (index >= accounts.size()) accounts.resize(index + 1);
  return accounts[index];
}

}  // namespace

std::uint32_t Books::flow(const FlowKey& key) {
  const auto known = flow_numbers_.find(key);
  if (known != flow_numbers_.end()) return known->second;
  if (flows_.size() > most_flows) return no_flow;
  const auto number = static_cast<std::uint32_t>(flows_.size());
  flows_.emplace_back();
  flow_keys_.push_back(key);
  flow_numbers_.emplace(key, number);
  return number;
}

Account* Books::interval_at(arch::Time now) {
  if (interval_ <= arch::Time{0}) return nullptr;
  const auto index = static_cast<std::size_t>(std::max(now, arch::Time{0}) / interval_);
  intervals_cut_ = intervals_cut_ || index >= most_intervals;
  return &at(intervals_, std::min(index, most_intervals - 1));
}

template <class Change>
void Books::in_each(const BookEntry& entry, arch::Time now, Change change) {
  Account* const interval = interval_at(now);
  const auto change_seen = [&](Account& account) {
    account.seen(now);
    change(account);
  };
  change_seen(run_);
  change_seen(at(lans_, entry.lan));
  change_seen(at(vlans_, entry.vlan));
  change_seen(flows_[entry.flow]);
  if (interval != nullptr) change_seen(*interval);
}

void Books::sent(const BookEntry& entry, std::uint64_t bytes, arch::Time now) {
  const auto change = [bytes](Account& account) {
    ++account.sent;
    account.sent_bytes += bytes;
  };
  in_each(entry, now, change);
  Account& user = at(users_, entry.user);
  user.seen(now);
  change(user);
}

void Books::copied(const BookEntry& entry, arch::Time now) {
  const auto change = [](Account& account) { ++account.copies; };
  in_each(entry, now, change);
  change(at(users_, entry.user));
}

void Books::dropped(const BookEntry& entry, Ending ending, std::uint64_t packets, arch::Time now) {
  const auto change = [=](Account& account) { account.drop(ending, packets); };
  in_each(entry, now, change);
  change(at(users_, entry.user));
}

void Books::received(std::uint32_t receiver, const BookEntry& entry, std::uint64_t bytes, arch::Time latency,
                     arch::Time now) {
  const auto change = [=](Account& account) {
    ++account.received;
    account.received_bytes += bytes;
    account.latency.add(latency);
  };
  in_each(entry, now, change);
  Account& user = at(users_, receiver);
  user.seen(now);
  change(user);
}

}  // namespace vmlan::apps
