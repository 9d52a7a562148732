// The hot path of DataQueues: what runs once per packet, inline. Included by data_queues.h only.
#pragma once

#include <cstring>

#include "qdio/queues/data_queues.h"

namespace vmlan::qdio {

inline std::uint8_t* DataQueues::slsb_byte(const Ring& ring, unsigned buffer) const noexcept {
  const arch::Address address = ring.slsb + buffer;
  if (ring.slsb_key != arch::AccessKey::zero) [[unlikely]] {
    return reinterpret_cast<std::uint8_t*>(storage_.store(address, 1, ring.slsb_key));
  }
  return reinterpret_cast<std::uint8_t*>(storage_.established(address));
}

inline std::byte* DataQueues::sbal(const Ring& ring, unsigned buffer) const noexcept {
  const arch::Address address = (*ring.sbal)[buffer];
  if (ring.data_key != arch::AccessKey::zero) [[unlikely]] {
    return storage_.store(address, sizeof(Sbal), ring.data_key);
  }
  return storage_.established(address);
}

inline BufferState DataQueues::state(const Ring& ring, unsigned buffer) const noexcept {
  const std::uint8_t* byte = slsb_byte(ring, buffer);
  if (byte == nullptr) [[unlikely]]
    return BufferState::input_not_initialized;
  return static_cast<BufferState>(__atomic_load_n(byte, __ATOMIC_ACQUIRE));
}

inline void DataQueues::set_state(const Ring& ring, unsigned buffer, BufferState to) const noexcept {
  std::uint8_t* byte = slsb_byte(ring, buffer);
  if (byte == nullptr) [[unlikely]]
    return;
  __atomic_store_n(byte, static_cast<std::uint8_t>(to), __ATOMIC_RELEASE);
}

// Makes a frame of the collected segments: copies and judges the transport header, cuts the segments to the
// length it names. false: they contradict each other.
inline bool judge(Frame& frame) noexcept {
  constexpr auto header_size = static_cast<std::uint32_t>(wire::transport_header_size);
  Segment& first = frame.segment[0];
  if (first.length < header_size) [[unlikely]]
    return false;
  arch::copy_once(static_cast<void*>(&frame.layer3), first.data, header_size);
  first.data += header_size;
  first.length -= header_size;
  if (frame.id() == wire::TransportId::layer3) [[likely]] {
    frame.length = frame.layer3.length;
    frame.offloaded = (frame.layer3.extended_flags & wire::layer3_extended::checksums) != 0;
  } else if (frame.id() == wire::TransportId::layer2) {
    frame.length = frame.layer2.length;
    frame.offloaded = (frame.layer2.flags[1] & wire::layer2_checksum::transport) != 0;
  } else if (!judge_super_frame(frame)) {
    return false;
  }
  if (frame.length == 0) [[unlikely]]
    return false;
  std::uint32_t missing = frame.length;
  for (std::uint32_t index = 0; index < frame.segments; ++index) {
    Segment& segment = frame.segment[index];
    if (segment.length > missing) segment.length = missing;
    missing -= segment.length;
  }
  return missing == 0;
}

// Elements end at page boundaries, data often do not: what lies behind each other is copied in one piece.
inline void append(Frame& frame, const std::byte* data, std::uint32_t length) noexcept {
  if (frame.segments > 0) {
    Segment& last = frame.segment[frame.segments - 1];
    if (last.data + last.length == data) {
      last.length += length;
      return;
    }
  }
  frame.segment[frame.segments++] = {data, length};
}

template <class Receive>
DataQueues::OutputBuffer DataQueues::take_buffer(const Ring& ring, Frame& frame, Receive& receive) {
  OutputBuffer buffer;
  const std::byte* list = sbal(ring, ring.next);
  bool collecting = false;
  std::uint32_t left = largest_buffer;  // bytes that may yet come
  for (unsigned index = 0; index < elements_per_buffer; ++index) {
    const Element element = list == nullptr ? Element{} : Element::load(list + index * sizeof(SbalElement));
    if (index == 0) buffer.pci = (element.status_flags & pci_requested) != 0;
    const std::byte* data = list == nullptr || element.length > left
                                ? nullptr
                                : storage_.fetch(element.address, element.length, ring.data_key);
    if (data == nullptr) [[unlikely]] {
      buffer.code = sbalf15::invalid_element;
      ++buffer.malformed;
      return buffer;
    }
    const auto fragment = element.flags & element_flag::fragment_mask;
    const bool begins = fragment == 0 || fragment == element_flag::first_fragment;
    const bool ends = fragment == 0 || fragment == element_flag::last_fragment;
    if (begins == collecting)
        [[unlikely]] {  // a fragment without a beginning, or a beginning inside a packet
      buffer.code = sbalf15::invalid_frame;
      ++buffer.malformed;
      return buffer;
    }
    if (begins) frame.segments = 0;
    append(frame, data, element.length);
    collecting = !ends;
    if (ends) {
      const bool good = judge(frame);
      const std::uint8_t code = good ? receive(frame) : sbalf15::invalid_frame;
      if (!good) ++buffer.malformed;
      if (code != sbalf15::good) buffer.code = code;
    }
    if ((element.flags & element_flag::last_entry) != 0) break;
    left -= element.length;
  }
  if (collecting) {
    buffer.code = sbalf15::invalid_frame;
    ++buffer.malformed;
  }
  return buffer;
}

template <class Receive, class More>
Taken DataQueues::take(unsigned queue, Receive&& receive, More&& more) {
  Taken taken;
  if (!active_ || queue >= output_count_) return taken;
  Ring& ring = output_[queue];
  Frame frame;
  bool pci = false;
  while (taken.buffers < buffers_per_queue && state(ring, ring.next) == BufferState::output_primed &&
         more()) {
    const OutputBuffer buffer = take_buffer(ring, frame, receive);
    pci |= buffer.pci;
    taken.malformed += buffer.malformed;
    if (buffer.code != sbalf15::good) [[unlikely]]
      set_result(ring, ring.next, buffer.code);
    set_state(ring, ring.next,
              buffer.code == sbalf15::good ? BufferState::output_empty : BufferState::output_error);
    ring.next = (ring.next + 1) % buffers_per_queue;
    ++taken.buffers;
    if (!active_) break;  // the receiver of a packet may have stopped us
  }
  if (taken.buffers > 0) storage_.mark_changed(ring.slsb);
  if (pci) interrupt_.post(device_index_);
  return taken;
}

inline bool DataQueues::give_at_once(const ReceiveHeader& header, const Segment& payload) noexcept {
  constexpr auto header_size = static_cast<std::uint32_t>(wire::transport_header_size);
  std::uint8_t* state = slsb_byte(input_, input_.next);
  std::byte* list = sbal(input_, input_.next);
  if (state == nullptr || list == nullptr) [[unlikely]]
    return false;
  if (__atomic_load_n(state, __ATOMIC_ACQUIRE) != static_cast<std::uint8_t>(BufferState::input_empty))
    return false;
  Element element = Element::load(list);
  const std::uint32_t length = header_size + payload.length;
  if (length > element.length) return false;
  std::byte* data = storage_.store(element.address, length, input_.data_key);
  if (data == nullptr) [[unlikely]]
    return false;

  header.store(data);
  std::memmove(data + header_size, payload.data, payload.length);  // two NICs of one guest may overlap
  element.flags = element_flag::last_entry;
  element.status_flags = 0;
  element.length = length;
  element.store_head(list);
  __atomic_store_n(state, static_cast<std::uint8_t>(BufferState::input_primed), __ATOMIC_RELEASE);
  input_.next = (input_.next + 1) % buffers_per_queue;
  unpublished_ = true;
  return true;
}

inline GiveResult DataQueues::give(const ReceiveHeader& header, const Segment* payload, unsigned segments,
                                   std::uint32_t length) noexcept {
  if (at_once_ && segments == 1 && give_at_once(header, *payload)) [[likely]]
    return GiveResult::given;
  return give_slowly(header, payload, segments, length);
}

}  // namespace vmlan::qdio
