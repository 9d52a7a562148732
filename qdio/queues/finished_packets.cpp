#include "qdio/queues/finished_packets.h"

#include <algorithm>
#include <cstring>

namespace vmlan::qdio {

namespace {

using wire::IpVersion;

// TCP over the smallest network must carry this much besides its options (RFC 9293: 48 bytes with 40 of
// options is what Linux takes as the least, net.ipv4.tcp_min_snd_mss). Bounds the packets of one super-frame.
constexpr std::uint32_t least_segment_size = 8;
constexpr std::uint32_t longest_ip_packet = 65535;
constexpr std::uint32_t word = 4;

template <class Block>
Block load(const std::byte* from) noexcept {
  Block block;
  std::memcpy(static_cast<void*>(&block), from, sizeof(block));
  return block;
}

template <class Block>
void store(std::byte* to, const Block& block) noexcept {
  std::memcpy(to, static_cast<const void*>(&block), sizeof(block));
}

std::uint32_t copy_head(std::byte* to, std::uint32_t room, const Segment* payload,
                        unsigned segments) noexcept {
  std::uint32_t copied = 0;
  for (unsigned index = 0; index < segments && copied < room; ++index) {
    const std::uint32_t part = std::min(room - copied, payload[index].length);
    arch::copy_once(to + copied, payload[index].data, part);
    copied += part;
  }
  return copied;
}

}  // namespace

bool judge_super_frame(Frame& frame) noexcept {
  constexpr auto size = static_cast<std::uint32_t>(sizeof(frame.tso));
  Segment& first = frame.segment[0];
  if (!frame.is_super_frame() || first.length < size) return false;
  arch::copy_once(static_cast<void*>(&frame.tso), first.data, size);
  first.data += size;
  first.length -= size;
  frame.length = frame.is_ethernet() ? frame.layer2.length : frame.layer3.length;
  const wire::TsoExtension& tso = frame.tso;
  if (tso.length != size || tso.segment_size < least_segment_size || tso.header_length == 0 ||
      tso.payload_length != std::uint64_t{frame.length} - tso.header_length) {
    return false;
  }
  frame.offloaded = true;
  return true;
}

Offload offload_of(const Frame& frame) noexcept {
  Offload offload;
  offload.ethernet = frame.is_ethernet() || (frame.layer3.flags & wire::layer3_flag::passthru) != 0;
  if (frame.is_super_frame()) {
    offload.ip_checksum = true;
    offload.transport_checksum = true;
    offload.header_length = frame.tso.header_length;
    offload.segment_size = frame.tso.segment_size;
  } else if (frame.is_ethernet()) {
    offload.transport_checksum = (frame.layer2.flags[1] & wire::layer2_checksum::transport) != 0;
  } else {
    offload.ip_checksum = (frame.layer3.extended_flags & wire::layer3_extended::ip_checksum) != 0;
    offload.transport_checksum =
        (frame.layer3.extended_flags & wire::layer3_extended::transport_checksum) != 0;
  }
  return offload;
}

FinishedPackets::FinishedPackets(const Offload& offload, const Segment* payload, unsigned segments,
                                 std::uint32_t length) noexcept
    : offload_(offload), payload_(payload), payload_segments_(segments), length_(length) {
  const bool super_frame = offload.header_length != 0;
  const std::uint32_t wanted = super_frame ? offload.header_length : length;
  head_length_ = copy_head(original_.data(), std::min(wanted, most_head), payload, segments);
  std::memcpy(head_.data(), original_.data(), head_length_);
  const auto ip = wire::find_ip(head(), offload.ethernet);
  if (ip) ip_ = *ip;
  usable_ = ip || !super_frame;
  if (!ip) return;
  if (super_frame) {
    prepare_super_frame();
  } else {
    prepare_packet();
  }
}

void FinishedPackets::prepare_packet() noexcept {
  ip_summed_ = offload_.ip_checksum && ip_.version == IpVersion::v4;
  if (!offload_.transport_checksum) return;
  const auto transport = find_transport(head(), ip_);
  if (!transport || ip_.end > length_) return;
  transport_ = *transport;
  const bool is_tcp = transport_.protocol == wire::ip_protocol::tcp;
  const std::size_t least_header = is_tcp ? sizeof(wire::TcpHeader) : sizeof(wire::UdpHeader);
  if (transport_.begin + least_header > ip_.end) return;
  const auto udp = load<wire::UdpHeader>(head_at(transport_.begin));
  summed_ = is_tcp || udp.length == ip_.end - transport_.begin;
}

void FinishedPackets::prepare_super_frame() noexcept {
  usable_ = false;
  const auto transport = find_transport(head(), ip_);
  if (!transport || transport->protocol != wire::ip_protocol::tcp) return;
  transport_ = *transport;
  const auto tcp = load<wire::TcpHeader>(head_at(transport_.begin));
  const std::uint32_t tcp_length = (tcp.data_offset >> 4U) * word;
  if (tcp_length < sizeof(tcp) || transport_.begin + tcp_length != head_length_ ||
      head_length_ != offload_.header_length || length_ < head_length_ ||
      offload_.segment_size < least_segment_size || length_ - ip_.ip > longest_ip_packet) {
    return;
  }
  usable_ = true;
  summed_ = true;
  ip_summed_ = ip_.version == IpVersion::v4;
  count_ = offload_.whole ? 1 : packets_of(length_ - head_length_, offload_.segment_size);
}

FinishedPackets::Packet FinishedPackets::packet(unsigned number) noexcept {
  return offload_.header_length == 0 ? plain_packet() : part(number);
}

FinishedPackets::Packet FinishedPackets::plain_packet() noexcept {
  if (!summed_ && !ip_summed_) return {payload_, payload_segments_, length_, 1, length_};
  std::memcpy(head_.data(), original_.data(), head_length_);
  if (ip_summed_) fill_ip_checksum();
  append_payload(head_length_, length_ - head_length_);
  if (summed_) fill_transport_checksum(ip_.end);
  return {segment_.data(), segments_, length_, 1, length_};
}

FinishedPackets::Packet FinishedPackets::part(unsigned number) noexcept {
  const std::uint32_t payload = length_ - head_length_;
  const std::uint32_t most = offload_.whole ? payload : offload_.segment_size;
  const std::uint32_t offset = number * most;
  const std::uint32_t size = std::min(most, payload - offset);
  const std::uint32_t length = head_length_ + size;
  std::memcpy(head_.data(), original_.data(), head_length_);
  complete_ip(length - ip_.ip, number);
  complete_tcp(offset, offset + size == payload);
  if (ip_summed_) fill_ip_checksum();
  append_payload(head_length_ + offset, size);
  fill_transport_checksum(length);
  const unsigned counts = offload_.whole ? packets_of(payload, offload_.segment_size) : 1;
  return {segment_.data(), segments_, length, counts, length + std::uint64_t{counts - 1} * head_length_};
}

// `length` from the IP header on.
void FinishedPackets::complete_ip(std::uint32_t length, unsigned number) noexcept {
  std::byte* at = head_at(ip_.ip);
  if (ip_.version == IpVersion::v4) {
    auto header = load<wire::Ipv4Header>(at);
    header.total_length = static_cast<std::uint16_t>(length);
    header.identification = static_cast<std::uint16_t>(header.identification + number);
    store(at, header);
  } else {
    auto header = load<wire::Ipv6Header>(at);
    header.payload_length = static_cast<std::uint16_t>(length - sizeof(header));
    store(at, header);
  }
}

// The end of the connection, and that the data should be passed on, is said with the last bytes; that the
// sender has slowed down, once.
void FinishedPackets::complete_tcp(std::uint32_t offset, bool last) noexcept {
  std::byte* at = head_at(transport_.begin);
  auto header = load<wire::TcpHeader>(at);
  header.sequence = header.sequence + offset;
  unsigned flags = header.flags;
  if (!last) flags &= ~unsigned{wire::tcp_flag::fin | wire::tcp_flag::push};
  if (offset != 0) flags &= ~unsigned{wire::tcp_flag::congestion_window_reduced};
  header.flags = static_cast<std::uint8_t>(flags);
  store(at, header);
}

void FinishedPackets::fill_ip_checksum() noexcept {
  std::byte* field = head_at(ip_.ip + offsetof(wire::Ipv4Header, checksum));
  store(field, arch::be16());
  wire::InternetSum sum;
  sum.add(head_at(ip_.ip), ip_.payload - ip_.ip);
  store(field, arch::be16(sum.checksum()));
}

// The segments are those of the packet, the first its head.
void FinishedPackets::fill_transport_checksum(std::uint32_t end) noexcept {
  const bool tcp = transport_.protocol == wire::ip_protocol::tcp;
  const std::size_t field_offset =
      tcp ? offsetof(wire::TcpHeader, checksum) : offsetof(wire::UdpHeader, checksum);
  std::byte* field = head_at(transport_.begin + static_cast<std::uint32_t>(field_offset));
  store(field, arch::be16());
  std::uint32_t left = end - transport_.begin;
  wire::InternetSum sum = pseudo_header(head(), ip_, transport_.protocol, left);
  if (offload_.partial_sums) {
    store(field, arch::be16(static_cast<std::uint16_t>(~sum.checksum())));
    return;
  }
  std::uint32_t skipped = transport_.begin;
  for (unsigned index = 0; index < segments_ && left > 0; ++index) {
    const std::uint32_t size = std::min(left, segment_[index].length - skipped);
    sum.add(segment_[index].data + skipped, size);
    left -= size;
    skipped = 0;
  }
  const std::uint16_t checksum = sum.checksum();
  // UDP: zero means that there is none (RFC 768, RFC 8200).
  store(field, arch::be16(checksum == 0 && !tcp ? std::uint16_t{0xffff} : checksum));
}

void FinishedPackets::append_payload(std::uint32_t offset, std::uint32_t length) noexcept {
  segment_[0] = {head_.data(), head_length_};
  segments_ = 1;
  for (unsigned index = 0; index < payload_segments_ && length > 0; ++index) {
    const Segment& from = payload_[index];
    if (offset >= from.length) {
      offset -= from.length;
      continue;
    }
    const std::uint32_t size = std::min(length, from.length - offset);
    segment_[segments_++] = {from.data + offset, size};
    length -= size;
    offset = 0;
  }
}

HeaderForReceiver::HeaderForReceiver(const ReceiveHeader& header, bool ethernet, bool verified) noexcept
    : layer3_(*header.pattern), ethernet_(ethernet) {
  layer3_.flags = header.flags;
  constexpr auto done = static_cast<unsigned>(wire::layer3_extended::checksums) | wire::layer3_extended::udp;
  layer3_.id = static_cast<std::uint8_t>(ethernet ? wire::TransportId::layer2 : wire::TransportId::layer3);
  if (ethernet) {
    layer2_.flags[1] = verified ? wire::layer2_checksum::transport : std::uint8_t{0};
    return;
  }
  const unsigned kept = layer3_.extended_flags & ~done;
  layer3_.extended_flags =
      static_cast<std::uint8_t>(verified ? kept | wire::layer3_extended::transport_checksum : kept);
}

HeaderForReceiver::HeaderForReceiver(const wire::Layer3Header& header) noexcept
    : layer3_(header), ethernet_(header.id == static_cast<std::uint8_t>(wire::TransportId::layer2)) {}

ReceiveHeader HeaderForReceiver::with_length(std::uint32_t length) noexcept {
  if (ethernet_) {
    layer2_.length = static_cast<std::uint16_t>(length);
    return {&layer3_, layer3_.flags, layer3_.length};  // the bytes as they are
  }
  return {&layer3_, layer3_.flags, static_cast<std::uint16_t>(length)};
}

}  // namespace vmlan::qdio
