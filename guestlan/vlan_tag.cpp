#include "guestlan/vlan_tag.h"

#include <algorithm>
#include <cstring>

#include "guestlan/packet_view.h"
#include "wire/transport_header.h"

namespace vmlan::guestlan {
namespace {

constexpr std::uint32_t addresses = 12;
constexpr std::uint32_t tag_length = 4;

}  // namespace

std::optional<std::uint16_t> tag_of(const qdio::Frame& frame) noexcept {
  if (frame.is_ethernet()) return vlan_tag_of(frame);
  if ((frame.layer3.extended_flags & wire::layer3_extended::vlan_id) == 0) return std::nullopt;
  return frame.layer3.vlan_id.value();
}

void RetaggedFrame::replace_front(const qdio::Frame& sent, std::uint32_t cut, std::uint32_t put) noexcept {
  frame_ = sent;
  cut_front(frame_, cut);
  std::move_backward(frame_.segment.begin(), frame_.segment.begin() + frame_.segments,
                     frame_.segment.begin() + frame_.segments + 1);
  ++frame_.segments;
  frame_.segment[0] = {head_.data(), put};
  frame_.length += put;
  frame_.layer2.length = static_cast<std::uint16_t>(frame_.length);
  if (frame_.is_super_frame()) {
    frame_.tso.header_length = static_cast<std::uint16_t>(frame_.tso.header_length + put - cut);
  }
}

void RetaggedFrame::put_tag(const qdio::Frame& sent, std::uint16_t tag) noexcept {
  peek(sent, 0, head_.data(), addresses);
  const arch::be16 type{wire::ether_type::vlan};
  const arch::be16 control{tag};
  std::memcpy(head_.data() + addresses, &type, sizeof(type));
  std::memcpy(head_.data() + addresses + sizeof(type), &control, sizeof(control));
  replace_front(sent, addresses, addresses + tag_length);
  frame_.layer2.flags[2] = static_cast<std::uint8_t>(frame_.layer2.flags[2] | wire::layer2_flag::vlan);
  frame_.layer2.vlan_id = tag;
}

void RetaggedFrame::take_tag(const qdio::Frame& sent) noexcept {
  peek(sent, 0, head_.data(), addresses);
  replace_front(sent, addresses + tag_length, addresses);
  frame_.layer2.flags[2] = static_cast<std::uint8_t>(frame_.layer2.flags[2] & ~wire::layer2_flag::vlan);
  frame_.layer2.vlan_id = std::uint16_t{0};
}

}  // namespace vmlan::guestlan
