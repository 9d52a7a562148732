#include "qdio/ipa.h"

#include <gtest/gtest.h>

#include <string>

#include "arch/clock.h"
#include "tests/kit/hex.h"
#include "tests/kit/recording_port.h"

namespace vmlan::qdio {
namespace {

using kit::from_hex;
using kit::to_hex;
using Calls = std::vector<std::string>;

// A header as Linux 6.1 sends it (observed): command, sequence number 0007, layer and protocol version.
std::string head(const std::string& command, const std::string& protocol, const std::string& layer = "01") {
  return command + "000007 00000100 " + layer + "01" + protocol + " 00000000 00000000 ";
}

class IpaTest : public ::testing::Test {
 protected:
  void use(AdapterKind kind, Transport transport = Transport::ip) {
    ipa = std::make_unique<Ipa>(kind, port);
    ipa->begin(transport);
  }
  std::string answer(const std::string& request) {
    const auto bytes = from_hex(request);
    reply = to_hex(ipa->answer(bytes).bytes());
    return reply;
  }
  std::string code(const std::string& request) { return answer(request).substr(8, 4); }
  // Bytes of the last reply.
  std::string at(std::size_t offset, std::size_t length) const {
    return reply.substr(2 * offset, 2 * length);
  }

  void SetUp() override { use(AdapterKind::osd); }

