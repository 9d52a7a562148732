// What DataQueues can tell and bring near of packets that have not come yet.
#include "qdio/queues/data_queues.h"

namespace vmlan::qdio {

const std::byte* DataQueues::peek(unsigned ahead, std::size_t size) const noexcept {
  const Ring& ring = output_[0];
  const bool is_guarded = ring.slsb_key != arch::AccessKey::zero || ring.data_key != arch::AccessKey::zero;
  if (!active_ || is_guarded) return nullptr;
  const unsigned buffer = (ring.next + ahead) % buffers_per_queue;
  if (state(ring, buffer) != BufferState::output_primed) return nullptr;
  const Element element = Element::load(sbal(ring, buffer));
  return storage_.contains(element.address, size) ? storage_.established(element.address) : nullptr;
}

void DataQueues::prefetch_state(unsigned ahead) const noexcept {
  if (!active_) return;
  const unsigned buffer = (input_.next + ahead) % buffers_per_queue;
  __builtin_prefetch(storage_.established(input_.slsb + buffer), 1);
  __builtin_prefetch(&(*input_.sbal)[buffer]);
  __builtin_prefetch(&interrupt_);
}

void DataQueues::prefetch_sbal(unsigned ahead) const noexcept {
  if (!active_) return;
  const unsigned buffer = (input_.next + ahead) % buffers_per_queue;
  __builtin_prefetch(storage_.established((*input_.sbal)[buffer]), 1);
}

void DataQueues::prefetch_output_state() const noexcept {
  if (!active_) return;
  __builtin_prefetch(storage_.established(output_[0].slsb + output_[0].next), 1);
  __builtin_prefetch(&(*output_[0].sbal)[output_[0].next]);
}

void DataQueues::prefetch_output_sbal() const noexcept {
  if (!active_) return;
  __builtin_prefetch(storage_.established((*output_[0].sbal)[output_[0].next]), 1);
}

void DataQueues::prefetch_buffer(unsigned ahead) const noexcept {
  if (!active_) return;
  const unsigned buffer = (input_.next + ahead) % buffers_per_queue;
  const Element element = Element::load(storage_.established((*input_.sbal)[buffer]));
  constexpr unsigned line = 64;
  if (!storage_.contains(element.address, 2 * line)) return;
  storage_.prefetch(element.address);
  storage_.prefetch(element.address + line);
}

}  // namespace vmlan::qdio
