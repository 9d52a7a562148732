// Who talks with whom, by UDP or TCP: a number of conversations at the same time, each of which ends some day
// and is followed by another.
//
// Owns: the conversations, some 50 bytes each. Threads: one.
#pragma once

#include <cstdint>
#include <vector>

#include "apps/synth/chance.h"
#include "apps/synth/tcp_dialogue.h"

namespace vmlan::apps {

enum class Talk : std::uint8_t {
  pairs,   // users 0 and 1, 2 and 3, and so on
  random,  // everyone with everyone
  server,  // clients with a few servers, the first eighth of the users, at most 8
};

struct Conversation {
  std::uint32_t client = 0;
  std::uint32_t server = 0;
  std::uint32_t left = 0;  // datagrams
  std::uint16_t client_port = 0;
  std::uint16_t vlan = 0;  // 0: untagged
  bool ipv6 = false;
  bool is_tcp = false;
  bool from_client = false;  // the last datagram
  TcpDialogue dialogue;

  bool is_over() const noexcept { return is_tcp ? dialogue.is_over() : left == 0; }
};

class Conversations {
 public:
  struct Settings {
    std::uint32_t users = 2;  // at least 2
    std::uint32_t count = 0;  // 0: every datagram is between two others
    Talk talk = Talk::random;
    Share ipv6;
    Share tcp;
    Share tagged;
    std::uint32_t vlans = 1;
  };
  // Beyond any protocol's numbers, so that nothing is taken for one.
  static constexpr std::uint16_t server_port = 61'000;
  static constexpr std::uint16_t first_vlan = 2;

  explicit Conversations(const Settings& settings)
      : settings_(settings), conversations_(settings.count == 0 ? 1 : settings.count) {}

  // Whose turn it is.
  Conversation& next(Chance& chance) noexcept;
  // Whether the next datagram of one goes to its server.
  bool is_to_server(const Conversation& conversation, Chance& chance) const noexcept;

 private:
  void begin(Conversation& conversation, Chance& chance) noexcept;

  Settings settings_;
  std::vector<Conversation> conversations_;
  std::uint32_t ports_ = 0;
};

}  // namespace vmlan::apps
