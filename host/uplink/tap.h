// An uplink on a TAP device of the kernel's: what else may be behind it (a bridge, routing with NAT, a VXLAN
// tunnel) is the kernel's business.
//
// Super-frames and checksums that are not filled in cross whole, in both directions, with virtio's header:
// four times the throughput ("measured"). A persistent TAP that belongs to this host's user is opened without
// root; no TAP is made here.
//
// Source: Linux Documentation/networking/tuntap.rst, drivers/net/tun.c 6.18. Owns: the descriptor. Threads:
// one.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "host/uplink/interface_device.h"

namespace vmlan::host {

class TapDevice final : public InterfaceDevice {
 public:
  // Without the header every frame is finished, by us and by the kernel: for comparison.
  enum class Header : std::uint8_t { virtio, none };

  // Errors: "tap0: reason; cure".
  static std::variant<std::unique_ptr<TapDevice>, std::string> open(const std::string& interface,
                                                                    Header header = Header::virtio);

  bool does_work() const override { return header_ == Header::virtio; }
  std::string name() const override { return "TAP " + interface(); }

 private:
  TapDevice(const std::string& interface, Header header);
  std::variant<Descriptor, std::string> open_interface(const InterfaceWatch::Seen& seen) override;
  unsigned read(unsigned most) override;
  bool write(std::span<const iovec> pieces, const VirtioHeader& header) override;
  std::string refusal(const char* what) const;

  Header header_;
  std::vector<std::byte> input_;
};

}  // namespace vmlan::host
