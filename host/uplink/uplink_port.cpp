#include "host/uplink/uplink_port.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "guestlan/lan.h"
#include "host/uplink/frame_from_outside.h"
#include "qdio/queues/finished_packets.h"
#include "wire/transport_packet.h"

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

// What the device has to do to a packet, whose headers have been looked at.
FrameWork work_of(const qdio::Offload& offload, const qdio::FinishedPackets& packets) {
  FrameWork work;
  if (!packets.summed()) return work;
  const wire::TransportLayout& transport = packets.transport();
  const bool tcp = transport.protocol == wire::ip_protocol::tcp;
  work.checksum = true;
  work.checksum_start = static_cast<std::uint16_t>(transport.begin);
  work.checksum_offset = tcp ? offsetof(wire::TcpHeader, checksum) : offsetof(wire::UdpHeader, checksum);
  if (offload.segment_size != 0) {
    work.segmentation = packets.version() == wire::IpVersion::v4 ? FrameWork::Segmentation::tcp_v4
                                                                 : FrameWork::Segmentation::tcp_v6;
    work.segment_size = offload.segment_size;
    work.header_length = offload.header_length;
  }
  return work;
}

// The same behind an Ethernet header.
FrameWork behind(std::size_t header, FrameWork work) {
  const auto in_front = static_cast<std::uint16_t>(header);
  if (work.checksum) work.checksum_start = static_cast<std::uint16_t>(work.checksum_start + in_front);
  if (work.segmentation != FrameWork::Segmentation::none) {
    work.header_length = static_cast<std::uint16_t>(work.header_length + in_front);
  }
  return work;
}

std::uint16_t tag_of_datagram(const wire::Layer3Header& header) noexcept {
  const bool tagged = (header.extended_flags & wire::layer3_extended::vlan_id) != 0;
  return tagged ? header.vlan_id.value() : std::uint16_t{0};
}

// An address at a place of the datagram, whose first bytes are in one piece: the forwarder has looked at
// them.
wire::IpAddress address_in(std::span<const std::byte> datagram, bool ipv6, std::size_t v4_at,
                           std::size_t v6_at) {
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t at = ipv6 ? v6_at : v4_at;
  const std::size_t length = ipv6 ? 16 : 4;
  if (datagram.size() >= at + length) std::memcpy(bytes.data(), datagram.data() + at, length);
  return ipv6 ? wire::IpAddress::v6(bytes.data()) : wire::IpAddress::v4(bytes.data());
}

}  // namespace

UplinkPort::UplinkPort(arch::DeviceNumber real_device, const wire::MacAddress& mac, EventLoop& loop,
                       std::unique_ptr<EthernetDevice> device, Changed changed)
    : Uplink(real_device, mac),
      loop_(loop),
      device_(std::move(device)),
      changed_(std::move(changed)),
      neighbors_(
          mac,
          [this](const wire::IpAddress& address) {
            return lan() != nullptr && lan()->ip_table().find(address) != nullptr;
          },
          [this](Neighbors::Pieces frame, const FrameWork& work) {
            device_->send(frame, work);
            device_->flush();
          }) {
  give_to(static_cast<guestlan::FrameSink*>(this));
  set_whole_super_frames(device_->does_work());
  device_->start(*this);
  loop_.add(*device_);
  if (!device_->answers()) loop_.add(neighbors_);
}

UplinkPort::~UplinkPort() {
  leave();
  if (!device_->answers()) loop_.remove(neighbors_);
  loop_.remove(*device_);
}

void UplinkPort::joined() {
  const bool ip = lan()->attributes().transport == qdio::Transport::ip;
  device_->answer_for(ip ? std::optional(station_mac()) : std::nullopt);
  neighbors_.forget();
}

guestlan::Uplink::State UplinkPort::state() const {
  switch (device_->state()) {
    case EthernetDevice::State::ready:
      return State::ready;
    case EthernetDevice::State::waiting:
      return State::not_ready;
    case EthernetDevice::State::dead:
      break;
  }
  return State::dead;
}

qdio::GiveResult UplinkPort::send(const wire::Layer3Header& header, const qdio::Frame& frame,
                                  std::span<const qdio::Segment> payload, FrameWork work) {
  std::array<std::span<const std::byte>, 1 + 1 + qdio::most_segments> pieces;
  std::size_t count = 1;
  for (const auto& segment : payload) pieces[count++] = {segment.data, segment.length};
  const auto all = std::span(pieces).first(count);
  if (is_ethernet(header)) return result_of(device_->send(all.subspan(1), work));
  if ((header.flags & wire::layer3_flag::passthru) != 0) {
    return send_passthru(tag_of_datagram(header), all.subspan(1), work);
  }
  if (!device_->answers()) return send_datagram(header, frame, all, work);
  const bool ipv6 = (header.flags & wire::layer3_flag::ipv6) != 0;
  const DatagramHeader made_up(station_mac(), station_mac(), ipv6, tag_of_datagram(header));
  pieces[0] = made_up.bytes();
  return result_of(device_->send(all, behind(made_up.length, work)));
}

