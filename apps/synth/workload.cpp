#include "apps/synth/workload.h"

#include <algorithm>
#include <array>

namespace vmlan::apps {

namespace {

constexpr std::uint32_t receivers_per_group = 4;
constexpr std::uint32_t most_flows_by_default = 65'536;

std::uint32_t synth_receivers(std::uint32_t users) noexcept { return std::min(users, receivers_per_group); }

// The longest segment, and the unit of windows.
std::array<std::uint8_t, 8> syn_options(std::uint32_t longest_frame, std::uint32_t around) noexcept {
  constexpr std::uint32_t least_segment = 536;
  const std::uint32_t headers = around + static_cast<std::uint32_t>(sizeof(wire::TcpHeader));
  const auto longest = std::max(least_segment, longest_frame - std::min(longest_frame, headers));
  return {2, 4, static_cast<std::uint8_t>(longest >> 8U), static_cast<std::uint8_t>(longest), 1, 3, 3, 7};
}

Conversations::Settings conversations_of(const WorkloadOptions& options) {
  Conversations::Settings settings;
  settings.users = options.users;
  settings.talk = options.talk;
  settings.ipv6 = Share(options.ipv6);
  settings.tcp = Share(options.tcp);
  // What goes to many has no tag.
  settings.tagged = Share(options.tagged, 1 - options.broadcast - options.multicast);
  settings.vlans = options.vlans;
  const bool lasts = options.talk != Talk::random || options.tcp > 0;
  settings.count = options.flows.value_or(lasts ? std::min(options.users, most_flows_by_default) : 0);
  return settings;
}

}  // namespace

Workload::Workload(const WorkloadOptions& options)
    : sizes_(options.sizes),
      users_(options.users),
      packets_left_(options.packets),
      duration_(options.duration),
      chance_(options.seed),
      gaps_(options.gaps, options.rate),
      conversations_(conversations_of(options)),
      broadcast_(options.broadcast),
      many_(options.broadcast + options.multicast),
      ipv6_(options.ipv6) {
  if (options.multicast <= 0) return;
  joins_v4_ = options.ipv6 < 1;
  const std::uint32_t versions = (joins_v4_ ? 1U : 0U) + (options.ipv6 > 0 ? 1U : 0U);
  joins_ = versions * most_synth_groups * synth_receivers(users_);
}

std::optional<Workload::Made> Workload::next(std::span<std::byte> room) {
  if (packets_left_ == 0) return std::nullopt;
  --packets_left_;
  const auto time = gaps_.next(chance_);
  if (duration_ && time >= *duration_) {
    packets_left_ = 0;
    return std::nullopt;
  }
  return Made{time, make(room)};
}

std::size_t Workload::make(std::span<std::byte> room) {
  if (joined_ < joins_) return join(room);
  if (many_.limit() != 0) {
    const std::uint64_t draw = chance_.next() >> 32U;
    if (draw < many_.limit()) return to_many(room, draw < broadcast_.limit());
  }
  auto& conversation = conversations_.next(chance_);
  return conversation.is_tcp ? segment(room, conversation) : datagram(room, conversation);
}

// All of one IP version, then all of the other; in each, group by group.
std::size_t Workload::join(std::span<std::byte> room) {
  const std::uint32_t receivers = synth_receivers(users_);
  const std::uint32_t number = joined_++;
  const bool ipv6 = !joins_v4_ || number >= most_synth_groups * receivers;
  const std::uint32_t group = number / receivers % most_synth_groups;
  const std::uint32_t user = (group * receivers + number % receivers) % users_;
  return frames_.join(room, to_group(user, group, ipv6));
}

std::size_t Workload::to_many(std::span<std::byte> room, bool everybody) {
  const std::uint32_t from = chance_.below(users_);
  // One draw a statement: compilers call what stands side by side in any order.
  const std::uint32_t group = everybody ? 0 : chance_.below(most_synth_groups);
  const bool ipv6 = !everybody && chance_.happens(ipv6_);
  const auto envelope = everybody ? to_everybody(from) : to_group(from, group, ipv6);
  return frames_.udp(room, envelope, Conversations::server_port, Conversations::server_port,
                     payload(envelope, sizeof(wire::UdpHeader)));
}

// A frame that is to be shorter than its headers has no payload.
std::uint32_t Workload::payload(const Envelope& envelope, std::size_t transport_header) {
  const auto size = sizes_.draw(chance_);
  const auto headers =
      headers_of(envelope) + static_cast<std::uint32_t>(transport_header) + FrameSizes::check_sequence;
  return size > headers ? size - headers : 0;
}

std::size_t Workload::datagram(std::span<std::byte> room, Conversation& talk) {
  --talk.left;
  talk.from_client = conversations_.is_to_server(talk, chance_);
  const auto from = talk.from_client ? talk.client : talk.server;
  const auto to = talk.from_client ? talk.server : talk.client;
  const auto envelope = to_user(from, to, talk.ipv6, talk.vlan);
  const auto from_port = talk.from_client ? talk.client_port : Conversations::server_port;
  const auto to_port = talk.from_client ? Conversations::server_port : talk.client_port;
  return frames_.udp(room, envelope, from_port, to_port, payload(envelope, sizeof(wire::UdpHeader)));
}

std::size_t Workload::segment(std::span<std::byte> room, Conversation& talk) {
  const auto step = talk.dialogue.next();
  const auto from = step.from_client ? talk.client : talk.server;
  const auto to = step.from_client ? talk.server : talk.client;
  const auto envelope = to_user(from, to, talk.ipv6, talk.vlan);
  wire::TcpHeader header;
  header.source_port = step.from_client ? talk.client_port : Conversations::server_port;
  header.destination_port = step.from_client ? Conversations::server_port : talk.client_port;
  header.sequence = step.sequence;
  header.acknowledgment = step.acknowledgment;
  header.flags = step.flags;
  // In units of 2^7 bytes, as the SYN says: a megabyte, more than an answer that is not acknowledged.
  header.window = 0x2000;
  constexpr std::uint8_t opening_flag = 0x02;
  const bool opens = (step.flags & opening_flag) != 0;
  if (opens) header.window = 0xffff;
  const auto options = syn_options(sizes_.longest(), headers_of(envelope) + FrameSizes::check_sequence);
  const std::uint32_t data =
      step.has_data ? std::max<std::uint32_t>(payload(envelope, sizeof(header)), 1) : 0;
  talk.dialogue.sent(data, chance_);
  return frames_.tcp(room, envelope, header,
                     std::as_bytes(std::span(options)).first(opens ? options.size() : 0), data);
}

}  // namespace vmlan::apps
