#include "apps/replay/traced_segment.h"

#include <cstring>

#include "wire/transport_packet.h"

namespace vmlan::apps {

std::optional<TracedSegment> traced_segment_of(const JudgedRecord& judged, const StationKey& source,
                                               const StationKey& destination) noexcept {
  if (!judged.is_ip) return std::nullopt;
  const auto packet = judged.ip;
  const auto ip = wire::find_ip(packet, false);
  const auto transport = ip ? wire::find_transport(packet, *ip) : std::nullopt;
  wire::TcpHeader tcp;
  if (!transport || transport->protocol != wire::ip_protocol::tcp ||
      packet.size() < transport->begin + sizeof(tcp)) {
    return std::nullopt;
  }
  std::memcpy(&tcp, packet.data() + transport->begin, sizeof(tcp));
  const std::size_t data = transport->begin + (tcp.data_offset >> 4U) * std::size_t{4};
  if (data < transport->begin + sizeof(tcp) || data > packet.size()) return std::nullopt;
  TracedSegment segment;
  segment.flow = {source, destination, wire::ip_protocol::tcp, tcp.source_port, tcp.destination_port};
  segment.sequence = tcp.sequence;
  segment.acknowledgment = tcp.acknowledgment;
  segment.flags = tcp.flags;
  segment.payload = packet.subspan(data);
  return segment;
}

}  // namespace vmlan::apps
