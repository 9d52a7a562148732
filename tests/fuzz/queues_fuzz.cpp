// The queue engine over hostile control blocks: the queues are laid out and established as they should be,
// then the input pokes bytes into SBALs, state bytes and transport headers between SIGAs and deliveries.
#include <array>
#include <cstdint>
#include <span>

#include "qdio/data_queues.h"
#include "tests/fuzz/input.h"
#include "tests/kit/queue_memory.h"

namespace {

using namespace vmlan;

constexpr unsigned outputs = 2;
constexpr unsigned most_steps = 256;

class NoInterrupt final : public qdio::QueueInterrupt {
 public:
  void post(unsigned) override {}
};

// One byte of an SBAL, or of the packet behind it; then the buffer is the adapter's.
void poke(kit::QueueMemory& memory, fuzz::Input& input) {
  const unsigned queue = input.byte() % (1 + outputs);
  const unsigned buffer = input.byte() % qdio::buffers_per_queue;
  const unsigned where = input.byte();
  const auto value = static_cast<std::byte>(input.byte());
  if (where < 0xc0U) {
    memory.element(queue, buffer, where / 12U)[where % 12U + 4U * (where & 1U)] = value;
  } else {
    *memory.at(memory.data(queue, buffer) + (where & 0x3fU)) = value;
  }
  memory.set_state(queue, buffer, queue == 0 ? 0x41U : 0x62U);
}

void give(qdio::DataQueues& queues, fuzz::Input& input) {
  static const std::array<std::byte, 1024> payload{};
  const wire::Layer3Header pattern;
  const std::uint32_t length = 1U + input.half() % 1024U;
  const qdio::Segment segment{payload.data(), length};
  queues.give({&pattern, 6, static_cast<std::uint16_t>(length)}, &segment, 1, length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(std::as_bytes(std::span(data, size)));
  static kit::QueueMemory memory(outputs, 2, 512);
  memory.empty_input(qdio::buffers_per_queue);
  NoInterrupt interrupt;
  const auto kind = (input.byte() & 1U) == 0 ? qdio::AdapterKind::osd : qdio::AdapterKind::iqd;
  qdio::DataQueues queues(memory.storage(), kind, 2, interrupt);
  auto qdr = memory.qdr();
  qdr.queue_format = kind == qdio::AdapterKind::iqd ? 2 : 0;
  if (queues.establish(qdr) != qdio::EstablishResult::established) __builtin_trap();
  queues.activate();
  queues.set_packing((input.byte() & 1U) == 0);
  for (unsigned step = 0; step < most_steps; ++step) {
    switch (input.byte() % 4U) {
      case 0:
        poke(memory, input);
        break;
      case 1:
        queues.take(step % outputs, [&](const qdio::Frame& frame) {
          if (frame.length == 0 || frame.segments == 0 || frame.segments > 16) __builtin_trap();
          return static_cast<std::uint8_t>(step & 1U);
        });
        break;
      case 2:
        give(queues, input);
        break;
      default:
        queues.publish();
        break;
    }
  }
  return 0;
}
