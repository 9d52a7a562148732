// What it takes to have users: time to bring them up, memory each of them costs.
//
//   users_without_stack/N   log on, define NIC, couple, driver up to SETIP
//   users_with_stack/N      log on by directory, IPL CMS, PROFILE TCPIP, stack up; all Ready
//
// Counter bytes_per_user: resident memory that was not there before, divided by the users. No packet has been
// sent, so no buffer is in it.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/resident.h"
#include "cms/shell/cms.h"
#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

void users_without_stack(benchmark::State& state) {
  World::Settings settings;
  settings.users = static_cast<unsigned>(state.range(0));
  settings.buffers = 16;
  settings.buffer_size = 2048;
  double per_user = 0;
  for (auto step : state) {
    const double before = resident_bytes();
    World world(settings);
    per_user = (resident_bytes() - before) / settings.users;
    benchmark::DoNotOptimize(world.user(0));
  }
  state.counters["bytes_per_user"] = per_user;
}

std::string directory_of(unsigned users) {
  std::string directory;
  for (unsigned user = 0; user < users; ++user) {
    directory +=
        fmt::format("USER U{} NOPASS 4M 4M G\n IPL CMS\n NICDEF 0600 TYPE QDIO LAN SYSTEM LAN1\n", user);
  }
  return directory;
}

std::string profile_of(unsigned user) {
  constexpr std::string_view text =
      "DEVICE D OSD 0600\nLINK ETH0 QDIOETHERNET D\nHOME 10.1.{}.{} 255.255.0.0 ETH0\nSTART D\n";
  return fmt::format(text, user / 250, user % 250 + 1);
}

void users_with_stack(benchmark::State& state) {
  const auto users = static_cast<unsigned>(state.range(0));
  const std::string directory = directory_of(users);
  double per_user = 0;
  for (auto step : state) {
    const double before = resident_bytes();
    arch::VirtualClock clock;
    NoConsole console;
    cp::ControlProgram system({.clock = clock,
                               .consoles = console,
                               .load_system = [](std::string_view, std::string_view,
                                                 arch::Machine& machine) { return cms::make_cms(machine); },
                               .host_disk = {}});
    if (!system.load_directory(directory, "BENCH").empty()) state.SkipWithError("the directory has errors");
    system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
    for (unsigned user = 0; user < users; ++user) {
      const auto userid = fmt::format("U{}", user);
      const auto profile = profile_of(user);
      system.minidisk(userid, {0x191})->write("PROFILE TCPIP", std::as_bytes(std::span(profile)));
      system.type(userid, fmt::format("LOGON {}", userid));
    }
    system.run_until_idle(1000);
    per_user = (resident_bytes() - before) / users;
    for (unsigned user = 0; user < users; ++user) {
      if (!system.can_read(fmt::format("U{}", user))) state.SkipWithError("a user is not ready");
    }
    const auto* lan = system.vmlan().find("SYSTEM", "LAN1");
    if (lan->ip_table().size() < users) state.SkipWithError("an address is not registered");
  }
  state.counters["bytes_per_user"] = per_user;
}

BENCHMARK(users_without_stack)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(users_with_stack)->Arg(1000)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace vmlan::bench
