// Every command in both layers, and lengths: what is answered to a request of this length and no longer.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/kit/ipa_fixture.h"

namespace vmlan::qdio {
namespace {

constexpr const char* done = "0000";
constexpr const char* unsupported = "0001";
constexpr const char* bad = "0006";
constexpr const char* no_layer2 = "2003";

struct CommandRow {
  unsigned command;
  const char* protocol;
  const char* data;  // the shortest that is good
  const char* ip;    // what a layer 3 session is answered
  const char* ethernet;
};

// Data that every handler takes; without its last byte it is of bad format, if it has any.
const CommandRow command_rows[] = {
    {0x01, "0000", "", done, done},
    {0x02, "0000", "", done, done},
    {0x21, "0004", "00000006 02005EAB64B9", done, done},
    {0x22, "0004", "00000006 02005EAB64B9", done, done},
    {0x23, "0004", "00000006 333300000001", no_layer2, done},
    {0x24, "0004", "00000006 333300000001", no_layer2, done},
    {0x25, "0004", "0064", done, done},
    {0x26, "0004", "0064", done, done},
    {0xb1, "0004", "0A000001 FFFFFF00 00000000", done, unsupported},
    {0xb1, "0006", "FE800000 00000000 00000000 00000001 FFFFFFFF FFFFFFFF 00000000 00000000 00000000", done,
     unsupported},
    {0xb2, "0004", "", done, done},
    {0xb4, "0004", "01005E000001 0000 00000000 00000000 00000000 E0000001", done, unsupported},
    {0xb4, "0006", "333300000001 0000 FF020000 00000000 00000000 00000001", done, unsupported},
    {0xb5, "0004", "01005E000001 0000 00000000 00000000 00000000 E0000001", done, unsupported},
    {0xb5, "0006", "333300000001 0000 FF020000 00000000 00000000 00000001", done, unsupported},
    {0xb6, "0004", "00", done, unsupported},
    {0xb7, "0004", "0A000001 FFFFFF00 00000000", done, unsupported},
    {0xb7, "0006", "FE800000 00000000 00000000 00000001 FFFFFFFF FFFFFFFF 00000000 00000000 00000000", done,
     unsupported},
    {0xb9, "0000", "00000000 00000000 00100000 00000001 00000000 00000000", done, done},
    {0xc3, "0006", "000000000000 0000", done, unsupported},
    {0xc4, "0006", "", done, unsupported},
};

std::string command_of(unsigned command) {
  const std::byte byte{static_cast<std::uint8_t>(command)};
  return to_hex(std::span(&byte, 1));
}

TEST_F(IpaTest, EveryCommandIsAnsweredInItsLayerAndNeedsItsData) {
  for (const Transport transport : {Transport::ip, Transport::ethernet}) {
    use(AdapterKind::osd, transport);
    for (const CommandRow& row : command_rows) {
      const std::string expected = transport == Transport::ip ? row.ip : row.ethernet;
      const std::string request = head(command_of(row.command), row.protocol) + row.data;
      EXPECT_EQ(code(request), expected) << request;
      EXPECT_EQ(code(request + "00000000"), expected) << "a longer one: " << request;
      if (*row.data == '\0') continue;
      EXPECT_EQ(code(request.substr(0, request.size() - 2)), expected == done ? bad : expected) << request;
    }
  }
}

TEST_F(IpaTest, NoOtherCommandIsKnown) {
  std::map<unsigned, bool> known{{0xb3, true}, {0xb8, true}};
  for (const CommandRow& row : command_rows) known[row.command] = true;
  for (const Transport transport : {Transport::ip, Transport::ethernet}) {
    use(AdapterKind::osd, transport);
    for (unsigned command = 0; command < 256; ++command) {
      if (known[command]) continue;
      EXPECT_EQ(code(head(command_of(command), "0004") + std::string(200, '0')), unsupported) << command;
    }
  }
  EXPECT_TRUE(port.calls.empty());
}

// --- Lengths: z/VM's TCP/IP leaves the header's last field out

TEST_F(IpaTest, AnAnswerIsAsLongAsItsRequestAndNoLonger) {
  for (const std::size_t length : {15U, 16U, 17U, 19U, 20U, 21U, 30U}) {
    const auto longer = from_hex(head("01", "0000") + std::string(40, '0'));
    const auto reply_bytes = ipa->answer(std::span(longer).first(length)).bytes();
    EXPECT_EQ(reply_bytes.size(), length < 16 ? 20U : length);
    EXPECT_EQ(to_hex(reply_bytes).substr(8, 4), length < 16 ? bad : done);
  }
  const auto whole = from_hex(head("01", "0000"));
  EXPECT_EQ(to_hex(ipa->answer(std::span(whole).first(16)).bytes()), "01000007000001000101000000134C77")
      << "what is supported is there, what is enabled not";
}

// --- A new session

TEST_F(IpaTest, ANewSessionBeginsWithoutAssistsAndStopped) {
  code(head("01", "0000"));
  code(head("B3", "0004") + "00000001 0008 0001 0000 0000");
  code(head("B3", "0006") + "00001000 0008 0001 0000 0000");
  EXPECT_EQ(at(0x10, 4), "00001400");
  ipa->begin(Transport::ip);
  EXPECT_FALSE(ipa->started());
  answer(head("B2", "0004"));
  EXPECT_EQ(at(0x10, 4), "00000400");
  answer(head("B2", "0006"));
  EXPECT_EQ(at(0x10, 4), "00000400");
  Ipa fresh(AdapterKind::osd, port);
  EXPECT_FALSE(fresh.started());
}

TEST_F(IpaTest, AnEventCarriesTheMasksOfVersionFour) {
  code(head("B3", "0004") + "00000001 0008 0001 0000 0000");
  code(head("B3", "0006") + "00001000 0008 0001 0000 0000");
  EXPECT_EQ(to_hex(ipa->event(IpaCommand::start_lan).bytes()), "01010000000001000101000000134C7700000401");
}

TEST_F(IpaTest, QipassistIsAnsweredForNoVersionToo) {
  EXPECT_EQ(code(head("B2", "0000")), done);
  EXPECT_EQ(at(0x0c, 8), "00134C7700000400");
  for (const char* version : {"0001", "0003", "0007", "0400"}) EXPECT_EQ(code(head("B2", version)), "F001");
}

// --- SETASSPARMS: the assist's own code, commands by their number

TEST_F(IpaTest, AnAssistSaysInItsOwnFieldWhatIsWrong) {
  const struct {
    const char* version;
    const char* assist_and_command;
    const char* code;
    const char* own;
  } rows[] = {
      {"0004", "00000001 000C 0104", done, "0000"},
      {"0006", "00000001 000C 0104", unsupported, "0004"},  // the query alone has a code of its own
      {"0006", "00000001 000C 0007", unsupported, "0002"},
      {"0006", "00000010 000C 0104", unsupported, "0002"},
      {"0004", "00000010 000C 0104", "E00E", "0002"},
      {"0004", "00000001 000C 0004", "E00E", "0002"},
      {"0004", "00000040 000C 0003", "E00E", "0002"},
      {"0004", "00000800 000C 0009", "E00E", "0002"},
      {"0004", "00000002 000C 0003", "E00E", "0002"},
  };
  for (const auto& row : rows) {
    const std::string request = head("B3", row.version) + row.assist_and_command + " FFFF 0000 000F0000";
    EXPECT_EQ(code(request), row.code) << request;
    EXPECT_EQ(at(0x1c, 2), row.own) << request;
  }
}

TEST_F(IpaTest, AnAssistsRequestIsWhole) {
  EXPECT_EQ(code(head("B3", "0004") + "00000001 0008 0001 0000 0000"), done);
  EXPECT_EQ(code(head("B3", "0004") + "00000001 0008 0001 0000 00"), bad);
}

TEST_F(IpaTest, StoppingForgetsThatAssistOfThatVersionOnly) {
  for (const char* version : {"0004", "0006"}) {
    for (const char* assist : {"00000020", "00000040"}) {
      code(head("B3", version) + assist + " 0008 0001 0000 0000");
    }
  }
  EXPECT_EQ(code(head("B3", "0006") + "00000020 0008 0002 0000 0000"), done);
  EXPECT_EQ(at(0x10, 4), "00000440");
  answer(head("B2", "0004"));
  EXPECT_EQ(at(0x10, 4), "00000460");
}

TEST_F(IpaTest, AVlanMayBeSaidAsAnAssistToo) {
  const std::string request = head("B3", "0004") + "00000800 000A 0008 0000 0000";
  EXPECT_EQ(code(request + "0064"), done);
  EXPECT_EQ(port.calls, Calls{"set_vlan 100"});
  EXPECT_EQ(code(request + "00"), bad);
  port.answers["set_vlan"] = IpaCode::duplicate_vlan;
  EXPECT_EQ(code(request + "0064"), done) << "again is no fault";
  port.answers["set_vlan"] = IpaCode::invalid_vlan;
  EXPECT_EQ(code(request + "0064"), "2015");
  EXPECT_EQ(at(0x1c, 2), "0002");
}

TEST_F(IpaTest, InALayer2SessionAVlanIsSetOnce) {
  for (const Transport transport : {Transport::ip, Transport::ethernet}) {
    use(AdapterKind::osd, transport);
    port.answers["set_vlan"] = IpaCode::duplicate_vlan;
    EXPECT_EQ(code(head("25", "0004") + "0064"), transport == Transport::ip ? done : "2016");
    port.answers["set_vlan"] = IpaCode::invalid_vlan;
    EXPECT_EQ(code(head("25", "0004") + "0064"), "2015");
  }
  port.answers["delete_vlan"] = IpaCode::vlan_not_found;
  EXPECT_EQ(code(head("26", "0004") + "0064"), "2017");
}

TEST_F(IpaTest, ChecksumsAreEnabledWithTcpAndUdpAtLeastAndNothingElse) {
  const std::string request = head("B3", "0004") + "00000002 000C 0004 0000 0000 ";
  for (const char* good : {"00000018", "0000001A", "00000038", "0000003A"}) {
    EXPECT_EQ(code(request + good), done);
    EXPECT_EQ(at(0x20, 12), "0000003A" + std::string(good) + "00000000");
  }
  for (const char* none : {"00000010", "00000008", "0000002A", "00000019", "8000003A", "0000005A"}) {
    EXPECT_EQ(code(request + none), unsupported) << none;
    EXPECT_EQ(at(0x20, 12), "0000003A0000000000000000");
  }
}

TEST_F(IpaTest, TheLargestSegmentFollowsTheMtu) {
  port.mtu = 8992;
  answer(head("B3", "0004") + "00100000 0008 0001 0000 0000");
  EXPECT_EQ(at(0x20, 12), "000022F80000000100000000");
  answer(head("B3", "0006") + "00100000 0008 0001 0000 0000");
  EXPECT_EQ(at(0x20, 12), "000022E40000000100000000");
  EXPECT_EQ(code(head("B3", "0004") + "00100000 0010 0004 0000 0000 00000001 00000002"), unsupported);
  EXPECT_EQ(at(0x20, 12), "000000010000000000000000");
}

// --- DIAGNOSE ASSIST

TEST_F(IpaTest, OnlyTheQueryOfDiagnoseIsAnswered) {
  const std::string before = head("B9", "0000") + "00000000 00000000 00100000 ";
  EXPECT_EQ(code(before + "00000001 01020304 FFFFFFFF"), done);
  EXPECT_EQ(reply.substr(2 * 0x14),
            "00000000000000000010000000000001"
            "01020304"
            "00000000");
  for (const char* other : {"00000000", "00000002", "00000003", "80000001"}) {
    EXPECT_EQ(code(before + other + " 01020304 FFFFFFFF"), unsupported);
    EXPECT_EQ(at(0x28, 4), "FFFFFFFF") << "as it came";
  }
}

}  // namespace
}  // namespace vmlan::qdio
