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

}  // namespace

UplinkPort::UplinkPort(arch::DeviceNumber real_device, const wire::MacAddress& mac, EventLoop& loop,
                       std::unique_ptr<EthernetDevice> device, Changed changed)
    : Uplink(real_device, mac),
      loop_(loop),
      device_(std::move(device)),
      changed_(std::move(changed)),
      neighbors_(
          mac, [this](const Neighbors::Key& key) { return is_guests(key); },
          [this](Neighbors::Pieces frame, const FrameWork& work) {
            const auto sent = device_->send(frame, work);
            device_->flush();
            return sent == EthernetDevice::Sent::sent;
          },
          [this](std::uint64_t lost) { count_lost(guestlan::Drop::unknown_address, lost); }) {
  give_to(static_cast<guestlan::FrameSink*>(this));
  set_whole_super_frames(device_->does_work());
  device_->start(*this);
  loop_.add(*device_);
  if (!device_->answers()) loop_.add(neighbors_);
  promise_release();
  loop_.add(release_);
}

UplinkPort::~UplinkPort() {
  leave();
  loop_.remove(release_);
  if (!device_->answers()) loop_.remove(neighbors_);
  loop_.remove(*device_);
}

void UplinkPort::joined() {
  const bool ip = lan()->attributes().transport == qdio::Transport::ip;
  device_->answer_for(ip ? std::optional(station_mac()) : std::nullopt);
}

void UplinkPort::forget_registrations() {
  Uplink::forget_registrations();
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
  constexpr std::size_t header_and_tag = sizeof(wire::EthernetHeader) + 4;
  here.whole = by_device || frame.length + header_and_tag <= device_->super_frame_limit();
  here.partial_sums = by_device;
  qdio::FinishedPackets packets(here, frame.segment.data(), frame.segments, frame.length);
  if (!packets.usable()) return qdio::GiveResult::too_long;
  FrameWork work = by_device || here.whole ? work_of(here, packets) : FrameWork{};
  if (!by_device) work.checksum = false;
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
    // Another uplink answers for the LAN while this one stands by.
    if (!active() || !is_for_us(bytes) || neighbors_.received(bytes)) return;
  }
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
