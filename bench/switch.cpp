// What a switch costs beside a LAN, and a crowd beside a pair; all with ETHERNET transport, drivers included.
//
//   lan/SIZE            datagrams of one user to another
//   vlan_switch/SIZE    the same on a VLAN-aware virtual switch, both in one VLAN
//   crowded_lan/SIZE    the same on a LAN with 9,998 more ports and 100,000 more MAC addresses
//   broadcast/PORTS/0   64-byte frames from one user to all others; items are copies, and only the sender's
//   side of
//                       a round is measured
//   broadcast/PORTS/1   the same, receivers with 64 buffers of 2 KB in large pages instead of 128 of 4 KB
#include <benchmark/benchmark.h>

#include <chrono>

#include "host/real_clock.h"
#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

constexpr unsigned batch = 64;  // datagrams per SIGA

// A port that is there, with MAC addresses, and takes nothing.
class Bystander final : public guestlan::Port {
 public:
  Bystander(guestlan::Lan& lan, unsigned number)
      : Port({"CROWD", {0x600}, mac_of(number, 0)}), number_(number) {
    join(lan);
    set_active(true);
    for (unsigned index = 0; index < macs; ++index) lan.add_mac(mac_of(number, index), *this);
  }
  ~Bystander() override { leave(); }
  void address_taken(const wire::IpAddress&, const Port&) override {}

 protected:
  void forget_registrations() override {
    for (unsigned index = 0; index < macs; ++index) lan()->remove_mac(mac_of(number_, index), *this);
  }

 private:
  static constexpr unsigned macs = 10;
  static wire::MacAddress mac_of(unsigned number, unsigned index) {
    return {{0x0a, static_cast<std::uint8_t>(index), 0, static_cast<std::uint8_t>(number >> 16U),
             static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}};
  }
  unsigned number_;
};

void transfer_frames(benchmark::State& state, World& world) {
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto sent = frame(alice, bob, static_cast<std::size_t>(state.range(0)));
  Reader reader;
  const auto round = [&] { return send_and_read(alice, bob, sent, batch, reader); };
  for (unsigned warm = 0; warm < 4; ++warm) round();
  reader.packets = 0;
  for (auto step : state) {
    if (round()) continue;
    state.SkipWithError("a datagram was lost");
    break;
  }
  benchmark::DoNotOptimize(reader.sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(reader.packets));
}

World::Settings ethernet_settings() {
  World::Settings settings;
  settings.transport = qdio::Transport::ethernet;
  return settings;
}

void lan(benchmark::State& state) {
  World world(ethernet_settings());
  transfer_frames(state, world);
}

void vlan_switch(benchmark::State& state) {
  auto settings = ethernet_settings();
  settings.vlan_switch = true;
  World world(settings);
  transfer_frames(state, world);
}

void crowded_lan(benchmark::State& state) {
  World world(ethernet_settings());
  std::vector<std::unique_ptr<Bystander>> crowd;
  for (unsigned number = 2; number < 10'000; ++number) {
    crowd.push_back(std::make_unique<Bystander>(world.lan(), number));
  }
  transfer_frames(state, world);
}

void broadcast(benchmark::State& state) {
  auto settings = ethernet_settings();
  settings.users = static_cast<unsigned>(state.range(0)) + 1;
  const bool in_large_pages = state.range(1) != 0;
  settings.buffer_size = in_large_pages ? 2048 : 4096;
  if (in_large_pages) settings.buffers = batch;
  World world(settings);
  for (unsigned number = 0; in_large_pages && number < settings.users; ++number) {
    auto& machine = *world.user(number).machine;
    machine.expect_use(machine.storage().size());
  }
  User& alice = world.user(0);
  auto sent = frame(alice, world.user(1), 50);  // 64 bytes
  std::memset(sent.data(), 0xff, 6);
  const auto size = static_cast<std::uint32_t>(sent.size());
  Reader reader;
  const host::RealClock clock;
  const auto round = [&] {
    const auto begin = clock.now();
    for (unsigned count = 0; count < batch; ++count) {
      std::memcpy(alice.driver->reserve(size), sent.data(), size);
      alice.driver->commit(cms::layer2_header(sent), size);
    }
    alice.driver->flush();
    const std::chrono::duration<double> time = clock.now() - begin;
    for (unsigned number = 1; number < settings.users; ++number) world.user(number).driver->poll(reader);
    return time.count();
  };
  for (unsigned warm = 0; warm < 4; ++warm)
    round();  // the host gives the receivers' pages when they are used
  reader.packets = 0;
  for (auto step : state) state.SetIterationTime(round());
  const auto expected = static_cast<std::uint64_t>(state.iterations()) * batch * (settings.users - 1);
  if (reader.packets != expected) state.SkipWithError("a copy was lost");
  state.SetItemsProcessed(static_cast<std::int64_t>(reader.packets));
}

BENCHMARK(lan)->Arg(64)->Arg(1500);
BENCHMARK(vlan_switch)->Arg(64)->Arg(1500);
BENCHMARK(crowded_lan)->Arg(64)->Arg(1500);
BENCHMARK(broadcast)->Args({1000, 0})->Args({1000, 1})->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vmlan::bench
