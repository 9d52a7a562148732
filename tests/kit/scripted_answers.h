// What an adapter was seen to answer Linux 6.1 qeth: the MPC exchanges and IPA commands of a layer-3 session,
// as bytes. Knows no state; see scripted_adapter.h.
#pragma once

#include <array>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/kit/hex.h"

namespace vmlan::kit {

using Bytes = std::vector<std::byte>;

// IPA command -> return code, where it is not 0.
using IpaCodes = std::map<unsigned, unsigned>;

// CM and ULP answers have the short RRH of 1C bytes, as seen on the wire.
inline Bytes control_message(std::string_view type_and_protocol, std::string_view token,
                             std::string_view pdu) {
  const auto body = from_hex(pdu);
  const auto length = to_hex(std::array{std::byte(body.size())});
  const auto total = to_hex(std::array{std::byte(0x38 + body.size())});
  auto message = from_hex("00E00000 00000001 00000014 000000" + total + " 0FFC0001 00000000 " +
                          std::string(type_and_protocol) + "0001 00000000 00000000 001C00" + length +
                          " 0000" + length + "05 " + std::string(token) + " 010000" + length + " 00000038");
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

// The answer to a CM, ULP or DM message; that to ULP_ENABLE is the caller's.
inline Bytes control_answer(const Bytes& message, std::string_view ulp_enable_pdu) {
  const auto puk = to_hex(std::span(message).subspan(0x42, 2));
  if (message[0x18] == std::byte{0x81}) {
    return control_message(
        "817E", "00010103",
        puk == "4102" ? "000C4102 00170000 00000000 000B0401 7E0405D8 C5E3F2 000C0402 00000000 00000000"
                      : "000C4106 001A0000 00000000 00090404 05000101 0A 00090408 05D8C5E3 F3"
                        "00080407 40000000");
  }
  if (puk == "4102") return control_message("4102", "0001010A", ulp_enable_pdu);
  return control_message("4102", "0001010A",
                         puk == "4104"
                             ? "000C4106 00220000 00000000 00090404 05000101 0D 00090408 05D8C5E3 F5"
                               "00080407 40000000 0008040B 08020002"
                             : "000C4360 00090000 00000000 00090404 05000101 0D");
}

inline void overlay(Bytes& message, std::size_t offset, std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (offset + bytes.size() <= message.size())
    std::memcpy(message.data() + offset, bytes.data(), bytes.size());
}

// Echoes the request with return code and assist masks, and the few data fields a driver looks at.
inline Bytes ipa_answer(Bytes message, const IpaCodes& codes) {
  const auto command = std::to_integer<unsigned>(message[0x40]);
  const auto found = codes.find(command);
  const unsigned code = found == codes.end() ? 0 : found->second;
  message[0x44] = std::byte(code >> 8U);
  message[0x45] = std::byte(code & 0xffU);
  const bool v6 = message[0x4b] == std::byte{6};
  overlay(message, 0x4c, v6 ? "00001460" : "00001571");
  const bool adapter = command == 0xb8;
  if (adapter && message[0x63] == std::byte{1}) overlay(message, 0x6c, "00000001 01000000 00000C03");
  if (adapter && message[0x63] == std::byte{2}) overlay(message, 0x78, "02112233 4455");
  if (command == 0xc3) overlay(message, 0x54, "02005EAB64B9FFFE");
  return message;
}

}  // namespace vmlan::kit
