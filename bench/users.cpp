// Cost per datagram against the number of users on one LAN, 64-byte datagrams, eight a SIGA.
//
//   two_talk/N   N users are logged on, two of them talk: what the size of the table costs
//   all_talk/N   every user in turn sends a batch to its neighbour: what N users' queues cost the caches
//   random/N     every user in turn sends a batch, each datagram to another user by chance
//   replay_users/N   N users as a replay has them are logged on, none has talked: `KB` resident memory and
//                    `ms` processor time of each
//
// Users that talk have talked before: each of their buffers has been used, and the base has had idle moments.
#include <benchmark/benchmark.h>

#include <ctime>
#include <memory>
#include <vector>

#include "bench/resident.h"
#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

constexpr unsigned batch = 8;
constexpr std::size_t size = 64;

constexpr unsigned buffers = 16;

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

// One for all calls with the same number: Google Benchmark makes several.
World& world_of(const benchmark::State& state) {
  static std::unique_ptr<World> world;
  static unsigned users = 0;
  if (world != nullptr && users == state.range(0)) return *world;
  world.reset();
  users = static_cast<unsigned>(state.range(0));
  World::Settings settings;
  settings.users = users;
  settings.buffers = buffers;
  settings.buffer_size = 256;
  world = std::make_unique<World>(settings);
  const auto datagram = packet(world->user(0), world->user(1), size);
  Reader reader;
  for (unsigned turn = 0; turn < users * (qdio::buffers_per_queue / batch); ++turn) {
    User& to = world->user((turn + 1) % users);
    send_batch(world->user(turn % users), datagram, [&](unsigned) -> User& { return to; });
    to.driver->poll(reader);
  }
  constexpr unsigned idle_moments = 64 * 1024;
  for (unsigned moment = 0; moment < idle_moments; ++moment) world->system().run_until_idle(1);
  return *world;
}

void two_talk(benchmark::State& state) {
  World& world = world_of(state);
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
  World& world = world_of(state);
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
  World& world = world_of(state);
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

// --- Users of a replay ----------------------------------------------------------------------------------

// What apps/replay has in each user, but for the mail.
class ReplayProgram final : public arch::Program {
 public:
  ReplayProgram(arch::Machine& machine, unsigned number) : number_(number), driver_(machine, options()) {}

  static cms::QdioDriver::Options options() {
    cms::QdioDriver::Options options;
    options.base_device = {0x0600};
    options.area = arch::page_size;
    options.input_buffers = 1;
    options.output_buffers = 1;
    options.input_buffer_size = 8192;
    options.output_buffer_size = 8192;
    options.broadcast = false;
    return options;
  }

  bool ready() const { return ready_; }

  arch::Wait run() override {
    if (driver_.started()) return {};
    const auto address =
        wire::IpAddress::v4(10, static_cast<std::uint8_t>(number_ >> 16U),
                            static_cast<std::uint8_t>(number_ >> 8U), static_cast<std::uint8_t>(number_));
    ready_ =
        driver_.start() == cms::DriverError::none && driver_.set_ip(address, 32) == qdio::IpaCode::success;
    return {};
  }

 private:
  unsigned number_;
  cms::QdioDriver driver_;
  bool ready_ = false;
};

cp::UserEntry replay_entry(unsigned number) {
  cp::UserEntry entry;
  entry.userid = fmt::format("R{:07}", number);
  entry.storage = arch::page_size + cms::QdioDriver::storage_needed(ReplayProgram::options());
  cp::NicDefinition nic;
  nic.device = {0x600};
  nic.kind = qdio::AdapterKind::osd;
  nic.lan_owner = "SYSTEM";
  nic.lan_name = "LAN1";
  entry.nics.push_back(nic);
  return entry;
}

void replay_users(benchmark::State& state) {
  const auto users = static_cast<unsigned>(state.range(0));
  for (auto step : state) {
    const double before = resident_bytes();
    const auto start = std::clock();
    arch::VirtualClock clock;
    NoConsole console;
    cp::ControlProgram system({.clock = clock, .consoles = console, .load_system = {}, .host_disk = {}});
    guestlan::LanAttributes lan;
    lan.owner = "SYSTEM";
    lan.name = "LAN1";
    system.vmlan().create(lan);
    std::vector<const ReplayProgram*> programs;
    for (unsigned number = 0; number < users; ++number) {
      auto* machine = system.logon(replay_entry(number));
      machine->expect_use(arch::page_size + cms::QdioDriver::storage_to_start(ReplayProgram::options()));
      auto program = std::make_unique<ReplayProgram>(*machine, number);
      programs.push_back(program.get());
      machine->set_program(std::move(program));
    }
    system.run_until_idle(16);
    const auto spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    state.counters["KB"] = (resident_bytes() - before) / 1024 / users;
    state.counters["ms"] = spent * 1000 / users;
    for (const auto* program : programs) {
      if (!program->ready()) state.SkipWithError("a user is not ready");
    }
  }
}

BENCHMARK(two_talk)->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK(all_talk)->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK(random_talk)->Name("random")->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK(replay_users)->Arg(10000)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace vmlan::bench
