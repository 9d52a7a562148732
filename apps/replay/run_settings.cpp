#include "apps/replay/run_settings.h"

#include <algorithm>
#include <bit>

#include "host/memory.h"

namespace vmlan::apps {

namespace {

// Two thirds of what the host can give now, each user with all of its buffers in use; large ones have the
// rest.
unsigned users_in_memory(const ReplayBuffers& buffers) {
  constexpr std::uint64_t besides = 48 << 10U;  // measured: bench/users.cpp
  constexpr std::uint64_t fewest = 1000;
  constexpr std::uint64_t most = 10'000'000;
  const std::uint64_t each = besides + (std::uint64_t{buffers.count} + buffers.outputs) * buffers.bytes;
  return static_cast<unsigned>(std::clamp(host::available_memory() / 3 * 2 / each, fewest, most));
}

// How many buffers a receiver has is what is asked for where it is slow, or has a TCP window to take; else it
// takes what a batch has brought before the next one comes.
ReplayBuffers buffers_for(const ReplayOptions& options) {
  ReplayBuffers buffers;
  if (options.links.service_time > arch::Time{0}) {
    // What waits at a slow receiver would be lost if it got larger buffers.
    return {options.buffers, buffers.outputs, cms::QueueMemory::largest_buffer};
  }
  if (options.closed) return {options.buffers, options.buffers, 2048};
  buffers.count = std::max(buffers.count, std::bit_ceil(options.batch));
  buffers.outputs = buffers.count;
  return buffers;
}

}  // namespace

MemberSettings member_settings(const ReplayOptions& options) {
  MemberSettings settings;
  settings.slow = options.links.service_time > arch::Time{0};
  settings.buffers = buffers_for(options);
  settings.frames = options.judge.frames;
  settings.apart_by_vlan = options.apart_by_vlan;
  settings.spare_memory = host::available_memory() / 64;
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
  constexpr unsigned batches_at_once = 8;
  const bool alone = settings.straight && !settings.asks_the_lan && !options.closed &&
                     options.clock == ClockKind::virtual_time;
  if (alone) settings.foreseen = batches_at_once;
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
