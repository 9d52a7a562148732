// Other addresses in place of those of a trace, so that a report can be shown: two addresses that share a
// prefix of any length still share one of that length, and nothing else is left of them.
//
// Who knows the secret can make the same addresses of the same ones again, and nobody else can tell which
// they were. Each bit is turned round or not by a keyed hash of the bits in front of it (the construction of
// Crypto-PAn; J. Xu, J. Fan, M. Ammar, S. Moon, 2002), SHA-256 in place of AES. MAC addresses have no prefix
// that says anything: all of one is hashed, and it becomes a locally administered one.
//
// Owns: the secret. Threads: one. Needs SHA-256 (host/trace/digest.h).
#pragma once

#include <span>
#include <string>

#include "apps/replay/stations.h"

namespace vmlan::apps {

class Anonymiser {
 public:
  // Empty secret: addresses stay what they are.
  explicit Anonymiser(std::string secret) : secret_(std::move(secret)) {}
  // false: this vmlan was built without SHA-256.
  static bool is_there() noexcept;
  bool is_on() const noexcept { return !secret_.empty(); }

  wire::IpAddress address(const wire::IpAddress& original) const;
  // "10.1.1.1", "02-00-00-00-00-07"
  std::string shown(const StationKey& station) const;

 private:
  bool turned(const wire::IpAddress& address, unsigned from, unsigned bits) const;

  std::string secret_;
};

}  // namespace vmlan::apps
