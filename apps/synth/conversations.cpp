#include "apps/synth/conversations.h"

#include <algorithm>

namespace vmlan::apps {

namespace {

// Those that Linux takes; protocols have few numbers there.
constexpr std::uint32_t first_client_port = 32'768;
constexpr std::uint32_t client_ports = 28'232;
constexpr std::uint32_t mean_datagrams = 32;
// Whoever thinks is passed over so often, on average, and for so long as others are found.
constexpr std::uint32_t turns_of_thought = 16;
constexpr unsigned most_passed_over = 16;

}  // namespace

void Conversations::begin(Conversation& conversation, Chance& chance) noexcept {
  conversation = {};
  const std::uint32_t users = settings_.users;
  switch (settings_.talk) {
    case Talk::pairs:
      conversation.client = 2 * chance.below(users / 2);
      conversation.server = conversation.client + 1;
      break;
    case Talk::random:
      conversation.client = chance.below(users);
      conversation.server = chance.below(users - 1);
      if (conversation.server >= conversation.client) ++conversation.server;
      break;
    case Talk::server: {
      constexpr std::uint32_t most_servers = 8;
      const std::uint32_t servers = std::clamp<std::uint32_t>(users / 8, 1, most_servers);
      conversation.server = chance.below(servers);
      conversation.client = servers + chance.below(users - servers);
      break;
    }
  }
  conversation.ipv6 = chance.happens(settings_.ipv6);
  conversation.is_tcp = chance.happens(settings_.tcp);
  if (chance.happens(settings_.tagged))
    conversation.vlan = static_cast<std::uint16_t>(first_vlan + chance.below(settings_.vlans));
  const bool lasts = settings_.count != 0;
  // Two users that meet but for a datagram have one flow, not one for each.
  const std::uint32_t port = lasts ? ports_++ : conversation.client;
  conversation.client_port = static_cast<std::uint16_t>(first_client_port + port % client_ports);
  if (conversation.is_tcp) {
    conversation.dialogue = TcpDialogue(chance);
  } else {
    constexpr std::uint64_t others = mean_datagrams - 1;
    conversation.left =
        lasts ? 1 + static_cast<std::uint32_t>(chance.exponential() * others >> Chance::fraction) : 1;
  }
}

Conversation& Conversations::next(Chance& chance) noexcept {
  const auto count = static_cast<std::uint32_t>(conversations_.size());
  Conversation* chosen = &conversations_[count == 1 ? 0 : chance.below(count)];
  for (unsigned passed = 0; passed < most_passed_over; ++passed) {
    if (!chosen->is_tcp || !chosen->dialogue.thinks() || chance.below(turns_of_thought) == 0) break;
    chosen = &conversations_[chance.below(count)];
  }
  if (chosen->is_over()) begin(*chosen, chance);
  return *chosen;
}

// A server answers what it was asked; others speak when they like.
bool Conversations::is_to_server(const Conversation& conversation, Chance& chance) const noexcept {
  return settings_.talk == Talk::server ? !conversation.from_client : chance.below(2) == 0;
}

}  // namespace vmlan::apps
