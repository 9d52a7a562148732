// The queue engine: walks SLSB, SL and SBALs in a guest's storage, takes primed output buffers, fills
// empty input buffers. This is where a datagram is copied, once, from one storage to another.
//
// ESTABLISH QUEUES gives addresses only; SLSB and SBALs are found and checked there, once, as the
// architecture lets an adapter do (their addresses are fixed while the queues are established). What lies
// at these addresses is read anew for each buffer, but once: an element is copied, the copy is judged, and
// the copy is used until the buffer goes back. Every data address in it is checked, bounds and key, when it
// is used. With an access key other than 0, SLSB and SBALs are checked anew each time too.
//
// What a packet costs is bounded by the packet: of an element only the pages that its bytes touch are looked
// at, and buffers longer than largest_buffer are refused (sbalf15::invalid_element).
//
// Owns: nothing in the guest. Threads: one at a time; a guest on another processor may change SLSB bytes
// while we look, so they are read with acquire and written with release, one byte at a time.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>

#include "arch/storage.h"
#include "qdio/queues/adapter_kind.h"
#include "qdio/queues/blocks.h"
#include "qdio/queues/buffer_element.h"
#include "qdio/queues/buffer_state.h"
#include "qdio/queues/frame.h"

namespace vmlan::qdio {

// Told when the guest should look at its queues: input buffers were primed, or an output buffer that asked
// for it (PCI) is done.
class QueueInterrupt {
 public:
  virtual ~QueueInterrupt() = default;
  virtual void post(unsigned device_index) = 0;
};

// Why ESTABLISH QUEUES was refused.
enum class EstablishResult : std::uint8_t {
  established,
  wrong_format,      // queue format does not fit the adapter
  wrong_count,       // more queues than the adapter has, or no input queue
  wrong_descriptor,  // descriptor length not 8 words
  not_accessible,    // an address outside storage, or its key refuses
  misaligned,        // SLSB or SBAL not on a 256-byte boundary
};

// Answer to "put this frame into the guest's next empty input buffer".
enum class GiveResult : std::uint8_t {
  given,
  no_empty_buffer,
  too_long,      // longer than the buffer the driver provided
  buffer_error,  // the driver's SBAL is unusable: the buffer went back in error state
};

// One ring of 128 buffers, as ESTABLISH QUEUES described it.
struct Ring {
  arch::Address slsb = 0;
  std::unique_ptr<std::array<arch::Address, buffers_per_queue>> sbal;  // once established
  unsigned next = 0;                                                   // the buffer the adapter looks at next
  arch::AccessKey slsb_key = arch::AccessKey::zero;
  arch::AccessKey data_key = arch::AccessKey::zero;  // of the SBALs and of what they point to
};

// What take() did.
struct Taken {
  unsigned buffers = 0;
  unsigned malformed = 0;  // packets that never reached `receive`
};

// Where the next datagram for a guest will be stored: a row of claim 1's table.
struct NextInputBuffer {
  unsigned queue = 0;
  unsigned buffer = 0;
  arch::Address sbal = 0;
  arch::Address storage = 0;  // address in element 0
  BufferState state = BufferState::input_not_initialized;
};

class alignas(64) DataQueues {
 public:
  DataQueues(arch::GuestStorage storage, AdapterKind kind, unsigned device_index,
             QueueInterrupt& interrupt) noexcept;

  // The data of ESTABLISH QUEUES. On success the QIB tells the guest what we can (PCI on output).
  EstablishResult establish(const Qdr& qdr);
  // ACTIVATE QUEUES: from now on SIGA is accepted. Requires established().
  void activate() noexcept;
  // HALT, CLEAR, reset: the guest's storage is not touched any more; a new ESTABLISH is needed.
  void stop() noexcept;

  bool established() const noexcept { return established_; }
  bool active() const noexcept { return active_; }
  AdapterKind kind() const noexcept { return kind_; }
  unsigned device_index() const noexcept { return device_index_; }
  unsigned output_queues() const noexcept { return output_count_; }

  // Takes primed buffers of one output queue, at most one ring's worth, and calls
  // `std::uint8_t receive(Frame&)` for each packet in order; its result is the packet's SBALF 15 code (0 =
  // accepted). Interrupts if a buffer asked for it. A malformed buffer goes back in error state and the
  // queue goes on.
  template <class Receive>
  Taken take(unsigned queue, Receive&& receive) {
    return take(queue, receive, [] { return true; });
  }
  // Asks `bool more()` before each buffer; after false the others stay primed.
  template <class Receive, class More>
  Taken take(unsigned queue, Receive&& receive, More&& more);

