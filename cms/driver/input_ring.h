// The driver's end of one QDIO input queue: empty buffers are handed to the adapter, primed ones are read.
//
// A buffer may hold several packets back to back; each begins with its 32-byte transport header, which never
// crosses an element, while a payload may (observed, Linux 6.1 qeth). The usual case, one packet in one
// element, is inline.
//
// Owns: nothing but a scratch area for packets an adapter has scattered. Threads: the program's own turn.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "cms/driver/output_ring.h"
#include "qdio/queues/adapter_kind.h"

namespace vmlan::cms {

// Valid during the call it is passed to only. `payload` is an IP packet, or an Ethernet frame if the header
// is one of layer 2 or says passthru.
class ReceivedPacket {
 public:
  ReceivedPacket(const std::byte* header, std::span<const std::byte> data) noexcept
      : payload(data), header_(header) {}

  std::span<const std::byte> payload;

  // The header as that of the session's layer. All its members are bytes, so it can be looked at where it
  // lies.
  const wire::Layer3Header& layer3() const noexcept {
    return *reinterpret_cast<const wire::Layer3Header*>(header_);
  }
  const wire::Layer2Header& layer2() const noexcept {
    return *reinterpret_cast<const wire::Layer2Header*>(header_);
  }

 private:
  const std::byte* header_;
};

// How transport headers of one layer are told from others, and where they keep the payload's length.
struct HeaderShape {
  std::byte id{};
  std::uint8_t length_offset = 0;

  static constexpr HeaderShape of(qdio::Transport transport) noexcept {
    if (transport == qdio::Transport::ip) {
      return {static_cast<std::byte>(wire::TransportId::layer3), offsetof(wire::Layer3Header, length)};
    }
    return {static_cast<std::byte>(wire::TransportId::layer2), offsetof(wire::Layer2Header, length)};
  }
  bool fits_layer2() const noexcept { return id == static_cast<std::byte>(wire::TransportId::layer2); }
  bool fits(const std::byte* header) const noexcept { return header[0] == id; }
  std::uint32_t length(const std::byte* header) const noexcept {
    arch::be16 length;
    std::memcpy(&length, header + length_offset, sizeof(length));
    return length;
  }
};

// Walks the packets of one primed buffer whose elements are not the usual single one. The adapter's element
// lengths are never believed beyond what the driver gave.
class PackedBuffer {
 public:
  PackedBuffer(const RingMemory& memory, HeaderShape shape, unsigned slot,
               std::vector<std::byte>& scratch) noexcept;
  // Nothing = no more; `malformed()` tells whether the rest made no sense.
  std::optional<ReceivedPacket> next();
  bool malformed() const noexcept { return malformed_; }

 private:
  void load_element() noexcept;
  bool next_element() noexcept;
  bool seek_header() noexcept;
  bool take_payload(std::uint32_t length, std::span<const std::byte>& payload);
  const std::byte* data() const noexcept { return memory_.buffer(slot_) + start_ + offset_; }

  const RingMemory& memory_;
  HeaderShape shape_;
  unsigned slot_;
  std::vector<std::byte>& scratch_;
  unsigned element_ = 0;
  std::uint32_t start_ = 0;   // of the element, from the start of the buffer
  std::uint32_t room_ = 0;    // of the element, as the driver gave it
  std::uint32_t length_ = 0;  // as the adapter left it
  std::uint32_t offset_ = 0;  // in the element
  bool last_ = false;
  bool malformed_ = false;
};

// What a packet needs lies in one line of the cache.
class alignas(cache_line) InputRing {
 public:
  struct Counters {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;      // payload
    std::uint64_t errors = 0;     // buffers in error state
    std::uint64_t malformed = 0;  // buffers whose contents made no sense, from that point on
  };

  // Describes all buffers; none belongs to the adapter yet. Packets have headers of that transport.
  void start(const RingMemory& memory, qdio::Transport transport) noexcept;
  // Hands the first `memory.buffers` slots to the adapter.
  void post_all() noexcept;

