// Where everything lies in the driver's storage area: channel programs, message buffers, QDR, QIB, SLIBs,
// storage lists, state blocks, SBALs and the packet buffers. Lays the queue structures out as ESTABLISH
// QUEUES wants them.
//
// Owns: nothing; computes addresses inside the area. Threads: the program's own turn.
#pragma once

#include <cstdint>

#include "arch/storage.h"
#include "cms/output_ring.h"
#include "qdio/adapter_port.h"

namespace vmlan::cms {

// One packet buffer: usable bytes and the distance to the next.
struct BufferShape {
  std::uint32_t capacity = 0;
  std::uint32_t stride = 0;
};

// A shape that holds `bytes` and keeps small buffers inside a page. 0 < bytes <= 65536.
BufferShape buffer_shape(std::uint32_t bytes) noexcept;

class QueueMemory {
 public:
  static constexpr std::uint32_t largest_buffer = 65536;

  // The pages in front of the queues.
  static constexpr arch::Address programs_offset = 0;
  static constexpr arch::Address read_buffer_offset = 1 * arch::page_size;
  static constexpr arch::Address write_buffer_offset = 2 * arch::page_size;
  static constexpr arch::Address qdr_offset = 3 * arch::page_size;

  // The area's bytes for buffers of these sizes.
  static std::uint64_t needed(unsigned input_buffers, std::uint32_t input_size,
                              std::uint32_t output_size) noexcept;
  static constexpr std::uint64_t control_bytes() noexcept { return data_offset; }

  // false: the area is misplaced or too small.
  bool use(arch::GuestStorage storage, arch::Address area, std::uint64_t area_size) noexcept;
  arch::Address programs() const noexcept { return area_ + programs_offset; }
  arch::Address read_buffer() const noexcept { return area_ + read_buffer_offset; }
  arch::Address write_buffer() const noexcept { return area_ + write_buffer_offset; }
  arch::Address qdr() const noexcept { return area_ + qdr_offset; }

  // Writes QDR, QIB, SLIBs and storage lists, one input and one output queue. false: too small an area.
  bool lay_out(qdio::AdapterKind kind, arch::DeviceNumber data_device, unsigned input_buffers,
               std::uint32_t input_size, std::uint32_t output_size) noexcept;
  const RingMemory& input() const noexcept { return input_; }
  const RingMemory& output() const noexcept { return output_; }

 private:
  static constexpr arch::Address slib_offset = 4 * arch::page_size;          // input, output
  static constexpr arch::Address storage_list_offset = 5 * arch::page_size;  // input, output
  static constexpr arch::Address slsb_offset = storage_list_offset + 2048;   // input, output
  static constexpr arch::Address qib_offset = storage_list_offset + 3072;
  static constexpr arch::Address sbal_offset = 6 * arch::page_size;
  static constexpr arch::Address data_offset = 22 * arch::page_size;

  void lay_out_queue(unsigned index, RingMemory& ring) noexcept;
  void write_descriptors(qdio::AdapterKind kind, arch::DeviceNumber data_device) noexcept;

  arch::GuestStorage storage_;
  arch::Address area_ = 0;
  std::uint64_t area_size_ = 0;
  RingMemory input_;
  RingMemory output_;
};

}  // namespace vmlan::cms
