// Both rings of a driver in a storage of their own, and an adapter that only changes bytes there.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "cms/driver/input_ring.h"
#include "cms/driver/queue_memory.h"

namespace vmlan::cms {

class Rings : public ::testing::Test {
 protected:
  static constexpr arch::Address area = 0x10000;
  static constexpr unsigned header_size = 32;

  void start(std::uint32_t input_bytes, std::uint32_t output_bytes = 2048, unsigned input_buffers = 128,
             unsigned output_buffers = 128) {
    ASSERT_TRUE(memory.use(storage.view(), area, 0));
    ASSERT_TRUE(memory.lay_out(qdio::AdapterKind::osd, {0x0802},
                               {input_buffers, output_buffers, input_bytes, output_bytes}));
    input.start(memory.input(), qdio::Transport::ip);
    output.start(memory.output());
    input.post_all();
  }
  qdio::SbalElement element(const RingMemory& ring, unsigned slot, unsigned index) {
    return ring.element(slot, index);
  }
  std::byte* host(arch::Address address) { return storage.view().store(address, 1, arch::AccessKey::zero); }

  // What an adapter does: fills element `index` of a buffer from its start with `bytes`.
  void fill(unsigned slot, unsigned index, const std::vector<std::byte>& bytes, bool last) {
    const auto& ring = memory.input();
    auto entry = ring.element(slot, index);
    std::memcpy(host(entry.address), bytes.data(), bytes.size());
    entry.length = static_cast<std::uint32_t>(bytes.size());
    entry.element_flags = last ? 0x40 : 0;
    ring.set_element(slot, index, entry);
  }
  void prime(unsigned slot) { memory.input().set_state(slot, qdio::BufferState::input_primed); }
  static std::vector<std::byte> packet(std::size_t length, unsigned fill_byte, std::uint8_t id = 1) {
    std::vector<std::byte> bytes(header_size + length, std::byte(fill_byte));
    std::fill(bytes.begin(), bytes.begin() + header_size, std::byte{0});
    bytes[0] = std::byte{id};
    bytes[8] = std::byte(length >> 8U);
    bytes[9] = std::byte(length & 0xffU);
    return bytes;
  }
  static std::vector<std::byte> joined(std::vector<std::byte> left, const std::vector<std::byte>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
  }
  // "payload length x first byte - last byte" of every packet.
  unsigned poll() {
    return input.poll([this](const ReceivedPacket& received) {
      EXPECT_EQ(received.layer3().length, received.payload.size());
      const auto byte = [](std::byte value) { return std::to_string(std::to_integer<unsigned>(value)); };
      seen.push_back(std::to_string(received.payload.size()) + ":" + byte(received.payload.front()) + "-" +
                     byte(received.payload.back()));
    });
  }
  unsigned state(const RingMemory& ring, unsigned slot) { return static_cast<unsigned>(ring.state(slot)); }

  arch::MainStorage storage{32U << 20U};
  QueueMemory memory;
  InputRing input;
  OutputRing output;
  std::vector<std::string> seen;
};

}  // namespace vmlan::cms