  // Puts transport header + payload into the next empty input buffer. With packing, buffers stay open for
  // more until publish() or until they are full.
  GiveResult give(const ReceiveHeader& header, const Segment* payload, unsigned segments,
                  std::uint32_t length) noexcept;
  // Primes the buffer in progress and interrupts the guest if anything was given since the last call.
  void publish() noexcept;

  void set_packing(bool on) noexcept {
    packing_ = on;
    choose_way();
  }
  // --- Hints, for what may come: nothing is judged, marked or changed ------------------------------------
  // `size` bytes of storage where the `ahead`th packet that waits in output queue 0 begins; nullptr: none
  // does, or storage keys guard it.
  const std::byte* peek(unsigned ahead, std::size_t size) const noexcept;
  // Bring to the processor what give() and publish() need for the `ahead`th packet from now, each what the
  // next one looks at: the queues themselves, the state byte, the SBAL, the buffer.
  void prefetch() const noexcept {
    __builtin_prefetch(this, 1);
    __builtin_prefetch(&output_count_);  // beside interrupt_
  }
  void prefetch_state(unsigned ahead) const noexcept;
  void prefetch_sbal(unsigned ahead) const noexcept;
  void prefetch_buffer(unsigned ahead) const noexcept;
  // The same of the first output queue's next buffer.
  void prefetch_output_state() const noexcept;
  void prefetch_output_sbal() const noexcept;

  // Something was given since the last publish().
  bool unpublished() const noexcept { return unpublished_; }
  // Nothing when the queues are not active.
  std::optional<NextInputBuffer> next_input_buffer() const noexcept;

 private:
  // The input buffer being filled, and its elements as far as they were looked at: read once, judged, length
  // 0 if unusable.
  struct OpenBuffer {
    bool open = false;
    unsigned element = 0;    // the one being filled
    std::uint32_t used = 0;  // bytes in it
    std::byte* sbal = nullptr;
    unsigned known = 0;
    std::array<Element, elements_per_buffer> elements;

    const Element& current() const noexcept { return elements[element]; }
    std::uint32_t left() const noexcept { return current().length - used; }
  };
  // One output buffer on its way through take().
  struct OutputBuffer {
    std::uint8_t code = sbalf15::good;
    bool pci = false;
    unsigned malformed = 0;
  };

  void choose_way() noexcept { at_once_ = active_ && !packing_ && !has_failed_; }
  EstablishResult establish_ring(const QueueDescriptor& descriptor, Ring& ring) const;
  template <class Receive>
  OutputBuffer take_buffer(const Ring& ring, Frame& frame, Receive& receive);

  // The state byte or the SBAL of a buffer in the host; nullptr: the storage key has begun to refuse it.
  std::uint8_t* slsb_byte(const Ring& ring, unsigned buffer) const noexcept;
  std::byte* sbal(const Ring& ring, unsigned buffer) const noexcept;
  BufferState state(const Ring& ring, unsigned buffer) const noexcept;
  void set_state(const Ring& ring, unsigned buffer, BufferState to) const noexcept;
  void set_result(const Ring& ring, unsigned buffer, std::uint8_t code) const noexcept;

  bool open_next() noexcept;
  // Of the open buffer.
  const Element& element(unsigned index) noexcept;
  void next_element() noexcept;
  void close_element(bool last) noexcept;
  void close_buffer() noexcept;
  void fail_buffer() noexcept;
  // An empty buffer and a packet in one piece that fits its first element: the common case, inline.
  bool give_at_once(const ReceiveHeader& header, const Segment& payload) noexcept;
  GiveResult give_slowly(const ReceiveHeader& header, const Segment* payload, unsigned segments,
                         std::uint32_t length) noexcept;
  enum class Room : std::uint8_t { enough, too_little, unusable };
  Room room_for(std::uint32_t length) noexcept;
  GiveResult prepare(std::uint32_t length) noexcept;
  // The next `length` bytes of the current element, as many as are left; nullptr: its key has begun to
  // refuse.
  std::byte* put(std::uint32_t length) noexcept;
  bool put_bytes(const std::byte* from, std::uint32_t length) noexcept;

  // What a packet needs comes first: two lines of the cache.
  arch::GuestStorage storage_;
  AdapterKind kind_;
  bool established_ = false;
  bool active_ = false;
  bool packing_ = false;
  bool at_once_ = false;  // give() may try give_at_once()
  bool unpublished_ = false;
  bool has_failed_ = false;  // an input buffer, so that codes of ours may stand in SBALF 15
  Ring input_;
  QueueInterrupt& interrupt_;
  unsigned device_index_;
  unsigned output_count_ = 0;
  std::array<Ring, max_output_queues> output_;
  OpenBuffer open_;
};

}  // namespace vmlan::qdio

#include "qdio/queues/data_queues_inline.h"  // IWYU pragma: export
