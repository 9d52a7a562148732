// Lays one set of QDIO queues into a storage by absolute offsets, the way a driver would, without using any
// code of the queue engine: what the engine is held against. Offsets are those of Linux' asm/qdio.h.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "arch/storage.h"
#include "qdio/queues/blocks.h"

namespace vmlan::kit {

inline void put16(std::byte* at, std::uint16_t value) {
  at[0] = std::byte(value >> 8U);
  at[1] = std::byte(value & 0xffU);
}
inline void put32(std::byte* at, std::uint32_t value) {
  put16(at, static_cast<std::uint16_t>(value >> 16U));
  put16(at + 2, static_cast<std::uint16_t>(value & 0xffffU));
}
inline void put64(std::byte* at, std::uint64_t value) {
  put32(at, static_cast<std::uint32_t>(value >> 32U));
  put32(at + 4, static_cast<std::uint32_t>(value & 0xffffffffU));
}
inline std::uint32_t get32(const std::byte* at) {
  std::uint32_t value = 0;
  for (int index = 0; index < 4; ++index) value = value << 8U | std::to_integer<std::uint32_t>(at[index]);
  return value;
}

// One input queue and `outputs` output queues; every buffer has `elements` elements of `element_size` bytes.
class QueueMemory {
 public:
  explicit QueueMemory(unsigned outputs = 1, unsigned elements = 1, std::uint32_t element_size = 4096)
      : outputs_(outputs), elements_(elements), element_size_(element_size), storage_(size_needed()) {
    base_ = storage_.view().store(0, storage_.size(), arch::AccessKey::zero);
    std::byte* qdr = base_ + qdr_at;
    qdr[5] = std::byte{1};
    qdr[7] = std::byte(outputs);
    qdr[9] = qdr[0xb] = std::byte{8};
    put64(qdr + 0x30, qib_at);
    for (unsigned queue = 0; queue < queues(); ++queue) lay_out(queue);
    for (unsigned buffer = 0; buffer < 128; ++buffer) set_state(0, buffer, 0x80);
    for (unsigned queue = 1; queue < queues(); ++queue) {
      for (unsigned buffer = 0; buffer < 128; ++buffer) set_state(queue, buffer, 0xa0);
    }
  }

  arch::GuestStorage storage() { return storage_.view(); }
  std::byte* at(arch::Address address) { return base_ + address; }
  qdio::Qdr qdr() { return storage_.view().read<qdio::Qdr>(qdr_at).value; }
  std::byte* qdr_bytes() { return base_ + qdr_at; }
  static constexpr arch::Address qdr_at = 0x1000;
  static constexpr arch::Address qib_at = 0x2000;

  // Queue 0 is the input queue, 1.. are the output queues.
  arch::Address slsb(unsigned queue) const { return control(queue); }
  arch::Address sl(unsigned queue) const { return control(queue) + 0x400; }
  arch::Address sbal(unsigned queue, unsigned buffer) const {
    return control(queue) + 0x1000 + buffer * 256U;
  }
  arch::Address data(unsigned queue, unsigned buffer, unsigned element = 0) const {
    return data_at() + ((std::uint64_t{queue} * 128 + buffer) * elements_ + element) * element_size_;
  }

  std::uint8_t state(unsigned queue, unsigned buffer) {
    return std::to_integer<std::uint8_t>(base_[slsb(queue) + buffer]);
  }
  void set_state(unsigned queue, unsigned buffer, unsigned state) {
    base_[slsb(queue) + buffer] = std::byte(state);
  }
  std::byte* element(unsigned queue, unsigned buffer, unsigned index) {
    return base_ + sbal(queue, buffer) + index * 16U;
  }
  void set_element(unsigned queue, unsigned buffer, unsigned index, unsigned eflags, std::uint32_t length,
                   arch::Address address) {
    std::byte* entry = element(queue, buffer, index);
    entry[0] = std::byte(eflags);
    put32(entry + 4, length);
    put64(entry + 8, address);
  }

  // As a driver does at start: the first `count` input buffers are the adapter's.
  void empty_input(unsigned count) {
    for (unsigned buffer = 0; buffer < count; ++buffer) reset_input(buffer);
  }
  void reset_input(unsigned buffer) {
    for (unsigned index = 0; index < elements_; ++index) {
      set_element(0, buffer, index, index + 1 == elements_ ? 0x40 : 0, element_size_, data(0, buffer, index));
    }
    element(0, buffer, 15)[3] = std::byte{0};
    set_state(0, buffer, 0x41);
  }
  // One packet in one element of an output buffer: transport header bytes and payload.
  void prime_output(unsigned queue, unsigned buffer, std::span<const std::byte> header_and_payload) {
    std::memcpy(at(data(queue, buffer)), header_and_payload.data(), header_and_payload.size());
    set_element(queue, buffer, 0, 0x40, static_cast<std::uint32_t>(header_and_payload.size()),
                data(queue, buffer));
    set_state(queue, buffer, 0x62);
  }

 private:
  unsigned queues() const { return 1 + outputs_; }
  arch::Address control(unsigned queue) const { return 0x4000 + std::uint64_t{queue} * 0xa000; }
  arch::Address data_at() const { return control(queues()); }
  std::uint64_t size_needed() const {
    return data_at() + std::uint64_t{queues()} * 128 * elements_ * element_size_;
  }

  void lay_out(unsigned queue) {
    std::byte* descriptor = base_ + qdr_at + 0x40 + queue * 32U;
    put64(descriptor, control(queue) + 0x800);
    put64(descriptor + 8, sl(queue));
    put64(descriptor + 16, slsb(queue));
    for (unsigned buffer = 0; buffer < 128; ++buffer)
      put64(base_ + sl(queue) + buffer * 8U, sbal(queue, buffer));
  }

  unsigned outputs_;
  unsigned elements_;
  std::uint32_t element_size_;
  arch::MainStorage storage_;
  std::byte* base_ = nullptr;
};

// A layer-3 transport header (32 bytes) in front of a minimal IPv4 packet, all bytes by hand.
inline std::vector<std::byte> ipv4_packet(std::array<std::uint8_t, 4> from, std::array<std::uint8_t, 4> to,
                                          std::size_t ip_length, std::uint8_t fill = 0x5a) {
  std::vector<std::byte> bytes(32 + ip_length, std::byte{fill});
  std::memset(bytes.data(), 0, 52);
  bytes[0] = std::byte{0x01};
  bytes[1] = std::byte{0x06};
  put16(bytes.data() + 8, static_cast<std::uint16_t>(ip_length));
  std::memcpy(bytes.data() + 0x1c, to.data(), 4);
  bytes[32] = std::byte{0x45};
  put16(bytes.data() + 34, static_cast<std::uint16_t>(ip_length));
  bytes[40] = std::byte{64};
  bytes[41] = std::byte{17};
  std::memcpy(bytes.data() + 44, from.data(), 4);
  std::memcpy(bytes.data() + 48, to.data(), 4);
  return bytes;
}

}  // namespace vmlan::kit
