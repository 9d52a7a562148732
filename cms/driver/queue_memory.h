// Where everything lies in the driver's storage area: channel programs, message buffers, QDR, QIB, SLIBs,
// storage lists, state blocks, SBALs and the packet buffers. Lays the queue structures out as ESTABLISH
// QUEUES wants them: one input queue, one output queue.
//
// Owns: nothing; computes addresses inside the area. Threads: the program's own turn.
#pragma once

#include <cstdint>

#include "arch/storage.h"
#include "cms/driver/output_ring.h"
#include "qdio/adapter/adapter_port.h"

namespace vmlan::cms {

// Buffers of the two queues: powers of two from 8 to 128, and bytes of each, transport header included.
struct QueueSizes {
  unsigned input_buffers = qdio::buffers_per_queue;
  unsigned output_buffers = qdio::buffers_per_queue;
  std::uint32_t input_bytes = 0;
  std::uint32_t output_bytes = 0;
};

// One packet buffer: usable bytes and the distance to the next.
struct BufferShape {
  std::uint32_t capacity = 0;
  std::uint32_t stride = 0;
  std::uint32_t stagger = 0;  // see RingMemory
};

// The shape that holds `bytes` (at most 64 KiB); a buffer smaller than a page lies within one.
BufferShape buffer_shape(std::uint32_t bytes) noexcept;

class QueueMemory {
 public:
  static constexpr std::uint32_t largest_buffer = 65536;

  // Bytes an area must have.
  static std::uint64_t needed(const QueueSizes& sizes) noexcept;

  // false: the area is misplaced, or too small even for control messages. `area_size` 0 = to the end.
  bool use(arch::GuestStorage storage, arch::Address area, std::uint64_t area_size) noexcept;
  arch::Address programs() const noexcept { return area_; }
  arch::Address read_buffer() const noexcept { return area_ + read_buffer_offset; }
  arch::Address write_buffer() const noexcept { return area_ + write_buffer_offset; }
  arch::Address qdr_address() const noexcept { return area_ + qdr_offset; }

  // Writes QDR, QIB, SLIBs and storage lists. false: the area is too small. Requires use().
  bool lay_out(qdio::AdapterKind kind, arch::DeviceNumber data_device, const QueueSizes& sizes) noexcept;
  const RingMemory& input() const noexcept { return input_; }
  const RingMemory& output() const noexcept { return output_; }

 private:
  // Offsets in the area; queue-specific blocks come in pairs, input first. The first page is for programs.
  static constexpr arch::Address read_buffer_offset = 1 * arch::page_size;
  static constexpr arch::Address write_buffer_offset = 2 * arch::page_size;
  static constexpr arch::Address qdr_offset = 3 * arch::page_size;
  static constexpr arch::Address slib_offset = 4 * arch::page_size;
  static constexpr arch::Address storage_list_offset = 5 * arch::page_size;
  static constexpr arch::Address slsb_offset = storage_list_offset + 2 * sizeof(qdio::StorageList);
  static constexpr arch::Address slsb_distance = 256;  // their alignment
  static constexpr arch::Address qib_offset = slsb_offset + 2 * slsb_distance;
  static constexpr arch::Address sbal_offset = 6 * arch::page_size;
  static constexpr arch::Address data_offset = sbal_offset + 2 * qdio::buffers_per_queue * sizeof(qdio::Sbal);

  arch::Address slib(unsigned index) const noexcept {
    return area_ + slib_offset + index * sizeof(qdio::Slib);
  }
  arch::Address storage_list(unsigned index) const noexcept {
    return area_ + storage_list_offset + index * sizeof(qdio::StorageList);
  }
  arch::Address slsb(unsigned index) const noexcept { return area_ + slsb_offset + index * slsb_distance; }
  void lay_out_ring(unsigned index, unsigned buffers, const BufferShape& shape, arch::Address data,
                    RingMemory& ring) noexcept;
  void write_descriptors(qdio::AdapterKind kind, arch::DeviceNumber data_device) noexcept;

  arch::GuestStorage storage_;
  arch::Address area_ = 0;
  std::uint64_t area_size_ = 0;
  RingMemory input_;
  RingMemory output_;
};

}  // namespace vmlan::cms
