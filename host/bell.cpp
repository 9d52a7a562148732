#include "host/bell.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace vmlan::host {

bool Bell::open() noexcept {
  descriptor_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  return static_cast<bool>(descriptor_);
}

void Bell::ring() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_.number(), &one, sizeof(one));
}

void Bell::wait(Watched watched, std::chrono::milliseconds limit) const noexcept {
  const auto events = static_cast<short>((watched.to_read ? POLLIN : 0) | (watched.to_write ? POLLOUT : 0));
  std::array<pollfd, 2> polled{{{descriptor_.number(), POLLIN, 0}, {watched.socket, events, 0}}};
  // An end is reported whatever one asks for, again and again: who asks for nothing does not look.
  if (events == 0) polled[1].fd = -1;
  ::poll(polled.data(), polled.size(), static_cast<int>(limit.count()));
  std::uint64_t rings = 0;
  [[maybe_unused]] const auto drained = ::read(descriptor_.number(), &rings, sizeof(rings));
}

}  // namespace vmlan::host
