// The full path on one core: the sending driver fills output buffers, one SIGA for a batch, the base takes,
// routes, copies, and the receiving driver reads. One datagram per buffer unless the name says packed.
//
//   full_path/SIZE   the driver copies the datagram into its buffer first, as a stack's driver does
//   ethernet/SIZE    full_path with ETHERNET transport: the datagram in a frame, found by its MAC address
//   in_place/SIZE    the datagram lies in the driver's buffer already; only headers are written
//   memcpy/SIZE      memcpy of the same bytes between the same buffers: the measure for in_place
#include <benchmark/benchmark.h>

#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

constexpr unsigned batch = 64;  // datagrams per SIGA

World::Settings settings_for(std::size_t size) {
  World::Settings settings;
  // A QDIO NIC's MTU ends at 8992; larger datagrams exist on HiperSockets only.
  if (size > 8992) settings.type = guestlan::LanType::hipers;
  return settings;
}

void report(benchmark::State& state, std::uint64_t packets, std::size_t size) {
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
  state.SetBytesProcessed(static_cast<std::int64_t>(packets * size));
}

// `header` makes the transport header of a packet, as a stack does for each.
template <class Header>
void transfer(benchmark::State& state, World& world, const std::vector<std::byte>& datagram, bool fill,
              const Header& header) {
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto size = datagram.size();
  // Every buffer of both rings holds the datagram before the first measurement.
  Reader reader;
  const auto round = [&](bool copy) {
    for (unsigned count = 0; count < batch; ++count) {
      std::byte* payload = alice.driver->reserve(static_cast<std::uint32_t>(size));
      if (payload == nullptr) return false;
      if (copy) std::memcpy(payload, datagram.data(), size);
      alice.driver->commit(header(), static_cast<std::uint32_t>(size));
    }
    return alice.driver->flush() == arch::ConditionCode::zero && bob.driver->poll(reader) == batch;
  };
  for (unsigned warm = 0; warm < 4; ++warm) round(true);
  reader.packets = 0;
  for (auto step : state) {
    if (!round(fill)) {
      state.SkipWithError("a datagram was lost");
      break;
    }
  }
  benchmark::DoNotOptimize(reader.sum);
  report(state, reader.packets, size);
}

void transfer_ip(benchmark::State& state, const World::Settings& settings, bool fill) {
  World world(settings);
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto header = cms::layer3_header(bob.address, bob.address);
  transfer(
      state, world, packet(alice, bob, static_cast<std::size_t>(state.range(0))),
      fill, [&]() -> const auto& { return header; });
}

void ethernet(benchmark::State& state) {
  auto settings = settings_for(static_cast<std::size_t>(state.range(0)));
  settings.transport = qdio::Transport::ethernet;
  World world(settings);
  const auto sent = frame(world.user(0), world.user(1), static_cast<std::size_t>(state.range(0)));
  transfer(state, world, sent, true, [&] { return cms::layer2_header(sent); });
}

void full_path(benchmark::State& state) {
  transfer_ip(state, settings_for(static_cast<std::size_t>(state.range(0))), true);
}

void full_path_packed(benchmark::State& state) {
  auto settings = settings_for(static_cast<std::size_t>(state.range(0)));
  settings.one_datagram_per_buffer = false;
  transfer_ip(state, settings, true);
}

void in_place(benchmark::State& state) {
  transfer_ip(state, settings_for(static_cast<std::size_t>(state.range(0))), false);
}

// From the sender's buffers to the receiver's, in ring order, exactly where the queue engine copies: one ring
// of datagrams tells where they lie.
void plain_memcpy(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  World world(settings_for(size));
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto datagram = packet(alice, bob, size);
  const auto header = cms::layer3_header(bob.address, bob.address);
  std::vector<std::byte*> from;
  std::vector<std::byte*> to;
  for (unsigned count = 0; count < qdio::buffers_per_queue; ++count) {
    from.push_back(alice.driver->reserve(static_cast<std::uint32_t>(size)));
    std::memcpy(from.back(), datagram.data(), size);
    alice.driver->commit(header, static_cast<std::uint32_t>(size));
    alice.driver->flush();
    bob.driver->poll([&](const cms::ReceivedPacket& received) {
      to.push_back(const_cast<std::byte*>(received.payload.data()));
    });
  }
  if (to.size() != from.size()) state.SkipWithError("a datagram was lost");
  unsigned slot = 0;
  for (auto step : state) {
    for (unsigned count = 0; count < batch; ++count) {
      std::memcpy(to[slot], from[slot], size);
      slot = (slot + 1) % qdio::buffers_per_queue;
    }
    benchmark::ClobberMemory();
  }
  report(state, static_cast<std::uint64_t>(state.iterations()) * batch, size);
}

BENCHMARK(full_path)->Arg(64)->Arg(1500)->Arg(8192)->Arg(57344);
BENCHMARK(ethernet)->Arg(64)->Arg(1500)->Arg(8192)->Arg(57344);
BENCHMARK(full_path_packed)->Arg(64)->Arg(1500);
BENCHMARK(in_place)->Arg(64)->Arg(1500)->Arg(8192)->Arg(16384)->Arg(32768)->Arg(57344);
BENCHMARK(plain_memcpy)->Name("memcpy")->Arg(64)->Arg(1500)->Arg(8192)->Arg(16384)->Arg(32768)->Arg(57344);

}  // namespace
}  // namespace vmlan::bench
