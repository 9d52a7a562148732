// What the two applications of a TCP connection said to each other, and when: a script that two stacks can
// play.
//
// Segments of one side that follow each other are one write, however the network has cut them, unless the
// other side spoke in between or the pause was longer than two round trips (1 ms to 500 ms): then the pause
// was the application's. Each action waits for all that its side had received before it in the trace, and
// then for its think time.
//
// Owns: bytes and actions. Threads: one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "apps/replay/tcp_stream.h"
#include "apps/replay/traced_segment.h"
#include "arch/clock.h"

namespace vmlan::apps {

enum class TcpSide : std::uint8_t { client, server };
inline constexpr std::size_t index_of(TcpSide side) noexcept { return side == TcpSide::client ? 0 : 1; }
inline constexpr TcpSide other_than(TcpSide side) noexcept {
  return side == TcpSide::client ? TcpSide::server : TcpSide::client;
}

struct TcpAction {
  enum class Kind : std::uint8_t {
    write,
    finish,  // FIN: nothing more will be written
    reset,   // RST, when both sides have everything
  };
  TcpSide side = TcpSide::client;
  Kind kind = Kind::write;
  bool needs_finish = false;  // the other side's FIN
  std::uint64_t up_to = 0;    // of its own stream, after it
  std::uint64_t needs = 0;    // bytes of the other's stream, received before it
  arch::Time think_time{0};   // after the later of what it needs and its own action before
};

struct TcpScript {
  FlowKey flow;  // the client is the source
  std::uint16_t vlan = 0;
  arch::Time start{0};                          // of the client's SYN
  arch::Time duration{0};                       // to the last byte or FIN
  std::vector<TcpAction> actions;               // in the order of the trace
  std::array<std::vector<std::byte>, 2> bytes;  // written by the client, by the server
  std::uint64_t gap_bytes = 0;

  std::uint64_t size() const noexcept { return bytes[0].size() + bytes[1].size(); }
};

// What becomes of a connection. All but the first three are left to the open loop.
enum class TcpRule : std::uint8_t {
  whole,
  with_gaps,      // what the trace lacks are zeros
  cut,            // longer than what is kept of a stream: it ends there
  in_the_middle,  // no handshake in the trace
  one_direction,  // the trace has one side only
  no_answer,      // never established
  too_large_a_gap,
  no_memory,     // streams beyond what is kept of all
  ports_shared,  // its ports are also those of a connection that is left
  no_stack,      // one of its addresses has no user, or not one that could play it
};
inline constexpr std::size_t tcp_rules = 10;
inline constexpr bool is_played(TcpRule rule) noexcept { return rule <= TcpRule::cut; }
// As reports print it: "joined in the middle".
std::string_view to_string(TcpRule rule) noexcept;

class TcpConversation {
 public:
  explicit TcpConversation(const TcpStreamLimits& limits) : limits_(limits) {}

  // `from_first`: by the sender of the conversation's first segment.
  void take(bool from_first, const TracedSegment& segment, std::uint16_t vlan, arch::Time time);
  // Nothing more comes.
  TcpRule end();
  // Bytes that are kept; and those that segments of left connections carried.
  std::uint64_t kept() const noexcept;
  std::uint64_t seen() const noexcept { return seen_bytes_; }
  // Nothing is kept of it any more.
  void give_up() noexcept;
  // After end().
  TcpScript take_script();

 private:
  void take_handshake(bool from_first, const TracedSegment& segment, arch::Time time);
  void take_data(TcpSide side, const TracedSegment& segment, arch::Time time);
  void note_progress(TcpSide side, arch::Time time);
  void add(TcpSide side, TcpAction::Kind kind, arch::Time time);
  arch::Time longest_pause() const noexcept;
  TcpStream& stream(TcpSide side) noexcept { return *streams_[index_of(side)]; }

  TcpStreamLimits limits_;
  TcpScript script_;
  std::array<std::unique_ptr<TcpStream>, 2> streams_;  // once both first numbers are known
  std::array<std::uint64_t, 2> told_{};                // lengths that are in the script
  std::array<bool, 2> finished_{};
  std::array<std::uint32_t, 2> packets_{};  // by sender: of the first segment, the other
  std::uint64_t seen_bytes_ = 0;
  arch::Time syn_time_{0};
  arch::Time answer_time_{0};
  arch::Time last_time_{0};  // of the last thing that either side said
  arch::Time round_trip_{0};
  bool client_is_first_ = true;
  bool saw_syn_ = false;
  bool established_ = false;  // the client's first segment after the handshake was seen
  bool reset_ = false;
  bool given_up_ = false;
};

}  // namespace vmlan::apps
