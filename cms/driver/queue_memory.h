// Where everything lies in the driver's storage area: QDR, channel programs, QIB, state blocks, storage
// lists, SLIBs, message buffers, SBALs and the packet buffers. Lays the queue structures out as ESTABLISH
// QUEUES wants them: one input queue, one output queue.
//
// What is touched shares pages: ten thousand users have ten thousand such areas. Slots that share a packet
// buffer share its SBAL too; only one of them is ever in use.
//
// Owns: nothing; computes addresses inside the area. Threads: the program's own turn.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/storage.h"
#include "cms/driver/output_ring.h"
#include "qdio/adapter/adapter_port.h"

namespace vmlan::cms {

// Buffers of the two queues: powers of two from 1 to 128, and bytes of each, transport header included.
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
  // A driver's control messages have some hundred bytes; an adapter's may have a page.
  static constexpr std::size_t write_buffer_size = 768;

  // Bytes an area must have.
  static std::uint64_t needed(const QueueSizes& sizes) noexcept;
  // How many of them lie before the first packet buffer.
  static std::uint64_t before_buffers(const QueueSizes& sizes) noexcept { return data_offset(sizes); }

  // false: the area is misplaced, or too small even for control messages. `area_size` 0 = to the end.
  bool use(arch::GuestStorage storage, arch::Address area, std::uint64_t area_size) noexcept;
  arch::Address programs() const noexcept { return area_ + programs_offset; }
  arch::Address read_buffer() const noexcept { return area_ + read_buffer_offset; }
  arch::Address write_buffer() const noexcept { return area_ + write_buffer_offset; }
  arch::Address qdr_address() const noexcept { return area_; }
  // Bytes of it that ESTABLISH QUEUES needs: it ends with the second descriptor.
  static constexpr std::uint16_t qdr_size =
      offsetof(qdio::Qdr, descriptors) + 2 * sizeof(qdio::QueueDescriptor);

  // Writes QDR, QIB, SLIBs and storage lists. false: the area is too small. Requires use().
  bool lay_out(qdio::AdapterKind kind, arch::DeviceNumber data_device, const QueueSizes& sizes) noexcept;
  const RingMemory& input() const noexcept { return input_; }
  const RingMemory& output() const noexcept { return output_; }

 private:
  // Offsets in the area; queue-specific blocks come in pairs, input first. The first page begins with the
  // QDR, whose other descriptors are not used.
  static constexpr arch::Address programs_offset = 0x100;
  static constexpr arch::Address qib_offset = 0x200;
  static constexpr arch::Address slsb_offset = 0x300;
  static constexpr arch::Address slsb_distance = 256;  // their alignment
  static constexpr arch::Address write_buffer_offset = 0x500;
  static constexpr arch::Address storage_list_offset = 0x800;
  static constexpr arch::Address slib_offset = 1 * arch::page_size;
  static constexpr arch::Address read_buffer_offset = 2 * arch::page_size;
  static constexpr arch::Address sbal_offset = 3 * arch::page_size;
  static_assert(qdr_size <= programs_offset);
  static_assert(write_buffer_offset + write_buffer_size <= storage_list_offset);

  static arch::Address data_offset(const QueueSizes& sizes) noexcept;
  arch::Address slib(unsigned index) const noexcept {
    return area_ + slib_offset + index * sizeof(qdio::Slib);
  }
  arch::Address storage_list(unsigned index) const noexcept {
    return area_ + storage_list_offset + index * sizeof(qdio::StorageList);
  }
  arch::Address slsb(unsigned index) const noexcept { return area_ + slsb_offset + index * slsb_distance; }
  struct RingPlace {
    unsigned buffers = 0;
    BufferShape shape;
    arch::Address sbals = 0;
    arch::Address data = 0;
  };
  void lay_out_ring(unsigned index, const RingPlace& place, RingMemory& ring) noexcept;
  void write_descriptors(qdio::AdapterKind kind, arch::DeviceNumber data_device) noexcept;

  arch::GuestStorage storage_;
  arch::Address area_ = 0;
  std::uint64_t area_size_ = 0;
  RingMemory input_;
  RingMemory output_;
};

}  // namespace vmlan::cms
