#include "host/stream_client.h"

#include "host/unix_address.h"
#include "host/waiting.h"

namespace vmlan::host {

std::variant<Descriptor, std::string> connect_stream(const std::string& path) {
  sockaddr_un address;
  Descriptor socket = new_stream_socket();
  if (!socket || !fill_address(path, address)) return failure(path);
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return failure(path);
  }
  return socket;
}

bool send_all(const Descriptor& socket, std::span<const std::byte> bytes) {
  const ssize_t length = ::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return length >= 0 && static_cast<std::size_t>(length) == bytes.size();
}

std::optional<std::size_t> receive_some(const Descriptor& socket, std::span<std::byte> into,
                                        arch::Time limit) {
  if (wait_readable(socket.number(), limit) != Waited::readable) return std::nullopt;
  const ssize_t length = ::recv(socket.number(), into.data(), into.size(), 0);
  if (length <= 0) return std::nullopt;
  return static_cast<std::size_t>(length);
}

}  // namespace vmlan::host
