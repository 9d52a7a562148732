#include "guestlan/vlan_counters.h"

#include "guestlan/switch_policy.h"

namespace vmlan::guestlan {

// The policy judges once more: its sender's storage may say something else by then, and a count is only that.
bool VlanCounters::before(const Port& from, const qdio::Frame& frame) noexcept {
  vlan_ = admission_of(lan_, from, frame).vlan;
  copies_before_ = from.counters().tx_copies;
  return true;
}

void VlanCounters::after(const Port& from, const qdio::Frame& frame) noexcept {
  if (vlan_ == no_vlan) return;
  const std::uint64_t copies = from.counters().tx_copies - copies_before_;
  const std::uint64_t each = frame.bytes() / frame.packets();
  Count& count = counts_[vlan_];
  count.rx_packets += frame.packets();
  count.rx_bytes += frame.bytes();
  count.tx_packets += copies;
  count.tx_bytes += copies * each;
}

}  // namespace vmlan::guestlan
