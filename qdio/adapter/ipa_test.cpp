#include "qdio/adapter/ipa.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kit/ipa_fixture.h"

namespace vmlan::qdio {
namespace {

// --- The header

TEST_F(IpaTest, AReplyEchoesItsCommandWithTheMasksPutIn) {
  EXPECT_EQ(answer("01000007 00000100 02010000 00000000 00000000"),
            "0100000700000100"
            "02010000"
            "00134C77"
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
  constexpr std::size_t shortest = 16;  // what z/VM sends: conformance_other_guests_test
  for (std::size_t length = 1; length < shortest; ++length) {
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
            "00134C77"
            "00000400");
  use(AdapterKind::osd, Transport::ethernet);
  EXPECT_EQ(to_hex(ipa->event(IpaCommand::start_lan).bytes()).substr(0, 24), "010100000000010002010000");
}

// --- QIPASSIST

TEST_F(IpaTest, AssistsDependOnKindLayerAndVersion) {
  answer(head("B2", "0004"));
  EXPECT_EQ(at(0x0c, 8),
            "00134C77"
            "00000400");
  answer(head("B2", "0006"));
  EXPECT_EQ(at(0x0c, 8),
            "00D01460"
            "00000400");
  EXPECT_EQ(code(head("B2", "0005")), "F001");
  use(AdapterKind::iqd);
  answer(head("B2", "0004"));
  EXPECT_EQ(at(0x0c, 4), "00004C71");
  answer(head("B2", "0006"));
  EXPECT_EQ(at(0x0c, 4), "00001460") << "layer 3 HiperSockets have no offloads";
  for (const AdapterKind kind : {AdapterKind::osd, AdapterKind::iqd}) {
    use(kind, Transport::ethernet);
    answer(head("B2", "0004"));
    EXPECT_EQ(at(0x0c, 4), "00100426");
    answer(head("B2", "0006"));
    EXPECT_EQ(at(0x0c, 4), "00D00420");
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
  for (const char* assist : {"00080000", "00400000", "00800000", "00000000", "00000003", "80000000"}) {
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

TEST_F(IpaTest, EntriesOfADriversOwnAreTakenAndMeanNothing) {
  for (const char* command : {"0005", "0006"}) {
    EXPECT_EQ(code(head("B3", "0004") + "00000001 0008 " + command + " 0000 0000"), "0000");
  }
  EXPECT_EQ(code(head("B3", "0004") + "00000001 0008 0007 0000 0000"), "0000") << "flush: nothing to do";
  EXPECT_EQ(code(head("B3", "0004") + "00000001 000C 0003 0000 0000 00000100"), "0000");
}

// --- SETADAPTERPARMS; requests and replies observed with Linux 6.1, masks and link type are ours

TEST_F(IpaTest, QueryTellsSubcommandsAndLinkType) {
  EXPECT_EQ(code(head("B8", "0004") + "00000000 00000000 00240000 00000001 00000101 00000000"
                                      "00000000 00000000 00000000 00000000 00000000"),
            "0000");
  EXPECT_EQ(at(0x14, 44),
            "00080803"
            "00000000"
            "00240000"
            "00000001"
            "00000101"
            "00000000"
            "00000001"
            "10000000"
            "00080803"
            "00000000"
            "00000000");
}

TEST_F(IpaTest, TheMacAddressIsReadAndMarkedAsTheNicsOwn) {
  port.address = {{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}};
  EXPECT_EQ(code(head("B8", "0004") + "00000000 00000000 00240000 00000002 00000101 00000000"
                                      "00000000 00000006 00000000 000000000000 0000"),
            "0000");
  EXPECT_EQ(reply.substr(2 * 0x14),
            "00080803"
            "00080803"
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
            "E00E");
  EXPECT_EQ(at(0x24, 2), "E00E");
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

// The layout is Linux' struct qeth_query_oat_reply with qeth_query_oat_physical_if (6.1).
TEST_F(IpaTest, TheAddressTableTellsThePhysicalPort) {
  EXPECT_EQ(code(head("B8", "0004") + "00000000 00000000 00200000 00080000 00000101 00000000"
                                      "00000001 00000000 00000000 00000000"),
            "0000");
  EXPECT_EQ(at(0x1c, 2), "0070") << "16, 16 and the port's 80";
  EXPECT_EQ(at(0x26, 2), "0101") << "one part of one";
  EXPECT_EQ(at(0x3c, 6), "000400500001");
  EXPECT_EQ(at(0x6d, 2), "0802") << "10 Gbit/s, short range";
  EXPECT_EQ(reply.size(), 2U * (0x3c + 0x50));
  EXPECT_EQ(code(head("B8", "0004") + "00000000 00000000 00100000 00080000 00000101 00000000"), "0006");
}

TEST_F(IpaTest, OtherSubcommandsAreNotSupportedInBothPlaces) {
  for (const char* subcommand : {"00000200", "00100000", "00000003"}) {
    EXPECT_EQ(
        code(head("B8", "0004") + "00000000 00000000 00140000 " + subcommand + " 00000101 00000000 00000000"),
        "E00E");
    EXPECT_EQ(at(0x24, 2), "E00E");
  }
}

TEST_F(IpaTest, DiagnoseOffersNothing) {
  const std::string query = head("B9", "0000") + "00000000 00000000 00100000 00000001 00000000 FFFFFFFF";
  EXPECT_EQ(code(query), "0000");
  EXPECT_EQ(at(0x28, 4), "00000000");
  EXPECT_EQ(code(head("B9", "0000") + "00000000 00000000 00500000 00000004 02010000 00000000"), "0001");
}

}  // namespace
}  // namespace vmlan::qdio
