// Frames for groups: one by one, or, to a large group, those of a SIGA together (staged_frames.h).
#include "guestlan/group_delivery.h"
#include "guestlan/lan.h"
#include "guestlan/port.h"
#include "guestlan/staged_frames.h"

namespace vmlan::guestlan {

namespace {

// What the next receivers of several frames need, each step found by the one before.
void foresee_receivers_of_several(const PortList& ports, std::size_t at, unsigned frames) noexcept {
  constexpr std::size_t port_ahead = 5;
  constexpr std::size_t queues_ahead = 4;
  constexpr std::size_t state_ahead = 3;
  constexpr std::size_t sbal_ahead = 2;
  constexpr std::size_t buffer_ahead = 1;
  const auto queues_of = [&](std::size_t index) {
    return index < ports.size() ? ports[index]->queues() : nullptr;
  };
  if (at + port_ahead < ports.size()) ports[at + port_ahead]->prefetch();
  if (const auto* queues = queues_of(at + queues_ahead)) queues->prefetch();
  if (const auto* queues = queues_of(at + state_ahead)) queues->prefetch_state(0);
  if (const auto* queues = queues_of(at + sbal_ahead)) {
    for (unsigned frame = 0; frame < frames; ++frame) queues->prefetch_sbal(frame);
  }
  if (const auto* queues = queues_of(at + buffer_ahead)) {
    for (unsigned frame = 0; frame < frames; ++frame) queues->prefetch_buffer(frame);
  }
}

std::uint64_t size_of(const PortList* ports) noexcept { return ports == nullptr ? 0 : ports->size(); }

}  // namespace

void Lan::flood(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                const qdio::Frame& frame) noexcept {
  if (staged_ != nullptr) {
    // While they are given away a receiver may send: nothing is added to them then.
    const bool are_given = !staged_frames_ && !staged_->empty();
    const bool may_wait = !are_given && path_ != Path::watched && size_of(route.members) >= large_group &&
                          StagedFrames::is_short(frame);
    if (staged_frames_ && (!may_wait || staged_->full() || !staged_->fits(from, route))) give_staged();
    if (may_wait) {
      staged_->add(from, route, header, frame);
      staged_frames_ = true;
      return;
    }
  }
  give_to_all(from, route, header, frame);
}

void Lan::give_to_all(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                      const qdio::Frame& frame) noexcept {
  deliver_to_group(from, route, frame, [&](Port& port) noexcept -> std::optional<Drop> {
    if (route.vlan != 0 && !port.takes_vlan(route.vlan)) return Drop::vlan_not_registered;
    copy_to(from, port, header, frame, WhenFull::drop);
    return std::nullopt;
  });
}

// What all of them may cost is within the bound: nobody needs to be asked for each frame. Else one by one.
void Lan::give_staged() noexcept {
  staged_frames_ = false;
  const Route route = staged_->route();
  Port& from = *staged_->from();
  const auto frames = staged_->frames();
  const auto ports = size_of(route.members) + size_of(route.others) + size_of(route.beyond);
  constexpr std::uint64_t most_of_copy = 2 + StagedFrames::longest / 1024;
  if (frames.size() > 1 && group_work_ + frames.size() * ports * most_of_copy <= most_group_work) {
    give_together(from, route, frames);
  } else {
    for (const auto& staged : frames) give_to_all(from, route, staged.header(), staged.frame);
  }
  staged_->clear();
}

void Lan::give_together(Port& from, const Route& route,
                        std::span<const StagedFrames::Staged> frames) noexcept {
  const std::uint64_t number = ++group_frames_;
  const auto count = static_cast<unsigned>(frames.size());
  std::uint64_t receivers = 0;
  Drop reason = route.reason;
  for (const PortList* ports : {route.members, route.others, route.beyond}) {
    for (std::size_t index = 0; index < size_of(ports); ++index) {
      foresee_receivers_of_several(*ports, index, count);
      group_work_ += count;
      Port* port = (*ports)[index];
      if (port == &from || port->given_ == number) continue;
      port->given_ = number;
      if (route.vlan != 0 && !port->takes_vlan(route.vlan)) {
        reason = Drop::vlan_not_registered;
        continue;
      }
      ++receivers;
      for (const auto& staged : frames) {
        group_work_ += 1 + staged.frame.length / 1024;
        copy_to(from, *port, staged.header(), staged.frame, WhenFull::drop);
      }
    }
  }
  if (receivers == 0) from.counters_.drop(reason, count);
}

}  // namespace vmlan::guestlan
