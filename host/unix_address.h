// A UNIX socket's address, and the socket to it. For the files of this folder.
#pragma once

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "host/descriptor.h"

namespace vmlan::host {

// "PATH: reason" of the call that has just failed.
inline std::string failure(const std::string& path) {
  return fmt::format("{}: {}", path, std::strerror(errno));
}

// false and errno: the path does not fit.
inline bool fill_address(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return false;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

inline Descriptor new_stream_socket() {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

}  // namespace vmlan::host
