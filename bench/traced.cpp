// A LAN that is traced: the full path of full_path.cpp, with every frame recorded besides.
//
//   untraced/SIZE     nobody watches
//   to_file/SIZE      TRSOURCE, LENGTH 512, into a file in $TMPDIR or /tmp; `lost` frames found no room
//   quick/SIZE        one capture whose reader takes everything
//   with_slow/SIZE    the same beside a capture that nobody reads
#include <benchmark/benchmark.h>

#include "apps/system/trace_output.h"
#include "guestlan/trace_lan.h"
#include "host/real_clock.h"
#include "host/temporary_folder.h"
#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

constexpr unsigned batch = 64;  // datagrams per SIGA

class Answers final : public host::BlockOutput {
 public:
  explicit Answers(Took answer) : answer_(answer) {}
  bool has_room() const noexcept override { return answer_ == Took::all; }
  Took take(std::span<const std::span<const std::byte>>) noexcept override { return answer_; }

 private:
  Took answer_;
};

// A capture whose reader always answers so.
struct Reading {
  Reading(World& world, host::BlockOutput::Took answer) : output(answer) {
    trace.start(*world.system().vmlan().find("SYSTEM", "LAN1"));
  }

  Answers output;
  apps::PcapngTrace sink{output, "bench", ~std::uint64_t{0}};
  host::RealClock clock;
  guestlan::LanTrace trace{clock, {}, sink, [](guestlan::LanTrace::End) {}};
};

// `state`'s datagrams from one user to another on a LAN that is already as it shall be.
void transfer(benchmark::State& state, World& world) {
  const auto size = static_cast<std::size_t>(state.range(0));
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto header = cms::layer3_header(bob.address, bob.address);
  const auto datagram = packet(alice, bob, size);
  Reader reader;
  for (auto step : state) {
    for (unsigned count = 0; count < batch; ++count) {
      std::byte* payload = alice.driver->reserve(static_cast<std::uint32_t>(size));
      if (payload == nullptr) return state.SkipWithError("no buffer");
      std::memcpy(payload, datagram.data(), size);
      alice.driver->commit(header, static_cast<std::uint32_t>(size));
    }
    alice.driver->flush();
    if (bob.driver->poll(reader) != batch) return state.SkipWithError("a datagram was lost");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(reader.packets));
}

void untraced(benchmark::State& state) {
  World world({});
  transfer(state, world);
}

void to_file(benchmark::State& state) {
  World world({});
  const auto folder = host::TemporaryFolder::make();
  if (!folder) return state.SkipWithError("no temporary folder");
  auto opened = apps::open_trace_file(folder->path(), "BENCH", host::BackgroundFile::WhenFull::refuse,
                                      std::uint64_t{64} << 30U);
  if (auto* error = std::get_if<std::string>(&opened)) return state.SkipWithError(error->c_str());
  auto& sink = *std::get<std::unique_ptr<guestlan::TraceSink>>(opened);
  guestlan::TraceChoice choice;
  choice.length = 512;
  const host::RealClock clock;
  guestlan::LanTrace trace(clock, choice, sink, [](guestlan::LanTrace::End) {});
  trace.start(*world.system().vmlan().find("SYSTEM", "LAN1"));
  transfer(state, world);
  trace.stop();
  state.counters["lost"] = static_cast<double>(sink.lost());
}

void quick(benchmark::State& state) {
  World world({});
  const Reading reading(world, host::BlockOutput::Took::all);
  transfer(state, world);
}

void with_slow(benchmark::State& state) {
  World world({});
  const Reading reading(world, host::BlockOutput::Took::all);
  const Reading slow(world, host::BlockOutput::Took::no_room);
  transfer(state, world);
}

BENCHMARK(untraced)->Arg(64)->Arg(1500);
BENCHMARK(to_file)->Arg(64)->Arg(1500);
BENCHMARK(quick)->Arg(64)->Arg(1500);
BENCHMARK(with_slow)->Arg(64)->Arg(1500);

}  // namespace
}  // namespace vmlan::bench
