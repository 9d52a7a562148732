// Cost per datagram against the number of users on one LAN, 64-byte datagrams, eight a SIGA.
//
//   two_talk/N   N users are logged on, two of them talk: what the size of the table costs
//   all_talk/N   every user in turn sends a batch to its neighbour: what N users' queues cost the caches
//   random/N     every user in turn sends a batch, each datagram to another user by chance
#include <benchmark/benchmark.h>

#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

constexpr unsigned batch = 8;
constexpr std::size_t size = 64;

World::Settings settings_for(benchmark::State& state) {
  World::Settings settings;
  settings.users = static_cast<unsigned>(state.range(0));
  settings.buffers = 16;
  settings.buffer_size = 256;
  return settings;
}

// Sends one batch; `receiver(count)` names the user each datagram goes to.
template <class Receiver>
void send_batch(User& from, const std::vector<std::byte>& datagram, Receiver&& receiver) {
  for (unsigned count = 0; count < batch; ++count) {
    const User& to = receiver(count);
    std::byte* payload = from.driver->reserve(size);
    std::memcpy(payload, datagram.data(), size);
    std::memcpy(payload + offsetof(wire::Ipv4Header, destination), to.address.v4_bytes(), 4);
    from.driver->commit(cms::layer3_header(to.address, to.address), size);
  }
  from.driver->flush();
}

void finish(benchmark::State& state, const Reader& reader) {
  benchmark::DoNotOptimize(reader.sum);
  if (reader.packets != static_cast<std::uint64_t>(state.iterations()) * batch) {
    state.SkipWithError("a datagram was lost");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(reader.packets));
}

void two_talk(benchmark::State& state) {
  World world(settings_for(state));
  const auto users = static_cast<unsigned>(state.range(0));
  User& alice = world.user(users / 2 - 1);
  User& bob = world.user(users - 1);
  const auto datagram = packet(alice, bob, size);
  Reader reader;
  for (auto step : state) {
    send_batch(alice, datagram, [&](unsigned) -> User& { return bob; });
    bob.driver->poll(reader);
  }
  finish(state, reader);
}

void all_talk(benchmark::State& state) {
  World world(settings_for(state));
  const auto users = static_cast<unsigned>(state.range(0));
  const auto datagram = packet(world.user(0), world.user(1), size);
  Reader reader;
  unsigned turn = 0;
  for (auto step : state) {
    User& to = world.user((turn + 1) % users);
    send_batch(world.user(turn), datagram, [&](unsigned) -> User& { return to; });
    to.driver->poll(reader);
    turn = (turn + 1) % users;
  }
  finish(state, reader);
}

void random_talk(benchmark::State& state) {
  World world(settings_for(state));
  const auto users = static_cast<unsigned>(state.range(0));
  const auto datagram = packet(world.user(0), world.user(1), size);
  arch::Prng chance(1);
  Reader reader;
  unsigned turn = 0;
  std::array<unsigned, batch> receivers{};
  for (auto step : state) {
    for (auto& receiver : receivers) {
      receiver = static_cast<unsigned>((turn + 1 + chance.below(users - 1)) % users);
    }
    send_batch(world.user(turn), datagram,
               [&](unsigned count) -> User& { return world.user(receivers[count]); });
    for (const unsigned receiver : receivers) world.user(receiver).driver->poll(reader);
    turn = (turn + 1) % users;
  }
  finish(state, reader);
}

BENCHMARK(two_talk)->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK(all_talk)->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK(random_talk)->Name("random")->Arg(2)->Arg(100)->Arg(10000);

}  // namespace
}  // namespace vmlan::bench