// An Ethernet frame already, but for its tag. Its guest finds its neighbors by itself: IPv6 of an OSA.
qdio::GiveResult UplinkPort::send_passthru(std::uint16_t tag,
                                           std::span<const std::span<const std::byte>> pieces,
                                           const FrameWork& work) {
  constexpr std::size_t addresses = offsetof(wire::EthernetHeader, type);
  if (tag == 0 || pieces[0].size() < addresses) return result_of(device_->send(pieces, work));
  const std::array<arch::be16, 2> tagged{arch::be16{wire::ether_type::vlan}, arch::be16{tag}};
  std::array<std::span<const std::byte>, 1 + 2 + qdio::most_segments> whole;
  whole[0] = pieces[0].first(addresses);
  whole[1] = std::as_bytes(std::span(tagged));
  whole[2] = pieces[0].subspan(addresses);
  std::copy(pieces.begin() + 1, pieces.end(), whole.begin() + 3);
  return result_of(device_->send(std::span(whole).first(pieces.size() + 2), behind(sizeof(tagged), work)));
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
  wire::MacAddress to = group_mac(destination);
  if (cast != wire::Cast::multicast && cast != wire::Cast::broadcast) {
    const auto& named = frame.layer3.next_hop;
    auto next_hop = ipv6 ? wire::IpAddress::v6(named.data()) : wire::IpAddress::v4(named.data() + 12);
    const bool nowhere = next_hop.is_unspecified() || next_hop == wire::IpAddress::v4(0, 0, 0, 0);
    if (nowhere) next_hop = destination;
    const Neighbors::Key key{next_hop, tag};
    const auto* known = neighbors_.find(key);
    if (known == nullptr) {
      const auto source = address_in(datagram[0], ipv6, offsetof(wire::Ipv4Header, source),
                                     offsetof(wire::Ipv6Header, source));
      const bool held = neighbors_.hold(key, source, datagram, work);
      return held ? qdio::GiveResult::given : qdio::GiveResult::no_empty_buffer;
    }
    to = *known;
  }
  const DatagramHeader made(to, station_mac(), ipv6, tag);
  std::array<std::span<const std::byte>, 1 + 1 + qdio::most_segments> whole;
  std::copy(pieces.begin(), pieces.end(), whole.begin());
  whole[0] = made.bytes();
  return result_of(device_->send(std::span(whole).first(pieces.size()), behind(made.length, work)));
}

qdio::GiveResult UplinkPort::give(const qdio::ReceiveHeader& header, const qdio::Frame& frame,
                                  guestlan::WhenFull /*when_full*/) {
  wire::Layer3Header received = *header.pattern;
  received.flags = header.flags;
  return send(received, frame, std::span(frame.segment).first(frame.segments), {});
}

// Of a super-frame that is cut here all parts count as given; those that were not are losses, told with the
// next publish().
qdio::GiveResult UplinkPort::give_unfinished(const wire::Layer3Header& header, const qdio::Offload& offload,
                                             const qdio::Frame& frame, guestlan::WhenFull /*when_full*/) {
  const bool by_device = device_->does_work();
  qdio::Offload here = offload;
  here.whole = by_device;
  here.partial_sums = by_device;
  qdio::FinishedPackets packets(here, frame.segment.data(), frame.segments, frame.length);
  if (!packets.usable()) return qdio::GiveResult::too_long;
  const FrameWork work = by_device ? work_of(here, packets) : FrameWork{};
  for (unsigned number = 0; number < packets.count(); ++number) {
    const auto packet = packets.packet(number);
    const auto result = send(header, frame, {packet.segment, packet.segments}, work);
    if (result == qdio::GiveResult::given) continue;
    if (number == 0) return result;
    losses_.no_empty_buffer += packets.count() - number;
    break;
  }
  return qdio::GiveResult::given;
}

void UplinkPort::publish() {
  if (losses_.no_empty_buffer != 0) count_losses(std::exchange(losses_, {}));
  device_->flush();
}

void UplinkPort::received(std::span<const std::byte> bytes, const FrameWork& work) {
  if (borrower_ != nullptr) return borrower_->received(bytes, work);
  qdio::Frame frame;
  const auto transport = lan() == nullptr ? qdio::Transport::ethernet : lan()->attributes().transport;
  if (transport == qdio::Transport::ip && !device_->answers()) {
    neighbors_.set_timeout(std::chrono::minutes(lan()->attributes().ip_timeout));
    if (!is_for_us(bytes) || neighbors_.received(bytes)) return;
  }
  const auto refused = frame_from_outside(bytes, work, transport, frame);
  if (!refused) {
    transmit(frame);
  } else {
    count_refused(*refused, bytes.size());
  }
}

// On the wire are frames of others too. With IPv6 guests have given their own addresses out.
bool UplinkPort::is_for_us(std::span<const std::byte> bytes) const noexcept {
  wire::MacAddress to;
  if (bytes.size() < sizeof(wire::EthernetHeader)) return true;  // counted, under its name
  std::memcpy(&to, bytes.data(), sizeof(to));
  return to.is_group() || to == station_mac() ||
         std::ranges::any_of(lan()->active_ports(),
                             [&](const Port* port) { return port->station_mac() == to; });
}

void UplinkPort::batch_received() {
  if (borrower_ != nullptr) return borrower_->batch_received();
  Port::publish();
}

void UplinkPort::state_changed() {
  if (borrower_ != nullptr) borrower_->state_changed();
  set_whole_super_frames(device_->does_work());
  update();
  changed_(*this);
}

}  // namespace vmlan::host
