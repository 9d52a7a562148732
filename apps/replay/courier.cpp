#include "apps/replay/courier.h"

#include <algorithm>

namespace vmlan::apps {

// --- Links ----------------------------------------------------------------------------------------------

LinkModel& Courier::link_of(std::vector<LinkModel>& links, const LinkSettings& settings, std::uint32_t number,
                            std::uint64_t kind) {
  while (links.size() <= number) {
    // Each link has its own chance: what one loses does not change what another does.
    arch::Prng seeds(settings_.seed ^ kind << 40U ^ links.size());
    links.emplace_back(settings, seeds.next());
  }
  return links[number];
}

LinkModel* Courier::nic_link(std::uint32_t user) {
  return settings_.nic.is_none() ? nullptr : &link_of(nic_links_, settings_.nic, user, 1);
}

LinkModel* Courier::lan_link(std::uint32_t lan) {
  return settings_.lan.is_none() ? nullptr : &link_of(lan_links_, settings_.lan, lan, 2);
}

LinkModel::Occupancy Courier::nic_occupancy(std::uint32_t user) const {
  return user < nic_links_.size() ? nic_links_[user].occupancy() : LinkModel::Occupancy{};
}

LinkModel::Occupancy Courier::lan_occupancy(std::uint32_t lan) const {
  return lan < lan_links_.size() ? lan_links_[lan].occupancy() : LinkModel::Occupancy{};
}

void Courier::lose(const Letter& letter, Ending ending, arch::Time now) {
  ++(ending == Ending::queue_full() ? tally_.queue_full : tally_.lost_on_link);
  if (books_ != nullptr) books_->dropped(letter.entry, ending, 1, now);
}

void Courier::pass(LinkModel& link, const Letter& letter, arch::Time now, Step step) {
  if (kept_.size() - free_.size() >= most_under_way) return lose(letter, Ending::queue_full(), now);
  const auto passage = link.offer(now, static_cast<std::uint32_t>(letter.bytes.size()));
  if (passage.fate == LinkModel::Fate::queue_full) return lose(letter, Ending::queue_full(), now);
  if (passage.fate == LinkModel::Fate::lost) return lose(letter, Ending::lost_on_link(), now);
  schedule(passage.arrives, step, keep(letter));
  if (!passage.again) return;
  ++tally_.duplicated;
  if (books_ != nullptr) books_->copied(letter.entry, now);
  schedule(*passage.again, step, keep(letter));
}

// --- Time -----------------------------------------------------------------------------------------------

void Courier::send(const Letter& letter) {
  if (!events_.empty()) run_until(letter.left);
  if (!settings_.is_plain()) note_lateness(letter);
  LinkModel* lan = lan_link(letter.entry.lan);
  if (LinkModel* nic = nic_link(letter.sender)) {
    return pass(*nic, letter, letter.left, lan == nullptr ? Step::arrives : Step::onto_lan);
  }
  if (lan != nullptr) return pass(*lan, letter, letter.left, Step::arrives);
  hand_over(letter, letter.left);
}

void Courier::note_lateness(const Letter& letter) {
  const auto late = letter.left - letter.own_time;
  if (late <= arch::Time{0}) return;
  ++tally_.late;
  tally_.latest = std::max(tally_.latest, late);
}

void Courier::run_until(arch::Time time) {
  while (!events_.empty() && events_.top().time <= time) {
    const Event event = events_.top();
    events_.pop();
    carry_out(event);
  }
}

std::optional<arch::Time> Courier::next() const {
  if (events_.empty()) return std::nullopt;
  return events_.top().time;
}

void Courier::finish() {
  while (!events_.empty() || !post_.is_empty()) {
    post_.flush();
    watch_receivers(arch::Time{0});
    if (!events_.empty()) run_until(events_.top().time);
  }
}

void Courier::carry_out(const Event& event) {
  if (event.step == Step::is_taken) {
    post_.deliver(event.what, event.time);
    return;
  }
  // The letter stays where it is until it has been handed on: its bytes lie there.
  const Letter letter = kept_[event.what].letter;
  if (event.step == Step::onto_lan) {
    pass(*lan_link(letter.entry.lan), letter, event.time, Step::arrives);
  } else {
    hand_over(letter, event.time);
  }
  free_.push_back(event.what);
}

void Courier::schedule(arch::Time time, Step step, std::uint32_t what) {
  events_.push({time, order_++, step, what});
}

std::uint32_t Courier::keep(const Letter& letter) {
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(kept_.size());
    kept_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  Kept& kept = kept_[place];
  kept.bytes.assign(letter.bytes.begin(), letter.bytes.end());
  kept.letter = letter;
  kept.letter.bytes = kept.bytes;
  return place;
}

// --- Receivers ------------------------------------------------------------------------------------------

void Courier::hand_over(const Letter& letter, arch::Time now) {
  // Nobody takes anything any more: who waits for that would wait for ever.
  if (!members_.failure().empty()) return;
  if (const auto later = must_pause(letter)) {
    ++tally_.paused;
    return schedule(*later, Step::arrives, keep(letter));
  }
  post_.add(letter, now);
  if (settings_.service_time == arch::Time{0}) return;
  post_.flush();
  watch_receivers(now);
}

// HiperSockets tell a sender that its receiver has no buffer, and it tries again when there is one.
std::optional<arch::Time> Courier::must_pause(const Letter& letter) const {
  if (settings_.service_time == arch::Time{0} || !members_.is_hipers(letter.entry.lan)) return std::nullopt;
  const auto receiver = members_.find(letter.to);
  if (receiver == Members::nobody || receiver >= busy_until_.size() || receiver == letter.sender)
    return std::nullopt;
  const auto waiting = post_.waiting_at(receiver);
  if (waiting < members_.buffers()) return std::nullopt;
  // Of those that wait the first is taken then.
  return busy_until_[receiver] - settings_.service_time * (waiting - 1);
}

// Whoever got something takes it when it has done with what came before.
void Courier::watch_receivers(arch::Time now) {
  for (const auto user : post_.arrivals()) {
    if (user >= busy_until_.size()) busy_until_.resize(members_.size());
    arch::Time& busy = busy_until_[user];
    busy = std::max(busy, now) + settings_.service_time;
    schedule(busy, Step::is_taken, user);
  }
  post_.arrivals().clear();
}

}  // namespace vmlan::apps
