#include "apps/replay/tcp_conversations.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vmlan::apps {

namespace {

// The same for both directions; true: it was turned round.
bool order_ends(FlowKey& key) noexcept {
  const auto rank = [](const StationKey& station, std::uint16_t port) {
    return std::tuple(station.address.high(), station.address.low(), port);
  };
  if (rank(key.source, key.source_port) <= rank(key.destination, key.destination_port)) return false;
  std::swap(key.source, key.destination);
  std::swap(key.source_port, key.destination_port);
  return true;
}

}  // namespace

TcpNumbers::Found TcpNumbers::find(const TracedSegment& segment) {
  auto key = segment.flow;
  const bool from_low = !order_ends(key);
  const auto [place, is_new] = ports_.try_emplace(key);
  Ports& ports = place->second;
  if (is_new) ports.index = static_cast<std::uint32_t>(ports_.size() - 1);
  bool begins = is_new;
  const std::size_t end = from_low ? 0 : 1;
  if (segment.is_syn() && !is_new) {
    const bool knows_none = !ports.has_syn[0] && !ports.has_syn[1];
    begins = knows_none || (ports.has_syn[end] && ports.syn[end] != segment.sequence);
  }
  if (begins) {
    if (size_ >= most_connections) {
      if (is_new) ports_.erase(place);
      return {};
    }
    ports.number = size_++;
    ports.first_is_low = from_low;
    ports.has_syn = {};
  }
  if (segment.is_syn()) {
    ports.has_syn[end] = true;
    ports.syn[end] = segment.sequence;
  }
  return {ports.number, ports.index, ports.first_is_low == from_low};
}

void TcpScripts::leave(std::uint32_t script, TcpRule rule) {
  auto& was = rules[static_cast<std::size_t>(rule_of[script])];
  auto& is = rules[static_cast<std::size_t>(rule)];
  const auto bytes = scripts[script].size();
  --was.connections;
  was.bytes -= bytes;
  ++is.connections;
  is.bytes += bytes;
  rule_of[script] = rule;
  script_of[number_of[script]] = TcpNumbers::none;
  scripts[script].actions = {};
  scripts[script].bytes = {};
}

void TcpConversations::take(const TracedSegment& segment, std::uint16_t vlan, arch::Time time) {
  const auto found = numbers_.find(segment);
  if (found.number == TcpNumbers::none) return;
  if (found.number == connections_.size()) {
    connections_.push_back({found.ports, std::make_unique<TcpConversation>(limits_.stream)});
  }
  auto& conversation = *connections_[found.number].conversation;
  const auto before = conversation.kept();
  conversation.take(found.from_first, segment, vlan, time);
  kept_ += conversation.kept() - before;
  if (kept_ <= limits_.most_bytes) return;
  kept_ -= conversation.kept();
  conversation.give_up();
}

TcpScripts TcpConversations::end() {
  TcpScripts result;
  result.script_of.assign(connections_.size(), TcpNumbers::none);
  std::vector<TcpRule> rules;
  std::vector<bool> is_left(connections_.size());  // by ports, of which there are no more
  for (const auto& connection : connections_) {
    rules.push_back(connection.conversation->end());
    if (!is_played(rules.back())) is_left[connection.ports] = true;
  }
  for (std::uint32_t number = 0; number < connections_.size(); ++number) {
    auto& conversation = *connections_[number].conversation;
    auto rule = rules[number];
    if (is_played(rule) && is_left[connections_[number].ports]) rule = TcpRule::ports_shared;
    auto& count = result.rules[static_cast<std::size_t>(rule)];
    ++count.connections;
    if (!is_played(rule)) {
      count.bytes += conversation.seen();
    } else {
      result.script_of[number] = static_cast<std::uint32_t>(result.scripts.size());
      result.number_of.push_back(number);
      result.rule_of.push_back(rule);
      result.scripts.push_back(conversation.take_script());
      count.bytes += result.scripts.back().size();
    }
    connections_[number].conversation.reset();
  }
  return result;
}

}  // namespace vmlan::apps
