// The queue engine while a second thread, as another processor of the guest, rewrites control blocks: the
// input says which doublewords take which two values in turn, and in what order packets are given and taken.
// Storage ends before the memory does; what lies behind its end must stay as it was, and no packet may begin
// or end there.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "qdio/queues/data_queues.h"
#include "tests/fuzz/input.h"
#include "tests/kit/queue_memory.h"

namespace {

using namespace vmlan;

constexpr std::uint64_t guard = 0x10000;
constexpr auto guard_byte = std::byte{0xa5};
constexpr unsigned most_steps = 512;

class NoInterrupt final : public qdio::QueueInterrupt {
 public:
  void post(unsigned) override {}
};

struct Rewrite {
  std::uint64_t* word = nullptr;
  std::array<std::uint64_t, 2> values{};
};

// A flag byte, a length and an address that are near something: pages of the queues, or the end of storage.
std::uint64_t head(fuzz::Input& input) {
  constexpr std::array<std::uint64_t, 8> lengths = {0, 1, 16, 32, 512, 4096, 0x10000, 0xffffffff};
  const std::uint64_t flags = input.byte() & 0x4cU;
  return flags << 56U | lengths[input.byte() % lengths.size()];
}
std::uint64_t address(fuzz::Input& input, arch::Address data, arch::Address end) {
  const unsigned where = input.byte();
  return (where & 1U) != 0 ? end - where / 2U : data + where * 16U;
}

std::vector<Rewrite> read_rewrites(fuzz::Input& input, kit::QueueMemory& memory, arch::Address end) {
  std::vector<Rewrite> rewrites;
  const unsigned count = 1 + input.byte() % 16U;
  for (unsigned index = 0; index < count; ++index) {
    const unsigned where = input.byte();
    const unsigned queue = where & 1U;
    auto* words = reinterpret_cast<std::uint64_t*>(memory.element(queue, 0, where / 2U % 16U));
    rewrites.push_back({words, {head(input), head(input)}});
    const auto data = memory.data(queue, 0);
    rewrites.push_back({words + 1, {address(input, data, end), address(input, data, end)}});
  }
  return rewrites;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(std::span(data, size));
  kit::QueueMemory memory(1, 16, 1024);
  // Each ring is one SBAL, so that what is rewritten is what is used.
  for (unsigned queue = 0; queue < 2; ++queue) {
    for (unsigned buffer = 0; buffer < qdio::buffers_per_queue; ++buffer) {
      kit::put64(memory.at(memory.sl(queue) + buffer * 8U), memory.sbal(queue, 0));
    }
  }
  memory.empty_input(1);
  const arch::Address end = memory.storage().size() - guard;
  std::fill_n(memory.at(end), guard, guard_byte);
  std::vector<std::uint8_t> keys(end / arch::page_size + 1);
  NoInterrupt interrupt;
  qdio::DataQueues queues({memory.at(0), end, keys.data()}, qdio::AdapterKind::osd, 2, interrupt);
  if (queues.establish(memory.qdr()) != qdio::EstablishResult::established) std::abort();
  queues.activate();
  queues.set_packing((input.byte() & 1U) != 0);

  std::atomic<bool> stop = false;
  std::thread processor([&stop, rewrites = read_rewrites(input, memory, end)] {
    for (unsigned turn = 0; !stop.load(std::memory_order_relaxed); ++turn) {
      for (const Rewrite& rewrite : rewrites) {
        __atomic_store_n(rewrite.word, __builtin_bswap64(rewrite.values[turn % 2]), __ATOMIC_RELAXED);
      }
    }
  });
  const std::vector<std::byte> payload(15'000, std::byte{0x77});
  const wire::Layer3Header pattern;
  const std::byte* const limit = memory.at(end);
  for (unsigned step = 0; step < most_steps; ++step) {
    memory.set_state(step & 1U, step / 2U % 128U, (step & 1U) == 0 ? 0x41 : 0x62);
    const std::uint32_t length = 1U + input.half() % 15'000U;
    const qdio::Segment segment{payload.data(), length};
    queues.give({&pattern, 6, static_cast<std::uint16_t>(length)}, &segment, 1, length);
    queues.take(0, [limit](const qdio::Frame& frame) {
      for (unsigned index = 0; index < frame.segments; ++index) {
        if (frame.segment[index].data + frame.segment[index].length > limit) std::abort();
      }
      return std::uint8_t{0};
    });
    if (step % 4 == 0) queues.publish();
  }
  stop = true;
  processor.join();
  // The sender's buffers of queue 1 end in the guard's room and are not stored into.
  if (!std::all_of(memory.at(end), memory.at(end) + guard,
                   [](std::byte byte) { return byte == guard_byte; })) {
    std::abort();
  }
  return 0;
}