  // Reads primed buffers in order, at most `most` and as many as were handed out, and gives each back empty.
  // Returns packets. `receive` is called with a ReceivedPacket; it must not poll again.
  template <class Receive>
  unsigned poll(Receive&& receive, unsigned most = qdio::buffers_per_queue) {
    const auto before = counters_.packets;
    const unsigned limit = std::min(memory_.buffers, most);
    for (unsigned visited = 0; visited < limit; ++visited) {
      const auto state = memory_.state(next_);
      if (state == qdio::BufferState::input_primed) [[likely]] {
        read_buffer(receive);
      } else if (state == qdio::BufferState::input_error) {
        ++counters_.errors;
        describe(next_);
      } else {
        break;
      }
      give_back();
    }
    return static_cast<unsigned>(counters_.packets - before);
  }

  // Is there a buffer to be read?
  bool has_data() const noexcept {
    const auto state = memory_.state(next_);
    return state == qdio::BufferState::input_primed || state == qdio::BufferState::input_error;
  }
  // Buffers given back since the last SIGA.
  unsigned unsignalled() const noexcept { return unsignalled_; }
  void signalled() noexcept { unsignalled_ = 0; }
  unsigned buffers() const noexcept { return memory_.buffers; }
  const Counters& counters() const noexcept { return counters_; }

 private:
  // Gives back the slot just read: with fewer buffers than slots its buffer goes to a slot further on.
  void give_back() noexcept {
    if (memory_.buffers != qdio::buffers_per_queue) {
      memory_.set_state(next_, qdio::BufferState::input_not_initialized);
    }
    memory_.set_state((next_ + memory_.buffers) & ring_mask, qdio::BufferState::input_empty);
    next_ = (next_ + 1) & ring_mask;
    ++unsignalled_;
  }

  template <class Receive>
  void read_buffer(Receive& receive) {
    const auto head = memory_.head(next_, 0);
    if (head.is_last() && head.length() <= first_room(next_)) [[likely]] {
      // The layer's numbers are constants of the loop inside.
      const bool sound =
          shape_.fits_layer2()
              ? read_element<qdio::Transport::ethernet>(memory_.buffer(next_), head.length(), receive)
              : read_element<qdio::Transport::ip>(memory_.buffer(next_), head.length(), receive);
      if (!sound) ++counters_.malformed;
      memory_.set_head(next_, 0, empty_first(next_));
    } else {
      read_elements(receive);
    }
  }

  // Packets back to back in one element. false: what lies there is none.
  template <qdio::Transport transport, class Receive>
  bool read_element(const std::byte* data, std::uint32_t left, Receive& receive) {
    constexpr auto shape = HeaderShape::of(transport);
    constexpr auto header_size = static_cast<std::uint32_t>(wire::transport_header_size);
    while (left >= header_size) {
      const std::uint32_t length = shape.length(data);
      left -= header_size;
      if (!shape.fits(data) || length > left) return false;
      count(length);
      receive(ReceivedPacket(data, {data + header_size, length}));
      data += header_size + length;
      left -= length;
    }
    return true;
  }

  template <class Receive>
  void read_elements(Receive& receive) {
    PackedBuffer buffer(memory_, shape_, next_, scratch_);
    while (const auto packet = buffer.next()) {
      count(packet->payload.size());
      receive(*packet);
    }
    if (buffer.malformed()) ++counters_.malformed;
    describe(next_);
  }

  void count(std::uint64_t length) noexcept {
    ++counters_.packets;
    counters_.bytes += length;
  }
  std::uint32_t first_room(unsigned slot) const noexcept {
    const auto room = room_in_page(memory_.address(slot));
    return room < memory_.capacity ? room : memory_.capacity;
  }
  // Head of element 0 of an empty buffer: all an adapter changes that used no other element.
  ElementHead empty_first(unsigned slot) const noexcept {
    const auto room = first_room(slot);
    return {room == memory_.capacity ? qdio::element_flag::last_entry : std::uint8_t{0}, 0, room};
  }
  // All elements of the buffer.
  void describe(unsigned slot) noexcept;

  RingMemory memory_;
  HeaderShape shape_;
  unsigned next_ = 0;
  unsigned unsignalled_ = 0;
  Counters counters_;
  std::vector<std::byte> scratch_;
};

}  // namespace vmlan::cms
