#include "hercules/base_connection.h"

namespace vmlan::hercules {

namespace {

// Frames wait in the guest's queues rather than here.
constexpr std::size_t output_limit = 512 * 1024;

}  // namespace

BaseConnection::BaseConnection(unsigned devices)
    : decoder_(link::Sender::base, devices), output_(output_limit) {}

std::string BaseConnection::connect(const std::string& path, host::Trust trust, const link::Hello& hello) {
  close();
  auto connected = host::connect_unix(path, trust);
  if (auto* reason = std::get_if<std::string>(&connected)) return std::move(*reason);
  socket_ = std::move(std::get<host::Descriptor>(connected));
  state_ = State::greeting;
  output_.add_hello(hello);
  return {};
}

void BaseConnection::close() noexcept {
  socket_.reset();
  state_ = State::closed;
  decoder_.restart();
  output_.clear();
}

host::Moved BaseConnection::read() {
  const auto room = decoder_.room();
  if (room.empty()) return {};
  const host::Moved received = host::receive_now(socket_, room);
  decoder_.received(received.bytes);
  return received;
}

bool BaseConnection::write() {
  while (output_.waiting() > 0) {
    const host::Moved written = host::send_some(socket_, output_.pending());
    if (written.bytes == 0) return !written.ended;
    output_.sent(written.bytes);
  }
  return true;
}

}  // namespace vmlan::hercules
