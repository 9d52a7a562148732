// The client as the module's C files use it, with a base that the test plays. Bytes of messages: observed,
// Linux 6.1 qeth.
#include "hercules/vnic_client.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "hercules/test_base.h"
#include "hercules/test_channel.h"
#include "qdio/adapter/ipa_commands.h"
#include "qdio/adapter/mpc.h"
#include "tests/kit/hex.h"

namespace vmlan::hercules {
namespace {

using link::MessageType;
using Bytes = std::vector<std::byte>;

constexpr unsigned char write_command = 0x01;
constexpr unsigned char read_command = 0x02;
constexpr unsigned char sense_id = 0xe4;
constexpr unsigned char normal = 0x0c;
constexpr unsigned char unit_check = 0x0e;

// IDX ACTIVATE WRITE for data device 0A02.
const Bytes card_idx_write =
    kit::from_hex("00008000 00000000 150101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400A02 0002");
const Bytes start_lan = kit::from_hex(
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

TEST_F(VnicClient, SaysHelloWithWhatTheStatementNames) {
  ASSERT_TRUE(open("nic 0600 type hipers lan lan1 mac 02-00-00-00-00-07 devices 4"));
  const link::Hello hello = base.accept();
  EXPECT_EQ(hello.user, "LINUX1");
  EXPECT_EQ(hello.base_device.value, 0x0600);
  EXPECT_EQ(hello.devices, 4U);
  EXPECT_EQ(hello.kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(hello.channel_path, 0x0a);
  EXPECT_EQ(hello.lan_owner, "SYSTEM");
  EXPECT_EQ(hello.lan_name, "LAN1");
  EXPECT_EQ(wire::to_string(hello.mac), "02-00-00-00-00-07");
  EXPECT_EQ(hello.program, "Hercules 3.13, device 0A00");
  EXPECT_NE(hello.instance, 0U);
  EXPECT_TRUE(says("HHC03820I LINUX1 NIC 0600: LAN SYSTEM LAN1, MAC 02-00-00-00-00-01"));
}

TEST_F(VnicClient, AnswersSenseIdWithoutABase) {
  base.close();
  ASSERT_TRUE(open(""));
  unsigned char data[40] = {};
  const vnic_ending ending = vnic_client_read(client, 2, sense_id, data, sizeof(data));
  EXPECT_EQ(ending.status, normal);
  EXPECT_EQ(ending.transferred, 28U);
  EXPECT_EQ(kit::to_hex(std::as_bytes(std::span(data, 8))), "FF17310117320100");
  EXPECT_TRUE(says("HHC03821W No system at"));
}

TEST_F(VnicClient, NamesOnceWhatTheBaseDidNotKnow) {
  ASSERT_TRUE(open("nic 0600"));
  bring_up();
  qdio::Envelope envelope;
  envelope.type = qdio::MessageType::ipa;
  const auto refuse = [&](const char* body) {
    base.say(MessageType::control, 0, qdio::wrap(envelope, kit::from_hex(body)));
    EXPECT_FALSE(read(0).empty());
  };
  refuse("2A000000 00010100 02010000 00000000 00000000");  // felt for by every Linux
  refuse("77000000 00010100 02010000 00000000 00000000");
  refuse("77000000 00010100 02010000 00000000 00000000");
  EXPECT_TRUE(
      says("HHC03827I LINUX1 NIC 0600: not supported, and refused: IPA command of no known name (77)"));
  const std::string said = messages.said();
  EXPECT_EQ(said.find("HHC03827I"), said.rfind("HHC03827I"));
}

TEST_F(VnicClient, IdxActivateCrossesWithTheBasesDeviceNumberAndComesBackWithTheGuests) {
  ASSERT_TRUE(open("nic 0600"));
  base.accept();
  EXPECT_EQ(write(0, idx_read).transferred, idx_read.size());
  const auto request = base.hear();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->type, MessageType::control);
  EXPECT_EQ(request->device, 0U);
  Bytes wanted = idx_read;
  wanted[0x1e] = std::byte{0x06};
  EXPECT_EQ(kit::to_hex(request->body), kit::to_hex(wanted));

  Bytes reply = request->body;
  reply[8] = std::byte{0x1a};
  base.say(MessageType::control, 0, reply);
  const Bytes answer = read(0);
  ASSERT_EQ(answer.size(), idx_read.size());
  EXPECT_EQ(answer[8], std::byte{0x1a});
  EXPECT_EQ(answer[0x1e], std::byte{0x0a});
}

TEST_F(VnicClient, AHaltEndsReadAndTheBaseHears) {
  ASSERT_TRUE(open(""));
  base.accept();
  ASSERT_TRUE(says("HHC03820I"));
  unsigned char data[100] = {};
  ASSERT_NE(vnic_client_read(client, 0, read_command, data, sizeof(data)).pending, 0);
  vnic_client_reset(client, 0);
  const auto heard = base.hear();
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->type, MessageType::reset);
  EXPECT_EQ(heard->device, 0U);
}

TEST_F(VnicClient, AStoppedClientAnswersLikeADeviceThatIsSwitchedOff) {
  ASSERT_TRUE(open(""));
  base.accept();
  vnic_client_stop(client);
  EXPECT_EQ(write(0, idx_read).status, unit_check);
  unsigned char sense[32] = {};
  vnic_client_sense(client, 0, sense);
  EXPECT_EQ(sense[0], 0x40);  // intervention required
}

TEST_F(VnicClient, AWrongOperandIsSaid) {
  EXPECT_FALSE(open("colour red"));
  EXPECT_TRUE(says("HHC03812E Unknown keyword 'colour'"));
}

TEST_F(VnicClient, ARefusalIsSaidOnce) {
  ASSERT_TRUE(open(""));
  ASSERT_TRUE(base.await_connection());
  ASSERT_TRUE(base.hear());
  link::SendBuffer out(link::max_body);
  out.add_refuse("HCPLGA054E LINUX1 already logged on");
  base.say(out);
  EXPECT_TRUE(says("HHC03825E LINUX1 NIC 0A00: refused: HCPLGA054E LINUX1 already logged on"));
}

TEST_F(VnicClient, WhileTheBaseIsAwayTheDriverHearsThatItsLanIsOfflineAndOnlineAgainAfterwards) {
  ASSERT_TRUE(open(""));
  bring_up();
  base.close();
  const auto stop = ipa_header(read(0));
  EXPECT_EQ(stop.command, static_cast<std::uint8_t>(qdio::IpaCommand::stop_lan));
  EXPECT_EQ(stop.initiator, static_cast<std::uint8_t>(qdio::IpaInitiator::adapter));
  EXPECT_TRUE(says("HHC03824W"));

  ASSERT_EQ(write(1, start_lan).status, normal);
  const auto refused = ipa_header(read(0));
  EXPECT_EQ(refused.initiator, 0);
  EXPECT_EQ(refused.return_code, 0xe080);

  base.open();
  base.accept();
  const auto start = ipa_header(read(0));
  EXPECT_EQ(start.command, static_cast<std::uint8_t>(qdio::IpaCommand::start_lan));
  EXPECT_EQ(start.initiator, static_cast<std::uint8_t>(qdio::IpaInitiator::adapter));
}

TEST_F(VnicClient, IdxActivateWaitsForABase) {
  base.close();
  ASSERT_TRUE(open(""));
  ASSERT_EQ(write(0, idx_read).status, normal);
  base.open();
  base.accept();
  const auto request = base.hear();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->type, MessageType::control);
  EXPECT_EQ(kit::to_hex(request->body), kit::to_hex(idx_read));
}

TEST_F(VnicClient, ItsThreadHasTheNameOfItsCard) {
  ASSERT_TRUE(open(""));
  bool found = false;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    found = found || name == "vnic-0A00";
  }
  EXPECT_TRUE(found);
}

