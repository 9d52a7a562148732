// Between a packet's departure and its arrival: the sender's link, the LAN's link, and how long a receiver
// takes for a packet. Everything happens in the order of its time.
//
// Without links and with quick receivers a packet goes straight to the post, and costs nothing here.
//
// Owns: packets that are under way. Threads: the base's.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "apps/replay/link_model.h"
#include "apps/replay/post.h"

namespace vmlan::apps {

struct CourierSettings {
  LinkSettings nic;            // of each user: what it sends
  LinkSettings lan;            // of each LAN: what is sent on it
  arch::Time service_time{0};  // of each receiver, for a packet; 0: it takes what is there
  std::uint64_t seed = 1;

  bool is_plain() const noexcept { return nic.is_none() && lan.is_none() && service_time == arch::Time{0}; }
};

class Courier {
 public:
  static constexpr std::size_t most_under_way = 1'000'000;  // packets; a link with an endless delay ends here

  Courier(Members& members, Post& post, const CourierSettings& settings, ReplayTally& tally)
      : members_(members), post_(post), settings_(settings), tally_(tally) {}

  // Accounts are kept, too.
  void keep(Books& books) noexcept { books_ = &books; }

  // A packet leaves its user at `letter.left`; nothing before that may be still to come.
  void send(const Letter& letter);
  // Everything up to and with `time`.
  void run_until(arch::Time time);
  // When something happens next; nothing: not before another packet.
  std::optional<arch::Time> next() const;
  // Everything there is. Ends with post().flush().
  void finish();

  // For who sends beside it, in the order of time; nullptr: there is no such link. Until the next call.
  LinkModel* nic_link(std::uint32_t user);
  LinkModel* lan_link(std::uint32_t lan);

  // Of users' links; an index beyond the last: never used.
  LinkModel::Occupancy nic_occupancy(std::uint32_t user) const;
  LinkModel::Occupancy lan_occupancy(std::uint32_t lan) const;

 private:
  enum class Step : std::uint8_t { onto_lan, arrives, is_taken };
  struct Event {
    arch::Time time;
    std::uint64_t order;  // of two at one time the one that was foreseen first
    Step step;
    std::uint32_t what;  // number of a packet, or of the user that takes one
    bool operator>(const Event& other) const noexcept {
      return time != other.time ? time > other.time : order > other.order;
    }
  };
  // A packet that is kept here. Its letter's bytes are these.
  struct Kept {
    std::vector<std::byte> bytes;
    Letter letter;
  };

  void carry_out(const Event& event);
  // Over the link, then to `step`.
  void pass(LinkModel& link, const Letter& letter, arch::Time now, Step step);
  void lose(const Letter& letter, Ending ending, arch::Time now);
  std::uint32_t keep(const Letter& letter);
  void schedule(arch::Time time, Step step, std::uint32_t what);
  void hand_over(const Letter& letter, arch::Time now);
  std::optional<arch::Time> must_pause(const Letter& letter) const;
  void watch_receivers(arch::Time now);
  void note_lateness(const Letter& letter);
  LinkModel& link_of(std::vector<LinkModel>& links, const LinkSettings& settings, std::uint32_t number,
                     std::uint64_t kind);

  Members& members_;
  Post& post_;
  CourierSettings settings_;
  ReplayTally& tally_;
  Books* books_ = nullptr;
  std::vector<LinkModel> nic_links_;
  std::vector<LinkModel> lan_links_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  std::vector<Kept> kept_;
  std::vector<std::uint32_t> free_;     // in kept_
  std::vector<arch::Time> busy_until_;  // receivers
};

}  // namespace vmlan::apps
