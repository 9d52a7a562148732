// A connection that libvdeplug 4 has made: the only place that calls the library. Built without it
// (libvdeplug-dev was not there), there is none to be had.
//
// Owns: the library's connection. Threads: one at a time. Errors: errno.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <utility>

struct vdeconn;

namespace vmlan::host {

class VdeConnection {
 public:
  static bool is_built_in() noexcept;

  // Waits for the switch as long as that takes: for ever for one that has been stopped. Empty and errno.
  static VdeConnection open(const std::string& url);
  VdeConnection() = default;
  ~VdeConnection() { close(); }
  VdeConnection(VdeConnection&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  VdeConnection& operator=(VdeConnection&& other) noexcept {
    if (this != &other) {
      close();
      connection_ = std::exchange(other.connection_, nullptr);
    }
    return *this;
  }

  explicit operator bool() const noexcept { return connection_ != nullptr; }
  void close() noexcept;
  // For poll(2): readable when there are frames.
  int data() const noexcept;
  // Readable when the switch has gone; -1: there is nobody who could go.
  int control() const noexcept;
  // A frame's length; less than an Ethernet header's: what came was not for us.
  ssize_t receive(std::span<std::byte> into) noexcept;
  ssize_t send(std::span<const std::byte> frame) noexcept;

 private:
  vdeconn* connection_ = nullptr;
};

}  // namespace vmlan::host
