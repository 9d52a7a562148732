#include "cms/driver/input_ring.h"

#include <algorithm>

namespace vmlan::cms {

void InputRing::start(const RingMemory& memory, qdio::Transport transport) noexcept {
  memory_ = memory;
  shape_ = HeaderShape::of(transport);
  next_ = 0;
  unsignalled_ = 0;
  for (unsigned slot = 0; slot < qdio::buffers_per_queue; ++slot) {
    memory_.set_state(slot, qdio::BufferState::input_not_initialized);
  }
}

void InputRing::post_all() noexcept {
  for (unsigned slot = 0; slot < memory_.buffers; ++slot) {
    describe(slot);
    memory_.set_state(slot, qdio::BufferState::input_empty);
  }
}

void InputRing::describe(unsigned slot) noexcept {
  auto address = memory_.address(slot);
  auto left = memory_.capacity;
  for (unsigned index = 0; left > 0 && index < qdio::elements_per_buffer; ++index) {
    const auto length = std::min(left, room_in_page(address));
    left -= length;
    const auto flags = left == 0 ? qdio::element_flag::last_entry : std::uint8_t{0};
    memory_.set_element(slot, index, {flags, 0, 0, 0, length, address});
    address += length;
  }
}

PackedBuffer::PackedBuffer(const RingMemory& memory, HeaderShape shape, unsigned slot,
                           std::vector<std::byte>& scratch) noexcept
    : memory_(memory), shape_(shape), slot_(slot), scratch_(scratch) {
  load_element();
}

void PackedBuffer::load_element() noexcept {
  const auto element = memory_.element(slot_, element_);
  room_ = std::min(memory_.capacity - start_, room_in_page(memory_.address(slot_) + start_));
  length_ = std::min<std::uint32_t>(element.length, room_);
  last_ = (element.element_flags & qdio::element_flag::last_entry) != 0;
  offset_ = 0;
}

bool PackedBuffer::next_element() noexcept {
  if (last_ || element_ + 1 >= qdio::elements_per_buffer || start_ + room_ >= memory_.capacity) return false;
  start_ += room_;
  ++element_;
  load_element();
  return true;
}

// To the next place that can hold a transport header; one never crosses elements.
bool PackedBuffer::seek_header() noexcept {
  while (length_ - offset_ < wire::transport_header_size) {
    if (!next_element()) return false;
  }
  return true;
}

std::optional<ReceivedPacket> PackedBuffer::next() {
  if (malformed_ || !seek_header()) return std::nullopt;
  const std::byte* header = data();
  offset_ += static_cast<std::uint32_t>(wire::transport_header_size);
  std::span<const std::byte> payload;
  malformed_ = !shape_.fits(header) || !take_payload(shape_.length(header), payload);
  if (malformed_) return std::nullopt;
  return ReceivedPacket(header, payload);
}

// Elements follow one another in storage, so a payload that fills the first of them to its end is in one
// piece; only an adapter that leaves gaps makes a copy necessary.
bool PackedBuffer::take_payload(std::uint32_t length, std::span<const std::byte>& payload) {
  const std::byte* first = data();
  bool in_one_piece = true;
  scratch_.clear();
  for (std::uint32_t left = length;;) {
    const auto piece = std::min(left, length_ - offset_);
    if (!in_one_piece) scratch_.insert(scratch_.end(), data(), data() + piece);
    offset_ += piece;
    left -= piece;
    if (left == 0) break;
    if (in_one_piece && offset_ != room_) {
      in_one_piece = false;
      scratch_.assign(first, first + (length - left));
    }
    if (!next_element()) return false;
  }
  payload = in_one_piece ? std::span(first, length) : std::span<const std::byte>(scratch_);
  return true;
}

}  // namespace vmlan::cms
