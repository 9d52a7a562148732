// What guests say, for fuzz targets that are to get further than random bytes do: IPA commands as drivers
// send them, and packets of any shape behind any transport header. The input chooses, and may spoil one byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/fuzz/input.h"
#include "tests/kit/hex.h"
#include "tests/kit/offloaded_packets.h"
#include "wire/transport_header.h"

namespace vmlan::fuzz {

// IPA bodies, sequence number and layer left open. Source: tests/golden/ipa.hex, and Linux 6.1's
// qeth_core_mpc.h for the others. Addresses are those of PacketShape, ending in one.
inline constexpr std::array<std::string_view, 37> ipa_commands{
    "01000000 00000100 02010000 00000000 00000000",                                               // STARTLAN
    "02000000 00000100 02010000 00000000 00000000",                                               // STOPLAN
    "B2000000 00000100 01010004 00000000 00000000",                                               // QIPASSIST
    "B1000000 00000100 01010004 00000000 00000000 0A000001 FFFFFF00 00000000",                    // SETIP
    "B7000000 00000100 01010004 00000000 00000000 0A000001 FFFFFF00 00000000",                    // DELIP
    "B1000000 00000100 01010004 00000000 00000000 0A000001 FFFFFF00 00000020",                    // takeover
    "B1000000 00000100 01010006 00000000 00000000 FD000000 00000000 00000000 00000001 "           // IPv6
    "FFFFFFFF FFFFFFFF 00000000 00000000 00000000",                                               //
    "B7000000 00000100 01010006 00000000 00000000 FD000000 00000000 00000000 00000001 "           //
    "FFFFFFFF FFFFFFFF 00000000 00000000 00000000",                                               //
    "B4000000 00000100 01010004 00000000 00000000 01005E000001 0000 00000000 00000000 00000000 "  // SETIPM
    "E0000001",                                                                                   //
    "B5000000 00000100 01010004 00000000 00000000 01005E000001 0000 00000000 00000000 00000000 "  // DELIPM
    "E0000001",                                                                                   //
    "B6000000 00000100 01010004 00000000 00000000 01",                                            // SETRTG
    "B6000000 00000100 01010004 00000000 00000000 03",                                            //
    "B6000000 00000100 01010006 00000000 00000000 05",                                            //
    "21000000 00000100 02010004 00000000 00000000 00000006 020000000001",                         // SETVMAC
    "22000000 00000100 02010004 00000000 00000000 00000006 020000000001",                         // DELVMAC
    "23000000 00000100 02010004 00000000 00000000 00000006 333300000001",                         // SETGMAC
    "24000000 00000100 02010004 00000000 00000000 00000006 333300000001",                         // DELGMAC
    "25000000 00000100 02010004 00000000 00000000 0064",                                          // SETVLAN
    "26000000 00000100 02010004 00000000 00000000 0064",                                          // DELVLAN
    "C3000000 00000100 01010006 00000000 00000000 000000000000 0000",   // CREATE_ADDR
    "B9000000 00000100 01010004 00000000 00000000 00000000 0000 0001",  // SETDIAGASS
    // SETASSPARMS: ARP query, add, flush; filtering; VLAN; checksums in and out; TSO
    "B3000000 00000100 01010004 00000000 00000000 00000001 000E 0104 0000 0000 0008 00000000 00000000",
    "B3000000 00000100 01010004 00000000 00000000 00000001 0014 0005 0000 0000 00000000 00000000",
    "B3000000 00000100 01010004 00000000 00000000 00000001 0008 0007 0000 0000",
    "B3000000 00000100 01010004 00000000 00000000 00000010 000C 0004 0000 0000 00000001",
    "B3000000 00000100 01010004 00000000 00000000 00000010 0008 0002 0000 0000",
    "B3000000 00000100 01010004 00000000 00000000 00000800 000A 0008 0000 0000 0064",
    "B3000000 00000100 01010004 00000000 00000000 00000080 0008 0001 0000 0000",
    "B3000000 00000100 01010004 00000000 00000000 00000080 000C 0004 0000 0000 0000001A",
    "B3000000 00000100 01010004 00000000 00000000 00000080 0008 0002 0000 0000",
    "B3000000 00000100 01010004 00000000 00000000 00000100 000C 0004 0000 0000 0000001A",
    "B3000000 00000100 01010004 00000000 00000000 00020000 0008 0001 0000 0000",
    "B3000000 00000100 01010004 00000000 00000000 00020000 0010 0004 0000 0000 00000000 00000001",
    // SETADAPTERPARMS: what there is, MAC address, promiscuous mode on
    "B8000000 00000100 01010004 00000000 00000000 00000000 00000000 00240000 00000001 00000101 00000000 "
    "00000000 00000000 00000000 00000000 00000000",
    "B8000000 00000100 01010004 00000000 00000000 00000000 00000000 00240000 00000002 00000101 00000000 "
    "00000000 00000006 00000000 000000000000 0000",
    "B8000000 00000100 01010004 00000000 00000000 00000000 00000000 00180000 00000800 00000101 00000000 "
    "00000001",
    "B8000000 00000100 01010004 00000000 00000000 00000000 00000000 00180000 00000800 00000101 00000000 "
    "00000000"};

static_assert(!ipa_commands.back().empty());

// One of them, for the layer that is given. Every other time the input overwrites a byte of it.
inline std::vector<std::byte> ipa_command(Input& input) {
  auto body = kit::from_hex(ipa_commands[input.byte() % ipa_commands.size()]);
  const unsigned change = input.byte();
  if ((change & 1U) != 0) {
    const std::size_t place = input.byte() % body.size();
    body[place] = static_cast<std::byte>(input.byte());
  }
  return body;
}

// Transport header and packet of a driver: IPv4 or IPv6, TCP or UDP, with or without an Ethernet header and a
// tag, checksums or segmentation left to the adapter, to a host, to a group or to all. The length may be
// wrong, and one byte of it anything.
inline std::vector<std::byte> packet(Input& input, bool layer2) {
  const unsigned how = input.byte();
  const unsigned more = input.byte();
  kit::Sending sending;
  sending.layer2 = layer2;
  sending.left = std::array{kit::Left::nothing, kit::Left::checksums, kit::Left::segmentation,
                            kit::Left::nothing}[how & 3U];
  sending.shape.version = (how & 4U) != 0 ? 6 : 4;
  sending.shape.tcp = (how & 8U) == 0;
  sending.shape.ethernet = layer2 || (how & 16U) != 0;
  sending.shape.vlan = sending.shape.ethernet && (how & 32U) != 0;
  sending.shape.from = 1 + (how >> 6U);
  sending.shape.to = more & 15U;
  if ((more & 15U) == 15) sending.shape.to = 0xffff;
  sending.segment_size = 64 + (more >> 4U) * 100;
  const bool tag_inside = !layer2 && sending.shape.vlan;
  auto bytes = kit::as_sent(sending, kit::payload_of(input.byte() * std::size_t{8}));
  if (tag_inside) bytes[0x0b] |= std::byte{wire::layer3_extended::include_vlan_tag};
  const unsigned change = input.byte();
  const std::size_t header = sending.left == kit::Left::segmentation ? 64 : 32;
  if ((change & 3U) == 1) bytes[input.byte() % bytes.size()] = static_cast<std::byte>(input.byte());
  if ((change & 3U) == 2) {
    bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(input.byte() % bytes.size()), bytes.end());
  }
  if ((change & 4U) != 0) {  // to a group, or to all
    const auto group = sending.layer2 ? kit::from_hex((change & 8U) != 0 ? "FFFFFFFFFFFF" : "333300000001")
                                      : kit::from_hex((change & 8U) != 0 ? "FFFFFFFF" : "E0000001");
    const std::size_t at = header + (sending.layer2 ? 0 : sending.shape.ethernet_length() + 16);
    for (std::size_t index = 0; index < group.size() && at + index < bytes.size(); ++index) {
      bytes[at + index] = group[index];
    }
  }
  return bytes;
}

}  // namespace vmlan::fuzz
