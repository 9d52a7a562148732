// A client of a card at 0A00 and the base it talks to, with what the client's tests do to both.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "hercules/test_base.h"
#include "hercules/test_channel.h"
#include "hercules/vnic_client.h"
#include "qdio/adapter/ipa_commands.h"
#include "qdio/adapter/mpc.h"
#include "tests/kit/hex.h"

namespace vmlan::hercules {

using link::MessageType;
using Bytes = std::vector<std::byte>;

inline constexpr unsigned char write_command = 0x01;
inline constexpr unsigned char read_command = 0x02;
inline constexpr unsigned char sense_id = 0xe4;
inline constexpr unsigned char normal = 0x0c;
inline constexpr unsigned char unit_check = 0x0e;

// IDX ACTIVATE WRITE for data device 0A02.
inline const Bytes card_idx_write =
    kit::from_hex("00008000 00000000 150101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400A02 0002");
inline const Bytes start_lan = kit::from_hex(
    "00E00000 00000006 00000014 00000054 10000001 00000000 C1080001 00000005 00000003 00240014 00001405 "
    "D8C5E3F5 "
    "00000000 00000000 01000014 00000040 01000000 00000100 02010000 00000000 00000000");

class VnicClient : public testing::Test {
 protected:
  ~VnicClient() override { close(); }

  bool open(const std::string& operands) {
    std::vector<std::string> words = {"user", "LINUX1", "system", base.path()};
    std::istringstream stream(operands);
    for (std::string word; stream >> word;) words.push_back(word);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    vnic_machine machine{};
    machine.device_number = 0x0a00;
    machine.channel_path = 0x0a;
    machine.program = "Hercules 3.13";
    machine.context = this;
    machine.interrupt = [](void*, unsigned) {};
    machine.active = [](void*, unsigned) { return 1; };
    machine.message = [](void* context, const char* text) {
      static_cast<VnicClient*>(context)->messages.note(text);
    };
    client = vnic_client_open(&machine, static_cast<int>(arguments.size()), arguments.data());
    return client != nullptr;
  }
  void close() {
    if (client == nullptr) return;
    vnic_client_stop(client);
    vnic_client_free(client);
    client = nullptr;
  }
  vnic_ending write(unsigned index, const Bytes& message) {
    return vnic_client_write(client, index, write_command,
                             reinterpret_cast<const unsigned char*>(message.data()),
                             static_cast<std::uint32_t>(message.size()));
  }
  // READ: what came, after waiting for it if need be.
  Bytes read(unsigned index) {
    Bytes data(4096);
    auto* bytes = reinterpret_cast<unsigned char*>(data.data());
    vnic_ending ending = vnic_client_read(client, index, read_command, bytes, 4096);
    for (unsigned turns = 0; ending.pending != 0 && turns < 500; ++turns) {
      ending = vnic_client_wait(client, index, bytes, 4096);
    }
    EXPECT_EQ(ending.pending, 0);
    EXPECT_EQ(ending.status, normal);
    data.resize(ending.transferred);
    return data;
  }
  bool says(const std::string& text) { return messages.says(text); }
  // A session that has come as far as STARTLAN.
  void bring_up() {
    base.accept();
    ASSERT_EQ(write(0, idx_read).status, normal);
    ASSERT_TRUE(base.hear());
    ASSERT_EQ(write(1, card_idx_write).status, normal);
    ASSERT_TRUE(base.hear());
    ASSERT_EQ(write(1, start_lan).status, normal);
    const auto request = base.hear();
    ASSERT_TRUE(request);
    base.say(MessageType::control, 0, request->body);  // its reply repeats it
    ASSERT_EQ(read(0).size(), start_lan.size());
  }
  qdio::IpaHeader ipa_header(const Bytes& message) {
    const auto pdu = qdio::parse_pdu(message);
    qdio::IpaHeader header;
    if (pdu && pdu->body.size() >= sizeof(header)) std::memcpy(&header, pdu->body.data(), sizeof(header));
    return header;
  }

  TestBase base;
  vnic_client* client = nullptr;
  Messages messages;
};

}  // namespace vmlan::hercules
