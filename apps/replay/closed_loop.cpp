#include "apps/replay/closed_loop.h"

#include <algorithm>
#include <utility>

#include "host/memory.h"
#include "host/waiting.h"

namespace vmlan::apps {

ClosedLoop::ClosedLoop(TcpScripts scripts, const Settings& settings, Members& members, Post& post,
                       Courier& courier, const arch::Clock& clock, arch::VirtualClock& moved)
    : scripts_(std::move(scripts)),
      settings_(settings),
      members_(members),
      post_(post),
      courier_(courier),
      clock_(clock),
      moved_(moved) {}

ClosedLoop::~ClosedLoop() = default;

// --- Who plays --------------------------------------------------------------------------------------------

// A stack has one address: the first that its user has to play for.
std::uint32_t ClosedLoop::player(const StationKey& key, std::uint16_t vlan) {
  const auto user = members_.log_on(key, vlan).user;
  if (user == nobody) return nobody;
  if (address_of_.size() <= user) address_of_.resize(user + 1);
  if (!address_of_[user]) address_of_[user] = key;
  return *address_of_[user] == key ? user : nobody;
}

bool ClosedLoop::cast(std::uint32_t number) {
  const auto& script = scripts_.scripts[number];
  const auto client = player(script.flow.source, script.vlan);
  const auto server = player(script.flow.destination, script.vlan);
  return client != nobody && server != nobody && client != server &&
         members_[client].lan == members_[server].lan;
}

std::string ClosedLoop::make_stack(std::uint32_t user) {
  if (stacks_.size() <= user) stacks_.resize(members_.size());
  if (stacks_[user] != nullptr) return {};
  ClosedStack::Settings settings;
  settings.address = address_of_[user]->address;
  settings.user = user;
  settings.lan = members_[user].lan;
  settings.mtu = settings_.mtu;
  settings.waits = settings_.waits;
  settings.seed = settings_.seed ^ (std::uint64_t{user} + 1) << 20U;
  settings.books = books_ ? &*books_ : nullptr;
  settings.nic = [this, user] { return members_.counters(user); };
  std::string error;
  stacks_[user] = ClosedStack::create(settings, clock_, courier_, *this, error);
  if (stacks_[user] != nullptr) members_[user].program->attach(*stacks_[user]);
  return error;
}

std::string ClosedLoop::begin(arch::Time began) {
  constexpr std::chrono::hours longest_wait{1};
  began_ = began;
  // A window's worth of packets is taken and freed in each turn; to give it back to the host and to get it
  // again costs as much as a third of everything else.
  host::keep_freed_memory();
  for (std::uint32_t number = 0; number < scripts_.scripts.size(); ++number) {
    if (host::interrupted()) break;
    if (!cast(number)) scripts_.leave(number, TcpRule::no_stack);
  }
  sides_of_.resize(scripts_.scripts.size());
  for (std::uint32_t number = 0; number < scripts_.scripts.size(); ++number) {
    if (host::interrupted() || !is_played(scripts_.rule_of[number])) continue;
    const auto& script = scripts_.scripts[number];
    const auto time = began_ + script.start;
    patience_ = std::max(patience_, time + script.duration + longest_wait);
    for (const auto side : {TcpSide::client, TcpSide::server}) {
      const auto user = members_.find(side == TcpSide::client ? script.flow.source : script.flow.destination);
      if (auto error = make_stack(user); !error.empty()) return error;
      stacks_[user]->add(script, number, side, time);
      ++sides_;
    }
  }
  // Each in a turn of its own says when it wants the next.
  for (std::uint32_t user = 0; user < stacks_.size(); ++user) {
    if (stacks_[user] != nullptr) members_[user].machine->external_interrupt();
  }
  return {};
}

bool ClosedLoop::plays(const TracedSegment& segment) {
  const auto number = numbers_.find(segment).number;
  return number < scripts_.script_of.size() && scripts_.script_of[number] != TcpNumbers::none;
}

// --- Time -------------------------------------------------------------------------------------------------

bool ClosedLoop::step(arch::Time limit) {
  if (members_.system().run_turns()) return true;
  const auto turn = members_.system().next_deadline();
  const auto link = courier_.next();
  if (link && *link <= limit && (!turn || *link <= *turn)) {
    courier_.run_until(*link);
    post_.flush();
    return true;
  }
  if (!turn || *turn > limit) return false;
  // What the open loop has put together leaves before.
  post_.flush();
  moved_.advance_to(*turn);
  return true;
}

void ClosedLoop::is_over(std::uint32_t script, const ClosedPeer& peer) {
  ++over_;
  auto& sides = sides_of_[script];
  sides.over = clock_.now();
  ++(peer.has_ended() ? sides.ended : sides.failed);
  if (sides.ended < 2) return;
  const auto& played = scripts_.scripts[script];
  durations_.add(std::max(sides.over - began_ - played.start, arch::Time{0}));
  trace_durations_.add(played.duration);
}

// When the last packet that is under way now arrives.
arch::Time ClosedLoop::last_arrival() const {
  arch::Time last = clock_.now();
  for (const auto& stack : stacks_) {
    if (stack != nullptr) last = std::max(last, stack->last_arrival().value_or(last));
  }
  return last;
}

void ClosedLoop::finish() {
  // The last acknowledgments: each side has come to its end before them. What they bring about is little,
  // since nobody has anything to say any more.
  for (auto limit = last_arrival(); has_ended() && step(limit); limit = std::min(last_arrival(), patience_)) {
    while (step(limit)) {
    }
  }
  if (books_) books_->finish();
}

ClosedTally ClosedLoop::tally() const {
  ClosedTally tally;
  tally.rules = scripts_.rules;
  for (std::uint32_t number = 0; number < scripts_.scripts.size(); ++number) {
    if (!is_played(scripts_.rule_of[number])) continue;
    ++tally.connections;
    tally.bytes += scripts_.scripts[number].size();
    tally.gap_bytes += scripts_.scripts[number].gap_bytes;
    const auto& sides = sides_of_[number];
    tally.ended += sides.ended == 2 ? 1U : 0U;
    tally.refused += sides.failed != 0 ? 1U : 0U;
  }
  for (const auto& stack : stacks_) {
    if (stack == nullptr) continue;
    ++tally.stacks;
    stack->for_each([&tally](const ClosedPeer& peer) {
      tally.written += peer.written();
      tally.verified += peer.verified();
      tally.wrong += peer.wrong();
    });
    tally.segments += stack->counters().segments;
    tally.repeated += stack->counters().repeated;
    tally.queue_full += stack->wire().queue_full;
    tally.lost_on_link += stack->wire().lost_on_link;
    tally.duplicated += stack->wire().duplicated;
    tally.lan += stack->lan();
    // Each is for one user, who may not have taken it yet.
    tally.lan.rx_packets += stack->lan().tx_copies;
  }
  if (books_) {
    tally.packets = books_->all();
    tally.waiting = books_->waiting();
    tally.unexplained = books_->unexplained();
  }
  tally.durations = durations_;
  tally.trace_durations = trace_durations_;
  return tally;
}

}  // namespace vmlan::apps
