// A network interface of the kernel's as its name finds it now: whether it is there, up and connected, and
// its MTU. It may be removed, made again under another number, or renamed at any time.
//
// Owns: a socket that becomes readable whenever some interface changes. Needs no rights. Threads: one.
#pragma once

#include <cstddef>
#include <string>

#include "host/descriptor.h"

namespace vmlan::host {

class InterfaceWatch {
 public:
  // Of an Ethernet header and its VLAN tag.
  static constexpr std::size_t header_size = 14;
  static constexpr std::size_t tag_size = 4;

  struct Seen {
    unsigned index = 0;  // 0: there is none of that name
    bool up = false;
    bool connected = false;  // up, and its cable is plugged in
    std::size_t mtu = 0;
  };

  explicit InterfaceWatch(std::string interface);

  // Looks again; what has changed before is not readable any more.
  const Seen& look() noexcept;
  const Seen& seen() const noexcept { return seen_; }
  const std::string& interface() const noexcept { return interface_; }
  const Descriptor& changes() const noexcept { return socket_; }

 private:
  std::string interface_;
  Descriptor socket_;
  Seen seen_;
};

// The kernel takes no such name: "NAME: reason". Empty: it might.
std::string wrong_interface_name(const std::string& interface);

}  // namespace vmlan::host
