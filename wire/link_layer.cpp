#include "wire/link_layer.h"

#include "wire/link_steps.h"

namespace vmlan::wire {

namespace {

using steps::Step;

template <std::size_t Size, Step::Reader Next>
Step behind(LinkPayload& frame) {
  return steps::then(frame, Size, Next);
}

// IEEE 1394 has EUI-64 addresses, InfiniBand a global route; an EtherType follows both, the latter's with two
// empty bytes behind it.
Step read_infiniband(LinkPayload& frame) {
  constexpr std::size_t route_size = 40;
  if (frame.bytes.size() < route_size + 4) return steps::cut_in_header;
  const auto type = steps::half_at(frame.bytes, route_size);
  frame.bytes = frame.bytes.subspan(route_size + 4);
  return steps::by_ether_type(frame, type);
}
Step read_firewire(LinkPayload& frame) {
  constexpr std::size_t addresses = 16;
  if (frame.bytes.size() < addresses + 2) return steps::cut_in_header;
  const auto type = steps::half_at(frame.bytes, addresses);
  frame.bytes = frame.bytes.subspan(addresses + 2);
  return steps::by_ether_type(frame, type);
}

constexpr Step::Reader reader_of(LinkType type) noexcept {
  switch (type) {
    case LinkType::ethernet:
      return steps::read_ethernet;
    case LinkType::raw_ip:
      return steps::read_raw_ip;
    case LinkType::loopback:
      return steps::read_loopback;
    case LinkType::linux_cooked:
      return steps::read_linux_cooked;
    case LinkType::linux_cooked_v2:
      return steps::read_linux_cooked_v2;
    case LinkType::ppp:
      return steps::read_ppp;
    case LinkType::ppp_directed:
      return steps::read_ppp_directed;
    case LinkType::pppoe:
      return steps::read_pppoe;
    case LinkType::cisco_hdlc:
      return steps::read_cisco_hdlc;
    case LinkType::cisco_hdlc_directed:
      return behind<1, steps::read_cisco_hdlc>;
    case LinkType::frame_relay:
      return steps::read_frame_relay;
    case LinkType::frame_relay_directed:
      return behind<1, steps::read_frame_relay>;
    case LinkType::mpls:
      return steps::read_mpls;
    case LinkType::slip:
      return steps::read_slip;
    case LinkType::fddi:
      return steps::read_fddi;
    case LinkType::token_ring:
      return steps::read_token_ring;
    default:
      return nullptr;
  }
}

constexpr Step::Reader reader_of_rarer(LinkType type) noexcept {
  switch (type) {
    case LinkType::arcnet_linux:
      return steps::read_arcnet_linux;
    case LinkType::llc:
      return steps::read_llc;
    case LinkType::sun_atm:
      return steps::read_sun_atm;
    case LinkType::ip_over_atm:
      return steps::read_ip_over_atm;
    case LinkType::ip_over_fibre_channel:
      return behind<16, steps::read_llc>;
    case LinkType::ip_over_firewire:
      return read_firewire;
    case LinkType::ip_over_infiniband:
      return read_infiniband;
    case LinkType::wireless:
      return steps::read_wireless;
    case LinkType::radiotap:
      return steps::read_radiotap;
    case LinkType::ppi:
      return steps::read_ppi;
    case LinkType::avs:
      return steps::read_avs;
    case LinkType::prism:
      return steps::read_prism;
    case LinkType::nflog:
      return steps::read_nflog;
    case LinkType::ipnet:
      return behind<24, steps::read_raw_ip>;
    case LinkType::openbsd_enc:
      return steps::read_openbsd_enc;
    case LinkType::packet_filter_log:
      return steps::read_packet_filter_log;
    case LinkType::packet_tap:
      return steps::read_packet_tap;
    case LinkType::erf:
      return steps::read_erf;
    case LinkType::juniper_ethernet:
      return steps::read_juniper_ethernet;
    case LinkType::switch_tag_dsa:
      return steps::read_switch_tag_dsa;
    case LinkType::switch_tag_edsa:
      return steps::read_switch_tag_edsa;
    case LinkType::switch_tag_broadcom:
      return steps::read_switch_tag_broadcom;
    case LinkType::switch_tag_broadcom_in_front:
      return behind<4, steps::read_ethernet>;
    case LinkType::hilscher:
      return behind<4, steps::read_ethernet>;
    case LinkType::hilscher_transparent:
      return behind<12, steps::read_ethernet>;  // and the preamble
    default:
      return nullptr;
  }
}

}  // namespace

LinkPayload link_payload(LinkType type, std::span<const std::byte> frame) noexcept {
  LinkPayload payload;
  payload.bytes = frame;
  Step step{reader_of(type)};
  if (step.next == nullptr) step.next = reader_of_rarer(type);
  if (step.next == nullptr) payload.content = LinkContent::unsupported;
  for (unsigned headers = 0; step.next != nullptr; ++headers) {
    if (headers == most_link_headers) {
      payload.content = LinkContent::too_many_headers;
      break;
    }
    step = step.next(payload);
  }
  return payload;
}

}  // namespace vmlan::wire
