// The post between the users of a replay: sends packets through the full path (driver, queues, SIGA, the
// LAN's table, input buffer, driver) and compares every byte where it arrives.
//
// A packet is expected at its receivers before it is sent, told by its destination alone; what arrives
// elsewhere, otherwise, or out of order is a fault. What does not arrive must stand among the LAN's drops.
//
// Owns: packets until they have arrived. Threads: the base's.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "apps/replay/books.h"
#include "apps/replay/members.h"
#include "apps/replay/replay_tally.h"
#include "arch/clock.h"

namespace vmlan::apps {

// A packet on its way. `bytes` are the caller's.
struct Letter {
  std::span<const std::byte> bytes;
  std::uint32_t sender = 0;
  StationKey to;
  bool to_everybody = false;  // a broadcast frame
  wire::IpVersion version = wire::IpVersion::v4;
  arch::Time own_time{0};  // when it should have left
  arch::Time left{0};      // when it did, onto the sender's link
  BookEntry entry;
};

struct PostSettings {
  std::uint32_t batch = 1;  // packets of one user and time that may go out with one SIGA
  bool frames = false;
  // A LAN has rules that a destination does not tell of, or receivers are slow: each packet goes by itself,
  // and what the LAN says of it is read at once.
  bool asks_the_lan = false;
  bool straight = true;  // what is added leaves its user now: over no link, to receivers that are never full
  bool slow = false;     // receivers take a packet when deliver() says so
  // Nothing else happens between packets: so many batches may wait until what they need has been brought
  // near.
  unsigned foreseen = 1;
};

class Post final : public ReplayMail {
 public:
  // `moved`: the clock, if it is one that has to be moved.
  Post(Members& members, const arch::Clock& clock, arch::VirtualClock* moved, const PostSettings& settings,
       ReplayTally& tally)
      : members_(members), clock_(clock), moved_(moved), settings_(settings), tally_(tally) {}

  // Accounts are kept, too.
  void keep(Books& books) noexcept { books_ = &books; }

  // One packet, to be signalled at `due`: with those of the same user and time before it, or when flush() is
  // called. Times never go back.
  void add(const Letter& letter, arch::Time due);
  void flush() override;
  bool is_empty() const noexcept { return parcels_.empty(); }
  // For slow receivers: the user takes what has waited longest.
  void deliver(std::uint32_t user, arch::Time due);
  // Who got something since the last call and has to be told to take it, once for each packet.
  std::vector<std::uint32_t>& arrivals() noexcept { return arrivals_; }
  // At the end: what waits at slow receivers.
  std::uint64_t waiting() const noexcept { return waiting_; }
  std::uint32_t waiting_at(std::uint32_t user) const noexcept;
  std::uint32_t most_waiting(std::uint32_t user) const noexcept;

  // ReplayMail
  void send(cms::QdioDriver& driver) override;
  void received(std::uint32_t user, std::span<const std::byte> packet) override;

 private:
  struct Batch {
    std::uint32_t sender = 0;
    arch::Time time{0};
    std::uint32_t first = 0;  // in parcels_
    std::uint32_t count = 0;
  };
  struct Parcel {
    std::size_t offset = 0;  // in bytes_
    std::uint32_t length = 0;
    bool ipv6 = false;
    wire::IpAddress next_hop;
    arch::Time own_time{0};
    arch::Time left{0};
    BookEntry entry;
  };
  // Of one receiver, in the order of arrival.
  struct Expected {
    std::uint32_t parcel = 0;
    std::uint32_t next = none;
  };
  struct Waiting {
    std::vector<std::byte> bytes;
    arch::Time left{0};
    BookEntry entry;
  };
  struct Receiver {
    std::uint32_t first = none;  // in expected_
    std::uint32_t last = none;
  };
  // What is in the buffers of a slow receiver.
  struct Backlog {
    std::deque<Waiting> packets;
    std::uint32_t most = 0;
  };
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  const std::vector<std::uint32_t>* group_of(const Letter& letter) const;
  void make_room(const Letter& letter);
  void note_lateness(const Parcel& parcel);
  void foresee(const Letter& letter, std::uint32_t parcel);
  void foresee_group(const Letter& letter, const std::vector<std::uint32_t>& users, std::uint32_t parcel);
  void expect(std::uint32_t receiver, std::uint32_t parcel);
  void drop(const BookEntry& entry, guestlan::Drop reason, std::uint64_t packets = 1);
  arch::Time move_clock(arch::Time due);
  Batch& batch_for(const Letter& letter, arch::Time due);
  void bring_near() const;
  void send_batch(const Batch& batch);
  void forget_batches();
  void settle();
  void settle_with_lan(const guestlan::Counters& before);
  std::uint64_t hold_back();
  Receiver& receiver(std::uint32_t user);
  Backlog& backlog(std::uint32_t user);
  void arrived(std::uint32_t user, bool same, std::span<const std::byte> packet, arch::Time left,
               const BookEntry& entry);

  Members& members_;
  const arch::Clock& clock_;
  arch::VirtualClock* moved_;
  PostSettings settings_;
  ReplayTally& tally_;
  Books* books_ = nullptr;  // nullptr: nobody asked for them

  // What waits.
  arch::Time time_{0};
  arch::Time now_{0};
  std::vector<Batch> batches_;
  const Batch* sent_ = nullptr;  // the one that leaves now
  std::vector<std::byte> bytes_;
  std::vector<Parcel> parcels_;
  std::vector<Expected> expected_;
  std::vector<std::uint32_t> receivers_waiting_;  // of any of the batches
  std::vector<std::uint64_t> received_before_;    // by the LAN's count; of slow receivers

  std::vector<Receiver> receivers_;  // by user
  std::vector<Backlog> backlogs_;    // by user, if they are slow
  std::vector<std::uint32_t> arrivals_;
  std::uint64_t waiting_ = 0;
};

}  // namespace vmlan::apps
