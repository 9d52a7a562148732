// The closed loop of a replay: N users with a TCP/IP stack each, in pairs, one connection a pair, 512 KB from
// the server, all at once; every byte is verified. Log-on and stacks are not part of the time.
//
//   closed_loop/N        verified bytes of streams a second, on one core
//   closed_loop_mss/N    the same in writes of 1,448 bytes that answer each other: what a turn costs
#include <benchmark/benchmark.h>

#include <memory>

#include "apps/replay/closed_loop.h"

namespace vmlan::bench {
namespace {

using namespace apps;

constexpr std::size_t bytes_of_all = std::size_t{1024} << 20U;

struct Run {
  explicit Run(std::uint32_t users, TcpScripts scripts)
      : members(member_settings(users), Mapping{}, clock, post),
        post(members, clock, &clock, PostSettings{}, tally),
        courier(members, post, CourierSettings{}, tally),
        loop(std::move(scripts), ClosedLoop::Settings{}, members, post, courier, clock, clock) {}

  static MemberSettings member_settings(std::uint32_t users) {
    MemberSettings settings;
    settings.most_users = users;
    settings.buffers.count = 64;
    return settings;
  }

  arch::VirtualClock clock;
  ReplayTally tally;
  Members members;
  Post post;
  Courier courier;
  ClosedLoop loop;
};

StationKey address_of(std::uint32_t user) {
  const std::uint8_t bytes[] = {10, static_cast<std::uint8_t>(user >> 16U),
                                static_cast<std::uint8_t>(user >> 8U), static_cast<std::uint8_t>(user)};
  return {wire::IpAddress::v4(bytes), 0};
}

TcpAction write_of(TcpSide side, std::uint64_t up_to, std::uint64_t needs) {
  TcpAction action;
  action.side = side;
  action.up_to = up_to;
  action.needs = needs;
  return action;
}

// `part`: bytes of a write; 0: all at once.
TcpScripts scripts_for(std::uint32_t users, std::size_t part) {
  const std::size_t stream_bytes = bytes_of_all / (users / 2);
  if (part == 0) part = stream_bytes;
  TcpScripts scripts;
  arch::Prng chance(1);
  for (std::uint32_t pair = 0; pair < users / 2; ++pair) {
    TcpScript script;
    script.flow = {address_of(2 * pair + 1), address_of(2 * pair + 2), 6, 40'000, 80};
    auto& request = script.bytes[index_of(TcpSide::client)];
    auto& answer = script.bytes[index_of(TcpSide::server)];
    answer.resize(stream_bytes);
    for (auto& byte : answer) byte = static_cast<std::byte>(chance.next());
    for (std::size_t done = 0; done < answer.size();) {
      script.actions.push_back(write_of(TcpSide::client, request.size() + 100, done));
      request.resize(request.size() + 100);
      done = std::min(done + part, answer.size());
      script.actions.push_back(write_of(TcpSide::server, done, request.size()));
    }
    scripts.script_of.push_back(pair);
    scripts.number_of.push_back(pair);
    scripts.rule_of.push_back(TcpRule::whole);
    ++scripts.rules[0].connections;
    scripts.scripts.push_back(std::move(script));
  }
  return scripts;
}

void play(benchmark::State& state, std::size_t part) {
  const auto users = static_cast<std::uint32_t>(state.range(0));
  std::uint64_t bytes = 0;
  for (auto step : state) {
    state.PauseTiming();
    auto run = std::make_unique<Run>(users, scripts_for(users, part));
    const auto error = run->loop.begin(arch::Time{0});
    state.ResumeTiming();
    while (error.empty() && !run->loop.has_ended() && run->loop.step(run->loop.patience())) {
    }
    state.PauseTiming();
    const auto tally = run->loop.tally();
    if (!tally.is_good() || tally.verified != tally.bytes) state.SkipWithError("not everything was verified");
    bytes += tally.verified;
    run.reset();
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void closed_loop(benchmark::State& state) { play(state, 0); }
void closed_loop_mss(benchmark::State& state) { play(state, 1448); }

BENCHMARK(closed_loop)->Arg(2)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(closed_loop_mss)->Arg(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vmlan::bench
