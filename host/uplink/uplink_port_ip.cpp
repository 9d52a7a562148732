// UplinkPort: which header a packet leaves with, and which frames from outside are the LAN's. With ETHERNET
// transport there is nothing to it.
#include <algorithm>
#include <cstring>

#include "guestlan/lan.h"
#include "host/uplink/neighbor_packets.h"
#include "host/uplink/uplink_port.h"

namespace vmlan::host {
namespace {

qdio::GiveResult result_of(EthernetDevice::Sent sent) noexcept {
  switch (sent) {
    case EthernetDevice::Sent::sent:
      return qdio::GiveResult::given;
    case EthernetDevice::Sent::too_long:
      return qdio::GiveResult::too_long;
    case EthernetDevice::Sent::full:
    case EthernetDevice::Sent::down:
      break;
  }
  return qdio::GiveResult::no_empty_buffer;
}

bool is_ethernet(const wire::Layer3Header& header) noexcept {
  const auto id = static_cast<wire::TransportId>(header.id);
  return id == wire::TransportId::layer2 || id == wire::TransportId::layer2_tso;
}

constexpr wire::MacAddress everybody{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

std::uint16_t tag_of_datagram(const wire::Layer3Header& header) noexcept {
  const bool tagged = (header.extended_flags & wire::layer3_extended::vlan_id) != 0;
  return tagged ? header.vlan_id.value() : std::uint16_t{0};
}

// A frame's headers may lie in several pieces; afterwards they are in the first one, which then lies in
// `start`.
constexpr std::size_t longest_header = sizeof(wire::EthernetHeader) + 4 + sizeof(wire::Ipv6Header);
void gather(std::array<std::byte, longest_header>& start, std::span<std::span<const std::byte>> pieces) {
  if (pieces.size() == 1 || pieces[0].size() >= start.size()) return;
  std::size_t length = 0;
  for (auto& piece : pieces) {
    const auto part = std::min(piece.size(), start.size() - length);
    std::memcpy(start.data() + length, piece.data(), part);
    length += part;
    piece = piece.subspan(part);
  }
  pieces[0] = std::span(start).first(length);
}

// An address at a place of the datagram, whose headers are in one piece.
wire::IpAddress address_in(std::span<const std::byte> datagram, bool ipv6, std::size_t v4_at,
                           std::size_t v6_at) {
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t at = ipv6 ? v6_at : v4_at;
  const std::size_t length = ipv6 ? 16 : 4;
  if (datagram.size() >= at + length) std::memcpy(bytes.data(), datagram.data() + at, length);
  return ipv6 ? wire::IpAddress::v6(bytes.data()) : wire::IpAddress::v4(bytes.data());
}

}  // namespace

// What was sent to whoever carried before is to come here.
void UplinkPort::began() {
  if (device_->answers() || lan()->attributes().transport != qdio::Transport::ip) return;
  for (const auto* entry : lan()->ip_table().entries()) {
    if (entry->type != guestlan::EntryType::unicast || !entry->address.is_v4()) continue;
    const auto* rules = lan()->rules().vlan_aware ? entry->port->rules() : nullptr;
    const std::uint16_t vlan =
        rules == nullptr || rules->untagged == lan()->rules().native ? 0 : rules->untagged;
    if (const Neighbors::Key key{entry->address, vlan}; is_guests(key)) neighbors_.announce(key);
  }
}

bool UplinkPort::is_guests(const Neighbors::Key& key) const {
  const auto* entry = lan() == nullptr ? nullptr : lan()->ip_table().find(key.address);
  if (entry == nullptr || entry->type != guestlan::EntryType::unicast) return false;
  const auto& rules = lan()->rules();
  if (!rules.vlan_aware) return true;
  const std::uint16_t vlan = key.vlan != 0 ? key.vlan : rules.native;
  const auto* port = entry->port->rules();
  return vlan != 0 && port != nullptr && port->has(vlan);
}

qdio::GiveResult UplinkPort::send(const wire::Layer3Header& header, const qdio::Frame& frame,
                                  std::span<const qdio::Segment> payload, FrameWork work) {
  std::array<std::span<const std::byte>, 1 + 1 + qdio::most_segments> pieces;
  std::size_t count = 1;
  for (const auto& segment : payload) pieces[count++] = {segment.data, segment.length};
  std::array<std::byte, longest_header> start;
  const auto all = std::span(pieces).first(count);
  if (is_ethernet(header)) return result_of(device_->send(all.subspan(1), work));
  gather(start, all.subspan(1));
  if ((header.flags & wire::layer3_flag::passthru) != 0) {
    return send_passthru(tag_of_datagram(header), all.subspan(1), work);
  }
  if (!device_->answers()) return send_datagram(header, frame, all, work);
  const bool ipv6 = (header.flags & wire::layer3_flag::ipv6) != 0;
  const auto made_up = datagram_front(station_mac(), station_mac(), ipv6, tag_of_datagram(header));
  pieces[0] = made_up.bytes();
  return result_of(device_->send(all, work.behind(made_up.length)));
}

// An Ethernet frame already, but for its tag. Its guest finds its neighbors by itself: IPv6 of an OSA.
qdio::GiveResult UplinkPort::send_passthru(std::uint16_t tag,
                                           std::span<const std::span<const std::byte>> pieces,
                                           const FrameWork& work) {
  constexpr std::size_t addresses = offsetof(wire::EthernetHeader, type);
  if (pieces[0].size() < sizeof(wire::EthernetHeader)) return qdio::GiveResult::too_long;  // no frame
  if (tag == 0) return result_of(device_->send(pieces, work));
  const std::array<arch::be16, 2> tagged{arch::be16{wire::ether_type::vlan}, arch::be16{tag}};
  std::array<std::span<const std::byte>, 1 + 2 + qdio::most_segments> whole;
  whole[0] = pieces[0].first(addresses);
  whole[1] = std::as_bytes(std::span(tagged));
  whole[2] = pieces[0].subspan(addresses);
  std::copy(pieces.begin() + 1, pieces.end(), whole.begin() + 3);
  return result_of(device_->send(std::span(whole).first(pieces.size() + 2), work.behind(sizeof(tagged))));
}

// The first of the pieces is free for the header.
qdio::GiveResult UplinkPort::send_datagram(const wire::Layer3Header& header, const qdio::Frame& frame,
                                           std::span<const std::span<const std::byte>> pieces,
                                           const FrameWork& work) {
  const bool ipv6 = (header.flags & wire::layer3_flag::ipv6) != 0;
  const std::uint16_t tag = tag_of_datagram(header);
  const auto datagram = pieces.subspan(1);
  const auto destination = address_in(datagram[0], ipv6, offsetof(wire::Ipv4Header, destination),
                                      offsetof(wire::Ipv6Header, destination));
  const auto cast = static_cast<wire::Cast>(header.flags & wire::layer3_flag::cast_mask);
  wire::MacAddress to = destination.is_multicast() ? wire::multicast_mac(destination) : everybody;
  if (cast != wire::Cast::multicast && cast != wire::Cast::broadcast) {
    const auto& named = frame.layer3.next_hop;
    auto next_hop = ipv6 ? wire::IpAddress::v6(named.data()) : wire::IpAddress::v4(named.data() + 12);
    const bool nowhere = next_hop.is_unspecified() || next_hop == wire::IpAddress::v4(0, 0, 0, 0);
    if (nowhere) next_hop = destination;
    constexpr std::uint16_t vlan_mask = 0x0fff;
    const Neighbors::Key key{next_hop, static_cast<std::uint16_t>(tag & vlan_mask)};
    const auto* known = neighbors_.find(key);
    if (known == nullptr) {
      const auto source = address_in(datagram[0], ipv6, offsetof(wire::Ipv4Header, source),
                                     offsetof(wire::Ipv6Header, source));
      const auto priority = static_cast<std::uint16_t>(tag & ~vlan_mask);
      const bool held = neighbors_.hold(key, source, priority, datagram, work);
      return held ? qdio::GiveResult::given : qdio::GiveResult::no_empty_buffer;
    }
    to = *known;
  }
  const auto made = datagram_front(to, station_mac(), ipv6, tag);
  std::array<std::span<const std::byte>, 1 + 1 + qdio::most_segments> whole;
  std::copy(pieces.begin(), pieces.end(), whole.begin());
  whole[0] = made.bytes();
  return result_of(device_->send(std::span(whole).first(pieces.size()), work.behind(made.length)));
}

// On the wire are frames of others too. With IPv6 guests have given their own addresses out.
bool UplinkPort::is_for_us(std::span<const std::byte> bytes) const noexcept {
  wire::EthernetHeader header;
  if (bytes.size() < sizeof(header)) return true;  // counted, under its name
  std::memcpy(&header, bytes.data(), sizeof(header));
  const auto& to = header.destination;
  if (to.is_group() || to == station_mac()) return true;
  return header.type != wire::ether_type::ipv4 &&
         std::ranges::any_of(lan()->active_ports(),
                             [&](const Port* port) { return port->station_mac() == to; });
}

}  // namespace vmlan::host
