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
    LinkRow{6, LinkType::unsupported, "IEEE802"},
    LinkRow{9, LinkType::ppp, "PPP"},
    LinkRow{12, LinkType::raw_ip, "RAW"},  // what some systems wrote for 101
    LinkRow{14, LinkType::raw_ip, "RAW"},
    LinkRow{50, LinkType::ppp, "PPP_SERIAL"},
    LinkRow{51, LinkType::unsupported, "PPP_ETHER"},
    LinkRow{101, LinkType::raw_ip, "RAW"},
    LinkRow{104, LinkType::cisco_hdlc, "C_HDLC"},
    LinkRow{105, LinkType::unsupported, "IEEE802_11"},
    LinkRow{107, LinkType::unsupported, "FRELAY"},
    LinkRow{108, LinkType::loopback, "LOOP"},
    LinkRow{113, LinkType::linux_cooked, "LINUX_SLL"},
    LinkRow{127, LinkType::unsupported, "IEEE802_11_RADIO"},
    LinkRow{147, LinkType::unsupported, "USER0"},
    LinkRow{187, LinkType::unsupported, "BLUETOOTH_HCI_H4"},
    LinkRow{195, LinkType::unsupported, "IEEE802_15_4"},
    LinkRow{220, LinkType::unsupported, "USB_LINUX_MMAPPED"},
    LinkRow{228, LinkType::raw_ip, "IPV4"},
    LinkRow{229, LinkType::raw_ip, "IPV6"},
    LinkRow{276, LinkType::linux_cooked_v2, "LINUX_SLL2"},
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
