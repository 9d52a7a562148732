// SETASSPARMS ARP. There is no ARP cache behind the card: the LAN's table of registered addresses is what a
// real one would have learnt. It is told to who asks; flushing or sizing it changes nothing, entries of a
// driver's own are taken and forgotten. IPv4 only, as on z/VM's guest LANs of type QDIO (Linux,
// qeth_l3_arp_query, says so).
#include <algorithm>
#include <cstring>

#include "qdio/adapter/ipa.h"
#include "qdio/adapter/mpc.h"

namespace vmlan::qdio {

namespace {

// What fits a message with room for its envelope; and how many messages a driver gets at most: no more
// than wait for it at its device.
constexpr std::size_t envelope_bytes = sizeof(TransmissionHeader) + long_response_header + sizeof(PduHeader);
constexpr std::size_t most_bytes = max_control_message - envelope_bytes - set_assist_data - sizeof(ArpQuery);
constexpr std::size_t most_parts = 100;
constexpr std::size_t ipv4_bytes = 4;

using Neighbour = AdapterPort::Neighbour;

std::vector<std::byte> entry_of(const Neighbour& neighbour, bool with_mac) {
  ArpEntry head;
  std::vector<std::byte> bytes;
  const auto append = [&bytes](const void* from, std::size_t length) {
    const auto* first = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), first, first + length);
  };
  append(&head, sizeof(head));
  if (with_mac) append(neighbour.mac.bytes.data(), neighbour.mac.bytes.size());
  const auto& address = neighbour.address.bytes;
  append(address.data() + address.size() - ipv4_bytes, ipv4_bytes);
  return bytes;
}

void write_part(IpaMessage& message, ArpQuery query, std::span<const Neighbour> neighbours, bool with_mac) {
  query.given = with_mac ? arp_entry_fields::with_mac : arp_entry_fields::without_mac;
  query.entries = static_cast<std::uint32_t>(neighbours.size());
  message.resize(set_assist_data);
  message.write(set_assist_data, query);
  for (const Neighbour& neighbour : neighbours) message.append(entry_of(neighbour, with_mac));
}

}  // namespace

IpaCode Ipa::succeed_arp(IpaMessage&, SetAssist&) { return IpaCode::success; }

IpaCode Ipa::query_arp(IpaMessage& message, SetAssist& request) {
  // Drivers differ in how much of the query they send; its bits come first.
  ArpQuery query;
  const auto asked = message.read<be16>(set_assist_data);
  if (!asked) return IpaCode::bad_format;
  query.asked = *asked;
  const bool with_mac = kind_ == AdapterKind::osd;
  const auto all = port_.neighbours(wire::IpVersion::v4);
  const std::size_t entry_size =
      sizeof(ArpEntry) + ipv4_bytes + (with_mac ? sizeof(wire::MacAddress::bytes) : 0U);
  const std::size_t each = most_bytes / entry_size;
  const std::size_t parts = std::clamp<std::size_t>((all.size() + each - 1) / each, 1, most_parts);

  further_parts_.clear();
  request.replies = static_cast<std::uint8_t>(parts);
  for (std::size_t part = parts; part-- > 0;) {
    const std::size_t first = std::min(part * each, all.size());
    const auto piece = std::span(all).subspan(first, std::min(each, all.size() - first));
    IpaMessage& into = part == 0 ? message : further_parts_.emplace_back(message);
    write_part(into, query, piece, with_mac);
    request.sequence = static_cast<std::uint8_t>(part + 1);
    request.length = static_cast<std::uint16_t>(into.bytes().size() - set_assist_data + set_assist_length);
    request.return_code = std::uint16_t{0};
    into.write(ipa_data, request);
    if (part > 0) complete(into, IpaCode::success);
  }
  std::reverse(further_parts_.begin(), further_parts_.end());
  return IpaCode::success;
}

}  // namespace vmlan::qdio
