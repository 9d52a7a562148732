// Every TCP connection of a trace, as scripts for stacks: which are played, and why the others are not.
//
// Two readings of one trace number its connections alike (TcpNumbers), so that the second knows what the
// first found out of each.
//
// Owns: scripts. Threads: one. Memory: `most_bytes` of streams and actions; connections that come when they
// are used up are left. 100 bytes for each connection, at most `most_connections`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "apps/replay/tcp_conversation.h"

namespace vmlan::apps {

class TcpNumbers {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr std::uint32_t most_connections = 4'000'000;

  struct Found {
    std::uint32_t number = none;  // none: there are too many
    std::uint32_t ports = 0;      // the same for all connections between the same ports
    bool from_first = false;      // sent by who sent its first segment
  };
  // Connections between the same ports follow each other: another SYN begins another one.
  Found find(const TracedSegment& segment);
  std::uint32_t size() const noexcept { return size_; }

 private:
  struct Ports {
    std::uint32_t index = 0;
    std::uint32_t number = none;
    bool first_is_low = false;  // who sent the first segment has the smaller address and port
    std::array<bool, 2> has_syn{};
    std::array<std::uint32_t, 2> syn{};  // sequence numbers; of the low end, the high end
  };
  std::unordered_map<FlowKey, Ports, FlowKey::Hash> ports_;
  std::uint32_t size_ = 0;
};

struct TcpRuleCount {
  std::uint64_t connections = 0;
  std::uint64_t bytes = 0;  // of their streams; of those that are left, what their segments carried
};

struct TcpScripts {
  std::vector<TcpScript> scripts;        // in the order of their first segments
  std::vector<std::uint32_t> script_of;  // by number; none: it is left
  std::vector<std::uint32_t> number_of;  // by script
  std::array<TcpRuleCount, tcp_rules> rules{};

  // Where the script cannot be played after all.
  void leave(std::uint32_t script, TcpRule rule);
  std::vector<TcpRule> rule_of;  // by script
};

class TcpConversations {
 public:
  struct Limits {
    TcpStreamLimits stream;
    std::uint64_t most_bytes = std::uint64_t{2} << 30U;
  };
  explicit TcpConversations(const Limits& limits) : limits_(limits) {}

  void take(const TracedSegment& segment, std::uint16_t vlan, arch::Time time);
  // Nothing more comes.
  TcpScripts end();

 private:
  struct Connection {
    std::uint32_t ports = 0;
    std::unique_ptr<TcpConversation> conversation;
  };
  Limits limits_;
  TcpNumbers numbers_;
  std::vector<Connection> connections_;
  std::uint64_t kept_ = 0;
};

}  // namespace vmlan::apps
