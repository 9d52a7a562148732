#include "cms/driver/output_ring.h"

#include <algorithm>
#include <cstddef>

namespace vmlan::cms {

void OutputRing::start(const RingMemory& memory) noexcept {
  memory_ = memory;
  next_ = 0;
  outstanding_ = 0;
  request_at_ = memory.buffers > 1 ? memory.buffers * 3 / 4 : ~0U;
  unsignalled_ = 0;
  for (unsigned slot = 0; slot < qdio::buffers_per_queue; ++slot) {
    memory_.set_state(slot, qdio::BufferState::output_not_initialized);
  }
}

unsigned OutputRing::complete() noexcept {
  unsigned completed = 0;
  for (; outstanding_ > 0; --outstanding_, ++completed) {
    const unsigned slot = (next_ - outstanding_) & ring_mask;
    const auto state = memory_.state(slot);
    if (state == qdio::BufferState::output_error) {
      note_error(slot);
    } else if (state != qdio::BufferState::output_empty) {
      break;
    }
  }
  return completed;
}

void OutputRing::note_error(unsigned slot) noexcept {
  constexpr unsigned result_element = qdio::elements_per_buffer - 1;
  auto element = memory_.element(slot, result_element);
  ++counters_.errors;
  counters_.last_error = element.status_flags;
  element.status_flags = qdio::sbalf15::good;
  memory_.set_element(slot, result_element, element);
}

// A packet over several pages: first, middle and last fragments.
void OutputRing::describe_pages(arch::Address address, std::uint32_t total) noexcept {
  std::uint8_t flags = qdio::element_flag::first_fragment;
  std::uint8_t status = interrupt_request();
  for (unsigned index = 0; total > 0; ++index) {
    const auto length = std::min(total, room_in_page(address));
    if (length == total) flags = qdio::element_flag::last_fragment | qdio::element_flag::last_entry;
    memory_.set_element(next_, index, {flags, 0, 0, status, length, address});
    flags = qdio::element_flag::middle_fragment;
    status = 0;
    address += length;
    total -= length;
  }
}

}  // namespace vmlan::cms
