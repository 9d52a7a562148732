#include "cms/driver/queue_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

#include "arch/ebcdic.h"

namespace vmlan::cms {

namespace {

// Channel programs and the QDR are addressed with 31 bits.
constexpr std::uint64_t addressable = std::uint64_t{1} << 31U;

constexpr std::uint32_t smallest_buffer = 512;
constexpr std::uint32_t most_stagger_steps = 32;

constexpr std::uint32_t round_up(std::uint32_t value, std::uint32_t unit) noexcept {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

BufferShape buffer_shape(std::uint32_t bytes) noexcept {
  const auto capacity = std::clamp(bytes, smallest_buffer, QueueMemory::largest_buffer);
  std::uint32_t stride = smallest_buffer;
  while (stride < capacity) stride *= 2;
  if (capacity > arch::page_size) stride = round_up(capacity, arch::page_size);
  // Buffers that all began at the same offset in a page would fight for the same few lines of the cache.
  const std::uint32_t steps =
      std::min(most_stagger_steps, std::bit_floor((stride - capacity) / cache_line + 1));
  return {stride - (steps - 1) * cache_line, stride, steps - 1};
}

// Behind one SBAL for each buffer, at the next page.
arch::Address QueueMemory::data_offset(const QueueSizes& sizes) noexcept {
  const auto sbals = (std::uint64_t{sizes.input_buffers} + sizes.output_buffers) * sizeof(qdio::Sbal);
  return sbal_offset + (sbals + arch::page_size - 1) / arch::page_size * arch::page_size;
}

std::uint64_t QueueMemory::needed(const QueueSizes& sizes) noexcept {
  return data_offset(sizes) + std::uint64_t{sizes.input_buffers} * buffer_shape(sizes.input_bytes).stride +
         std::uint64_t{sizes.output_buffers} * buffer_shape(sizes.output_bytes).stride;
}

bool QueueMemory::use(arch::GuestStorage storage, arch::Address area, std::uint64_t area_size) noexcept {
  const auto end = std::min(storage.size(), addressable);
  if (area % arch::page_size != 0 || area >= end) return false;
  area_size_ = area_size == 0 ? end - area : std::min(area_size, end - area);
  storage_ = storage;
  area_ = area;
  return area_size_ >= sbal_offset;
}

bool QueueMemory::lay_out(qdio::AdapterKind kind, arch::DeviceNumber data_device,
                          const QueueSizes& sizes) noexcept {
  if (needed(sizes) > area_size_) return false;
  RingPlace place{sizes.input_buffers, buffer_shape(sizes.input_bytes), area_ + sbal_offset,
                  area_ + data_offset(sizes)};
  lay_out_ring(0, place, input_);
  place.sbals += sizes.input_buffers * sizeof(qdio::Sbal);
  place.data += std::uint64_t{sizes.input_buffers} * place.shape.stride;
  place.buffers = sizes.output_buffers;
  place.shape = buffer_shape(sizes.output_bytes);
  lay_out_ring(1, place, output_);
  write_descriptors(kind, data_device);
  return true;
}

// Queue `index` (0 input, 1 output): its storage list, and host pointers for the program.
void QueueMemory::lay_out_ring(unsigned index, const RingPlace& place, RingMemory& ring) noexcept {
  constexpr auto zero = arch::AccessKey::zero;
  qdio::StorageList list;
  for (unsigned slot = 0; slot < qdio::buffers_per_queue; ++slot) {
    list.sbal[slot] = place.sbals + (slot & (place.buffers - 1)) * sizeof(qdio::Sbal);
  }
  storage_.write(storage_list(index), list);
  ring.slsb = reinterpret_cast<std::uint8_t*>(storage_.store(slsb(index), qdio::buffers_per_queue, zero));
  ring.sbals = storage_.store(place.sbals, place.buffers * sizeof(qdio::Sbal), zero);
  ring.data = storage_.store(place.data, std::uint64_t{place.buffers} * place.shape.stride, zero);
  ring.data_address = place.data;
  ring.stride = place.shape.stride;
  ring.capacity = place.shape.capacity;
  ring.stagger = place.shape.stagger;
  ring.buffers = place.buffers;
}

void QueueMemory::write_descriptors(qdio::AdapterKind kind, arch::DeviceNumber data_device) noexcept {
  constexpr std::uint8_t descriptor_words = sizeof(qdio::QueueDescriptor) / 4;
  const auto format = static_cast<std::uint8_t>(
      kind == qdio::AdapterKind::iqd ? qdio::QueueFormat::hipersockets : qdio::QueueFormat::osa);
  qdio::Qdr qdr;
  qdr.queue_format = format;
  qdr.input_queues = 1;
  qdr.output_queues = 1;
  qdr.input_descriptor_words = descriptor_words;
  qdr.output_descriptor_words = descriptor_words;
  qdr.qib = area_ + qib_offset;
  for (unsigned index = 0; index < 2; ++index) {
    qdr.descriptors[index].slib = slib(index);
    qdr.descriptors[index].sl = storage_list(index);
    qdr.descriptors[index].slsb = slsb(index);
    qdio::Slib block;
    block.sl = storage_list(index);
    block.slsb = slsb(index);
    storage_.write(slib(index), block);
  }
  storage_.write_bytes(qdr_address(), std::as_bytes(std::span(&qdr, 1)).first(qdr_size));

  qdio::Qib qib;
  qib.queue_format = format;
  qib.input_slib = slib(0);
  qib.output_slib = slib(1);
  qib.name = arch::ebcdic_name(fmt::format("0.0.{:04x}", data_device.value));
  storage_.write(area_ + qib_offset, qib);
}

}  // namespace vmlan::cms
