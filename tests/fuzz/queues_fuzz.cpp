// The queue engine over hostile control blocks: the queues are laid out and established as they should be,
// then the input pokes bytes into SBALs, state bytes and transport headers between SIGAs and deliveries. What
// asks its adapter for checksums or segmentation is finished and delivered.
#include <array>
#include <cstdint>
#include <span>

#include "qdio/queues/data_queues.h"
#include "qdio/queues/finished_packets.h"
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

// A packet of which something is left to the adapter, in one of the output buffers; the input says what.
void prime_offloaded(kit::QueueMemory& memory, fuzz::Input& input) {
  constexpr std::size_t headers = 64 + 80;  // transport header, extension, protocol headers
  const unsigned queue = 1 + input.byte() % outputs;
  const unsigned buffer = input.byte() % qdio::buffers_per_queue;
  std::byte* at = memory.at(memory.data(queue, buffer));
  for (std::size_t index = 0; index < headers; ++index) at[index] = static_cast<std::byte>(input.byte());
  memory.set_element(queue, buffer, 0, 0x40, 100U + input.half() % 900U, memory.data(queue, buffer));
  memory.set_state(queue, buffer, 0x62);
}

void finish(qdio::DataQueues& queues, const qdio::Frame& frame, bool whole) {
  qdio::Offload offload = qdio::offload_of(frame);
  offload.whole = whole;
  qdio::FinishedPackets packets(offload, frame.segment.data(), frame.segments, frame.length);
  if (!packets.usable()) return;
  qdio::HeaderForReceiver header({&frame.layer3, frame.layer3.flags, 0}, frame.is_ethernet(),
                                 packets.summed());
  std::uint64_t counted = 0;
  for (unsigned number = 0; number < packets.count(); ++number) {
    const auto packet = packets.packet(number);
    if (packet.length > frame.length || packet.segments > 1 + qdio::most_segments) __builtin_trap();
    counted += packet.counts;
    queues.give(header.with_length(packet.length), packet.segment, packet.segments, packet.length);
  }
  if (counted != frame.packets()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(std::as_bytes(std::span(data, size)));
  // Made anew each time: a poked address lets a delivery write anywhere in there, also over the control
  // blocks.
  kit::QueueMemory memory(outputs, 2, 512);
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
    switch (input.byte() % 5U) {
      case 0:
        poke(memory, input);
        break;
      case 1:
        queues.take(step % outputs, [&](const qdio::Frame& frame) {
          if (frame.length == 0 || frame.segments == 0 || frame.segments > 16) __builtin_trap();
          if (frame.offloaded) finish(queues, frame, (step & 1U) != 0);
          return static_cast<std::uint8_t>(step & 1U);
        });
        break;
      case 2:
        give(queues, input);
        break;
      case 3:
        prime_offloaded(memory, input);
        break;
      default:
        queues.publish();
        break;
    }
  }
  return 0;
}
