#include "guestlan/trace_lan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "guestlan/data_port.h"
#include "guestlan/nic.h"
#include "guestlan/trace_header.h"
#include "guestlan/trace_rights.h"
#include "guestlan/uplink.h"

namespace vmlan::guestlan {

namespace {

// One per NIC; an uplink has none, and its frames come from outside.
const Nic* nic_of(const Port& port) noexcept {
  const auto* data_port = dynamic_cast<const DataPort*>(&port);
  return data_port == nullptr ? nullptr : &data_port->nic();
}

std::string interface_name(const Port& port) {
  const Nic* nic = nic_of(port);
  if (nic != nullptr) return trace_name_of(*nic);
  const auto* uplink = dynamic_cast<const Uplink*>(&port);
  const auto group = uplink == nullptr ? std::string() : uplink->group_name();
  if (!group.empty()) return fmt::format("UPLINK.GROUP.{}", group);
  return fmt::format("UPLINK.{:04X}", port.device_number().value);
}

// A comment of bounded length, in place.
class Comment {
 public:
  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    const auto result = fmt::format_to_n(text_.data() + length_, text_.size() - length_, format,
                                         std::forward<Values>(values)...);
    length_ = std::min(length_ + result.size, text_.size());
  }
  std::string_view text() const noexcept { return {text_.data(), length_}; }

 private:
  std::array<char, 200> text_{};
  std::size_t length_ = 0;
};

}  // namespace

LanTrace::LanTrace(const arch::Clock& clock, TraceChoice choice, TraceSink& sink,
                   std::function<void(End)> ended)
    : clock_(clock), choice_(std::move(choice)), sink_(sink), tell_(std::move(ended)) {}

LanTrace::~LanTrace() { stop(); }

void LanTrace::start(Lan& lan) {
  assert(lan_ == nullptr && "a trace watches one LAN");
  lan_ = &lan;
  end_ = End::none;
  frames_to_lose_ = 0;
  for (const Port* port : lan.ports()) joined(*port);
  lan.watch(*this);
}

void LanTrace::stop() noexcept {
  if (lan_ == nullptr) return;
  lan_->unwatch(*this);
  lan_ = nullptr;
  chosen_.clear();
  last_port_ = nullptr;
  by_port_.clear();
  sink_.settle(clock_.date());
}

void LanTrace::ended(const Lan&) noexcept {
  stop();
  end(End::lan_gone);
}

void LanTrace::end(End why) noexcept {
  if (std::exchange(end_, why) == End::none) tell_(why);
}

bool LanTrace::is_chosen(const Port& port) const noexcept {
  const Nic* nic = nic_of(port);
  if (choice_.frames == TraceChoice::Frames::trunk) return nic == nullptr;
  return choice_.frames == TraceChoice::Frames::of_nic && nic != nullptr && is_chosen(*nic);
}

bool LanTrace::is_chosen(const Nic& nic) const noexcept {
  return (choice_.userid.empty() || nic.settings().owner == choice_.userid) &&
         (!choice_.nic || nic.settings().base_device == *choice_.nic);
}

bool LanTrace::may_record() noexcept {
  if (end_ != End::none) return false;
  // A grant that was revoked has no effect any more, not even on the next frame.
  if (!choice_.by_grant_of.empty() && !may_trace(*lan_, choice_.by_grant_of)) end(End::grant_revoked);
  return end_ == End::none;
}

bool LanTrace::may_record(const Port& from, const qdio::Frame& frame) noexcept {
  return may_record() && (choice_.by_grant_of.empty() || may_see(*lan_, choice_.by_grant_of, from, frame));
}

void LanTrace::joined(const Port& port) noexcept {
  if (is_chosen(port)) chosen_.push_back({&port, 0, 0});
}

void LanTrace::left(const Port& port) noexcept {
  last_port_ = nullptr;
  by_port_.erase(&port);
  std::erase_if(chosen_, [&](const Chosen& each) { return each.port == &port; });
}

bool LanTrace::takes_vlan_of(const qdio::Frame& frame) const noexcept {
  if (choice_.vlans.empty()) return true;
  return std::ranges::find(choice_.vlans, traced_vlan_of(frame)) != choice_.vlans.end();
}

// A frame for which there is no room, and which would be recorded whatever becomes of it.
bool LanTrace::loses(const Port& from, const qdio::Frame& frame) noexcept {
  if (frames_to_lose_ == 0) {
    if (choice_.frames != TraceChoice::Frames::all || sink_.has_room()) return false;
    frames_to_lose_ = frames_without_room;
  }
  if (!takes_vlan_of(frame) || !may_record(from, frame)) return true;
  --frames_to_lose_;
  sink_.lose(interface_of(from), 1);
  return true;
}

// Whether a frame is one of its own can't be seen by the sender alone if VLANs or rights are asked for.
unsigned LanTrace::passes_over() const noexcept {
  const bool takes_all = choice_.vlans.empty() && choice_.by_grant_of.empty() && end_ == End::none;
  return takes_all ? frames_to_lose_ : 0;
}

