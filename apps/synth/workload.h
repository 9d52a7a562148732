// The frames of a made-up workload, one after the other: the same options, the same bytes, on every machine.
//
// First come the reports by which users join the multicast groups, if there is to be multicast; they count as
// packets. Owns: the conversations; nothing grows while it runs. Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "apps/synth/conversations.h"
#include "apps/synth/frame_maker.h"
#include "apps/synth/frame_sizes.h"
#include "apps/synth/gaps.h"

namespace vmlan::apps {

struct WorkloadOptions {
  std::uint32_t users = 10;  // 2 to most_synth_users
  std::uint64_t packets = 10'000;
  std::optional<arch::Time> duration;  // what would leave then or later is left out
  std::optional<std::uint32_t> flows;  // at the same time
  std::uint64_t rate = 10'000;         // packets a second, on average
  FrameSizes sizes = FrameSizes::public_mix();
  Gaps::Kind gaps = Gaps::Kind::exponential;
  Talk talk = Talk::random;
  // Of all packets; together at most 1.
  double broadcast = 0;
  double multicast = 0;
  double tagged = 0;
  std::uint32_t vlans = 4;
  // Of what is no broadcast.
  double ipv6 = 0;
  // Of conversations.
  double tcp = 0;
  std::uint64_t seed = 1;
};

class Workload {
 public:
  static constexpr std::size_t longest_frame = FrameSizes::most - FrameSizes::check_sequence;

  explicit Workload(const WorkloadOptions& options);

  struct Made {
    arch::Time time{0};  // since the first one
    std::size_t length = 0;
  };
  // Into `room`, which has longest_frame bytes. Nothing: that was all.
  std::optional<Made> next(std::span<std::byte> room);

 private:
  std::size_t make(std::span<std::byte> room);
  std::size_t join(std::span<std::byte> room);
  std::size_t to_many(std::span<std::byte> room, bool everybody);
  std::size_t datagram(std::span<std::byte> room, Conversation& conversation);
  std::size_t segment(std::span<std::byte> room, Conversation& conversation);
  std::uint32_t payload(const Envelope& envelope, std::size_t transport_header);

  FrameSizes sizes_;
  std::uint32_t users_;
  std::uint64_t packets_left_;
  std::optional<arch::Time> duration_;
  Chance chance_;
  Gaps gaps_;
  Conversations conversations_;
  FrameMaker frames_;
  Share broadcast_;
  Share many_;  // broadcast and multicast
  Share ipv6_;
  std::uint32_t joins_ = 0;
  std::uint32_t joined_ = 0;
  bool joins_v4_ = true;
};

}  // namespace vmlan::apps
