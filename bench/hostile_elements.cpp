// What SBALs with elements of any length cost: the guest's own SIGA, and whoever sends to it. The storage has
// 1 GB, as an emulated machine may have.
//
//   siga/LENGTH   one SIGA-w of a whole ring, 16 elements of that length in each buffer, storage key 1
//   sent_to/LENGTH   a packet of 100 bytes into an input buffer whose only element has that length
#include <benchmark/benchmark.h>

#include <vector>

#include "qdio/queues/data_queues.h"

namespace vmlan::bench {
namespace {

using qdio::buffers_per_queue;

constexpr std::uint64_t gigabyte = 1U << 30U;
constexpr arch::Address qib_at = 0x1000;
constexpr arch::Address control = 0x10000;  // of each queue: SL, SLSB, SBALs
constexpr arch::Address control_size = 0x10000;
constexpr arch::Address data_at = 0x100000;

class NoInterrupt final : public qdio::QueueInterrupt {
 public:
  void post(unsigned) override {}
};

class Guest {
 public:
  Guest() {
    qdio::Qdr qdr;
    qdr.input_queues = qdr.output_queues = 1;
    qdr.input_descriptor_words = qdr.output_descriptor_words = 8;
    qdr.qib = qib_at;
    for (unsigned queue = 0; queue < 2; ++queue) {
      auto& descriptor = qdr.descriptors[queue];
      descriptor.sl = control + queue * control_size;
      descriptor.slsb = descriptor.sl + 0x400;
      descriptor.sbal_slsb_keys = 0x10;
      for (unsigned buffer = 0; buffer < buffers_per_queue; ++buffer) {
        view.write(descriptor.sl + buffer * 8U, arch::be64(sbal(queue, buffer)));
      }
    }
    for (arch::Address page = 0; page < gigabyte; page += arch::page_size) view.set_storage_key(page, 0x10);
    if (queues.establish(qdr) != qdio::EstablishResult::established) std::abort();
    queues.activate();
  }
  static arch::Address sbal(unsigned queue, unsigned buffer) {
    return control + queue * control_size + 0x1000 + buffer * sizeof(qdio::Sbal);
  }
  void hand_over(unsigned queue, unsigned buffer, unsigned elements, std::uint32_t length) {
    for (unsigned index = 0; index < elements; ++index) {
      qdio::SbalElement element;
      element.element_flags = index + 1 == elements ? qdio::element_flag::last_entry : std::uint8_t{0};
      element.length = length;
      element.address = data_at;
      view.write(sbal(queue, buffer) + index * sizeof(element), element);
    }
    const auto state = static_cast<std::uint8_t>(queue == 0 ? qdio::BufferState::input_empty
                                                            : qdio::BufferState::output_primed);
    view.write(control + queue * control_size + 0x400 + buffer, state);
  }

  arch::MainStorage storage{gigabyte};
  arch::GuestStorage view = storage.view();
  NoInterrupt interrupt;
  qdio::DataQueues queues{view, qdio::AdapterKind::osd, 2, interrupt};
};

void siga(benchmark::State& state) {
  Guest guest;
  wire::Layer3Header header;
  header.length = std::uint16_t{64};
  guest.view.write(data_at, header);
  for (auto step : state) {
    state.PauseTiming();
    for (unsigned buffer = 0; buffer < buffers_per_queue; ++buffer) {
      guest.hand_over(1, buffer, qdio::elements_per_buffer, static_cast<std::uint32_t>(state.range(0)));
    }
    state.ResumeTiming();
    guest.queues.take(0, [](const qdio::Frame&) { return qdio::sbalf15::good; });
  }
}

void sent_to(benchmark::State& state) {
  Guest guest;
  const std::vector<std::byte> payload(100);
  const wire::Layer3Header pattern;
  const qdio::Segment segment{payload.data(), 100};
  guest.queues.set_packing(true);  // as on an OSA
  unsigned buffer = 0;
  for (auto step : state) {
    guest.hand_over(0, buffer, 1, static_cast<std::uint32_t>(state.range(0)));
    buffer = (buffer + 1) % buffers_per_queue;
    benchmark::DoNotOptimize(guest.queues.give({&pattern, 6, 100}, &segment, 1, 100));
    guest.queues.publish();
  }
}

BENCHMARK(siga)->Arg(4096)->Arg(65536)->Arg(1 << 29)->Unit(benchmark::kMicrosecond);
BENCHMARK(sent_to)->Arg(4096)->Arg(65536)->Arg(1 << 29);

}  // namespace
}  // namespace vmlan::bench
