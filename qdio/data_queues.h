// The queue engine: walks SLSB, SL and SBALs in a guest's storage, takes primed output buffers, fills
// empty input buffers. This is where a datagram is copied, once, from one storage to another.
//
// ESTABLISH QUEUES gives addresses only; SLSB and SBALs are found and checked there, once, as the
// architecture lets an adapter do (their addresses are fixed while the queues are established). What lies
// at these addresses is read anew each time, and every data address in it is checked, bounds and key, when
// it is used. With an access key other than 0, SLSB and SBALs are checked anew each time too.
//
// Owns: nothing in the guest. Threads: one at a time; a guest on another processor may change SLSB bytes
// while we look, so they are read with acquire and written with release, one byte at a time.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
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
  std::array<arch::Address, buffers_per_queue> sbal{};
  arch::AccessKey slsb_key = arch::AccessKey::zero;
  arch::AccessKey data_key = arch::AccessKey::zero;  // of the SBALs and of what they point to
  unsigned next = 0;                                 // the buffer the adapter looks at next
};

// What take() did.
struct Taken {
  unsigned buffers = 0;
  unsigned malformed = 0;  // packets that never reached `receive`
};

// An SBAL element in registers. Read and written as two doublewords: pieces of other sizes would stall on
// store forwarding behind the copies of earlier packets.
struct Element {
  std::uint8_t flags = 0;         // element_flag
  std::uint8_t status_flags = 0;  // element 0 of an output buffer: pci_requested
  std::uint32_t length = 0;
  arch::Address address = 0;

  static Element load(const std::byte* from) noexcept {
    be64 head;
    be64 address;
    std::memcpy(&head, from, sizeof(head));
    std::memcpy(&address, from + sizeof(head), sizeof(address));
    return {static_cast<std::uint8_t>(head.value() >> 56U), static_cast<std::uint8_t>(head.value() >> 32U),
            static_cast<std::uint32_t>(head.value()), address};
  }
  // Flags and length; the address stays the driver's.
  void store_head(std::byte* to) const noexcept {
    const be64 head = std::uint64_t{flags} << 56U | std::uint64_t{status_flags} << 32U | length;
    std::memcpy(to, &head, sizeof(head));
  }
};

// What a received packet's transport header says. The bytes that are the same for every packet of a sender
// stay where they are; copying a header that was just put together would stall as above.
struct ReceiveHeader {
  const wire::Layer3Header* pattern;
  std::uint8_t flags;
  std::uint16_t length;

  void store(std::byte* to) const noexcept {
    const be16 big_endian_length = length;
    std::memcpy(to, pattern, sizeof(*pattern));
    to[offsetof(wire::Layer3Header, flags)] = std::byte{flags};
    std::memcpy(to + offsetof(wire::Layer3Header, length), &big_endian_length, sizeof(big_endian_length));
  }
};

// Where the next datagram for a guest will be stored: a row of claim 1's table.
struct NextInputBuffer {
  unsigned queue = 0;
  unsigned buffer = 0;
  arch::Address sbal = 0;
  arch::Address storage = 0;  // address in element 0
  BufferState state = BufferState::input_not_initialized;
};

class DataQueues {
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
  Taken take(unsigned queue, Receive&& receive);

  // Puts transport header + payload into the next empty input buffer. With packing, buffers stay open for
  // more until publish() or until they are full.
  GiveResult give(const ReceiveHeader& header, const Segment* payload, unsigned segments,
                  std::uint32_t length) noexcept;
  // Primes the buffer in progress and interrupts the guest if anything was given since the last call.
  void publish() noexcept;

  void set_packing(bool on) noexcept { packing_ = on; }
  // Something was given since the last publish().
  bool unpublished() const noexcept { return unpublished_; }
  // Nothing when the queues are not active.
  std::optional<NextInputBuffer> next_input_buffer() const noexcept;

 private:
  // The input buffer being filled.
  struct OpenBuffer {
    bool open = false;
    unsigned element = 0;
    std::uint32_t used = 0;      // bytes in this element
    std::uint32_t capacity = 0;  // its length as the driver gave it
    bool last = false;           // the driver marked it as the last usable one
    std::byte* data = nullptr;
    std::byte* sbal = nullptr;
  };
  // One output buffer on its way through take().
  struct OutputBuffer {
    std::uint8_t code = sbalf15::good;
    bool pci = false;
    unsigned malformed = 0;
  };

  EstablishResult establish_ring(const QueueDescriptor& descriptor, Ring& ring) const noexcept;
  template <class Receive>
  OutputBuffer take_buffer(const Ring& ring, Frame& frame, Receive& receive);

