// What users' stacks send, in the tables of a replay: by user, LAN, VLAN, flow and interval, beside the
// packets of the open loop.
//
// A LAN tells a sender how many of its packets were dropped and why, not which. But it keeps their order: of
// a flow what was given to it before a packet that has arrived, and has not arrived itself, is what it
// dropped. Of several reasons of one sender the first that is left is taken.
//
// Owns: what is under way in a LAN. Memory: some 200 bytes for each direction of a connection. Threads: the
// base's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "apps/replay/books.h"

namespace vmlan::apps {

class ClosedBooks {
 public:
  // One direction of a connection.
  using Line = std::uint32_t;

  explicit ClosedBooks(Books& books) : books_(books) {}

  // The domains of the key's addresses are its VLAN.
  Line line(const FlowKey& key, std::uint32_t user, std::uint32_t lan);
  // A packet has left its stack.
  void left(Line line, std::size_t bytes, arch::Time now);
  // On a link of the replay's own it was doubled, or ended.
  void copied(Line line, arch::Time now);
  void lost(Line line, Ending ending, arch::Time now);
  // The LAN has it.
  void given(Line line, std::span<const std::byte> packet, arch::Time left, arch::Time now);
  // What the LAN has counted of the user's packets since the last call. Before receivers have their turns.
  void told(std::uint32_t user, const guestlan::Counters& counters);
  // The stack that it is for has taken it.
  void arrived(const FlowKey& key, std::uint32_t receiver, std::span<const std::byte> packet, arch::Time now);
  // Nothing arrives any more: what the LANs have dropped last.
  void finish();

  // Drops that LANs told of, and no packet was missing: a fault of the books.
  std::uint64_t unexplained() const noexcept;
  // All of them together.
  const Account& all() const noexcept { return all_; }
  // In receivers' buffers, or under way, when it ended; or gone with the buffers of who was logged off.
  std::uint64_t waiting() const noexcept {
    return all_.sent + all_.copies - all_.received - all_.dropped_packets();
  }

 private:
  struct Given {
    std::uint64_t sum;
    arch::Time left;
    arch::Time given;
  };
  struct Way {
    BookEntry entry;
    std::vector<Given> in_lan;  // in the order in which the LAN got them
    std::size_t first = 0;      // those before it have an end
  };
  using Told = std::array<std::uint64_t, guestlan::drop_reasons>;

  void drop(const BookEntry& entry, Ending ending, arch::Time now);
  bool drop_by_lan(const BookEntry& entry, arch::Time now);
  Told& told_to(std::uint32_t user);

  Books& books_;
  std::unordered_map<FlowKey, Line, FlowKey::Hash> lines_;
  std::vector<Way> ways_;   // by line
  std::vector<Told> told_;  // by user: what has found no packet yet
  Account all_;
};

}  // namespace vmlan::apps
