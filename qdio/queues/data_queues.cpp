#include "qdio/queues/data_queues.h"

#include <algorithm>

namespace vmlan::qdio {

namespace {

constexpr std::uint64_t slsb_alignment = 256;
constexpr std::uint64_t sbal_alignment = 256;
constexpr auto header_size = static_cast<std::uint32_t>(wire::transport_header_size);
constexpr std::uint8_t descriptor_words = sizeof(QueueDescriptor) / 4;

QueueFormat format_of(AdapterKind kind) noexcept {
  return kind == AdapterKind::iqd ? QueueFormat::hipersockets : QueueFormat::osa;
}

// z/OS and z/VM's TCP/IP put 6 and E into a QDR whose pages have another storage key, and real adapters take
// it: these two are not held against the storage keys (hercules-390/hyperion issue 199; docs/DECISIONS.md,
// 60).
arch::AccessKey adapter_key(unsigned nibble) noexcept {
  constexpr auto zos = arch::access_key(0x6);
  constexpr auto zvm = arch::access_key(0xe);
  const auto key = arch::access_key(nibble);
  return key == zos || key == zvm ? arch::AccessKey::zero : key;
}

}  // namespace

DataQueues::DataQueues(arch::GuestStorage storage, AdapterKind kind, unsigned device_index,
                       QueueInterrupt& interrupt) noexcept
    : storage_(storage), kind_(kind), interrupt_(interrupt), device_index_(device_index) {}

EstablishResult DataQueues::establish_ring(const QueueDescriptor& descriptor, Ring& ring) const {
  ring.slsb = descriptor.slsb;
  ring.slsb_key = adapter_key(descriptor.sbal_slsb_keys);
  ring.data_key = adapter_key(descriptor.sbal_slsb_keys >> 4U);
  ring.next = 0;
  if (ring.slsb % slsb_alignment != 0) return EstablishResult::misaligned;
  if (storage_.may_store(ring.slsb, buffers_per_queue, ring.slsb_key) != arch::ProgramCheck::none) {
    return EstablishResult::not_accessible;
  }
  const auto list = storage_.read<StorageList>(descriptor.sl, adapter_key(descriptor.slib_sl_keys));
  if (!list) return EstablishResult::not_accessible;
  if (!ring.sbal) ring.sbal = std::make_unique<std::array<arch::Address, buffers_per_queue>>();
  for (unsigned buffer = 0; buffer < buffers_per_queue; ++buffer) {
    const arch::Address sbal = list.value.sbal[buffer];
    if (sbal % sbal_alignment != 0) return EstablishResult::misaligned;
    if (storage_.may_store(sbal, sizeof(Sbal), ring.data_key) != arch::ProgramCheck::none) {
      return EstablishResult::not_accessible;
    }
    (*ring.sbal)[buffer] = sbal;
    storage_.mark_changed(sbal);
  }
  storage_.mark_changed(ring.slsb);
  return EstablishResult::established;
}

EstablishResult DataQueues::establish(const Qdr& qdr) {
  stop();
  if (qdr.queue_format != static_cast<std::uint8_t>(format_of(kind_))) return EstablishResult::wrong_format;
  if (qdr.input_queues != max_input_queues || qdr.output_queues == 0 ||
      qdr.output_queues > max_output_queues) {
    return EstablishResult::wrong_count;
  }
  if (qdr.input_descriptor_words != descriptor_words || qdr.output_descriptor_words != descriptor_words) {
    return EstablishResult::wrong_descriptor;
  }
  const auto qib_key = adapter_key(qdr.qib_key >> 4U);
  const auto qib = storage_.read<Qib>(qdr.qib, qib_key);
  if (!qib) return EstablishResult::not_accessible;

  EstablishResult result = establish_ring(qdr.descriptors[0], input_);
  for (unsigned queue = 0; queue < qdr.output_queues && result == EstablishResult::established; ++queue) {
    result = establish_ring(qdr.descriptors[max_input_queues + queue], output_[queue]);
  }
  if (result != EstablishResult::established) return result;

  const auto characteristics = static_cast<std::uint8_t>(qib.value.adapter_characteristics |
                                                         qib_characteristics::output_pci_supported);
  if (storage_.write(qdr.qib + offsetof(Qib, adapter_characteristics), characteristics, qib_key) !=
      arch::ProgramCheck::none) {
    return EstablishResult::not_accessible;
  }
  output_count_ = qdr.output_queues;
  established_ = true;
  return EstablishResult::established;
}

void DataQueues::activate() noexcept {
  active_ = established_;
  choose_way();
}

void DataQueues::stop() noexcept {
  established_ = false;
  active_ = false;
  unpublished_ = false;
  has_failed_ = false;
  choose_way();
  output_count_ = 0;
  open_ = {};
}

void DataQueues::set_result(const Ring& ring, unsigned buffer, std::uint8_t code) const noexcept {
  std::byte* list = sbal(ring, buffer);
  if (list == nullptr) return;
  constexpr auto result_offset =
      (elements_per_buffer - 1) * sizeof(SbalElement) + offsetof(SbalElement, status_flags);
  list[result_offset] = std::byte{code};
}

const Element& DataQueues::element(unsigned index) noexcept {
  for (; open_.known <= index; ++open_.known) {
    Element read = Element::load(open_.sbal + open_.known * sizeof(SbalElement));
    read.length = std::min(read.length, largest_buffer);
    if (storage_.may_store(read.address, read.length, input_.data_key) != arch::ProgramCheck::none) {
      read.length = 0;
    }
    open_.elements[open_.known] = read;
  }
  return open_.elements[index];
}

// false: no empty buffer (open_.sbal is null), or the driver's first element is unusable.
bool DataQueues::open_next() noexcept {
  open_.sbal = nullptr;
  if (state(input_, input_.next) != BufferState::input_empty) return false;
  open_.sbal = sbal(input_, input_.next);
  if (open_.sbal == nullptr) return false;
  open_.known = 0;
  open_.element = 0;
  open_.used = 0;
  open_.open = element(0).length > 0;
  return open_.open;
}

// Tells the driver how much of the current element is used.
void DataQueues::close_element(bool last) noexcept {
  Element closed;
  closed.flags = last ? element_flag::last_entry : std::uint8_t{0};
  closed.length = open_.used;
  closed.store_head(open_.sbal + open_.element * sizeof(SbalElement));
}

// room_for() has judged it.
void DataQueues::next_element() noexcept {
  close_element(false);
  ++open_.element;
  open_.used = 0;
}

void DataQueues::close_buffer() noexcept {
  close_element(true);
  constexpr auto sbalf14 = 14 * sizeof(SbalElement) + offsetof(SbalElement, status_flags);
  constexpr auto sbalf15 = 15 * sizeof(SbalElement) + offsetof(SbalElement, status_flags);
  // A driver that hands a buffer over with a code in it keeps that; a code of ours does not stay.
  if (has_failed_) [[unlikely]] {
    open_.sbal[sbalf14] = std::byte{0};
    open_.sbal[sbalf15] = std::byte{0};
  }
  set_state(input_, input_.next, BufferState::input_primed);
  input_.next = (input_.next + 1) % buffers_per_queue;
  open_.open = false;
}

void DataQueues::fail_buffer() noexcept {
  has_failed_ = true;
  choose_way();
  set_result(input_, input_.next, sbalf15::invalid_element);
  set_state(input_, input_.next, BufferState::input_error);
  input_.next = (input_.next + 1) % buffers_per_queue;
  open_.open = false;
  unpublished_ = true;
}

// Is there room for a header, whole in one element, and `length` bytes behind it? All elements that would be
// used are judged before the first byte is stored, so that packets already in the buffer are never lost.
DataQueues::Room DataQueues::room_for(std::uint32_t length) noexcept {
  const std::uint64_t wanted = header_size + std::uint64_t{length};
  std::uint64_t room = open_.left();
  if (room >= wanted) return Room::enough;
  if (room < header_size) room = 0;
  bool last = open_.current().last();
  for (unsigned index = open_.element + 1; !last && index < elements_per_buffer; ++index) {
    const Element& next = element(index);
    if (next.length == 0) return Room::unusable;
    if (room == 0 && next.length < header_size) return Room::too_little;
    room += next.length;
    if (room >= wanted) return Room::enough;
    last = next.last();
  }
  return Room::too_little;
}

std::byte* DataQueues::put(std::uint32_t length) noexcept {
  std::byte* to = storage_.store(open_.current().address + open_.used, length, input_.data_key);
  open_.used += length;
  return to;
}

bool DataQueues::put_bytes(const std::byte* from, std::uint32_t length) noexcept {
  while (length > 0) {
    if (open_.left() == 0) {
      if (open_.element + 1 >= open_.known) return false;
      next_element();
      if (open_.left() == 0) return false;
    }
    const std::uint32_t part = std::min(length, open_.left());
    std::byte* to = put(part);
    if (to == nullptr) return false;
    // Two NICs of one guest share a storage: the pieces may overlap.
    std::memmove(to, from, part);
    from += part;
    length -= part;
  }
  return true;
}

// Leaves the buffer in progress at a place where header + `length` bytes fit.
GiveResult DataQueues::prepare(std::uint32_t length) noexcept {
  if (open_.open && room_for(length) != Room::enough) close_buffer();
  if (!open_.open) {
    if (!open_next()) {
      if (open_.sbal == nullptr) return GiveResult::no_empty_buffer;
      fail_buffer();
      return GiveResult::buffer_error;
    }
    switch (room_for(length)) {
      case Room::enough:
        break;
      case Room::too_little:
        open_.open = false;
        return GiveResult::too_long;
      case Room::unusable:
        fail_buffer();
        return GiveResult::buffer_error;
    }
  }
  if (open_.left() < header_size) next_element();
  return GiveResult::given;
}

GiveResult DataQueues::give_slowly(const ReceiveHeader& header, const Segment* payload, unsigned segments,
                                   std::uint32_t length) noexcept {
  if (!active_) [[unlikely]]
    return GiveResult::no_empty_buffer;
  const GiveResult prepared = prepare(length);
  if (prepared != GiveResult::given) [[unlikely]]
    return prepared;

  std::byte* to = put(header_size);
  bool good = to != nullptr;
  if (good) header.store(to);
  for (unsigned index = 0; index < segments && good; ++index) {
    good = put_bytes(payload[index].data, payload[index].length);
  }
  if (!good) [[unlikely]] {  // a storage key changed while the buffer was ours
    fail_buffer();
    return GiveResult::buffer_error;
  }
  unpublished_ = true;
  if (!packing_) close_buffer();
  return GiveResult::given;
}

void DataQueues::publish() noexcept {
  if (open_.open) close_buffer();
  if (!unpublished_) return;
  unpublished_ = false;
  storage_.mark_changed(input_.slsb);
  interrupt_.post(device_index_);
}

std::optional<NextInputBuffer> DataQueues::next_input_buffer() const noexcept {
  if (!active_) return std::nullopt;
  NextInputBuffer next;
  next.buffer = input_.next;
  next.sbal = (*input_.sbal)[input_.next];
  next.state = state(input_, input_.next);
  const auto element = storage_.read<SbalElement>(next.sbal, input_.data_key);
  if (element) next.storage = element.value.address;
  return next;
}

}  // namespace vmlan::qdio
