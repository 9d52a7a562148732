#include "host/standard_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>

namespace vmlan::host {

void hold_standard_streams() noexcept {
  for (const int stream : std::array{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // The wrong way round. It gets the lowest number that is free: this one.
    [[maybe_unused]] const int held = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

bool takes_more(int descriptor) noexcept {
  pollfd watched{descriptor, POLLOUT, 0};
  return ::poll(&watched, 1, 0) == 1;
}

std::optional<char> read_byte(int descriptor) noexcept {
  char byte = 0;
  return ::read(descriptor, &byte, 1) == 1 ? std::optional(byte) : std::nullopt;
}

}  // namespace vmlan::host
