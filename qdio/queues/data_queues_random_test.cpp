// Random packets through random buffer layouts, read back by a small independent model: the parsing rules a
// Linux driver applies (qeth_extract_skb, Linux 6.1), written down again from their description.
#include <gtest/gtest.h>

#include <deque>

#include "arch/clock.h"
#include "qdio/queues/data_queues.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::qdio {
namespace {

using kit::QueueMemory;
using Packet = std::vector<std::byte>;

class NoInterrupt final : public QueueInterrupt {
 public:
  void post(unsigned) override {}
};

Packet random_packet(arch::Prng& random, std::size_t longest) {
  Packet packet(1 + random.below(longest));
  for (auto& byte : packet) byte = std::byte(random.next() & 0xffU);
  return packet;
}

// Reads one primed input buffer as Linux does and appends its packets; the buffer must be consistent.
void read_input_buffer(QueueMemory& memory, unsigned buffer, std::vector<Packet>& packets) {
  unsigned element = 0;
  std::uint32_t offset = 0;
  for (;;) {
    const std::byte* entry = memory.element(0, buffer, element);
    const bool last = (entry[0] & std::byte{0x40}) != std::byte{0};
    if (kit::get32(entry + 4) < offset + 32) {
      if (last) return;
      ++element;
      offset = 0;
      ASSERT_LT(element, 16U);
      continue;
    }
    const std::byte* header = memory.at(memory.data(0, buffer, element)) + offset;
    ASSERT_EQ(header[0], std::byte{1}) << "a transport header was expected here";
    std::uint32_t missing = kit::get32(header + 6) & 0xffffU;
    offset += 32;
    Packet packet;
    while (missing > 0) {
      const std::byte* piece = memory.element(0, buffer, element);
      if (offset == kit::get32(piece + 4)) {
        ASSERT_EQ(piece[0] & std::byte{0x40}, std::byte{0}) << "the buffer ends inside a packet";
        ++element;
        offset = 0;
        continue;
      }
      packet.push_back(memory.at(memory.data(0, buffer, element))[offset++]);
      --missing;
    }
    packets.push_back(packet);
  }
}

struct Layout {
  unsigned elements;
  std::uint32_t element_size;
  bool packing;
};

class RandomInput : public ::testing::TestWithParam<Layout> {};

TEST_P(RandomInput, ADriverReadsWhatWasGiven) {
  const Layout layout = GetParam();
  QueueMemory memory(1, layout.elements, layout.element_size);
  NoInterrupt interrupt;
  DataQueues queues(memory.storage(), AdapterKind::osd, 2, interrupt);
  ASSERT_EQ(queues.establish(memory.qdr()), EstablishResult::established);
  queues.activate();
  queues.set_packing(layout.packing);
  memory.empty_input(64);
  arch::Prng random(layout.elements * 1000U + layout.element_size);
  const std::size_t longest = std::size_t{layout.elements} * layout.element_size - 32;

  std::deque<Packet> expected;
  unsigned next_input = 0;
  const wire::Layer3Header pattern;
  for (unsigned step = 0; step < 2000; ++step) {
    const Packet packet =
        random_packet(random, random.below(3) == 0 ? longest : std::min<std::size_t>(longest, 90));
    // The sender's data lie in up to three pieces.
    std::array<Segment, 3> segments{};
    std::size_t at = 0;
    for (unsigned piece = 0; piece < 3; ++piece) {
      const std::size_t length = piece == 2 ? packet.size() - at : random.below(packet.size() - at + 1);
      segments[piece] = {packet.data() + at, static_cast<std::uint32_t>(length)};
      at += length;
    }
    const auto length = static_cast<std::uint32_t>(packet.size());
    const auto result =
        queues.give({&pattern, 6, static_cast<std::uint16_t>(length)}, segments.data(), 3, length);
    if (result == GiveResult::given) expected.push_back(packet);
    if (result == GiveResult::no_empty_buffer || random.below(4) == 0) {
      queues.publish();
      std::vector<Packet> received;
      while (memory.state(0, next_input) == 0x82) {
        read_input_buffer(memory, next_input, received);
        memory.set_state(0, next_input, 0x80);
        memory.reset_input((next_input + 64) % 128);
        next_input = (next_input + 1) % 128;
      }
      ASSERT_EQ(received.size(), expected.size());
      ASSERT_TRUE(std::equal(received.begin(), received.end(), expected.begin()));
      expected.clear();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RandomInput,
                         ::testing::Values(Layout{1, 4096, false}, Layout{1, 4096, true},
                                           Layout{16, 4096, true}, Layout{3, 100, true}, Layout{16, 33, true},
                                           Layout{5, 64, false}),
                         [](const auto& test) {
                           return std::to_string(test.param.elements) + "x" +
                                  std::to_string(test.param.element_size) +
                                  (test.param.packing ? "Packed" : "Single");
                         });

// Packs random packets into random elements of an output buffer, the way a driver may.
class OutputBuilder {
 public:
  OutputBuilder(QueueMemory& memory, unsigned buffer) : memory_(memory), buffer_(buffer) {}

  // Elements 0..15 of 256 bytes each; false: no room for this packet.
  bool add(const Packet& packet, arch::Prng& random) {
    Packet bytes(32);
    bytes[0] = std::byte{1};
    kit::put16(bytes.data() + 8, static_cast<std::uint16_t>(packet.size()));
    bytes.insert(bytes.end(), packet.begin(), packet.end());
    std::vector<std::size_t> pieces;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t least = at == 0 ? 32 : 1;
      const std::size_t most = std::min<std::size_t>(256, bytes.size() - at);
      pieces.push_back(least + random.below(most - least + 1));
      at += pieces.back();
    }
    if (next_ + pieces.size() > 16) return false;
    std::size_t at = 0;
    for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
      const unsigned fragment = pieces.size() == 1           ? 0
                                : piece == 0                 ? 0x04
                                : piece + 1 == pieces.size() ? 0x0c
                                                             : 0x08;
      const auto place = memory_.data(1, buffer_, next_);
      std::memcpy(memory_.at(place), bytes.data() + at, pieces[piece]);
      memory_.set_element(1, buffer_, next_, fragment, static_cast<std::uint32_t>(pieces[piece]), place);
      at += pieces[piece];
      ++next_;
    }
    return true;
  }
  void finish() {
    memory_.element(1, buffer_, next_ - 1)[0] |= std::byte{0x40};
    memory_.set_state(1, buffer_, 0x62);
  }

 private:
  QueueMemory& memory_;
  unsigned buffer_;
  unsigned next_ = 0;
};

TEST(RandomOutput, EveryFragmentationYieldsThePackets) {
  QueueMemory memory(1, 16, 256);
  NoInterrupt interrupt;
  DataQueues queues(memory.storage(), AdapterKind::osd, 2, interrupt);
  ASSERT_EQ(queues.establish(memory.qdr()), EstablishResult::established);
  queues.activate();
  arch::Prng random(99);
  std::deque<Packet> expected;
  for (unsigned step = 0; step < 3000; ++step) {
    OutputBuilder builder(memory, step % 128);
    while (expected.empty() || random.below(4) != 0) {
      const Packet packet = random_packet(random, 600);
      if (!builder.add(packet, random)) break;
      expected.push_back(packet);
    }
    builder.finish();
    const Taken taken = queues.take(0, [&](const Frame& frame) {
      Packet packet;
      for (unsigned index = 0; index < frame.segments; ++index) {
        const Segment& segment = frame.segment[index];
        packet.insert(packet.end(), segment.data, segment.data + segment.length);
      }
      EXPECT_FALSE(expected.empty());
      EXPECT_EQ(packet, expected.front());
      expected.pop_front();
      return std::uint8_t{0};
    });
    ASSERT_EQ(taken.buffers, 1U);
    ASSERT_EQ(taken.malformed, 0U);
    ASSERT_TRUE(expected.empty());
  }
}

// Hostile control blocks: random bytes over SBALs and states never make the engine leave the storage.
TEST(RandomStorage, AnythingInTheControlBlocksIsSurvived) {
  NoInterrupt interrupt;
  arch::Prng random(4711);
  const wire::Layer3Header pattern;
  const Packet payload(1000, std::byte{0x77});
  for (unsigned round = 0; round < 40; ++round) {
    QueueMemory memory(4, 2, 512);
    DataQueues queues(memory.storage(), AdapterKind::osd, 2, interrupt);
    ASSERT_EQ(queues.establish(memory.qdr()), EstablishResult::established);
    queues.activate();
    queues.set_packing(round % 2 == 0);
    memory.empty_input(128);
    for (unsigned step = 0; step < 400; ++step) {
      const unsigned queue = static_cast<unsigned>(random.below(5));
      const unsigned buffer = static_cast<unsigned>(random.below(128));
      std::byte* entry = memory.element(queue, buffer, static_cast<unsigned>(random.below(16)));
      entry[random.below(16)] = std::byte(random.next() & 0xffU);
      memory.set_state(queue, buffer, queue == 0 ? 0x41 : 0x62);
      queues.take(static_cast<unsigned>(random.below(5)), [&](const Frame& frame) {
        EXPECT_GT(frame.length, 0U);
        EXPECT_LE(frame.segments, 16U);
        return static_cast<std::uint8_t>(random.below(2));
      });
      const Segment segment{payload.data(), static_cast<std::uint32_t>(1 + random.below(1000))};
      queues.give({&pattern, 6, static_cast<std::uint16_t>(segment.length)}, &segment, 1, segment.length);
      if (random.below(3) == 0) queues.publish();
    }
  }
}

}  // namespace
}  // namespace vmlan::qdio
