#include "apps/replay/tcp_conversation.h"

#include <algorithm>
#include <utility>

namespace vmlan::apps {

std::string_view to_string(TcpRule rule) noexcept {
  switch (rule) {
    case TcpRule::whole:
      return "whole";
    case TcpRule::with_gaps:
      return "gaps filled with zeros";
    case TcpRule::cut:
      return "cut, streams too long";
    case TcpRule::in_the_middle:
      return "joined in the middle";
    case TcpRule::one_direction:
      return "one direction only";
    case TcpRule::no_answer:
      return "never established";
    case TcpRule::too_large_a_gap:
      return "too large a gap";
    case TcpRule::no_memory:
      return "beyond the memory for streams";
    case TcpRule::ports_shared:
      return "ports shared with such a connection";
    case TcpRule::no_stack:
      return "no user of its own on one LAN for each address";
  }
  return "unknown";
}

std::uint64_t TcpConversation::kept() const noexcept {
  constexpr std::uint64_t besides = 512;
  std::uint64_t sum = besides + script_.actions.capacity() * sizeof(TcpAction);
  for (const auto& stream : streams_) sum += stream == nullptr ? 0 : stream->length();
  return sum;
}

void TcpConversation::give_up() noexcept {
  given_up_ = true;
  streams_ = {};
  script_.actions = {};
}

void TcpConversation::take(bool from_first, const TracedSegment& segment, std::uint16_t vlan,
                           arch::Time time) {
  auto& packets = packets_[from_first ? 0 : 1];
  if (!segment.has(TracedSegment::rst)) packets = std::min(packets + 1, 1'000'000U);
  seen_bytes_ += segment.payload.size();
  if (given_up_ || reset_) return;
  if (segment.is_syn()) {
    if (script_.vlan == 0) script_.vlan = vlan;
    return take_handshake(from_first, segment, time);
  }
  if (streams_[0] == nullptr) return;
  take_data(from_first == client_is_first_ ? TcpSide::client : TcpSide::server, segment, time);
}

// The answer to a SYN has both first sequence numbers in it, whether or not the SYN was seen.
void TcpConversation::take_handshake(bool from_first, const TracedSegment& segment, arch::Time time) {
  if (streams_[0] != nullptr) return;
  if (!segment.has(TracedSegment::ack)) {
    if (saw_syn_) return;
    saw_syn_ = true;
    client_is_first_ = from_first;
    syn_time_ = time;
    return;
  }
  client_is_first_ = !from_first;
  if (!saw_syn_) syn_time_ = time;
  answer_time_ = last_time_ = time;
  script_.flow = segment.flow;
  std::swap(script_.flow.source, script_.flow.destination);
  std::swap(script_.flow.source_port, script_.flow.destination_port);
  script_.start = syn_time_;
  streams_[index_of(TcpSide::client)] = std::make_unique<TcpStream>(segment.acknowledgment, limits_);
  streams_[index_of(TcpSide::server)] = std::make_unique<TcpStream>(segment.sequence + 1, limits_);
}

void TcpConversation::take_data(TcpSide side, const TracedSegment& segment, arch::Time time) {
  if (!established_ && side == TcpSide::client) {
    established_ = true;
    round_trip_ = time - syn_time_;
    if (script_.actions.empty()) last_time_ = time;
  }
  if (segment.has(TracedSegment::ack)) {
    stream(other_than(side)).acknowledge(segment.acknowledgment);
    note_progress(other_than(side), time);
  }
  stream(side).add(segment.sequence, segment.payload, segment.has(TracedSegment::fin));
  note_progress(side, time);
  if (!segment.has(TracedSegment::rst)) return;
  reset_ = true;
  if (!finished_[index_of(side)]) add(side, TcpAction::Kind::reset, time);
}

arch::Time TcpConversation::longest_pause() const noexcept {
  return std::clamp<arch::Time>(2 * round_trip_, std::chrono::milliseconds(1),
                                std::chrono::milliseconds(500));
}

void TcpConversation::note_progress(TcpSide side, arch::Time time) {
  const auto length = stream(side).length();
  auto& told = told_[index_of(side)];
  auto& actions = script_.actions;
  if (length > told) {
    told = length;
    const bool goes_on = !actions.empty() && actions.back().side == side &&
                         actions.back().kind == TcpAction::Kind::write &&
                         time - last_time_ <= longest_pause();
    if (goes_on) {
      actions.back().up_to = length;
      last_time_ = std::max(last_time_, time);
    } else {
      add(side, TcpAction::Kind::write, time);
    }
  }
  auto& finished = finished_[index_of(side)];
  if (!finished && stream(side).is_finished()) {
    finished = true;
    add(side, TcpAction::Kind::finish, time);
  }
}

void TcpConversation::add(TcpSide side, TcpAction::Kind kind, arch::Time time) {
  const auto other = index_of(other_than(side));
  TcpAction action;
  action.side = side;
  action.kind = kind;
  action.needs_finish = finished_[other];
  action.up_to = told_[index_of(side)];
  action.needs = told_[other];
  // Times of a trace may go back.
  action.think_time = std::max(time - last_time_, arch::Time{0});
  last_time_ = std::max(last_time_, time);
  script_.actions.push_back(action);
}

TcpRule TcpConversation::end() {
  if (given_up_) return TcpRule::no_memory;
  const bool both = packets_[0] != 0 && packets_[1] != 0;
  if (streams_[0] == nullptr) {
    if (saw_syn_ && !(both && seen_bytes_ > 0)) return TcpRule::no_answer;
    return both ? TcpRule::in_the_middle : TcpRule::one_direction;
  }
  if (!both) return TcpRule::one_direction;
  for (const auto side : {TcpSide::client, TcpSide::server}) {
    stream(side).end();
    note_progress(side, last_time_);
  }
  if (streams_[0]->is_broken() || streams_[1]->is_broken()) return TcpRule::too_large_a_gap;
  script_.duration = std::max(last_time_ - script_.start, arch::Time{0});
  for (const auto& stream : streams_) script_.gap_bytes += stream->gap_bytes();
  if (streams_[0]->is_cut() || streams_[1]->is_cut()) return TcpRule::cut;
  return script_.gap_bytes != 0 ? TcpRule::with_gaps : TcpRule::whole;
}

TcpScript TcpConversation::take_script() {
  for (std::size_t side = 0; side < 2; ++side) script_.bytes[side] = streams_[side]->take_bytes();
  return std::move(script_);
}

}  // namespace vmlan::apps
