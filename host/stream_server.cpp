#include "host/stream_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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

Waited StreamServer::wait(std::optional<arch::Time> limit) {
  sweep();
  std::vector<pollfd> polled{{listener_.socket().number(), POLLIN, 0}};
  std::vector<ConnectionId> ids{0};
  for (const auto& [id, connection] : connections_) {
    const bool reads = !connection.paused && !connection.closing;
    const bool writes = connection.written < connection.output.size();
    const auto events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
    // poll(2) reports a closed end whatever it is asked for, again and again: a paused one is not asked.
    polled.push_back({events != 0 ? connection.socket.number() : -1, events, 0});
    ids.push_back(id);
  }
  const Waited waited = wait_any(polled, limit);
  if (waited != Waited::readable) return waited;
  if ((polled[0].revents & POLLIN) != 0) accept_all();
  for (std::size_t index = 1; index < polled.size(); ++index) {
    const short events = polled[index].revents;
    Connection* connection = find(ids[index]);
    if (connection == nullptr || events == 0) continue;
    if ((events & POLLOUT) != 0) flush(ids[index]);
    if ((events & POLLIN) != 0) {
      read(ids[index]);
    } else if ((events & (POLLHUP | POLLERR)) != 0 && !connection->paused) {
      connection->broken = true;
    }
  }
  sweep();
  return waited;
}

void StreamServer::accept_all() {
  for (int count = 0; count < accepts_per_round; ++count) {
    Descriptor socket = listener_.accept();
    if (!socket) return;
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
  auto& output = connection->output;
  if (output.size() - connection->written + length > output_limit) return false;
  if (connection->written > output_limit) {
    output.erase(output.begin(), output.begin() + static_cast<std::ptrdiff_t>(connection->written));
    connection->written = 0;
  }
  for (const auto& piece : pieces) output.insert(output.end(), piece.begin(), piece.end());
  return true;
}

void StreamServer::flush(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->broken) return;
  auto& output = connection->output;
  while (connection->written < output.size()) {
    const ssize_t length = ::send(connection->socket.number(), output.data() + connection->written,
                                  output.size() - connection->written, MSG_NOSIGNAL);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) {
      connection->broken = errno != EAGAIN;
      return;
    }
    connection->written += static_cast<std::size_t>(length);
  }
  output.clear();
  connection->written = 0;
}

std::size_t StreamServer::owed(ConnectionId id) const noexcept {
  const auto found = connections_.find(id);
  return found == connections_.end() ? 0 : found->second.output.size() - found->second.written;
}

void StreamServer::pause(ConnectionId id, bool paused) {
  if (Connection* connection = find(id)) connection->paused = paused;
}

void StreamServer::close(ConnectionId id) {
  flush(id);
  if (Connection* connection = find(id)) connection->closing = true;
}

// Connections that ended are told of and forgotten here, outside of every loop over them.
void StreamServer::sweep() {
  std::vector<ConnectionId> ended;
  for (const auto& [id, connection] : connections_) {
    const bool drained = connection.written == connection.output.size();
    if (connection.broken || (connection.closing && drained)) ended.push_back(id);
  }
  for (const ConnectionId id : ended) {
    handler_.closed(id);
    connections_.erase(id);
  }
}

}  // namespace vmlan::host