  kit::RecordingPort port;
  std::unique_ptr<Ipa> ipa;
  std::string reply;
};

// --- The header

TEST_F(IpaTest, AReplyEchoesItsCommandWithTheMasksPutIn) {
  EXPECT_EQ(answer("01000007 00000100 02010000 00000000 00000000"),
            "0100000700000100"
            "02010000"
            "00034C71"
            "00000400");
  EXPECT_EQ(port.calls, Calls{"start_lan"});
  EXPECT_TRUE(ipa->started());
}

TEST_F(IpaTest, UnknownCommandsAreAnsweredWithNotSupported) {
  for (const char* command : {"00", "03", "2A", "2B", "BE", "D1", "FF"}) {
    EXPECT_EQ(code(head(command, "0000")), "0001") << command;
  }
}

TEST_F(IpaTest, ACommandShorterThanItsHeaderIsBadFormat) {
  const auto whole = from_hex(head("01", "0000"));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const auto answer = ipa->answer(std::span(whole).first(length));
    EXPECT_EQ(to_hex(answer.bytes()).substr(8, 4), "0006") << length;
    EXPECT_EQ(answer.bytes().size(), 20U);
  }
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, CommandsWithoutTheirDataAreBadFormat) {
  const std::pair<const char*, const char*> commands[] = {{"B1", "0004"}, {"B1", "0006"}, {"B3", "0004"},
                                                          {"B4", "0006"}, {"B6", "0004"}, {"B7", "0004"},
                                                          {"B8", "0004"}, {"B9", "0000"}, {"C3", "0006"}};
  for (const auto& [command, protocol] : commands)
    EXPECT_EQ(code(head(command, protocol)), "0006") << command;
}

TEST_F(IpaTest, EveryCommandMayBeCutShortAnywhere) {
  for (const Transport transport : {Transport::ip, Transport::ethernet}) {
    use(AdapterKind::osd, transport);
    for (unsigned command = 0; command < 256; ++command) {
      for (std::size_t length = 1; length < 72; ++length) {
        std::vector<std::byte> request(length, std::byte{0});
        request[0] = static_cast<std::byte>(command);
        if (length > 11) request[11] = command % 2 == 0 ? std::byte{4} : std::byte{6};
        EXPECT_EQ(ipa->answer(request).bytes()[0], request[0]);
      }
    }
  }
}

// --- LAN

TEST_F(IpaTest, StopLanGoesToThePort) {
  code(head("01", "0000"));
  EXPECT_EQ(code(head("02", "0000")), "0000");
  EXPECT_EQ(port.calls, (Calls{"start_lan", "stop_lan"}));
  EXPECT_FALSE(ipa->started());
}

TEST_F(IpaTest, ThePortsCodeIsTheReplys) {
  port.answers["start_lan"] = IpaCode::lan_offline;
  EXPECT_EQ(code(head("01", "0000")), "E080");
}

TEST_F(IpaTest, AnEventIsNoReply) {
  EXPECT_EQ(to_hex(ipa->event(IpaCommand::stop_lan).bytes()),
            "020100000000010001010000"
            "00034C71"
            "00000400");
  use(AdapterKind::osd, Transport::ethernet);
  EXPECT_EQ(to_hex(ipa->event(IpaCommand::start_lan).bytes()).substr(0, 24), "010100000000010002010000");
}

// --- QIPASSIST

TEST_F(IpaTest, AssistsDependOnKindLayerAndVersion) {
  answer(head("B2", "0004"));
  EXPECT_EQ(at(0x0c, 8),
            "00034C71"
            "00000400");
  answer(head("B2", "0006"));
  EXPECT_EQ(at(0x0c, 8),
            "00001460"
            "00000400");
  EXPECT_EQ(code(head("B2", "0000")), "F001");
  use(AdapterKind::iqd);
  answer(head("B2", "0004"));
  EXPECT_EQ(at(0x0c, 4), "00004C71");
  use(AdapterKind::osd, Transport::ethernet);
  answer(head("B2", "0004"));
  EXPECT_EQ(at(0x0c, 4), "00000420");
}

TEST_F(IpaTest, NoOffloadIsAdvertisedThatIsNotThere) {
  constexpr unsigned long offloads = 0x00dc0006UL;  // checksums and TSO, both versions
  for (const AdapterKind kind : {AdapterKind::osd, AdapterKind::iqd}) {
    for (const Transport transport : {Transport::ip, Transport::ethernet}) {
      use(kind, transport);
      for (const char* version : {"0004", "0006"}) {
        answer(head("B2", version));
        EXPECT_EQ(std::stoul(at(0x0c, 4), nullptr, 16) & offloads, 0U);
      }
    }
  }
}

// --- SETASSPARMS; requests observed with Linux 6.1

TEST_F(IpaTest, AdvertisedAssistsStartAndShowAsEnabled) {
  const struct {
    std::string request;
    const char* enabled;
  } steps[] = {
      {head("B3", "0004") + "00000001 0008 0001 0000 0000", "00000401"},
      {head("B3", "0004") + "00010000 0008 0001 0000 0000", "00010401"},
      {head("B3", "0004") + "00000800 0008 0001 0000 0000", "00010C01"},
      {head("B3", "0004") + "00000040 0008 0001 0000 0000", "00010C41"},
      {head("B3", "0004") + "00000020 000C 0001 0000 0000 00000003", "00010C61"},
      {head("B3", "0006") + "00000020 0008 0001 0000 0000", "00000420"},
      {head("B3", "0006") + "00001000 0008 0001 0000 0000", "00001420"},
      {head("B3", "0004") + "00000001 0008 0002 0000 0000", "00010C60"},  // STOP
  };
  for (const auto& step : steps) {
    EXPECT_EQ(code(step.request), "0000") << step.request;
    EXPECT_EQ(at(0x10, 4), step.enabled) << step.request;
    EXPECT_EQ(at(0x1c, 2), "0000");
  }
}

TEST_F(IpaTest, WhatIsNotAdvertisedDoesNotStart) {
  for (const char* assist : {"00000002", "00000004", "00100000", "00000000", "00000003", "80000000"}) {
    EXPECT_EQ(code(head("B3", "0004") + assist + " 0008 0001 0000 0000"), "0001") << assist;
    EXPECT_EQ(at(0x1c, 2), "0002");
    EXPECT_EQ(at(0x10, 4), "00000400");
  }
}

TEST_F(IpaTest, FilteringLetsBroadcastsInAtItsThirdStep) {
  EXPECT_EQ(code(head("B3", "0004") + "00000010 0008 0001 0000 0000"), "0000");
  EXPECT_EQ(code(head("B3", "0004") + "00000010 000C 0003 0000 0000 00000001"), "0000");
  EXPECT_TRUE(port.calls.empty());
  EXPECT_EQ(code(head("B3", "0004") + "00000010 000C 0004 0000 0000 00000001"), "0000");
  EXPECT_EQ(code(head("B3", "0004") + "00000010 0008 0002 0000 0000"), "0000");
  EXPECT_EQ(port.calls, (Calls{"enable_broadcast on", "enable_broadcast off"}));
  EXPECT_EQ(code(head("B3", "0004") + "00000010 0008 0009 0000 0000"), "E00E");
}

TEST_F(IpaTest, ArpQueriesAreRefusedInTheirOwnWords) {
  EXPECT_EQ(code(head("B3", "0004") + "00000001 000A 0104 0000 0000 000F"), "E00E");
  EXPECT_EQ(at(0x1c, 2), "0004");
  EXPECT_EQ(code(head("B3", "0004") + "00000001 0008 0007 0000 0000"), "E00E");
  EXPECT_EQ(at(0x1c, 2), "0002");
}

// --- SETADAPTERPARMS; requests and replies observed with Linux 6.1, masks and link type are ours

TEST_F(IpaTest, QueryTellsSubcommandsAndLinkType) {
  EXPECT_EQ(code(head("B8", "0004") + "00000000 00000000 00240000 00000001 00000101 00000000"
                                      "00000000 00000000 00000000 00000000 00000000"),
            "0000");
  EXPECT_EQ(at(0x14, 44),
            "00000803"
            "00000000"
            "00240000"
            "00000001"
            "00000101"
            "00000000"
            "00000001"
            "10000000"
            "00000803"
            "00000000"
            "00000000");
}

TEST_F(IpaTest, TheMacAddressIsReadAndMarkedAsTheNicsOwn) {
  port.address = {{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}};
  EXPECT_EQ(code(head("B8", "0004") + "00000000 00000000 00240000 00000002 00000101 00000000"
                                      "00000000 00000006 00000000 000000000000 0000"),
            "0000");
  EXPECT_EQ(reply.substr(2 * 0x14),
            "00000803"
            "00000803"
            "00220000"
            "00000002"
            "00000101"
            "80000000"
            "00000000"
            "00000006"
            "00000001"
            "021122334455");
}

TEST_F(IpaTest, TheMacAddressCannotBeReplaced) {
  EXPECT_EQ(code(head("B8", "0004") + "00000000 00000000 00240000 00000002 00000101 00000000"
                                      "00000001 00000006 00000001 02AABBCCDDEE 0000"),
            "0001");
  EXPECT_EQ(at(0x24, 2), "0001");
}

TEST_F(IpaTest, PromiscuousModeIsThePortsDecision) {
  const std::string on =
      head("B8", "0004") + "00000000 00000000 00140000 00000800 00000101 00000000 00000001";
  EXPECT_EQ(code(on), "0000");
  EXPECT_EQ(at(0x2c, 4), "00000001");
  port.answers["set_promiscuous"] = IpaCode::mac_not_authorized;
  EXPECT_EQ(code(on), "200C");
  EXPECT_EQ(at(0x24, 2), "200C");
  EXPECT_EQ(at(0x2c, 4), "00000000");
}

TEST_F(IpaTest, OtherSubcommandsAreNotSupportedInBothPlaces) {
  for (const char* subcommand : {"00000200", "00010000", "00080000", "00100000", "00000003"}) {
    EXPECT_EQ(
        code(head("B8", "0004") + "00000000 00000000 00140000 " + subcommand + " 00000101 00000000 00000000"),
        "0001");
    EXPECT_EQ(at(0x24, 2), "0001");
  }
}

TEST_F(IpaTest, DiagnoseOffersNothing) {
  const std::string query = head("B9", "0000") + "00000000 00000000 00100000 00000001 00000000 FFFFFFFF";
  EXPECT_EQ(code(query), "0000");
  EXPECT_EQ(at(0x28, 4), "00000000");
  EXPECT_EQ(code(head("B9", "0000") + "00000000 00000000 00500000 00000004 02010000 00000000"), "0001");
}

// --- Layer 3 registrations; requests observed with Linux 6.1

const std::string set_ip_v4 =
    head("B1", "0004") + "C0A84602 FFFFFF00 00000000 00000000 00000000 00000000 00000000 00000000 00000000";
const std::string set_ip_v6 =
    head("B1", "0006") + "FE800000 00000000 02005EFF FEAB64B9 FFFFFFFF FFFFFFFF 00000000 00000000 00000000";

TEST_F(IpaTest, AddressesAreRegisteredWithTheirPrefixLength) {
  EXPECT_EQ(code(set_ip_v4), "0000");
  EXPECT_EQ(code(set_ip_v6), "0000");
  EXPECT_EQ(code(head("B1", "0004") + "0A000001 FFFFFFFF 00000003 00000000"), "0000");
  EXPECT_EQ(code(head("B1", "0004") + "0A000001 00000000 00000000"), "0000");
  EXPECT_EQ(code(head("B1", "0004") + "0A000001 FFFE0000 00000000"), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_ip 192.168.70.2/24 0", "set_ip fe80::200:5eff:feab:64b9/64 0",
                               "set_ip 10.0.0.1/32 3", "set_ip 10.0.0.1/0 0", "set_ip 10.0.0.1/15 0"}));
}

