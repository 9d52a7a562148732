#include "host/uplink/interface_watch.h"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vmlan::host {

namespace {

// Changes that are taken at once; what is left makes the socket readable again.
constexpr int changes_at_once = 64;

ifreq request_for(const std::string& interface) noexcept {
  ifreq request{};
  std::memcpy(static_cast<char*>(request.ifr_name), interface.data(),
              std::min<std::size_t>(interface.size(), IFNAMSIZ - 1));
  return request;
}

}  // namespace

std::string wrong_interface_name(const std::string& interface) {
  const auto wrong = [](unsigned char c) { return c == '/' || c == ':' || std::isspace(c) != 0 || c == 0; };
  if (interface.empty() || interface.size() >= IFNAMSIZ || std::ranges::any_of(interface, wrong))
    return fmt::format("{}: an interface's name has 1 to {} characters, no space, no / and no :", interface,
                       IFNAMSIZ - 1);
  return {};
}

InterfaceWatch::InterfaceWatch(std::string interface)
    : interface_(std::move(interface)),
      socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)) {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  // Without it changes are seen when somebody looks.
  ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  look();
}

const InterfaceWatch::Seen& InterfaceWatch::look() noexcept {
  std::array<char, 1> byte;
  for (int count = 0; count < changes_at_once; ++count) {
    // What has changed does not matter, nor that there was more than the socket holds (ENOBUFS).
    if (::recv(socket_.number(), byte.data(), byte.size(), MSG_DONTWAIT) < 0 && errno == EAGAIN) break;
  }
  seen_ = {};
  ifreq request = request_for(interface_);
  if (::ioctl(socket_.number(), SIOCGIFINDEX, &request) != 0) return seen_;
  seen_.index = static_cast<unsigned>(request.ifr_ifindex);
  if (::ioctl(socket_.number(), SIOCGIFFLAGS, &request) == 0) {
    seen_.up = (request.ifr_flags & IFF_UP) != 0;
    seen_.connected = seen_.up && (request.ifr_flags & IFF_RUNNING) != 0;
  }
  if (::ioctl(socket_.number(), SIOCGIFMTU, &request) == 0)
    seen_.mtu = static_cast<std::size_t>(request.ifr_mtu);
  return seen_;
}

}  // namespace vmlan::host
