#include "host/trace/capture_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/standard_streams.h"
#include "host/waiting.h"

namespace vmlan::host {

std::variant<CaptureOutput, std::string> CaptureOutput::open(const std::string& path) {
  if (path == "-") {
    if (is_terminal(standard_output))
      return "a terminal cannot show a capture; name a file, or a program behind |";
    return CaptureOutput(standard_output, Descriptor());
  }
  constexpr mode_t own = S_IRUSR | S_IWUSR;
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, own));
  if (!file) return path + ": " + std::strerror(errno);
  const int number = file.number();
  return CaptureOutput(number, std::move(file));
}

CaptureOutput::Wrote CaptureOutput::write(std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    pollfd ready{number_, POLLOUT, 0};
    if (wait_any({&ready, 1}, std::nullopt) == Waited::interrupted && (ready.revents & POLLOUT) == 0)
      return Wrote::interrupted;
    const ssize_t count = ::write(number_, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      return Wrote::reader_gone;
    } else if (errno != EINTR && errno != EAGAIN) {
      return Wrote::failed;
    }
  }
  return Wrote::all;
}

}  // namespace vmlan::host