TEST_F(IpaTest, ADuplicateAddressIsE005) {
  port.answers["set_ip"] = IpaCode::duplicate_ip_address;
  EXPECT_EQ(code(set_ip_v4), "E005");
}

TEST_F(IpaTest, AddressesThatAreNoneAreBadFormat) {
  for (const char* data : {"00000000 FFFFFF00 00000000",   // unspecified
                           "E0000001 FFFFFF00 00000000",   // a group
                           "FFFFFFFF FFFFFF00 00000000",   // broadcast
                           "0A000001 FF00FF00 00000000",   // a mask with a hole
                           "0A000001 00FFFFFF 00000000",   // a mask the wrong way
                           "0A000001 FFFFFD00 00000000",   // a hole inside a byte
                           "0A000001 FFFFFF00 000000"}) {  // cut short
    EXPECT_EQ(code(head("B1", "0004") + data), "0006") << data;
  }
  // An IPv4 address in an IPv6 one's clothes would be the same key in the LAN's table.
  EXPECT_EQ(code(head("B1", "0006") +
                 "00000000 00000000 0000FFFF 0A000001 FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF 00000000"),
            "0006");
  EXPECT_EQ(code(head("B7", "0006") +
                 "00000000 00000000 0000FFFF 0A000001 FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF 00000000"),
            "0006");
  EXPECT_EQ(code(head("B4", "0006") + "333300000001 0000 00000000 00000000 0000FFFF E0000001"), "0006");
  EXPECT_EQ(code(head("B1", "0000") + "0A000001 FFFFFF00 00000000"), "F001");
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, AddressesAreDeletedWhateverTheFlags) {
  EXPECT_EQ(code(head("B7", "0004") + "C0A84602 FFFFFF00 00000040 00000000"), "0000");
  EXPECT_EQ(port.calls, Calls{"delete_ip 192.168.70.2"});
  port.answers["delete_ip"] = IpaCode::primary_exists;
  EXPECT_EQ(code(head("B7", "0004") + "C0A84602 FFFFFF00 00000000"), "E010");
}

