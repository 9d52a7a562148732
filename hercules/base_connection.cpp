#include "hercules/base_connection.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vmlan::hercules {

namespace {

// Frames wait in the guest's queues rather than here; one ring of the longest may still come on top.
constexpr std::size_t output_limit = 512 * 1024;

bool listener_is_ours(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == ::geteuid() || peer.uid == 0);
}

bool would_block(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

BaseConnection::BaseConnection(unsigned devices)
    : decoder_(link::Sender::base, devices), output_(output_limit) {}

BaseConnection::~BaseConnection() { close(); }

std::string BaseConnection::connect(const std::string& path, Whose whose, const link::Hello& hello) {
  close();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return "the path is too long for a socket";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const std::string reason = std::strerror(errno);
    close();
    return reason;
  }
  if (whose == Whose::ours && !listener_is_ours(socket_)) {
    close();
    return "somebody else's program listens there";
  }
  state_ = State::greeting;
  output_.add_hello(hello);
  return {};
}

void BaseConnection::close() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = State::closed;
  decoder_.restart();
  output_.clear();
}

BaseConnection::Read BaseConnection::read() {
  const auto room = decoder_.room();
  if (room.empty()) return {};
  const auto count = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
  if (count == 0) return {0, true};
  if (count < 0) return {0, !would_block(errno)};
  decoder_.received(static_cast<std::size_t>(count));
  return {static_cast<std::size_t>(count), false};
}

bool BaseConnection::write() {
  while (output_.waiting() > 0) {
    const auto pending = output_.pending();
    const auto count = ::send(socket_, pending.data(), pending.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return would_block(errno);
    output_.sent(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace vmlan::hercules
