// What a guest's driver hears on its control channels while the base is away, so that it neither waits for
// answers nor gives its card up: events and answers that the adapter in the base would have sent last.
//
// Linux takes STOPLAN as a lost link, an IPA command answered E080 as one that failed for now, and STARTLAN
// as the order to set the device up anew, addresses and all (observed, Linux 6.1 qeth). So a base that comes
// back finds every guest again without anybody's help.
//
// One object per read control device. Owns: what it has seen of the session. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "qdio/adapter/ipa_commands.h"
#include "qdio/adapter/mpc.h"

namespace vmlan::hercules {

class OfflineSession {
 public:
  // A message of the base to the driver: learns token, sequence numbers, and whether STARTLAN has succeeded.
  void learn(std::span<const std::byte> message);
  // A new session begins, or the device was reset.
  void forget() noexcept { *this = {}; }
  // The driver's STARTLAN was answered: it may be told events.
  bool started() const noexcept { return started_; }

  // STOPLAN or STARTLAN, to be READ. Requires started().
  qdio::Message event(qdio::IpaCommand command);
  // "LAN offline" for an IPA command; nothing for other messages, which get no answer.
  std::optional<qdio::Message> refuse(std::span<const std::byte> message);

 private:
  qdio::Message wrap(std::uint32_t acknowledged, std::span<const std::byte> body);

  bool started_ = false;
  qdio::Token token_{};
  std::uint32_t transmission_sequence_ = 0;
  std::uint32_t sequence_ = 0;
  qdio::IpaHeader start_lan_;  // as it was answered
};

}  // namespace vmlan::hercules
