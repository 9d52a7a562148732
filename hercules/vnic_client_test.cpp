#include "hercules/vnic_client.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "hercules/test_client.h"

namespace vmlan::hercules {
namespace {

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

TEST_F(VnicClient, HearsWhyItWasEndedAlsoWhenItFindsNobodyToWriteTo) {
  ASSERT_TRUE(open(""));
  messages.hold(true);
  base.accept();
  ASSERT_TRUE(says("HHC03820I"));
  link::SendBuffer out(link::max_body);
  out.add_end(link::AfterEnd::stay_away, "FORCE");
  base.say(out);
  base.hang_up();
  ASSERT_EQ(write(0, idx_read).status, normal);
  messages.hold(false);
  EXPECT_TRUE(says("HHC03826W LINUX1 NIC 0A00: ended for good: FORCE"));
}

TEST_F(VnicClient, HalfAMessageEndsWithItsConnection) {
  ASSERT_TRUE(open(""));
  base.accept();
  link::SendBuffer out(link::max_body);
  out.add_end(link::AfterEnd::stay_away, "FORCE");
  base.say_bytes(out.pending().first(10));
  base.hang_up();
  ASSERT_TRUE(says("it has closed the connection"));
  base.accept();
  ASSERT_EQ(write(0, idx_read).status, normal);
  EXPECT_TRUE(base.hear());
  base.say(out);
  EXPECT_TRUE(says("ended for good: FORCE"));
  const std::string said = messages.said();
  const auto count = [&said](std::string_view number) {
    std::size_t times = 0;
    for (auto at = said.find(number); at != std::string::npos; at = said.find(number, at + 1)) ++times;
    return times;
  };
  EXPECT_EQ(count("HHC03820I"), 2U) << said;
  EXPECT_EQ(count("HHC03824W"), 2U) << said;
  EXPECT_EQ(count("HHC03826W"), 1U) << said;
}

TEST_F(VnicClient, ABaseThatTalksNonsenseIsLeft) {
  ASSERT_TRUE(open(""));
  base.accept();
  base.say(MessageType::hello, 0, Bytes(48));
  EXPECT_TRUE(says("message of unknown type"));
}

}  // namespace
}  // namespace vmlan::hercules
