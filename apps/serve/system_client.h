// The other end of the socket of `vmlan serve`, for commands that speak to a running system.
//
// Owns: the connection. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "arch/clock.h"
#include "host/descriptor.h"
#include "link/decoder.h"
#include "link/protocol.h"

namespace vmlan::apps {

class SystemClient {
 public:
  // Empty path: where vmlan serve listens by default, and then only to this user's own system. Or why not:
  // "PATH: reason".
  static std::variant<SystemClient, std::string> connect(const std::string& path);

  const std::string& path() const noexcept { return path_; }
  // false: the system has gone.
  bool send(link::MessageType type, std::span<const std::byte> body = {});
  enum class Came : std::uint8_t { message, nothing, gone };
  // The next message, valid until the next call; `nothing`: not within `limit`, or an interruption came.
  Came next(link::MessageView& message, arch::Time limit);
  // A CP command and its answer, line by line. The return code; nothing: there was no answer.
  std::optional<std::uint32_t> command(std::string_view text,
                                       const std::function<void(std::string_view)>& line);

 private:
  SystemClient(std::string path, host::Descriptor socket)
      : path_(std::move(path)), socket_(std::move(socket)) {}

  std::string path_;
  host::Descriptor socket_;
  link::Decoder decoder_{link::Sender::base};
};

}  // namespace vmlan::apps
