// The queue engine: walks SLSB, SL and SBALs in a guest's storage, takes primed output buffers, fills
// empty input buffers. This is where a datagram is copied, once, from one storage to another.
//
// ESTABLISH QUEUES gives addresses only; they are checked there, once, and keep their host addresses for
// the life of the establishment, as the architecture lets an adapter do ("SL and SBAL addresses are fixed").
// SBAL *contents* are read anew each time, and every data address in them is checked when it is used.
//
// Owns: nothing in the guest. Threads: one at a time; a guest on another processor may change SLSB bytes
// while we look, so they are read with acquire and written with release, one byte at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "arch/storage.h"
#include "qdio/adapter_port.h"
#include "qdio/blocks.h"
#include "qdio/buffer_state.h"
#include "qdio/frame.h"

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
  wrong_format,       // queue format does not fit the adapter
  wrong_count,        // more queues than the adapter has, or no input queue
  wrong_descriptor,   // descriptor length not 8 words
  not_accessible,     // an address outside storage, or its key refuses
  misaligned,         // SLSB or SBAL not on a 256-byte boundary
};

// Answer to "put this frame into the guest's next empty input buffer".
enum class GiveResult : std::uint8_t {
  given,
  no_empty_buffer,
  too_long,        // longer than the buffer the driver provided
  buffer_error,    // the driver's SBAL is unusable: the buffer went back in error state
};

// One ring of 128 buffers, as ESTABLISH QUEUES described it.
struct Ring {
  std::uint8_t* slsb = nullptr;  // host address of 128 state bytes
  std::array<std::byte*, buffers_per_queue> sbal{};
  std::array<arch::Address, buffers_per_queue> sbal_address{};
  arch::AccessKey data_key = arch::AccessKey::zero;
  unsigned next = 0;  // the buffer the adapter looks at next

  BufferState state(unsigned buffer) const noexcept {
    return static_cast<BufferState>(std::atomic_ref(slsb[buffer]).load(std::memory_order_acquire));
  }
  // Hands the buffer back to the program; everything stored before is visible to it after.
  void set_state(unsigned buffer, BufferState to) noexcept {
    std::atomic_ref(slsb[buffer]).store(static_cast<std::uint8_t>(to), std::memory_order_release);
  }
};

// Where the next datagram for a guest will be stored: a row of claim 1's table.
struct NextInputBuffer {
  unsigned queue = 0;
  unsigned buffer = 0;
  arch::Address sbal = 0;
  arch::Address storage = 0;  // address in element 0; a packed buffer in progress: where its next byte goes
  BufferState state = BufferState::input_not_initialized;
};

class DataQueues {
 public:
  DataQueues(arch::GuestStorage storage, AdapterKind kind, unsigned device_index, QueueInterrupt& interrupt) noexcept;

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
  // accepted). Returns the number of buffers taken.
  template <class Receive>
  unsigned take(unsigned queue, Receive&& receive);

  // Puts transport header + payload into the next empty input buffer. With packing, buffers stay open for
  // more until publish() or until they are full.
  GiveResult give(const wire::Layer3Header& header, const Segment* payload, unsigned segments,
                  std::uint32_t length) noexcept;
  // Primes the buffer in progress and interrupts the guest if anything was given since the last call.
  void publish() noexcept;

  void set_packing(bool on) noexcept { packing_ = on; }
  // Nothing when the queues are not active.
  std::optional<NextInputBuffer> next_input_buffer() const noexcept;

 private:
  struct OpenBuffer {
    bool open = false;
    unsigned element = 0;         // the one being filled
    std::uint32_t used = 0;       // bytes in it
    std::uint32_t capacity = 0;   // its length as the driver gave it
    std::byte* data = nullptr;    // its storage
    bool last = false;            // the driver marked it as the last usable one
  };

  bool establish_ring(const QueueDescriptor& descriptor, Ring& ring, EstablishResult& why);

  arch::GuestStorage storage_;
  QueueInterrupt& interrupt_;
  AdapterKind kind_;
  bool established_ = false;
  bool active_ = false;
  bool packing_ = false;
  bool unpublished_ = false;
  unsigned device_index_;
  unsigned output_count_ = 0;
  OpenBuffer open_;
  Ring input_;
  std::array<Ring, max_output_queues> output_;
};

}  // namespace vmlan::qdio