TEST_F(IpaTest, GroupsAreJoinedAndLeft) {
  EXPECT_EQ(code(head("B4", "0004") + "01005E000001 0000 00000000 00000000 00000000 E0000001"), "0000");
  EXPECT_EQ(code(head("B4", "0006") + "333300000001 0000 FF020000 00000000 00000000 00000001"), "0000");
  EXPECT_EQ(code(head("B5", "0004") + "01005E000001 0000 00000000 00000000 00000000 E0000001"), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_multicast 224.0.0.1 01-00-5E-00-00-01",
                               "set_multicast ff02::1 33-33-00-00-00-01", "delete_multicast 224.0.0.1"}));
  EXPECT_EQ(code(head("B4", "0004") + "020000000001 0000 00000000 00000000 00000000 0A000001"), "0006");
  port.answers["delete_multicast"] = IpaCode::multicast_not_found;
  EXPECT_EQ(code(head("B5", "0004") + "01005E000001 0000 00000000 00000000 00000000 E0000001"), "E00B");
}

TEST_F(IpaTest, RouterTypesDependOnTheKind) {
  const auto route = [&](const char* type) { return code(head("B6", "0004") + type); };
  EXPECT_EQ(route("00"), "0000");
  EXPECT_EQ(route("01"), "0000");
  EXPECT_EQ(route("02"), "0000");
  EXPECT_EQ(route("03"), "0000");
  EXPECT_EQ(route("04"), "E012");
  EXPECT_EQ(route("06"), "E012");
  EXPECT_EQ(route("FF"), "E012");
  EXPECT_EQ(code(head("B6", "0006") + "01"), "0000");
  EXPECT_EQ(code(head("B6", "0000") + "01"), "F001");
  use(AdapterKind::iqd);
  EXPECT_EQ(route("01"), "E012");
  EXPECT_EQ(route("03"), "0000");
  EXPECT_EQ(route("05"), "0000");
  port.answers["set_router"] = IpaCode::primary_exists;
  EXPECT_EQ(route("04"), "E010");
}

