#include "apps/replay/replay_run.h"

#include <algorithm>
#include <utility>

#include "apps/replay/addressing.h"
#include "apps/replay/run_settings.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

using Next = TraceInputs::Next;

constexpr unsigned records_between_questions = 64;  // whether the budget is used up
constexpr std::uint32_t longest_packet = 65'504;  // what the largest buffer holds behind its transport header

}  // namespace

ReplayRun::ReplayRun(const ReplayOptions& options, TraceInputs inputs, Mapping mapping,
                     const arch::Clock& clock, arch::VirtualClock* moved, std::optional<TcpScripts> scripts)
    : options_(options),
      clock_(clock),
      inputs_(std::move(inputs)),
      members_(member_settings(options), std::move(mapping), clock, post_),
      post_(members_, clock, moved, post_settings(options), tally_),
      courier_(members_, post_, courier_settings(options), tally_),
      departures_(options.pace),
      judge_(options.judge),
      choice_(options),
      source_(options.sort_window) {
  if (scripts && moved != nullptr) {
    closed_ = std::make_unique<ClosedLoop>(std::move(*scripts), closed_settings(options), members_, post_,
                                           courier_, clock, *moved);
  }
  if (!wants_books(options)) return;
  books_.emplace(options.interval);
  post_.keep(*books_);
  courier_.keep(*books_);
  if (closed_ != nullptr) closed_->keep(*books_);
}

ReplayRun::~ReplayRun() = default;

// --- The loop's side --------------------------------------------------------------------------------------

host::Work::After ReplayRun::work(const host::Budget& budget) {
  do {
    for (unsigned count = 0; count < records_between_questions; ++count) {
      if (!step()) {
        if (is_real()) post_.flush();
        return stage_ == Stage::ended ? After::stop : After::rest;
      }
    }
    if (is_real()) post_.flush();
  } while (!budget.is_over());
  return After::more;
}

std::optional<arch::Time> ReplayRun::deadline() const {
  auto time = is_real() ? courier_.next() : std::nullopt;
  if (stage_ == Stage::waits_for_time && (!time || due_ < *time)) time = due_;
  return time;
}

void ReplayRun::add_to(std::vector<pollfd>& polled) {
  const bool waits = stage_ == Stage::waits_for_input;
  if (waits) polled.push_back({inputs_.descriptor(), POLLIN, 0});
}

void ReplayRun::happened(std::span<const pollfd> polled) {
  if (!polled.empty() && stage_ == Stage::waits_for_input) stage_ = Stage::reads;
}

std::string ReplayRun::begin() {
  began_ = clock_.now();
  return closed_ == nullptr ? std::string() : closed_->begin(began_);
}

void ReplayRun::finish() {
  if (stage_ == Stage::plays) send_ready();
  if (closed_ != nullptr) closed_->finish();
  courier_.finish();
  tally_.waiting = post_.waiting();
  stage_ = Stage::ended;
}

// --- One step ---------------------------------------------------------------------------------------------

bool ReplayRun::step() {
  if (!failure().empty()) stage_ = Stage::ended;
  if (is_real()) courier_.run_until(clock_.now());
  switch (stage_) {
    case Stage::reads:
      read_one();
      return stage_ != Stage::waits_for_input && stage_ != Stage::waits_for_time;
    case Stage::waits_for_time:
      if (clock_.now() < due_) return false;
      stage_ = Stage::reads;
      send_ready();
      return true;
    case Stage::plays:
      if (closed_->step(due_)) return true;
      stage_ = Stage::reads;
      send_ready();
      return true;
    case Stage::drains:
      if (closed_ != nullptr && !closed_->has_ended() && closed_->step(closed_->patience())) return true;
      // Under a real clock what is under way takes its time.
      if (is_real() && courier_.next()) return false;
      finish();
      return false;
    case Stage::waits_for_input:
    case Stage::ended:
      return false;
  }
  return false;
}

void ReplayRun::read_one() {
  if (choice_.is_over()) return begin_again();
  switch (source_.next(inputs_, record_)) {
    case Next::record:
      ++tally_.records;
      return take(record_);
    case Next::damaged:
      ++tally_.records;
      return tally_.end(NotSent::unreadable_record);
    case Next::not_yet:
    case Next::interrupted:
      stage_ = Stage::waits_for_input;
      return;
    case Next::end:
      return begin_again();
  }
}

