// Another processor of the guest rewrites control blocks while the engine works on them. What it names in one
// moment must not be used with what it named in another. Storage ends before the memory does; what lies
// behind its end is looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "qdio/queues/data_queues.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::qdio {
namespace {

using kit::QueueMemory;

class NoInterrupt final : public QueueInterrupt {
 public:
  void post(unsigned) override {}
};

constexpr std::uint64_t guard = 0x10000;
constexpr auto guard_byte = std::byte{0xa5};
constexpr std::uint64_t head(std::uint8_t flags, std::uint32_t length) {
  return std::uint64_t{flags} << 56U | length;
}

// All buffers of a ring are one SBAL, so that the other processor need not guess which is next.
class RacingGuest : public testing::Test {
 protected:
  RacingGuest() {
    for (unsigned queue = 0; queue < 2; ++queue) {
      for (unsigned buffer = 0; buffer < 128; ++buffer) {
        kit::put64(memory.at(memory.sl(queue) + buffer * 8U), memory.sbal(queue, 0));
      }
    }
    std::fill_n(memory.at(end), guard, guard_byte);
    EXPECT_EQ(queues.establish(memory.qdr()), EstablishResult::established);
    queues.activate();
  }
  bool guard_is_whole() {
    return std::all_of(memory.at(end), memory.at(end) + guard,
                       [](std::byte byte) { return byte == guard_byte; });
  }
  // One element is this and that in turn, until the test ends.
  void rewrite(unsigned queue, unsigned index, std::array<std::uint64_t, 2> one,
               std::array<std::uint64_t, 2> other) {
    auto* words = reinterpret_cast<std::uint64_t*>(memory.element(queue, 0, index));
    processor = std::jthread([words, one, other](const std::stop_token& stop) {
      for (unsigned turn = 0; !stop.stop_requested(); ++turn) {
        const auto& element = turn % 2 == 0 ? one : other;
        for (unsigned word = 0; word < 2; ++word) {
          __atomic_store_n(words + word, __builtin_bswap64(element[word]), __ATOMIC_RELAXED);
        }
        // So that the pace meets the engine's at some time.
        for (unsigned pause = 0; pause < turn % 16; ++pause)
          std::atomic_signal_fence(std::memory_order_seq_cst);
      }
    });
  }

  QueueMemory memory{1, 16, 4096};
  const arch::Address end = memory.storage().size() - guard;
  std::vector<std::uint8_t> keys = std::vector<std::uint8_t>(end / arch::page_size);
  NoInterrupt interrupt;
  DataQueues queues{{memory.at(0), end, keys.data()}, AdapterKind::osd, 2, interrupt};
  std::jthread processor;
};

constexpr unsigned rounds = 500'000;

TEST_F(RacingGuest, AnInputElementIsReadOnceAndNothingIsStoredBeyondStorage) {
  const std::vector<std::byte> payload(50'000, std::byte{0x77});
  const wire::Layer3Header pattern;
  unsigned next = 0;
  for (const bool packing : {false, true}) {
    queues.set_packing(packing);
    rewrite(0, 1, {head(0, 4096), memory.data(0, 0, 1)}, {head(0, 1), end - 1});
    for (unsigned round = 0; round < rounds; ++round) {
      // A header does not fit into 16 bytes: the packet begins in element 1.
      memory.set_element(0, 0, 0, 0, 16, memory.data(0, 0, 0));
      for (unsigned index = 2; index < 16; ++index) {
        memory.set_element(0, 0, index, 0, 4096, memory.data(0, 0, index));
      }
      memory.set_state(0, next, 0x41);
      const auto length = round % 2 == 0 ? 100U : 50'000U;
      const Segment segment{payload.data(), length};
      queues.give({&pattern, 6, static_cast<std::uint16_t>(length)}, &segment, 1, length);
      queues.publish();
      if (memory.state(0, next) != 0x41) next = (next + 1) % 128;  // else it did not fit
    }
    EXPECT_TRUE(guard_is_whole());
  }
}

TEST_F(RacingGuest, AnOutputElementIsReadOnceAndNothingIsFetchedFromBeyondStorage) {
  rewrite(1, 1, {head(0x4c, 0x8000), memory.data(1, 0, 1)}, {head(0x4c, 1), end - 1});
  memory.set_element(1, 0, 0, 0x04, 32, memory.data(1, 0, 0));
  memory.at(memory.data(1, 0, 0))[0] = std::byte{1};
  kit::put16(memory.at(memory.data(1, 0, 0)) + 8, 0x7000);
  const std::byte* const limit = memory.at(end);
  for (unsigned round = 0; round < rounds && !HasFailure(); ++round) {
    memory.set_state(1, round % 128, 0x62);
    queues.take(0, [&](const Frame& frame) {
      for (unsigned index = 0; index < frame.segments; ++index) {
        const Segment& segment = frame.segment[index];
        EXPECT_LE(segment.data + segment.length, limit);
      }
      return std::uint8_t{0};
    });
  }
}

// The length is judged, then used: a second look could be at another one.
TEST_F(RacingGuest, ATransportHeaderIsReadOnce) {
  memory.set_element(1, 0, 0, 0x40, 4096, memory.data(1, 0, 0));
  std::byte* header = memory.at(memory.data(1, 0, 0));
  header[0] = std::byte{1};
  kit::put16(header + 8, 100);
  processor = std::jthread([header](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (const std::uint8_t high : {std::uint8_t{0x00}, std::uint8_t{0xff}}) {
        __atomic_store_n(reinterpret_cast<std::uint8_t*>(header + 8), high, __ATOMIC_RELAXED);
      }
    }
  });
  for (unsigned round = 0; round < rounds && !HasFailure(); ++round) {
    memory.set_state(1, round % 128, 0x62);
    queues.take(0, [&](const Frame& frame) {
      EXPECT_EQ(frame.length, 100U);
      EXPECT_EQ(frame.segment[0].length, 100U);
      EXPECT_EQ(frame.layer3.length, 100U);
      return std::uint8_t{0};
    });
  }
}

// A key belongs to the guest's processors, which set it while we note reference and change in it.
TEST_F(RacingGuest, NotingReferenceAndChangeLosesNoAccessControlBits) {
  constexpr arch::Address page = 0x3000;
  const arch::GuestStorage storage{memory.at(0), end, keys.data()};
  processor = std::jthread([storage](const std::stop_token& stop) {
    while (!stop.stop_requested()) storage.mark_changed(page);
  });
  unsigned lost = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    const auto key = static_cast<std::uint8_t>((round % 16) << 4U);
    storage.set_storage_key(page, key);
    for (unsigned look = 0; look < 4; ++look) {
      if ((storage.storage_key(page) & arch::storage_key_access) != key) ++lost;
    }
  }
  EXPECT_EQ(lost, 0U);
}

}  // namespace
}  // namespace vmlan::qdio
