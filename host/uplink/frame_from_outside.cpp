#include "host/uplink/frame_from_outside.h"

#include <cstring>

#include "wire/ethernet.h"
#include "wire/transport_header.h"

namespace vmlan::host {
namespace {

struct EthernetStart {
  wire::EthernetHeader header;
  arch::be16 tag;         // of a tagged frame
  arch::be16 inner_type;  // of a tagged frame
};

wire::Layer2Header layer2_header(const EthernetStart& start, std::size_t length, const FrameWork& work) {
  wire::Layer2Header header;
  const auto& to = start.header.destination;
  header.flags[2] = to.is_broadcast() ? wire::layer2_flag::broadcast
                    : to.is_group()   ? wire::layer2_flag::multicast
                                      : wire::layer2_flag::unicast;
  if (start.header.type == wire::ether_type::vlan) {
    header.flags[2] = static_cast<std::uint8_t>(header.flags[2] | wire::layer2_flag::vlan);
    header.vlan_id = start.tag.value();
  }
  if (work.checksum) header.flags[1] = wire::layer2_checksum::transport;
  if (work.segmentation != FrameWork::Segmentation::none) {
    header.id = static_cast<std::uint8_t>(wire::TransportId::layer2_tso);
  }
  header.length = static_cast<std::uint16_t>(length);
  return header;
}

wire::Layer3Header layer3_header(const EthernetStart& start, bool ipv6, bool tagged, std::size_t length,
                                 const FrameWork& work) {
  wire::Layer3Header header;
  const auto& to = start.header.destination;
  const auto cast = to.is_broadcast() ? wire::Cast::broadcast
                    : to.is_group()   ? wire::Cast::multicast
                                      : wire::Cast::unicast;
  header.flags = static_cast<std::uint8_t>(static_cast<int>(cast) | (ipv6 ? wire::layer3_flag::ipv6 : 0));
  if (tagged) {
    header.extended_flags = wire::layer3_extended::vlan_id;
    header.vlan_id = start.tag.value();
  }
  if (work.checksum) {
    header.extended_flags =
        static_cast<std::uint8_t>(header.extended_flags | wire::layer3_extended::transport_checksum);
  }
  if (work.segmentation != FrameWork::Segmentation::none) {
    header.id = static_cast<std::uint8_t>(wire::TransportId::layer3_tso);
  }
  header.length = static_cast<std::uint16_t>(length);
  return header;
}

bool fill_extension(const FrameWork& work, std::size_t cut, std::size_t length, wire::TsoExtension& tso) {
  if (work.segmentation == FrameWork::Segmentation::none) return true;
  if (work.segment_size == 0 || work.header_length <= cut || work.header_length >= length + cut) return false;
  tso = {};
  tso.segment_size = work.segment_size;
  tso.header_length = static_cast<std::uint16_t>(work.header_length - cut);
  tso.payload_length = static_cast<std::uint32_t>(length + cut - work.header_length);
  return true;
}

}  // namespace

std::optional<guestlan::Drop> frame_from_outside(std::span<const std::byte> bytes, const FrameWork& work,
                                                 qdio::Transport transport, qdio::Frame& frame) noexcept {
  if (bytes.size() <= sizeof(wire::EthernetHeader)) return guestlan::Drop::malformed;
  if (bytes.size() > EthernetDevice::longest_frame) return guestlan::Drop::too_long;
  EthernetStart start{};
  std::memcpy(&start, bytes.data(), std::min(bytes.size(), sizeof(start)));
  const bool tagged = start.header.type == wire::ether_type::vlan;
  std::size_t cut = 0;
  if (transport == qdio::Transport::ethernet) {
    frame.layer2 = layer2_header(start, bytes.size(), work);
  } else {
    cut = tagged ? sizeof(start) : sizeof(start.header);
    const std::uint16_t type = tagged ? start.inner_type.value() : start.header.type.value();
    const bool ipv6 = type == wire::ether_type::ipv6;
    if (!ipv6 && type != wire::ether_type::ipv4) return guestlan::Drop::not_ip;
    if (bytes.size() <= cut) return guestlan::Drop::malformed;
    frame.layer3 = layer3_header(start, ipv6, tagged, bytes.size() - cut, work);
  }
  frame.offloaded = work.checksum || work.segmentation != FrameWork::Segmentation::none;
  frame.length = static_cast<std::uint32_t>(bytes.size() - cut);
  frame.segments = 1;
  frame.segment[0] = {bytes.data() + cut, frame.length};
  if (!fill_extension(work, cut, frame.length, frame.tso)) return guestlan::Drop::malformed;
  return std::nullopt;
}

}  // namespace vmlan::host
