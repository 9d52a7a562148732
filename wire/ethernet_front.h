// The front of an Ethernet frame: addresses, a VLAN tag if it has one, the type. For what has none of its
// own.
//
// Source: IEEE 802.1Q.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "wire/ethernet.h"

namespace vmlan::wire {

struct EthernetFront {
  std::array<std::byte, sizeof(EthernetHeader) + 4> data{};
  std::size_t length = 0;

  EthernetFront() = default;  // none
  // `tag`: priority and VLAN id.
  EthernetFront(const MacAddress& to, const MacAddress& from, std::optional<std::uint16_t> tag,
                std::uint16_t type) noexcept {
    append(to);
    append(from);
    if (tag) {
      append(arch::be16{ether_type::vlan});
      append(arch::be16{*tag});
    }
    append(arch::be16{type});
  }
  std::span<const std::byte> bytes() const noexcept { return std::span(data).first(length); }

 private:
  template <class Part>
  void append(const Part& part) noexcept {
    std::memcpy(data.data() + length, &part, sizeof(part));
    length += sizeof(part);
  }
};

}  // namespace vmlan::wire
