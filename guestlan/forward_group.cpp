// Frames for groups: one by one, or, to a large group, those of a SIGA together (staged_frames.h).
#include "guestlan/group_delivery.h"
#include "guestlan/lan.h"
#include "guestlan/port.h"
#include "guestlan/staged_frames.h"
#include "guestlan/untag.h"

namespace vmlan::guestlan {

namespace {

std::uint64_t size_of(const PortList* ports) noexcept { return ports == nullptr ? 0 : ports->size(); }

}  // namespace

// Not while somebody watches, nor while others are given away: their receivers may send.
bool Lan::may_wait(const Route& route, const qdio::Frame& frame) const noexcept {
  if (staged_ == nullptr || size_of(route.members) < large_group || !StagedFrames::is_short(frame))
    return false;
  return path_ == Path::waiting || (path_ == policy_ && staged_->empty());
}

void Lan::flood(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                const qdio::Frame& frame) noexcept {
  if (!may_wait(route, frame)) {
    settle();
    return give_to_all(from, route, header, frame);
  }
  if (path_ == Path::waiting && (staged_->full() || !staged_->fits(from, route))) settle();
  staged_->add(from, route, header, frame);
  path_ = Path::waiting;
}

// What is for one station stays behind what waits.
std::uint8_t Lan::forward_waiting(Port& from, const qdio::Frame& frame) noexcept {
  const bool may_join = !is_tagged_inside(frame) && route(from, frame).kind == Route::Kind::group;
  if (!may_join) settle();
  return forward_by(policy_, from, frame);
}

void Lan::give_to_all(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                      const qdio::Frame& frame) noexcept {
  GroupGift gift;
  gift.add(frame);
  deliver_to_group(from, route, gift, [&](Port& port) noexcept -> std::optional<Drop> {
    if (route.vlan != 0 && !port.takes_vlan(route.vlan)) return Drop::vlan_not_registered;
    copy_to(from, port, header, frame, WhenFull::drop);
    return std::nullopt;
  });
}

// Together if what all of them cost is within the bound, so that it can't end between two of them; else one
// by one.
void Lan::settle() noexcept {
  if (path_ != Path::waiting) return;
  path_ = policy_;
  const Route route = staged_->route();
  Port& from = *staged_->from();
  const auto frames = staged_->frames();
  GroupGift gift;
  for (const auto& staged : frames) gift.add(staged.frame);
  const auto ports = size_of(route.members) + size_of(route.others) + size_of(route.beyond);
  if (group_work_ + ports * (gift.frames + gift.work) > most_group_work) {
    for (const auto& staged : frames) give_to_all(from, route, staged.header(), staged.frame);
  } else {
    deliver_to_group(from, route, gift, [&](Port& port) noexcept -> std::optional<Drop> {
      if (route.vlan != 0 && !port.takes_vlan(route.vlan)) return Drop::vlan_not_registered;
      for (const auto& staged : frames) copy_to(from, port, staged.header(), staged.frame, WhenFull::drop);
      return std::nullopt;
    });
  }
  staged_->clear();
}

}  // namespace vmlan::guestlan
