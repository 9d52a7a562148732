// Addresses of its own for each round of a trace that is sent several times (--loop, --rewrite): 10.0.0.1 and
// on, fd00::1 and on, in the order of their first sight. Groups and broadcasts stay.
//
// Checksums are adjusted, not computed (RFC 1624): one that was wrong stays wrong by as much, as in captures
// made before an adapter filled them in.
//
// Owns: the packet as it leaves, until the next one. Threads: one.
#pragma once

#include <cstddef>
#include <vector>

#include "apps/replay/replay_record.h"
#include "apps/replay/stations.h"

namespace vmlan::apps {

class Readdressing {
 public:
  // The addresses of one block.
  static constexpr std::uint32_t most = (1U << 24U) - 2;

  // `judged` is an IP packet; its packet is ours afterwards. false: there are no more addresses.
  bool rewrite(JudgedRecord& judged, std::uint32_t round);

 private:
  bool replace(wire::IpAddress& address, std::size_t at, std::uint32_t round);
  void adjust(std::size_t checksum_at, const wire::IpAddress& before, const wire::IpAddress& after);
  void find_checksums(wire::IpVersion version);

  Stations known_;  // their domain is the round
  std::vector<std::byte> packet_;
  std::vector<std::size_t> checksums_;  // where they lie
};

}  // namespace vmlan::apps
