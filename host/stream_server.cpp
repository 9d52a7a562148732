#include "host/stream_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vmlan::host {

namespace {

constexpr std::size_t bytes_per_read = std::size_t{256} << 10U;
constexpr int accepts_per_round = 64;

}  // namespace

std::variant<std::unique_ptr<StreamServer>, std::string> StreamServer::listen(const std::string& path,
                                                                              StreamHandler& handler) {
  auto listening = UnixListener::listen(path);
  if (auto* error = std::get_if<std::string>(&listening)) return std::move(*error);
  auto& listener = std::get<UnixListener>(listening);
  return std::unique_ptr<StreamServer>(new StreamServer(std::move(listener), handler));
}

StreamServer::StreamServer(UnixListener listener, StreamHandler& handler)
    : listener_(std::move(listener)), handler_(handler), input_(bytes_per_read) {}

StreamServer::~StreamServer() {
  listener_.withdraw();
  // The handler may still send while it says good-bye; a connection that ends takes nothing.
  for (auto& [id, connection] : connections_) connection.broken = true;
  sweep();
}

StreamServer::Connection* StreamServer::find(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

void StreamServer::tend(arch::Time now) {
  if (std::exchange(no_room_, false)) accept_from_ = now + pause_without_room;
  if (accept_from_ && now >= *accept_from_) accept_from_.reset();
  for (auto& [id, connection] : connections_) {
    if (!connection.closing) continue;
    if (!connection.closed_at) connection.closed_at = now;
    if (now - *connection.closed_at >= farewell) connection.broken = true;
  }
  sweep();
}

std::optional<arch::Time> StreamServer::deadline() const {
  auto next = accept_from_;
  for (const auto& [id, connection] : connections_) {
    if (!connection.closing && !connection.broken) continue;
    const bool now = !connection.closed_at || is_over(connection);
    const auto end = now ? arch::Time{0} : *connection.closed_at + farewell;
    next = std::min(next.value_or(end), end);
  }
  return next;
}

void StreamServer::add_to(std::vector<pollfd>& polled) {
  polled.push_back({listener_.socket().number(), static_cast<short>(accept_from_ ? 0 : POLLIN), 0});
  polled_.clear();
  for (const auto& [id, connection] : connections_) {
    const bool reads = !connection.paused && !connection.closing;
    const bool writes = connection.output.waiting() > 0;
    const auto events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
    polled.push_back({connection.socket.number(), events, 0});
    polled_.push_back(id);
  }
}

void StreamServer::happened(std::span<const pollfd> polled) {
  if ((polled[0].revents & POLLIN) != 0) accept_all();
  for (std::size_t index = 1; index < polled.size(); ++index) {
    const short events = polled[index].revents;
    Connection* connection = find(polled_[index - 1]);
    if (connection == nullptr || events == 0) continue;
    if ((events & POLLOUT) != 0) flush(polled_[index - 1]);
    if ((events & POLLIN) != 0) {
      read(polled_[index - 1]);
    } else if ((events & (POLLHUP | POLLERR | POLLNVAL)) != 0 && !connection->paused) {
      connection->broken = true;
    }
  }
}

void StreamServer::accept_all() {
  for (int count = 0; count < accepts_per_round; ++count) {
    errno = 0;
    Descriptor socket = listener_.accept();
    if (!socket) {
      // Who knocks stays in the listener's queue, where poll(2) would show it again at once.
      no_room_ = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
      return;
    }
    const ConnectionId id = next_id_++;
    connections_[id].socket = std::move(socket);
    handler_.connected(id);
  }
}

void StreamServer::read(ConnectionId id) {
  Connection& connection = connections_.at(id);
  const ssize_t length = ::recv(connection.socket.number(), input_.data(), input_.size(), 0);
  if (length > 0) {
    const std::span<const std::byte> bytes(input_.data(), static_cast<std::size_t>(length));
    if (!handler_.received(id, bytes)) close(id);
  } else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
    connection.broken = true;
  }
}

bool StreamServer::send(ConnectionId id, std::span<const std::span<const std::byte>> pieces) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->broken || connection->closing) return false;
  std::size_t length = 0;
  for (const auto& piece : pieces) length += piece.size();
  if (connection->output.waiting() + length > output_limit) return false;
  for (const auto& piece : pieces) connection->output.add(piece);
  return true;
}

void StreamServer::flush(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->broken) return;
  OutputBuffer& output = connection->output;
  while (output.waiting() > 0) {
    const auto pending = output.pending();
    const ssize_t length = ::send(connection->socket.number(), pending.data(), pending.size(), MSG_NOSIGNAL);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) {
      if (errno == EAGAIN) return;
      // Who takes nothing any more may still have sent something: its end is read, behind that.
      connection->broken = errno != EPIPE || connection->closing;
      output.clear();
      return;
    }
    output.sent(static_cast<std::size_t>(length));
  }
}

std::size_t StreamServer::owed(ConnectionId id) const noexcept {
  const auto found = connections_.find(id);
  return found == connections_.end() ? 0 : found->second.output.waiting();
}

void StreamServer::pause(ConnectionId id, bool paused) {
  if (Connection* connection = find(id)) connection->paused = paused;
}

void StreamServer::close(ConnectionId id) {
  flush(id);
  if (Connection* connection = find(id)) connection->closing = true;
}

bool StreamServer::is_over(const Connection& connection) noexcept {
  const bool drained = connection.output.waiting() == 0;
  return connection.broken || (connection.closing && drained);
}

// Connections that ended are told of and forgotten here, outside of every loop over them.
void StreamServer::sweep() {
  std::vector<ConnectionId> ended;
  for (const auto& [id, connection] : connections_) {
    if (is_over(connection)) ended.push_back(id);
  }
  for (const ConnectionId id : ended) {
    handler_.closed(id);
    connections_.erase(id);
  }
}

}  // namespace vmlan::host
