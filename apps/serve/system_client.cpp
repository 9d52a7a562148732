#include "apps/serve/system_client.h"

#include <cstring>

#include "host/real_clock.h"
#include "host/socket_path.h"
#include "host/unix_socket.h"
#include "host/waiting.h"
#include "link/send_buffer.h"

namespace vmlan::apps {

namespace {

constexpr arch::Time answer_time = std::chrono::seconds(10);

}  // namespace

// Where everybody looks, only the user's own system is spoken to; a place of the user's choice is the user's
// to know.
std::variant<SystemClient, std::string> SystemClient::connect(const std::string& path) {
  const bool chosen = !path.empty();
  const std::string place = chosen ? path : host::default_socket_path();
  auto connected = host::connect_unix(place, chosen ? host::Trust::anybodys : host::Trust::ours);
  if (auto* error = std::get_if<std::string>(&connected)) return std::move(*error);
  return SystemClient(place, std::get<host::Descriptor>(std::move(connected)));
}

bool SystemClient::send(link::MessageType type, std::span<const std::byte> body) {
  link::SendBuffer buffer(link::max_body);
  buffer.add(type, 0, {body});
  return host::send_all(socket_, buffer.pending());
}

SystemClient::Came SystemClient::next(link::MessageView& message, arch::Time limit) {
  if (const auto waiting = decoder_.next()) {
    message = *waiting;
    return Came::message;
  }
  if (decoder_.fault() != link::Fault::none) return Came::gone;
  if (host::wait_readable(socket_.number(), limit) != host::Waited::readable) return Came::nothing;
  const auto received = host::receive_now(socket_, decoder_.room());
  if (received.ended) return Came::gone;
  decoder_.received(received.bytes);
  const auto whole = decoder_.next();
  if (!whole) return decoder_.fault() == link::Fault::none ? Came::nothing : Came::gone;
  message = *whole;
  return Came::message;
}

std::optional<std::uint32_t> SystemClient::command(std::string_view text,
                                                   const std::function<void(std::string_view)>& line) {
  if (!send(link::MessageType::command, std::as_bytes(std::span(text)))) return std::nullopt;
  const host::RealClock clock;
  for (arch::Time heard = clock.now(); clock.now() - heard < answer_time && !host::interrupted();) {
    link::MessageView message;
    const Came came = next(message, answer_time);
    if (came == Came::gone) return std::nullopt;
    if (came == Came::nothing) continue;
    heard = clock.now();
    if (message.type == link::MessageType::response) line(link::text_of(message.body));
    if (message.type != link::MessageType::return_code) continue;
    arch::be32 code;
    std::memcpy(static_cast<void*>(&code), message.body.data(), sizeof(code));
    return code;
  }
  return std::nullopt;
}

}  // namespace vmlan::apps
