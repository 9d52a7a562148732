// With the library; vde_absent.cpp takes its place without.
#include "host/uplink/vde_connection.h"

#include <array>
#include <cerrno>

extern "C" {
#include <libvdeplug.h>
}

namespace vmlan::host {

bool VdeConnection::is_built_in() noexcept { return true; }

VdeConnection VdeConnection::open(const std::string& url) {
  // Both are the library's to write into.
  std::string written = url;
  std::array<char, 6> description{"vmlan"};
  VdeConnection made;
  made.connection_ = vde_open_real(written.data(), description.data(), LIBVDEPLUG_INTERFACE_VERSION, nullptr);
  return made;
}

void VdeConnection::close() noexcept {
  if (connection_ != nullptr) vde_close(std::exchange(connection_, nullptr));
}

int VdeConnection::data() const noexcept { return vde_datafd(connection_); }

int VdeConnection::control() const noexcept { return vde_ctlfd(connection_); }

ssize_t VdeConnection::receive(std::span<std::byte> into) noexcept {
  return vde_recv(connection_, into.data(), into.size(), 0);
}

ssize_t VdeConnection::send(std::span<const std::byte> frame) noexcept {
  return vde_send(connection_, frame.data(), frame.size(), 0);
}

}  // namespace vmlan::host
