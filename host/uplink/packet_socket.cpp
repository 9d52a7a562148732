#include "host/uplink/packet_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace vmlan::host {

namespace {

// What the kernel keeps for us while others have their turn.
constexpr int receive_buffer = 8 << 20;

template <typename Value>
bool set(const Descriptor& socket, int option, const Value& value) noexcept {
  return ::setsockopt(socket.number(), SOL_PACKET, option, &value, sizeof(value)) == 0;
}

struct Tag {
  std::uint16_t protocol;
  std::uint16_t control;
};

// The tag that the kernel has taken out of the frame.
std::optional<Tag> tag_of(const msghdr& message) noexcept {
  for (const cmsghdr* found = CMSG_FIRSTHDR(&message); found != nullptr;
       found = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(found))) {
    tpacket_auxdata data{};
    if (found->cmsg_level != SOL_PACKET || found->cmsg_type != PACKET_AUXDATA) continue;
    if (found->cmsg_len < CMSG_LEN(sizeof(data))) continue;
    std::memcpy(&data, CMSG_DATA(found), sizeof(data));
    if ((data.tp_status & TP_STATUS_VLAN_VALID) == 0) return std::nullopt;
    const bool has_protocol = (data.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    return Tag{has_protocol ? data.tp_vlan_tpid : std::uint16_t{ETHERTYPE_VLAN}, data.tp_vlan_tci};
  }
  return std::nullopt;
}

// In front of the type, in room before the frame.
std::span<const std::byte> with_tag(std::span<std::byte> frame, Tag tag) noexcept {
  constexpr std::size_t addresses = 12;
  std::byte* const begin = frame.data() - InterfaceWatch::tag_size;
  std::memmove(begin, frame.data(), addresses);
  const std::array<std::uint16_t, 2> words{htons(tag.protocol), htons(tag.control)};
  std::memcpy(begin + addresses, words.data(), InterfaceWatch::tag_size);
  return {begin, frame.size() + InterfaceWatch::tag_size};
}

}  // namespace

std::variant<std::unique_ptr<PacketDevice>, std::string> PacketDevice::open(const std::string& interface,
                                                                            Header header) {
  if (auto wrong = wrong_interface_name(interface); !wrong.empty()) return wrong;
  std::unique_ptr<PacketDevice> device(new PacketDevice(interface, header));
  if (auto error = device->open_first(); !error.empty()) return error;
  return device;
}

PacketDevice::PacketDevice(const std::string& interface, Header header)
    : InterfaceDevice(
          interface, {fmt::format("{}: there is no such interface; ip link shows those that are", interface),
                      fmt::format("{}: it is down; ip link set {} up", interface, interface),
                      fmt::format("{}: it is not connected: no cable, or its other end is down", interface)}),
      header_(header),
      frames_(std::make_unique_for_overwrite<std::byte[]>(batch * frame_room)) {}

std::variant<Descriptor, std::string> PacketDevice::open_interface(const InterfaceWatch::Seen& seen) {
  // Of no protocol: nothing comes until it is bound.
  Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return refusal("a packet socket");
  if (header_ == Header::virtio && !set(socket, PACKET_VNET_HDR, 1)) return refusal("virtio header");
  if (!set(socket, PACKET_AUXDATA, 1)) return refusal("VLAN tags");
  if (!set(socket, PACKET_IGNORE_OUTGOING, 1)) return refusal("frames of this host's");
  // More than what everybody may have, if this process may.
  for (const auto& [force, otherwise] :
       {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, std::pair{SO_SNDBUFFORCE, SO_SNDBUF}}) {
    if (::setsockopt(socket.number(), SOL_SOCKET, force, &receive_buffer, sizeof(receive_buffer)) != 0)
      ::setsockopt(socket.number(), SOL_SOCKET, otherwise, &receive_buffer, sizeof(receive_buffer));
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(seen.index);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return refusal("binding to it");
  packet_mreq all{};
  all.mr_ifindex = address.sll_ifindex;
  all.mr_type = PACKET_MR_PROMISC;
  if (!set(socket, PACKET_ADD_MEMBERSHIP, all)) return refusal("frames for others");
  return socket;
}

std::string PacketDevice::refusal(const char* what) const {
  const int reason = errno;
  if (reason == EPERM || reason == EACCES)
    return fmt::format(
        "{}: packet sockets need the capability CAP_NET_RAW, which this process has not: as root, "
        "setcap cap_net_raw+ep on the program, or take a TAP device",
        interface());
  return fmt::format("{}: {}: {}", interface(), what, std::strerror(reason));
}

void PacketDevice::prepare_batch() {
  const std::size_t header = header_ == Header::virtio ? packet_socket_header_size : 0;
  for (std::size_t index = 0; index < batch; ++index) {
    headers_[index] = {};
    vectors_[index][0] = {&headers_[index], header};
    vectors_[index][1] = {frames_.get() + index * frame_room + InterfaceWatch::tag_size, longest_frame + 1};
    messages_[index] = {};
    msghdr& message = messages_[index].msg_hdr;
    message.msg_iov = vectors_[index].data();
    message.msg_iovlen = vectors_[index].size();
    message.msg_control = controls_[index].data();
    message.msg_controllen = controls_[index].size();
  }
}

unsigned PacketDevice::read(unsigned most) {
  unsigned count = 0;
  while (count < most) {
    prepare_batch();
    const auto wanted = std::min<unsigned>(batch, most - count);
    const int received = ::recvmmsg(device().number(), messages_.data(), wanted, MSG_DONTWAIT, nullptr);
    if (received < 0 && errno != EAGAIN && errno != EINTR) look_soon();
    if (received <= 0) break;
    for (std::size_t index = 0; index < static_cast<std::size_t>(received); ++index) give_message(index);
    count += static_cast<unsigned>(received);
    if (static_cast<unsigned>(received) < wanted) break;
  }
  return count;
}

void PacketDevice::give_message(std::size_t index) {
  const std::size_t before = vectors_[index][0].iov_len;
  const std::size_t length = messages_[index].msg_len;
  if (length < before) return;
  const std::span<std::byte> frame(static_cast<std::byte*>(vectors_[index][1].iov_base), length - before);
  constexpr std::size_t shortest_tagged = 12;
  const auto tag = frame.size() < shortest_tagged ? std::nullopt : tag_of(messages_[index].msg_hdr);
  if (!tag) return give(frame, headers_[index]);
  VirtioHeader header = headers_[index];
  if ((header.flags & VirtioHeader::needs_checksum) != 0)
    header.checksum_start = static_cast<std::uint16_t>(header.checksum_start + InterfaceWatch::tag_size);
  give(with_tag(frame, *tag), header);
}

bool PacketDevice::write(std::span<const iovec> pieces, const VirtioHeader& header) {
  std::array<iovec, most_pieces + 1> vectors;
  std::size_t count = 0;
  auto copy = header;
  if (header_ == Header::virtio) vectors[count++] = {&copy, packet_socket_header_size};
  for (const auto& piece : pieces) vectors[count++] = piece;
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return ::sendmsg(device().number(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

}  // namespace vmlan::host