// The next round, or the end.
void ReplayRun::begin_again() {
  stage_ = Stage::drains;
  if (round_ >= options_.loop) return;
  auto opened = TraceInputs::open(options_.traces, {});
  if (const auto* error = std::get_if<TraceInputs::Error>(&opened)) {
    unread_ = format(Message::cannot_read_trace, {error->path, error->message});
    return;
  }
  ++round_;
  inputs_ = std::get<TraceInputs>(std::move(opened));
  source_.forget();
  departures_.begin_again();
  choice_.begin_again();
  stage_ = Stage::reads;
}

void ReplayRun::take(const host::CaptureRecord& record) {
  ++tally_.time_flaws[static_cast<std::size_t>(record.time_flaw)];
  if (const auto reason = choice_.refuse(record)) return tally_.end(*reason);
  const auto& judged = judge_.begin(record);
  if (!judged.is_packet) return tally_.end(judged.reason);
  if (judge_.was_padded()) ++tally_.padded;
  due_ = began_ + departures_.next(record.time, static_cast<std::uint32_t>(judged.packet.size()));
  if (is_real() && clock_.now() < due_) {
    stage_ = Stage::waits_for_time;
    return;
  }
  if (closed_ != nullptr) {
    stage_ = Stage::plays;
    return;
  }
  send_ready();
}

void ReplayRun::send_ready() {
  for (bool first = true; first || judge_.next(); first = false) {
    if (!first) ++tally_.segments;
    auto judged = judge_.judged();
    if (options_.rewrite && !readdressing_.rewrite(judged, round_)) {
      tally_.end(NotSent::no_user);
      continue;
    }
    if (closed_ != nullptr && is_played(judged)) {
      tally_.end(NotSent::played);
      continue;
    }
    Letter letter;
    if (!address(judged, letter)) continue;
    ++tally_.left;
    tally_.left_bytes += letter.bytes.size();
    if (began_ + departures_.own_time() < due_) ++tally_.gone_back;
    courier_.send(letter);
  }
}

bool ReplayRun::is_played(const JudgedRecord& judged) {
  const auto parties = parties_of(judged, options_);
  if (!parties.to_one) return false;
  const auto segment = traced_segment_of(judged, parties.source, parties.destination);
  return segment && closed_->plays(*segment);
}

// --- Who to whom ------------------------------------------------------------------------------------------

bool ReplayRun::address(const JudgedRecord& judged, Letter& letter) {
  const auto refuse = [this](NotSent reason) {
    tally_.end(reason);
    return false;
  };
  if (judged.packet.size() > longest_packet) return refuse(NotSent::longer_than_a_buffer);
  const auto parties = parties_of(judged, options_);
  const auto sender = members_.log_on(parties.source, judged.vlan);
  if (sender.user == Members::nobody) {
    return refuse(sender.refusal == Members::Refusal::ignored ? NotSent::ignored : NotSent::no_user);
  }
  letter.to = parties.destination;
  // A destination is a user as soon as somebody sends to it: whether it will send itself, nobody knows yet.
  if (parties.to_one && !options_.senders_only &&
      members_.log_on(letter.to, judged.vlan).refusal == Members::Refusal::ignored) {
    return refuse(NotSent::ignored);
  }
  letter.to_everybody = options_.judge.frames && judged.destination_mac->is_broadcast();
  letter.bytes = judged.packet;
  letter.sender = sender.user;
  letter.version = judged.version;
  letter.own_time = began_ + departures_.own_time();
  letter.left = due_;
  letter.entry = {sender.user, members_[sender.user].lan, judged.vlan, Books::no_flow};
  if (judged.is_ip) note_groups(judged, sender.user);
  if (books_) {
    letter.entry.flow =
        books_->flow(judged.is_ip ? flow_of(judged.version, judged.ip, {judged.source, judged.vlan},
                                            {judged.destination, judged.vlan})
                                  : FlowKey{parties.source, letter.to});
    books_->sent(letter.entry, judged.packet.size(), due_);
  }
  return true;
}

// IGMP's protocol number, or the hop-by-hop header in front of MLD: the first look has to be cheap.
void ReplayRun::note_groups(const JudgedRecord& judged, std::uint32_t user) {
  constexpr std::byte igmp{2};
  constexpr std::byte hop_by_hop{0};
  const bool v4 = judged.version == wire::IpVersion::v4;
  if (judged.ip[v4 ? 9 : 6] != (v4 ? igmp : hop_by_hop)) return;
  const auto found = memberships_in(judged.version, judged.ip);
  for (std::size_t i = 0; i < found.count; ++i) {
    const auto& change = found.changes[i];
    if (change.joins) {
      members_.join(user, change.group);
    } else {
      members_.leave(user, change.group);
    }
  }
}

}  // namespace vmlan::apps