TEST_F(IpaTest, CreateAddressTellsMacAndUniqueId) {
  EXPECT_EQ(code(head("C3", "0006") + "000000000000 0000"), "0000");
  EXPECT_EQ(at(0x14, 8), "02005EAB64B9FFFE");  // observed, Linux 6.1 qeth on OSD
  use(AdapterKind::iqd);
  EXPECT_EQ(code(head("C3", "0006") + "000000000000 0000"), "0000");
  EXPECT_EQ(at(0x14, 8), "02005EAB64B90000");
  EXPECT_EQ(code(head("C4", "0006") + "02005EAB64B9 0000"), "0000");
}

// --- Layer 2 registrations

TEST_F(IpaTest, Layer2CommandsReachThePortOfALayer2Session) {
  use(AdapterKind::osd, Transport::ethernet);
  const auto mac = [&](const char* command, const char* data) {
    return code(head(command, "0004", "02") + data);
  };
  EXPECT_EQ(mac("21", "00000006 8E40085AF4CB"), "0000");
  EXPECT_EQ(mac("22", "00000006 8E40085AF4CB"), "0000");
  EXPECT_EQ(mac("23", "00000006 333300000001"), "0000");
  EXPECT_EQ(mac("24", "00000006 333300000001"), "0000");
  EXPECT_EQ(mac("25", "0064"), "0000");
  EXPECT_EQ(mac("26", "0064"), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_mac 8E-40-08-5A-F4-CB", "delete_mac 8E-40-08-5A-F4-CB",
                               "set_group_mac 33-33-00-00-00-01", "delete_group_mac 33-33-00-00-00-01",
                               "set_vlan 100", "delete_vlan 100"}));
  EXPECT_EQ(mac("21", "00000007 8E40085AF4CB"), "0006");
  EXPECT_EQ(mac("21", "00000006 8E40085AF4"), "0006");
  EXPECT_EQ(mac("25", "00"), "0006");
  port.answers["set_mac"] = IpaCode::duplicate_mac;
  EXPECT_EQ(mac("21", "00000006 8E40085AF4CB"), "2005");
}

TEST_F(IpaTest, EachLayerRefusesTheOthersCommands) {
  EXPECT_EQ(code(head("21", "0004") + "00000006 8E40085AF4CB"), "2003");
  use(AdapterKind::osd, Transport::ethernet);
  EXPECT_EQ(code(set_ip_v4), "0001");
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, RandomCommandsAreAnsweredWithTheirOwnSequenceNumber) {
  arch::Prng chance(7);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> request(20 + chance.below(80));
    for (auto& byte : request) byte = static_cast<std::byte>(chance.below(256));
    constexpr unsigned commands[] = {0x01, 0x21, 0x25, 0xb1, 0xb2, 0xb3, 0xb4, 0xb6, 0xb7, 0xb8, 0xb9, 0xc3};
    request[0] = static_cast<std::byte>(commands[chance.below(std::size(commands))]);
    if (chance.below(2) == 0) request[10] = std::byte{0}, request[11] = std::byte{4};
    if (round % 100 == 0) use(AdapterKind::osd, round % 200 == 0 ? Transport::ip : Transport::ethernet);
    const auto answer = ipa->answer(request);
    ASSERT_GE(answer.bytes().size(), 20U);
    EXPECT_EQ(answer.bytes()[0], request[0]);
    EXPECT_EQ(answer.bytes()[1], std::byte{0});
    EXPECT_EQ(answer.bytes()[2], request[2]);
    EXPECT_EQ(answer.bytes()[3], request[3]);
  }
}

}  // namespace
}  // namespace vmlan::qdio
