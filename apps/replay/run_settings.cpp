#include "apps/replay/run_settings.h"

#include <algorithm>
#include <bit>

#include "host/memory.h"

namespace vmlan::apps {

namespace {

// Four fifths of what the host can give now, each user with all of its buffers in use.
unsigned users_in_memory(const ReplayBuffers& buffers) {
  constexpr std::uint64_t besides = 48 << 10U;  // measured: bench/users.cpp
  constexpr std::uint64_t fewest = 1000;
  constexpr std::uint64_t most = 10'000'000;
  const std::uint64_t each = besides + 2ULL * buffers.count * buffers.bytes;
  return static_cast<unsigned>(std::clamp(host::available_memory() / 5 * 4 / each, fewest, most));
}

}  // namespace

MemberSettings member_settings(const ReplayOptions& options) {
  MemberSettings settings;
  settings.slow = options.links.service_time > arch::Time{0};
  // A batch for one receiver has to find room, unless that is what is tried.
  settings.buffers.count =
      settings.slow ? options.buffers : std::max(options.buffers, std::bit_ceil(options.batch));
  settings.frames = options.judge.frames;
  settings.apart_by_vlan = options.apart_by_vlan;
  // What waits at a slow receiver would be lost if it got larger buffers.
  if (settings.slow) settings.buffers.bytes = cms::QueueMemory::largest_buffer;
  settings.most_users = options.max_users.value_or(users_in_memory(settings.buffers));
  settings.seed = options.seed;
  return settings;
}

PostSettings post_settings(const ReplayOptions& options) {
  PostSettings settings;
  settings.batch = options.batch;
  settings.frames = options.judge.frames;
  settings.slow = options.links.service_time > arch::Time{0};
  settings.straight = options.links.is_plain();
  settings.asks_the_lan = settings.slow || !options.commands.empty();
  return settings;
}

CourierSettings courier_settings(const ReplayOptions& options) {
  auto settings = options.links;
  settings.seed = options.seed;
  return settings;
}

ClosedLoop::Settings closed_settings(const ReplayOptions& options) {
  constexpr std::uint32_t usual_mtu = 1500;
  ClosedLoop::Settings settings;
  settings.seed = options.seed;
  if (options.judge.mtu != 0) settings.mtu = std::min(options.judge.mtu, usual_mtu);
  settings.waits = !options.links.is_plain();
  return settings;
}

bool wants_books(const ReplayOptions& options) {
  return options.tables || !options.json.empty() || !options.csv.empty() || !options.html.empty();
}

}  // namespace vmlan::apps
