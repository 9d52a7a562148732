// The driver's end of one QDIO output queue: 128 buffers, one packet each, filled in order and primed.
//
// The hot path is inline and touches, per packet, the packet, one SBAL line and one SLSB byte; every storage
// address was resolved when the queues were established. A buffer is contiguous in storage; its SBAL elements
// end at page boundaries, as Linux lays them out (observed, Linux 6.1 qeth).
//
// Owns: nothing; the memory belongs to QueueMemory. Threads: the program's own turn. The adapter may change
// a state byte at any time, so state bytes are read with acquire and written with release.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "arch/types.h"
#include "qdio/queues/blocks.h"
#include "qdio/queues/buffer_state.h"
#include "wire/transport_header.h"

namespace vmlan::cms {

// The first doubleword of an SBAL element. Elements are read and written by doublewords on both sides: pieces
// of other sizes would make the processor wait for its own stores.
class ElementHead {
 public:
  ElementHead() = default;
  ElementHead(std::uint8_t flags, std::uint8_t status_flags, std::uint32_t length) noexcept
      : word_(std::uint64_t{flags} << 56U | std::uint64_t{status_flags} << 32U | length) {}

  bool is_last() const noexcept { return (word_.value() >> 56U & qdio::element_flag::last_entry) != 0; }
  std::uint32_t length() const noexcept { return static_cast<std::uint32_t>(word_.value()); }

 private:
  arch::be64 word_;
};
static_assert(sizeof(ElementHead) == offsetof(qdio::SbalElement, address));

inline constexpr std::uint32_t cache_line = 64;

// Where one ring lies: host pointers for the program's own accesses, storage addresses for the adapter.
struct RingMemory {
  std::uint8_t* slsb = nullptr;
  std::byte* sbals = nullptr;
  std::byte* data = nullptr;       // of buffer 0
  arch::Address data_address = 0;  // of buffer 0
  std::uint32_t stride = 0;        // bytes from one buffer to the next
  std::uint32_t capacity = 0;      // bytes usable per buffer, transport header included
  std::uint32_t stagger = 0;       // buffer n begins (n & stagger) cache lines later
  unsigned buffers = 0;            // and SBALs; slot s uses those of s % buffers (a power of two)

  std::uint32_t offset(unsigned slot) const noexcept {
    const unsigned buffer = slot & (buffers - 1);
    return buffer * stride + (buffer & stagger) * cache_line;
  }
  std::byte* buffer(unsigned slot) const noexcept { return data + offset(slot); }
  arch::Address address(unsigned slot) const noexcept { return data_address + offset(slot); }
  std::byte* sbal(unsigned slot) const noexcept {
    return sbals + (slot & (buffers - 1)) * sizeof(qdio::Sbal);
  }
  qdio::BufferState state(unsigned slot) const noexcept {
    return static_cast<qdio::BufferState>(std::atomic_ref(slsb[slot]).load(std::memory_order_acquire));
  }
  void set_state(unsigned slot, qdio::BufferState state) const noexcept {
    std::atomic_ref(slsb[slot]).store(static_cast<std::uint8_t>(state), std::memory_order_release);
  }
  ElementHead head(unsigned slot, unsigned index) const noexcept {
    ElementHead head;
    std::memcpy(&head, sbal(slot) + index * sizeof(qdio::SbalElement), sizeof(head));
    return head;
  }
  void set_head(unsigned slot, unsigned index, const ElementHead& head) const noexcept {
    std::memcpy(sbal(slot) + index * sizeof(qdio::SbalElement), &head, sizeof(head));
  }
  void set_address(unsigned slot, unsigned index, arch::Address address) const noexcept {
    const arch::be64 field = address;
    std::memcpy(sbal(slot) + index * sizeof(qdio::SbalElement) + sizeof(ElementHead), &field, sizeof(field));
  }
  void set_element(unsigned slot, unsigned index, const qdio::SbalElement& element) const noexcept {
    std::memcpy(sbal(slot) + index * sizeof(element), &element, sizeof(element));
  }
  qdio::SbalElement element(unsigned slot, unsigned index) const noexcept {
    qdio::SbalElement element;
    std::memcpy(&element, sbal(slot) + index * sizeof(element), sizeof(element));
    return element;
  }
};

// Bytes from `address` to the end of its page: what one SBAL element may hold at most.
constexpr std::uint32_t room_in_page(arch::Address address) noexcept {
  return static_cast<std::uint32_t>(arch::page_size - address % arch::page_size);
}

inline constexpr unsigned ring_mask = qdio::buffers_per_queue - 1;

// What a packet needs lies in one line of the cache.
class alignas(cache_line) OutputRing {
 public:
  struct Counters {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;      // payload
    std::uint64_t errors = 0;     // buffers the adapter gave back in error state
    std::uint8_t last_error = 0;  // SBALF 15 of the newest of them
  };

  // Every slot program-owned, the next one is 0.
  void start(const RingMemory& memory) noexcept;

  std::uint32_t largest_payload() const noexcept {
    return memory_.capacity - static_cast<std::uint32_t>(wire::transport_header_size);
  }
  // Buffers primed whose end has not been noticed.
  unsigned outstanding() const noexcept { return outstanding_; }
  bool full() const noexcept { return outstanding_ == memory_.buffers; }
  // Buffers primed since the last SIGA.
  unsigned unsignalled() const noexcept { return unsignalled_; }
  void signalled() noexcept { unsignalled_ = 0; }

  // Where the payload of the next packet goes. Requires !full().
  std::byte* payload() const noexcept { return memory_.buffer(next_) + wire::transport_header_size; }

  // Completes and primes the next buffer. `header`: of either layer. Requires !full() and
  // length <= largest_payload().
  template <class Header = wire::Layer3Header>
  void prime(const Header& header, std::uint32_t length) noexcept {
    static_assert(sizeof(header) == wire::transport_header_size);
    const arch::be16 field = static_cast<std::uint16_t>(length);
    std::byte* buffer = memory_.buffer(next_);
    std::memcpy(buffer, &header, sizeof(header));
    std::memcpy(buffer + offsetof(Header, length), &field, sizeof(field));
    const auto total = length + static_cast<std::uint32_t>(wire::transport_header_size);
    const arch::Address address = memory_.address(next_);
    if (total <= room_in_page(address)) [[likely]] {
      memory_.set_element(next_, 0,
                          {qdio::element_flag::last_entry, 0, 0, interrupt_request(), total, address});
    } else {
      describe_pages(address, total);
    }
    memory_.set_state(next_, qdio::BufferState::output_primed);
    next_ = (next_ + 1) & ring_mask;
    ++outstanding_;
    ++unsignalled_;
    ++counters_.packets;
    counters_.bytes += length;
  }

  // Notices buffers the adapter has given back, in order; returns how many.
  unsigned complete() noexcept;
  const Counters& counters() const noexcept { return counters_; }

 private:
  // An interruption is asked for once per three quarters of the buffers, so that a driver that found all of
  // them busy learns of room; nobody needs one for less, nor one for each packet.
  std::uint8_t interrupt_request() const noexcept {
    return outstanding_ == request_at_ ? qdio::pci_requested : std::uint8_t{0};
  }
  void describe_pages(arch::Address address, std::uint32_t total) noexcept;
  void note_error(unsigned slot) noexcept;

  RingMemory memory_;
  unsigned next_ = 0;
  unsigned outstanding_ = 0;
  unsigned request_at_ = ~0U;  // so many outstanding: interrupt_request
  unsigned unsignalled_ = 0;
  Counters counters_;
};

}  // namespace vmlan::cms