void LanTrace::passed_over(const Port& from, unsigned frames) noexcept {
  frames_to_lose_ -= std::min(frames, frames_to_lose_);
  sink_.lose(interface_of(from), frames);
}

void LanTrace::catch_up() noexcept {
  if (lan_ != nullptr) lan_->tell_passed_over();
}

bool LanTrace::before(const Port& from, const qdio::Frame& frame) noexcept {
  lost_ = loses(from, frame);
  if (lost_) return false;
  copies_ = from.counters().tx_copies;
  dropped_ = from.counters().dropped;
  for (Chosen& each : chosen_) {
    each.received = each.port->counters().rx_packets;
    each.discarded = each.port->counters().rx_discarded;
  }
  return true;
}

void LanTrace::after(const Port& from, const qdio::Frame& frame) noexcept {
  if (lost_ || !takes_vlan_of(frame) || !may_record(from, frame)) return;
  const Outcome outcome = outcome_of(from);
  switch (choice_.frames) {
    case TraceChoice::Frames::all:
      return record(from, false, from, frame, outcome);
    case TraceChoice::Frames::dropped:
      if (outcome.any_dropped && (choice_.userid.empty() || from.owner() == choice_.userid))
        record(from, false, from, frame, outcome);
      return;
    case TraceChoice::Frames::of_nic:
    case TraceChoice::Frames::trunk:
      break;
  }
  for (const Chosen& each : chosen_) {
    const Counters& now = each.port->counters();
    if (each.port == &from) {
      record(from, false, from, frame, outcome);
    } else if (now.rx_packets != each.received || now.rx_discarded != each.discarded) {
      Outcome here = outcome;
      here.any_copies = now.rx_packets != each.received;
      here.any_dropped = now.rx_discarded != each.discarded;
      record(*each.port, true, from, frame, here);
    }
  }
}

LanTrace::Outcome LanTrace::outcome_of(const Port& from) const noexcept {
  Outcome outcome;
  const Counters& now = from.counters();
  outcome.any_copies = now.tx_copies != copies_;
  for (std::size_t reason = 0; reason < drop_reasons; ++reason) {
    outcome.dropped[reason] = now.dropped[reason] - dropped_[reason];
    outcome.any_dropped = outcome.any_dropped || outcome.dropped[reason] != 0;
  }
  return outcome;
}

std::uint32_t LanTrace::interface_of(const Port& port) {
  if (last_port_ != &port) {
    last_interface_ = find_interface(port);
    last_port_ = &port;
  }
  return last_interface_;
}

// A NIC that comes back has the interface it had before.
std::uint32_t LanTrace::find_interface(const Port& port) {
  const auto known = by_port_.find(&port);
  if (known != by_port_.end()) return known->second;
  const std::uint32_t number = interface_named(interface_name(port), TraceSink::Link::ethernet);
  by_port_.emplace(&port, number);
  return number;
}

void LanTrace::record(const Port& interface, bool inbound, const Port& from, const qdio::Frame& frame,
                      const Outcome& outcome) noexcept {
  if (!sink_.has_room()) return sink_.lose(interface_of(interface), 1);
  const auto header = trace_header_of(*lan_, from, frame);
  std::array<std::span<const std::byte>, TraceSink::most_pieces> pieces;
  static_assert(TraceSink::most_pieces > qdio::most_segments);
  std::size_t count = 0;
  std::size_t room = choice_.length == 0 ? std::size_t{header.length} + frame.length : choice_.length;
  const auto keep = [&](const std::byte* bytes, std::size_t length) {
    const std::size_t kept = std::min(length, room);
    if (kept == 0) return;
    pieces[count++] = {bytes, kept};
    room -= kept;
  };
  keep(header.data.data(), header.length);
  for (std::uint32_t index = 0; index < frame.segments; ++index)
    keep(frame.segment[index].data, frame.segment[index].length);

  Comment comment;
  if (frame.is_super_frame()) comment.add("super-frame of {} packets", frame.packets());
  if (outcome.any_dropped) {
    if (!comment.text().empty()) comment.add("; ");
    comment.add("{}", outcome.any_copies ? "dropped in part" : "dropped");
    for (std::size_t reason = 0; reason < drop_reasons; ++reason) {
      if (outcome.dropped[reason] != 0) comment.add(": {}", to_string(static_cast<Drop>(reason)));
    }
  }
  TraceSink::Record record;
  record.interface = interface_of(interface);
  record.date = clock_.date();
  // Out of a NIC is into the LAN; what an uplink sends has come in through it.
  record.inbound = inbound != (nic_of(interface) == nullptr);
  record.length = static_cast<std::uint32_t>(header.length + frame.length);
  record.comment = comment.text();
  record.pieces = std::span(pieces).first(count);
  if (!sink_.add(record)) return end(End::sink_full);
  ++recorded_;
}

}  // namespace vmlan::guestlan
