// What it costs to be watched: 64-byte frames of one user to another on a LAN with ETHERNET transport,
// drivers included.
//
//   nobody_watches   as it is without a trace
//   slow_reader      a trace whose reader takes nothing: what others still have of the LAN
//   slow_uplink      nobody watches, and an uplink whose device takes nothing gets a broadcast with each SIGA
//   to_disk          a trace into a pcapng file in the folder for temporary files, which is waited for
//   to_disk_no_wait  the same without waiting, as TRSOURCE does it
//
// `written`: frames in the file for each second.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <limits>

#include "apps/system/trace_output.h"
#include "guestlan/test_switch.h"
#include "guestlan/trace_lan.h"
#include "host/real_clock.h"
#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

constexpr unsigned batch = 64;  // frames per SIGA

class Talk {
 public:
  Talk() : world_(settings()), sent_(frame(world_.user(0), world_.user(1), 50)) {
    for (unsigned warm = 0; warm < 4; ++warm) round();
  }
  guestlan::Lan& lan() { return world_.lan(); }
  // Before each round one frame to all, which goes with it.
  void add_broadcast() {
    broadcast_ = sent_;
    std::memset(broadcast_.data(), 0xff, 6);
  }
  bool round() {
    User& alice = world_.user(0);
    if (!broadcast_.empty()) {
      const auto size = static_cast<std::uint32_t>(broadcast_.size());
      std::memcpy(alice.driver->reserve(size), broadcast_.data(), size);
      alice.driver->commit(cms::layer2_header(broadcast_), size);
    }
    const auto before = reader_.packets;
    send_and_read(alice, world_.user(1), sent_, batch, reader_);
    return reader_.packets - before == batch + (broadcast_.empty() ? 0 : 1);
  }

 private:
  static World::Settings settings() {
    World::Settings settings;
    settings.transport = qdio::Transport::ethernet;
    return settings;
  }
  World world_;
  std::vector<std::byte> sent_;
  std::vector<std::byte> broadcast_;  // empty: none
  Reader reader_;
};

void run(benchmark::State& state, Talk& talk) {
  for (auto step : state) {
    if (talk.round()) continue;
    state.SkipWithError("a frame was lost");
    break;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * batch);
}

// Takes what a file begins with, and then nothing.
class NeverRoom final : public host::BlockOutput {
 public:
  Took take(std::span<const std::span<const std::byte>> /*pieces*/) noexcept override { return Took::all; }
  bool has_room() const noexcept override { return false; }
};

void slow_uplink(benchmark::State& state) {
  Talk talk;
  guestlan::OutsideUplink uplink;
  uplink.refuse = qdio::GiveResult::no_empty_buffer;
  uplink.join(talk.lan());
  uplink.carry(true);
  talk.add_broadcast();
  run(state, talk);
  if (uplink.counters().rx_discarded == 0) state.SkipWithError("the uplink was not asked");
}

void nobody_watches(benchmark::State& state) {
  Talk talk;
  run(state, talk);
}

void slow_reader(benchmark::State& state) {
  Talk talk;
  NeverRoom output;
  apps::PcapngTrace sink(output, "vmlan bench", std::numeric_limits<std::uint64_t>::max());
  const host::RealClock clock;
  guestlan::LanTrace trace(clock, {}, sink, [](guestlan::LanTrace::End) {});
  trace.start(talk.lan());
  run(state, talk);
}

void write(benchmark::State& state, host::BackgroundFile::WhenFull when_full) {
  const auto path = std::filesystem::temp_directory_path() / "vmlan-bench-capture.pcapng";
  auto file = host::BackgroundFile::create(path.string(), when_full);
  if (const auto* why = std::get_if<std::string>(&file)) return state.SkipWithError(why->c_str());
  auto& output = std::get<std::unique_ptr<host::BackgroundFile>>(file);
  const host::RealClock clock;
  std::uint64_t written = 0;
  {
    Talk talk;
    apps::PcapngTrace sink(*output, "vmlan bench", std::numeric_limits<std::uint64_t>::max());
    guestlan::LanTrace trace(clock, {}, sink, [](guestlan::LanTrace::End) {});
    trace.start(talk.lan());
    run(state, talk);
    trace.stop();
    written = trace.recorded();
  }
  output.reset();
  host::finish_background_files();
  std::filesystem::remove(path);
  state.counters["written"] = benchmark::Counter(static_cast<double>(written), benchmark::Counter::kIsRate);
}

void to_disk(benchmark::State& state) { write(state, host::BackgroundFile::WhenFull::wait); }
void to_disk_no_wait(benchmark::State& state) { write(state, host::BackgroundFile::WhenFull::refuse); }

// A file of a bounded size.
constexpr int rounds = 40'000;

BENCHMARK(nobody_watches)->Iterations(rounds)->UseRealTime();
BENCHMARK(slow_reader)->Iterations(rounds)->UseRealTime();
BENCHMARK(slow_uplink)->Iterations(rounds)->UseRealTime();
BENCHMARK(to_disk)->Iterations(rounds)->UseRealTime();
BENCHMARK(to_disk_no_wait)->Iterations(rounds)->UseRealTime();

}  // namespace
}  // namespace vmlan::bench