  // The state byte or the SBAL of a buffer in the host; nullptr: the storage key has begun to refuse it.
  std::uint8_t* slsb_byte(const Ring& ring, unsigned buffer) const noexcept;
  std::byte* sbal(const Ring& ring, unsigned buffer) const noexcept;
  BufferState state(const Ring& ring, unsigned buffer) const noexcept;
  void set_state(const Ring& ring, unsigned buffer, BufferState to) const noexcept;
  void set_result(const Ring& ring, unsigned buffer, std::uint8_t code) const noexcept;

  bool open_next() noexcept;
  bool open_element(unsigned element) noexcept;
  void close_element(bool last) noexcept;
  void close_buffer() noexcept;
  void fail_buffer() noexcept;
  // An empty buffer and a packet in one piece that fits its first element: the common case, inline.
  bool give_at_once(const ReceiveHeader& header, const Segment& payload) noexcept;
  GiveResult give_slowly(const ReceiveHeader& header, const Segment* payload, unsigned segments,
                         std::uint32_t length) noexcept;
  enum class Room : std::uint8_t { enough, too_little, unusable };
  Room room_for(std::uint32_t length) const noexcept;
  GiveResult prepare(std::uint32_t length) noexcept;
  bool put_bytes(const std::byte* from, std::uint32_t length) noexcept;

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

inline std::uint8_t* DataQueues::slsb_byte(const Ring& ring, unsigned buffer) const noexcept {
  const arch::Address address = ring.slsb + buffer;
  if (ring.slsb_key != arch::AccessKey::zero) [[unlikely]] {
    return reinterpret_cast<std::uint8_t*>(storage_.store(address, 1, ring.slsb_key));
  }
  return reinterpret_cast<std::uint8_t*>(storage_.established(address));
}

inline std::byte* DataQueues::sbal(const Ring& ring, unsigned buffer) const noexcept {
  const arch::Address address = ring.sbal[buffer];
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
  std::memcpy(&frame.layer3, first.data, header_size);
  first.data += header_size;
  first.length -= header_size;
  switch (frame.id()) {
    case wire::TransportId::layer3:
      frame.length = frame.layer3.length;
      break;
    case wire::TransportId::layer2:
      frame.length = frame.layer2.length;
      break;
    default:
      return false;  // an extension nobody was offered
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

template <class Receive>
DataQueues::OutputBuffer DataQueues::take_buffer(const Ring& ring, Frame& frame, Receive& receive) {
  OutputBuffer buffer;
  const std::byte* list = sbal(ring, ring.next);
  bool collecting = false;
  for (unsigned index = 0; index < elements_per_buffer; ++index) {
    const Element element = list == nullptr ? Element{} : Element::load(list + index * sizeof(SbalElement));
    if (index == 0) buffer.pci = (element.status_flags & pci_requested) != 0;
    const std::byte* data =
        list == nullptr ? nullptr : storage_.fetch(element.address, element.length, ring.data_key);
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
    frame.segment[frame.segments++] = {data, element.length};
    collecting = !ends;
    if (ends) {
      const bool good = judge(frame);
      const std::uint8_t code = good ? receive(frame) : sbalf15::invalid_frame;
      if (!good) ++buffer.malformed;
      if (code != sbalf15::good) buffer.code = code;
    }
    if ((element.flags & element_flag::last_entry) != 0) break;
  }
  if (collecting) {
    buffer.code = sbalf15::invalid_frame;
    ++buffer.malformed;
  }
  return buffer;
}

template <class Receive>
Taken DataQueues::take(unsigned queue, Receive&& receive) {
  Taken taken;
  if (!active_ || queue >= output_count_) return taken;
  Ring& ring = output_[queue];
  Frame frame;
  bool pci = false;
  while (taken.buffers < buffers_per_queue && state(ring, ring.next) == BufferState::output_primed) {
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
  if (pci) interrupt_.post(device_index_);
  return taken;
}

inline bool DataQueues::give_at_once(const ReceiveHeader& header, const Segment& payload) noexcept {
  constexpr auto header_size = static_cast<std::uint32_t>(wire::transport_header_size);
  constexpr auto results = 14 * sizeof(SbalElement);
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
  // Drivers hand buffers over with SBALF 14 and 15 cleared: look before dirtying another cache line.
  for (const auto result : {results, results + sizeof(SbalElement)}) {
    std::byte& code = list[result + offsetof(SbalElement, status_flags)];
    if (code != std::byte{0}) [[unlikely]]
      code = std::byte{0};
  }
  __atomic_store_n(state, static_cast<std::uint8_t>(BufferState::input_primed), __ATOMIC_RELEASE);
  input_.next = (input_.next + 1) % buffers_per_queue;
  unpublished_ = true;
  return true;
}

inline GiveResult DataQueues::give(const ReceiveHeader& header, const Segment* payload, unsigned segments,
                                   std::uint32_t length) noexcept {
  if (active_ && !packing_ && segments == 1 && give_at_once(header, *payload)) [[likely]]
    return GiveResult::given;
  return give_slowly(header, payload, segments, length);
}

}  // namespace vmlan::qdio
