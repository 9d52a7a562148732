// Without libvdeplug; vde_connection.cpp takes its place with it.
#include <cerrno>

#include "host/uplink/vde_connection.h"

namespace vmlan::host {

bool VdeConnection::is_built_in() noexcept { return false; }

VdeConnection VdeConnection::open(const std::string&) {
  errno = ENOSYS;
  return {};
}

void VdeConnection::close() noexcept {}

int VdeConnection::data() const noexcept { return -1; }

int VdeConnection::control() const noexcept { return -1; }

ssize_t VdeConnection::receive(std::span<std::byte>) noexcept { return -1; }

ssize_t VdeConnection::send(std::span<const std::byte>) noexcept { return -1; }

}  // namespace vmlan::host