TEST_F(VnicClient, TheNextBaseIsAskedForTheMacAddressThatTheGuestHas) {
  ASSERT_TRUE(open(""));
  const link::Hello first = base.accept();
  EXPECT_TRUE(first.mac_is_wish);
  EXPECT_TRUE(first.mac.is_zero());
  ASSERT_TRUE(says("HHC03820I"));
  base.close();
  base.open();
  const link::Hello second = base.accept();
  EXPECT_TRUE(second.mac_is_wish);
  EXPECT_EQ(wire::to_string(second.mac), "02-00-00-00-00-01");
}

TEST_F(VnicClient, AMacAddressThatItsOperatorNamesIsNoWish) {
  ASSERT_TRUE(open("mac 0a-00-00-00-00-07"));
  const link::Hello hello = base.accept();
  EXPECT_FALSE(hello.mac_is_wish);
  EXPECT_EQ(wire::to_string(hello.mac), "0A-00-00-00-00-07");
}

TEST_F(VnicClient, AfterBeingForcedItStaysAway) {
  ASSERT_TRUE(open(""));
  base.accept();
  link::SendBuffer out(link::max_body);
  out.add_end(link::AfterEnd::stay_away, "FORCE");
  base.say(out);
  EXPECT_TRUE(says("HHC03826W LINUX1 NIC 0A00: ended for good: FORCE"));
  EXPECT_FALSE(base.hear());
}

TEST_F(VnicClient, ABaseThatTalksNonsenseIsLeft) {
  ASSERT_TRUE(open(""));
  base.accept();
  base.say(MessageType::hello, 0, Bytes(48));
  EXPECT_TRUE(says("message of unknown type"));
}

}  // namespace
}  // namespace vmlan::hercules
