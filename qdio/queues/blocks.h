// Queued Direct I/O: the control blocks in the guest's storage. Facts only, no behaviour.
// Source: Linux, arch/s390/include/asm/qdio.h; "observed" = Linux 6.1 qeth.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/big_endian.h"

namespace vmlan::qdio {

using arch::be16;
using arch::be32;
using arch::be64;

inline constexpr unsigned buffers_per_queue = 128;
inline constexpr unsigned max_output_queues = 4;
inline constexpr unsigned max_input_queues = 1;
inline constexpr unsigned elements_per_buffer = 16;
// Bytes of one buffer, and so of one element: drivers give 16 pages at most (observed, Linux 6.1 qeth; "64K"
// is the largest read buffer of z/OS' QDIOSTG). What an adapter accepts beyond is nowhere said; we accept
// none.
inline constexpr std::uint32_t largest_buffer = 0x10000;

enum class QueueFormat : std::uint8_t { osa = 0, hipersockets = 2 };

// Queue descriptor in the QDR.
struct QueueDescriptor {
  be64 slib;
  be64 sl;
  be64 slsb;
  be32 reserved;
  std::uint8_t slib_sl_keys = 0;    // akey, bkey
  std::uint8_t sbal_slsb_keys = 0;  // ckey, dkey
  be16 reserved2;
};
static_assert(sizeof(QueueDescriptor) == 32);
static_assert(offsetof(QueueDescriptor, slib_sl_keys) == 0x1c);
static_assert(offsetof(QueueDescriptor, sbal_slsb_keys) == 0x1d);

// Queue descriptor record: the data of ESTABLISH QUEUES. Input descriptors first, then output.
struct Qdr {
  std::uint8_t queue_format = 0;
  std::uint8_t parameter_format = 0;
  std::uint8_t reserved = 0;
  std::uint8_t adapter_characteristics = 0;
  std::uint8_t reserved4 = 0;
  std::uint8_t input_queues = 0;
  std::uint8_t reserved6 = 0;
  std::uint8_t output_queues = 0;
  std::uint8_t reserved8 = 0;
  std::uint8_t input_descriptor_words = 0;  // length in fullwords: 8
  std::uint8_t reserved10 = 0;
  std::uint8_t output_descriptor_words = 0;  // 8
  std::array<std::uint8_t, 36> reserved12{};
  be64 qib;
  be32 reserved56;
  std::uint8_t qib_key = 0;  // high nibble
  std::array<std::uint8_t, 3> reserved61{};
  std::array<QueueDescriptor, 126> descriptors{};
};
static_assert(sizeof(Qdr) == 4096);
static_assert(offsetof(Qdr, input_queues) == 0x05);
static_assert(offsetof(Qdr, output_queues) == 0x07);
static_assert(offsetof(Qdr, input_descriptor_words) == 0x09);
static_assert(offsetof(Qdr, output_descriptor_words) == 0x0b);
static_assert(offsetof(Qdr, qib) == 0x30);
static_assert(offsetof(Qdr, qib_key) == 0x3c);
static_assert(offsetof(Qdr, descriptors) == 0x40);

namespace qib_characteristics {
inline constexpr std::uint8_t output_pci_supported = 0x40;
}

// Queue information block.
struct Qib {
  std::uint8_t queue_format = 0;
  std::uint8_t parameter_format = 0;
  std::uint8_t request_flags = 0;
  std::uint8_t adapter_characteristics = 0;
  be32 reserved4;
  be64 input_slib;
  be64 output_slib;
  be64 reserved24;
  std::array<std::uint8_t, 8> name{};  // EBCDIC
  std::array<std::uint8_t, 88> reserved40{};
  std::array<std::uint8_t, 128> parameters{};
};
static_assert(sizeof(Qib) == 256);
static_assert(offsetof(Qib, input_slib) == 0x08);
static_assert(offsetof(Qib, name) == 0x20);
static_assert(offsetof(Qib, parameters) == 0x80);

// Storage list information block.
struct Slib {
  be64 next;
  be64 sl;
  be64 slsb;
  std::array<std::uint8_t, 1000> reserved{};
  std::array<be64, buffers_per_queue> elements{};
};
static_assert(sizeof(Slib) == 2048);
static_assert(offsetof(Slib, elements) == 0x400);

// Storage list: the addresses of the SBALs.
struct StorageList {
  std::array<be64, buffers_per_queue> sbal{};
};
static_assert(sizeof(StorageList) == 1024);

namespace element_flag {  // SbalElement::element_flags
inline constexpr std::uint8_t last_entry = 0x40;
inline constexpr std::uint8_t contiguous = 0x20;
inline constexpr std::uint8_t fragment_mask = 0x0c;
inline constexpr std::uint8_t first_fragment = 0x04;
inline constexpr std::uint8_t middle_fragment = 0x08;
inline constexpr std::uint8_t last_fragment = 0x0c;
}  // namespace element_flag

// SbalElement::status_flags of element 0, output.
inline constexpr std::uint8_t pci_requested = 0x40;

// Storage-block address-list element: one piece of a buffer.
struct SbalElement {
  std::uint8_t element_flags = 0;
  std::uint8_t reserved = 0;
  std::uint8_t scount = 0;
  std::uint8_t status_flags = 0;  // element 15: SBALF 15, the buffer's result; element 14: SBALF 14
  be32 length;
  be64 address;
};
static_assert(sizeof(SbalElement) == 16);
static_assert(offsetof(SbalElement, status_flags) == 3);
static_assert(offsetof(SbalElement, length) == 4);
static_assert(offsetof(SbalElement, address) == 8);

// Storage-block address list: one buffer.
struct Sbal {
  std::array<SbalElement, elements_per_buffer> elements{};
};
static_assert(sizeof(Sbal) == 256);

// SBALF 15 result codes. Linux treats all but 0x10 and 0x12 as opaque; the others are assumed.
namespace sbalf15 {
inline constexpr std::uint8_t good = 0x00;
inline constexpr std::uint8_t invalid_element = 0x0c;  // assumed: an SBALE address or length is not usable
inline constexpr std::uint8_t invalid_frame = 0x0d;    // assumed: the transport header does not fit the data
inline constexpr std::uint8_t target_full = 0x10;      // HiperSockets: the receiver has no empty buffer
}  // namespace sbalf15

}  // namespace vmlan::qdio
