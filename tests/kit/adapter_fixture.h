// The verbs of tests of an adapter: messages as Linux 6.1 sends them, and what comes back.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "arch/clock.h"
#include "qdio/adapter/adapter.h"
#include "qdio/adapter/adapter_connection.h"
#include "tests/kit/hex.h"
#include "tests/kit/recording_port.h"

namespace vmlan::qdio {

using kit::from_hex;
using kit::to_hex;
using Calls = std::vector<std::string>;

// All requests: observed, Linux 6.1 qeth (OSD layer 2, tokens as the adapter gave them).
inline constexpr const char* idx_read =
    "00008000 00000000 190101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002";
inline constexpr const char* idx_write =
    "00008000 00000000 150101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002";
inline constexpr const char* cm_enable =
    "000C4102 00170000 00000000 000B0401 7E040500 010108 000C0402 FFFFFFFF FFFFFFFF";
inline constexpr const char* cm_setup =
    "000C4104 00180000 00000000 00090404 05000101 0A 00090405 05D8C5E3 F2 00060406 C800";
inline constexpr const char* ulp_enable_layer2 =
    "000C4102 001F0000 00000000 000B0401 08040500 01010B 0014040A 00200000 FFFF0008 C8E8C4F1 C7F10000";
inline constexpr const char* ulp_enable_layer3 =
    "000C4102 001F0000 00000000 000B0401 03040500 01010B 0014040A 00200000 FFFF0008 C8E8C4F1 C7F10000";
inline constexpr const char* ulp_setup =
    "000C4104 00200000 00000000 00090404 05000101 0D 00090405 05D8C5E3 F4 00060406 4000 0008040B 08020002";
inline constexpr const char* dm_act = "000C4360 00090000 00000000 00090404 05D8C5E3 F5";
inline constexpr const char* start_lan = "01000007 00000100 01010000 00000000 00000000";

inline constexpr unsigned cm = 0x81;
inline constexpr unsigned ulp = 0x41;
inline constexpr unsigned ipa = 0xc1;

// The envelope of a request around a body, as Linux makes it.
inline Message request(unsigned type, const std::string& body_hex) {
  const auto body = from_hex(body_hex);
  Message message = from_hex(
      "00E00000 00000001 00000014 00000000 10000001"
      "00000000 007E0001 00000009 00000000 00240000 00000005 D8C5E3F1 00000000 00000000"
      "01000000 00000040");
  message[0x18] = static_cast<std::byte>(type);
  message[0x0f] = static_cast<std::byte>(0x40 + body.size());
  for (const std::size_t at : {0x27U, 0x2aU, 0x3bU}) message[at] = static_cast<std::byte>(body.size());
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

class AdapterTest : public ::testing::Test, public ControlReplies, public AdapterPorts {
 protected:
  static constexpr unsigned reader = 0;
  static constexpr unsigned writer = 1;

  AdapterPort* port_of(const DataPathName&, unsigned) override { return &port; }
  void reply(unsigned device, Message message) override { replies.emplace_back(device, std::move(message)); }

  // What came back to one message; "none" if nothing did.
  std::string answer(unsigned device, const Message& message, unsigned from) {
    replies.clear();
    adapter->receive(device, message);
    if (replies.empty()) return "none";
    EXPECT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies.front().first, from);
    return to_hex(replies.front().second);
  }
  std::string answer_idx(unsigned device, const char* message) {
    return answer(device, from_hex(message), device);
  }
  // The body of the reply to a PDU.
  std::string answer_pdu(unsigned type, const std::string& body) {
    const std::string whole = answer(writer, request(type, body), reader);
    if (whole == "none") return whole;
    const auto pdu = parse_pdu(replies.front().second);
    if (!pdu) return "not a PDU: " + whole;
    EXPECT_EQ(static_cast<unsigned>(pdu->type), type);
    return to_hex(pdu->body);
  }
  void use(AdapterKind kind) {
    AdapterIdentity identity;
    identity.kind = kind;
    adapter = std::make_unique<Adapter>(identity, *this, *this);
  }
  void activate_channels() {
    answer_idx(reader, idx_read);
    answer_idx(writer, idx_write);
  }
  void establish(const char* ulp_enable = ulp_enable_layer3) {
    activate_channels();
    for (const auto& [type, body] : std::initializer_list<std::pair<unsigned, const char*>>{
             {cm, cm_enable}, {cm, cm_setup}, {ulp, ulp_enable}, {ulp, ulp_setup}, {ulp, dm_act}}) {
      ASSERT_NE(answer_pdu(type, body), "none");
    }
    port.calls.clear();
  }

  kit::RecordingPort port;
  std::vector<std::pair<unsigned, Message>> replies;
  std::unique_ptr<Adapter> adapter = std::make_unique<Adapter>(AdapterIdentity{}, *this, *this);
};

}  // namespace vmlan::qdio
