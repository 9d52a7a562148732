#include "host/trace/link_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace vmlan::host {

namespace {

using wire::LinkType;

struct LinkRow {
  std::uint32_t number;
  LinkType type;
  std::string_view name;
};

// The tcpdump project's list, as far as IP is found in it or a trace is likely to have it.
constexpr std::array link_rows{
    LinkRow{0, LinkType::loopback, "NULL"},
    LinkRow{1, LinkType::ethernet, "EN10MB"},
    LinkRow{6, LinkType::token_ring, "IEEE802"},
    LinkRow{8, LinkType::slip, "SLIP"},
    LinkRow{9, LinkType::ppp, "PPP"},
    LinkRow{10, LinkType::fddi, "FDDI"},
    LinkRow{11, LinkType::llc, "ATM_RFC1483"},  // what some systems wrote for 100
    LinkRow{12, LinkType::raw_ip, "RAW"},       // for 101
    LinkRow{14, LinkType::raw_ip, "RAW"},
    LinkRow{19, LinkType::ip_over_atm, "ATM_CLIP"},  // what some systems wrote for 106
    LinkRow{50, LinkType::ppp, "PPP_SERIAL"},
    LinkRow{51, LinkType::pppoe, "PPP_ETHER"},
    LinkRow{100, LinkType::llc, "ATM_RFC1483"},
    LinkRow{101, LinkType::raw_ip, "RAW"},
    LinkRow{104, LinkType::cisco_hdlc, "C_HDLC"},
    LinkRow{105, LinkType::wireless, "IEEE802_11"},
    LinkRow{106, LinkType::ip_over_atm, "ATM_CLIP"},
    LinkRow{107, LinkType::frame_relay, "FRELAY"},
    LinkRow{108, LinkType::loopback, "LOOP"},
    LinkRow{109, LinkType::openbsd_enc, "ENC"},
    LinkRow{113, LinkType::linux_cooked, "LINUX_SLL"},
    LinkRow{117, LinkType::packet_filter_log, "PFLOG"},
    LinkRow{119, LinkType::prism, "PRISM_HEADER"},
    LinkRow{122, LinkType::ip_over_fibre_channel, "IP_OVER_FC"},
    LinkRow{123, LinkType::sun_atm, "SUNATM"},
    LinkRow{127, LinkType::radiotap, "IEEE802_11_RADIO"},
    LinkRow{129, LinkType::arcnet_linux, "ARCNET_LINUX"},
    LinkRow{138, LinkType::ip_over_firewire, "APPLE_IP_OVER_IEEE1394"},
    LinkRow{147, LinkType::unsupported, "USER0"},
    LinkRow{163, LinkType::avs, "IEEE802_11_RADIO_AVS"},
    LinkRow{166, LinkType::ppp_directed, "PPP_PPPD"},
    LinkRow{178, LinkType::juniper_ethernet, "JUNIPER_ETHER"},
    LinkRow{187, LinkType::unsupported, "BLUETOOTH_HCI_H4"},
    LinkRow{192, LinkType::ppi, "PPI"},
    LinkRow{195, LinkType::unsupported, "IEEE802_15_4"},
    LinkRow{197, LinkType::erf, "ERF"},
    LinkRow{204, LinkType::ppp_directed, "PPP_WITH_DIR"},
    LinkRow{205, LinkType::cisco_hdlc_directed, "C_HDLC_WITH_DIR"},
    LinkRow{206, LinkType::frame_relay_directed, "FRELAY_WITH_DIR"},
    LinkRow{219, LinkType::mpls, "MPLS"},
    LinkRow{220, LinkType::unsupported, "USB_LINUX_MMAPPED"},
    LinkRow{226, LinkType::ipnet, "IPNET"},
    LinkRow{228, LinkType::raw_ip, "IPV4"},
    LinkRow{229, LinkType::raw_ip, "IPV6"},
    LinkRow{239, LinkType::nflog, "NFLOG"},
    LinkRow{240, LinkType::hilscher, "NETANALYZER"},
    LinkRow{241, LinkType::hilscher_transparent, "NETANALYZER_TRANSPARENT"},
    LinkRow{242, LinkType::ip_over_infiniband, "IPOIB"},
    LinkRow{249, LinkType::unsupported, "USBPCAP"},
    LinkRow{253, LinkType::unsupported, "NETLINK"},
    LinkRow{258, LinkType::packet_tap, "PKTAP"},
    LinkRow{276, LinkType::linux_cooked_v2, "LINUX_SLL2"},
    LinkRow{281, LinkType::switch_tag_broadcom, "DSA_TAG_BRCM"},
    LinkRow{282, LinkType::switch_tag_broadcom_in_front, "DSA_TAG_BRCM_PREPEND"},
    LinkRow{284, LinkType::switch_tag_dsa, "DSA_TAG_DSA"},
    LinkRow{285, LinkType::switch_tag_edsa, "DSA_TAG_EDSA"},
};

const LinkRow* find_row(std::uint32_t number) noexcept {
  const auto row = std::find_if(link_rows.begin(), link_rows.end(),
                                [number](const LinkRow& candidate) { return candidate.number == number; });
  return row == link_rows.end() ? nullptr : &*row;
}

}  // namespace

std::string link_type_name(std::uint32_t number) {
  const LinkRow* row = find_row(number);
  return row == nullptr ? fmt::format("LINKTYPE {}", number) : std::string(row->name);
}

LinkType link_type_of(std::uint32_t number) noexcept {
  const LinkRow* row = find_row(number);
  return row == nullptr ? LinkType::unsupported : row->type;
}

}  // namespace vmlan::host
