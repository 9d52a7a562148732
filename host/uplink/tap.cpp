#include "host/uplink/tap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vmlan::host {

namespace {

constexpr const char* tun_device = "/dev/net/tun";

std::string making(const std::string& interface) {
  return fmt::format("make it as root with: ip tuntap add dev {} mode tap user $USER", interface);
}

}  // namespace

std::variant<std::unique_ptr<TapDevice>, std::string> TapDevice::open(const std::string& interface,
                                                                      Header header) {
  if (auto wrong = wrong_interface_name(interface); !wrong.empty()) return wrong;
  std::unique_ptr<TapDevice> device(new TapDevice(interface, header));
  if (auto error = device->open_first(); !error.empty()) return error;
  return device;
}

TapDevice::TapDevice(const std::string& interface, Header header)
    : InterfaceDevice(interface,
                      {fmt::format("{}: there is no such interface; {}", interface, making(interface)),
                       fmt::format("{}: it is down; ip link set {} up", interface, interface),
                       {}}),
      header_(header),
      // One byte more than any frame has shows a longer one.
      input_(sizeof(VirtioHeader) + longest_frame + 1) {}

std::variant<Descriptor, std::string> TapDevice::open_interface(const InterfaceWatch::Seen&) {
  Descriptor device(::open(tun_device, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!device)
    return fmt::format("{}: {}; TAP devices need it, readable and writable", tun_device,
                       std::strerror(errno));
  ifreq request{};
  std::memcpy(static_cast<char*>(request.ifr_name), interface().data(), interface().size());
  const bool with_header = header_ == Header::virtio;
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | (with_header ? IFF_VNET_HDR : 0));
  if (::ioctl(device.number(), TUNSETIFF, &request) != 0) return refusal(nullptr);
  int size = sizeof(VirtioHeader);
  if (with_header && ::ioctl(device.number(), TUNSETVNETHDRSZ, &size) != 0) return refusal("virtio header");
  const unsigned long offload = with_header ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0UL;
  if (::ioctl(device.number(), TUNSETOFFLOAD, offload) != 0) return refusal("offload");
  return device;
}

std::string TapDevice::refusal(const char* what) const {
  const int reason = errno;
  if (what != nullptr) return fmt::format("{}: {}: {}", interface(), what, std::strerror(reason));
  switch (reason) {
    case EPERM:
      return fmt::format("{}: it is not this user's TAP device; {}", interface(), making(interface()));
    case EBUSY:
      return fmt::format("{}: another program has opened it; end that one, or take another TAP device",
                         interface());
    case EINVAL:
      return fmt::format("{}: it is no TAP device, or one with several queues; {}", interface(),
                         making(interface()));
    default:
      return fmt::format("{}: {}", interface(), std::strerror(reason));
  }
}

unsigned TapDevice::read(unsigned most) {
  const std::size_t before = header_ == Header::virtio ? sizeof(VirtioHeader) : 0;
  for (unsigned count = 0; count < most; ++count) {
    const ssize_t length = ::read(device().number(), input_.data(), input_.size());
    if (length < 0) {
      if (errno == EBADFD) give_up();
      return count;
    }
    const auto read = std::span(std::as_const(input_)).first(static_cast<std::size_t>(length));
    VirtioHeader header;
    if (read.size() < before) continue;
    std::memcpy(&header, read.data(), before);
    give(read.subspan(before), header);
  }
  return most;
}

bool TapDevice::write(std::span<const iovec> pieces, const VirtioHeader& header) {
  std::array<iovec, most_pieces + 1> vectors;
  std::size_t count = 0;
  auto copy = header;
  if (header_ == Header::virtio) vectors[count++] = {&copy, sizeof(copy)};
  for (const auto& piece : pieces) vectors[count++] = piece;
  return ::writev(device().number(), vectors.data(), static_cast<int>(count)) >= 0;
}

}  // namespace vmlan::host
