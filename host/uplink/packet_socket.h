// An uplink on an interface of the host's, real or veth, beside the host's own traffic there: a packet socket
// sends and receives its frames, all of them, whomever they are for.
//
// Super-frames and checksums cross whole with virtio's header. A VLAN tag, which the kernel takes out of a
// frame, is put back. What this host itself sends there is not received. Needs CAP_NET_RAW.
//
// Source: packet(7), Linux 6.18 net/packet/af_packet.c. Owns: the socket. Threads: one.
#pragma once

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <variant>

#include "host/uplink/interface_device.h"

namespace vmlan::host {

class PacketDevice final : public InterfaceDevice {
 public:
  // Without the header every frame is finished, by us and by the kernel: for comparison.
  enum class Header : std::uint8_t { virtio, none };

  // Errors: "eth0: reason; cure".
  static std::variant<std::unique_ptr<PacketDevice>, std::string> open(const std::string& interface,
                                                                       Header header = Header::virtio);

  bool does_work() const override { return header_ == Header::virtio; }
  std::string name() const override { return "INTERFACE " + interface(); }

 private:
  // Frames that one call receives.
  static constexpr std::size_t batch = 32;
  // Room for a tag to be put back, a frame, and a byte that shows a longer one.
  static constexpr std::size_t frame_room = InterfaceWatch::tag_size + longest_frame + 1;
  // Of a message's VLAN tag (struct tpacket_auxdata).
  using Control = std::array<std::byte, 64>;

  PacketDevice(const std::string& interface, Header header);
  std::variant<Descriptor, std::string> open_interface(const InterfaceWatch::Seen& seen) override;
  std::string refusal(const char* what) const;
  void prepare_batch();
  unsigned read(unsigned most) override;
  void give_message(std::size_t index);
  bool write(std::span<const iovec> pieces, const VirtioHeader& header) override;

  Header header_;
  std::unique_ptr<std::byte[]> frames_;  // of a batch
  std::array<VirtioHeader, batch> headers_;
  std::array<Control, batch> controls_;
  std::array<std::array<iovec, 2>, batch> vectors_;
  std::array<mmsghdr, batch> messages_;
};

}  // namespace vmlan::host
