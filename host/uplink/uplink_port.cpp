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

// What IP transport has no header for: with the tag, if the datagram has one.
struct MadeUpHeader {
  wire::EthernetHeader header;
  arch::be16 tag;
  arch::be16 inner_type;
  std::size_t length = sizeof(wire::EthernetHeader);

  MadeUpHeader(const wire::Layer3Header& sent, const wire::MacAddress& mac) noexcept {
    const bool ipv6 = (sent.flags & wire::layer3_flag::ipv6) != 0;
    const std::uint16_t type = ipv6 ? wire::ether_type::ipv6 : wire::ether_type::ipv4;
    header.destination = mac;
    header.source = mac;
    header.type = type;
    if ((sent.extended_flags & wire::layer3_extended::vlan_id) == 0) return;
    header.type = wire::ether_type::vlan;
    tag = sent.vlan_id.value();
    inner_type = type;
    length = offsetof(MadeUpHeader, inner_type) + sizeof(inner_type);
  }
};

// What the device has to do to a packet, whose headers have been looked at; `in_front`: of what they count
// from.
FrameWork work_of(const qdio::Offload& offload, const qdio::FinishedPackets& packets, std::size_t in_front) {
  FrameWork work;
  if (!packets.summed()) return work;
  const wire::TransportLayout& transport = packets.transport();
  const bool tcp = transport.protocol == wire::ip_protocol::tcp;
  work.checksum = true;
  work.checksum_start = static_cast<std::uint16_t>(transport.begin + in_front);
  work.checksum_offset = tcp ? offsetof(wire::TcpHeader, checksum) : offsetof(wire::UdpHeader, checksum);
  if (offload.segment_size != 0) {
    work.segmentation = packets.version() == wire::IpVersion::v4 ? FrameWork::Segmentation::tcp_v4
                                                                 : FrameWork::Segmentation::tcp_v6;
    work.segment_size = offload.segment_size;
    work.header_length = static_cast<std::uint16_t>(offload.header_length + in_front);
  }
  return work;
}

}  // namespace

UplinkPort::UplinkPort(arch::DeviceNumber real_device, const wire::MacAddress& mac, EventLoop& loop,
                       std::unique_ptr<EthernetDevice> device, Changed changed)
    : Uplink(real_device, mac), loop_(loop), device_(std::move(device)), changed_(std::move(changed)) {
  give_to(static_cast<guestlan::FrameSink*>(this));
  set_whole_super_frames(device_->does_work());
  device_->start(*this);
  loop_.add(*device_);
}

UplinkPort::~UplinkPort() {
  leave();
  loop_.remove(*device_);
}

void UplinkPort::joined() {
  const bool ip = lan()->attributes().transport == qdio::Transport::ip;
  device_->answer_for(ip ? std::optional(station_mac()) : std::nullopt);
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

qdio::GiveResult UplinkPort::send(const wire::Layer3Header& header, const qdio::Segment* payload,
                                  unsigned segments, const FrameWork& work) {
  std::array<std::span<const std::byte>, 1 + 1 + qdio::most_segments> pieces;
  std::size_t count = 0;
  const MadeUpHeader made_up(header, station_mac());
  if (!is_ethernet(header)) {
    pieces[count++] = std::as_bytes(std::span(&made_up, 1)).first(made_up.length);
  }
  for (unsigned index = 0; index < segments; ++index) {
    pieces[count++] = {payload[index].data, payload[index].length};
  }
  return result_of(device_->send(std::span(pieces).first(count), work));
}

qdio::GiveResult UplinkPort::give(const qdio::ReceiveHeader& header, const qdio::Segment* payload,
                                  unsigned segments, std::uint32_t /*length*/,
                                  guestlan::WhenFull /*when_full*/) {
  wire::Layer3Header received = *header.pattern;
  received.flags = header.flags;
  return send(received, payload, segments, {});
}

// Of a super-frame that is cut here all parts count as given; those that were not are losses, told with the
// next publish().
qdio::GiveResult UplinkPort::give_unfinished(const wire::Layer3Header& header, const qdio::Offload& offload,
                                             const qdio::Segment* payload, unsigned segments,
                                             std::uint32_t length, guestlan::WhenFull /*when_full*/) {
  const bool by_device = device_->does_work();
  qdio::Offload here = offload;
  here.whole = by_device;
  here.partial_sums = by_device;
  qdio::FinishedPackets packets(here, payload, segments, length);
  if (!packets.usable()) return qdio::GiveResult::too_long;
  FrameWork work;
  if (by_device) {
    const std::size_t in_front = is_ethernet(header) ? 0 : MadeUpHeader(header, station_mac()).length;
    work = work_of(here, packets, in_front);
  }
  for (unsigned number = 0; number < packets.count(); ++number) {
    const auto packet = packets.packet(number);
    const auto result = send(header, packet.segment, packet.segments, work);
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
  const auto refused = frame_from_outside(bytes, work, transport, frame);
  if (!refused) {
    transmit(frame);
  } else {
    count_refused(*refused, bytes.size());
  }
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
