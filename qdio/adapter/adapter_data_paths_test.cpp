// A session with several data paths, as z/OS has it: each with a port, a token and registrations of its own.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "qdio/adapter/adapter.h"
#include "qdio/adapter/mpc.h"
#include "tests/kit/adapter_fixture.h"

namespace vmlan::qdio {
namespace {

// IDX ACTIVATE of both channels for the data devices 0802, 0803.
constexpr const char* idx_read_two =
    "00008000 00000000 190102C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002 08030003";
constexpr const char* idx_write_two =
    "00008000 00000000 150102C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002 08030003";

std::string ulp_setup_of(const std::string& guest, const std::string& unit) {
  return "000C4104 00200000 00000000 00090404 05" + guest + " 00090405 05E5D4D3F4 00060406 4000 0008040B " +
         unit;
}
std::string with_token(const std::string& command, const std::string& token) {
  return "000C" + command + " 00090000 00000000 00090404 05" + token;
}

class AdapterDataPathsTest : public ::testing::Test, public ControlReplies, public AdapterPorts {
 protected:
  AdapterPort* port_of(const DataPathName& name, unsigned device_index) override {
    EXPECT_LT(device_index, 2U);
    const auto found = ports.find(name.data_device.value);
    return found == ports.end() ? nullptr : found->second;
  }
  void reply(unsigned, Message message) override { replies.push_back(std::move(message)); }

  // What comes back: the body of the only reply, "none", or how many came.
  std::string send(unsigned device, const Message& message) {
    replies.clear();
    adapter.receive(device, message);
    if (replies.empty()) return "none";
    const auto pdu = parse_pdu(replies.front());
    return to_hex(pdu ? pdu->body : std::span<const std::byte>(replies.front()));
  }
  std::string send_pdu(unsigned type, const std::string& body) { return send(1, request(type, body)); }
  std::string send_ipa(const std::string& token, const std::string& body) {
    Message message = request(ipa, body);
    const auto bytes = from_hex(token);
    std::copy(bytes.begin(), bytes.end(), message.begin() + 0x2c);
    return send(1, message);
  }
  void activate() {
    send(0, from_hex(idx_read_two));
    send(1, from_hex(idx_write_two));
    send_pdu(cm, cm_enable);
    send_pdu(cm, cm_setup);
    send_pdu(ulp, ulp_enable_layer3);
  }
  void establish_both() {
    activate();
    EXPECT_NE(send_pdu(ulp, ulp_setup_of("0001010D", "08020002")), "none");
    EXPECT_NE(send_pdu(ulp, ulp_setup_of("0001020D", "08030003")), "none");
    EXPECT_NE(send_pdu(ulp, with_token("4360", "E5D4D3F5")), "none");
    EXPECT_NE(send_pdu(ulp, with_token("4360", "E5D4D3F6")), "none");
    one.calls.clear();
    two.calls.clear();
  }

  kit::RecordingPort one;
  kit::RecordingPort two;
  std::map<unsigned, AdapterPort*> ports{{0x0802, &one}, {0x0803, &two}};
  std::vector<Message> replies;
  Adapter adapter{AdapterIdentity{}, *this, *this};
};

TEST_F(AdapterDataPathsTest, TheAnswerNamesThemAll) {
  EXPECT_EQ(send(0, from_hex(idx_read_two)),
            "00008000000000001A0102C0E5D4D3F10201E5D4D3D5C8C1D3D3D6D3C5400802000208030003");
  EXPECT_TRUE(adapter.has(one));
  EXPECT_TRUE(adapter.has(two));
}

TEST_F(AdapterDataPathsTest, TheLaterActivateSaysWhichThereAre) {
  send(0, from_hex(idx_read_two));
  send(1, from_hex("00008000 00000000 150101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400803 0003"));
  EXPECT_FALSE(adapter.has(one));
  EXPECT_TRUE(adapter.has(two));
}

TEST_F(AdapterDataPathsTest, WhatIsNamedTwiceOrNotThereIsNoFurtherPath) {
  ports[0x0804] = &one;
  send(0, from_hex("00008000 00000000 190104C0 00010103 01010000 0000C8C1 D3D3D6D3 C540"
                   "08020002 08040004 09000000 08030003"));
  EXPECT_TRUE(adapter.has(one));
  EXPECT_TRUE(adapter.has(two));
  send(1, from_hex("00008000 00000000 150104C0 00010103 01010000 0000C8C1 D3D3D6D3 C540"
                   "08020002 08040004 09000000 08030003"));
  send_pdu(cm, cm_enable);
  send_pdu(cm, cm_setup);
  send_pdu(ulp, ulp_enable_layer3);
  EXPECT_EQ(send_pdu(ulp, ulp_setup_of("0001010D", "08040004")), "none") << "it is known as 0802";
  EXPECT_NE(send_pdu(ulp, ulp_setup_of("0001010D", "08030003")).find("05E5D4D3F6"), std::string::npos)
      << "the second one";
}

TEST_F(AdapterDataPathsTest, EachIsSetUpByItsNameAndGetsItsToken) {
  activate();
  EXPECT_EQ(send_pdu(ulp, ulp_setup_of("0001020D", "08030003")),
            "000C41060022000000000000"
            "00090404050001020D"
            "0009040805E5D4D3F6"
            "0008040740000000"
            "0008040B08030003");
  EXPECT_EQ(send_pdu(ulp, ulp_setup_of("0001010D", "08020002")),
            "000C41060022000000000000"
            "00090404050001010D"
            "0009040805E5D4D3F5"
            "0008040740000000"
            "0008040B08020002");
  for (const char* unit : {"08020003", "08020102", "08040004"}) {
    EXPECT_EQ(send_pdu(ulp, ulp_setup_of("0001010D", unit)), "none") << unit;
  }
}

TEST_F(AdapterDataPathsTest, EachIsActivatedByItsTokenAndOnlyAfterItsSetup) {
  activate();
  send_pdu(ulp, ulp_setup_of("0001020D", "08030003"));
  EXPECT_EQ(send_pdu(ulp, with_token("4360", "E5D4D3F5")), "none") << "not set up";
  EXPECT_EQ(send_pdu(ulp, with_token("4360", "E5D4D3F7")), "none") << "nobody's";
  EXPECT_EQ(send_pdu(ulp, "000C4360 00000000 00000000"), "none") << "none given";
  EXPECT_EQ(send_pdu(ulp, with_token("4360", "E5D4D3F6")), "000C4360000900000000000000090404050001020D");
  EXPECT_TRUE(one.calls.empty());
  EXPECT_EQ(two.calls, Calls{"session_established ip HALLOLE "});
}

TEST_F(AdapterDataPathsTest, CommandsGoWhereTheirTokenSays) {
  establish_both();
  EXPECT_NE(send_ipa("E5D4D3F6", start_lan), "none");
  EXPECT_EQ(to_hex(std::as_bytes(std::span(parse_pdu(replies.at(0))->token))), "0001020D")
      << "the guest's token of that path";
  EXPECT_TRUE(one.calls.empty());
  EXPECT_EQ(two.calls, Calls{"start_lan"});
  EXPECT_EQ(send_ipa("D8C5E3F1", start_lan), "none");
  EXPECT_EQ(send_ipa("E5D4D3F7", start_lan), "none");
}

TEST_F(AdapterDataPathsTest, EventsAreForOneOfThem) {
  establish_both();
  send_ipa("E5D4D3F6", start_lan);
  replies.clear();
  adapter.lan_lost(one);
  EXPECT_TRUE(replies.empty()) << "not started";
  adapter.lan_lost(two);
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(to_hex(std::as_bytes(std::span(parse_pdu(replies[0])->token))), "0001020D");
  kit::RecordingPort stranger;
  adapter.lan_restored(stranger);
  EXPECT_EQ(replies.size(), 1U);
}

TEST_F(AdapterDataPathsTest, ADataDevicesEndIsNotTheOthers) {
  establish_both();
  adapter.reset(one);
  EXPECT_EQ(one.calls, Calls{"reset"});
  EXPECT_TRUE(two.calls.empty());
  EXPECT_EQ(send_ipa("E5D4D3F5", start_lan), "none");
  EXPECT_NE(send_ipa("E5D4D3F6", start_lan), "none");
  EXPECT_EQ(adapter.read_device(), 0U);
  EXPECT_EQ(adapter.write_device(), 1U);
  EXPECT_EQ(send_pdu(ulp, with_token("4360", "E5D4D3F5")), "none") << "it has to be set up again";
  EXPECT_NE(send_pdu(ulp, ulp_setup_of("0001010D", "08020002")), "none");
  EXPECT_NE(send_pdu(ulp, with_token("4360", "E5D4D3F5")), "none");
  EXPECT_NE(send_ipa("E5D4D3F5", start_lan), "none");
}

TEST_F(AdapterDataPathsTest, TheOnlyOnesEndIsTheSessions) {
  send(0, from_hex(idx_read));
  send(1, from_hex(idx_write));
  adapter.reset(one);
  EXPECT_EQ(one.calls, Calls{"reset"});
  EXPECT_FALSE(adapter.has(one));
  EXPECT_FALSE(adapter.read_device());
  EXPECT_FALSE(adapter.write_device());
}

TEST_F(AdapterDataPathsTest, ATakedownThatNamesOneEndsThatOne) {
  establish_both();
  EXPECT_EQ(send_pdu(ulp, with_token("4105", "E5D4D3F6")), "none");
  EXPECT_TRUE(one.calls.empty());
  EXPECT_EQ(two.calls, Calls{"reset"});
  EXPECT_EQ(send_ipa("E5D4D3F6", start_lan), "none");
  EXPECT_NE(send_ipa("E5D4D3F5", start_lan), "none");
  one.calls.clear();
  two.calls.clear();
  for (const char* token : {"E5D4D3F6", "E5D4D3F9"}) {
    EXPECT_EQ(send_pdu(ulp, with_token("4105", token)), "none");
    EXPECT_TRUE(one.calls.empty() && two.calls.empty()) << "down already, or never there: " << token;
  }
  EXPECT_NE(send_ipa("E5D4D3F5", start_lan), "none");
}

TEST_F(AdapterDataPathsTest, ATakedownOrDisableOfAllEndsAll) {
  const std::string nothing_named = "000C4105 00000000 00000000";
  for (const auto& body : {nothing_named, with_token("4103", "E5D4D3F6")}) {
    establish_both();
    EXPECT_EQ(send_pdu(ulp, body), "none");
    EXPECT_EQ(one.calls, Calls{"reset"});
    EXPECT_EQ(two.calls, Calls{"reset"});
    EXPECT_EQ(send_ipa("E5D4D3F5", start_lan), "none");
    EXPECT_EQ(send_ipa("E5D4D3F6", start_lan), "none");
    EXPECT_NE(send_pdu(ulp, ulp_enable_layer3), "none") << "the connection manager's is still up";
    adapter.reset();
  }
  establish_both();
  EXPECT_EQ(send_pdu(cm, with_token("4105", "E5D4D3F6")), "none");
  EXPECT_EQ(one.calls, Calls{"reset"}) << "a token of the lower connection names no data path";
  EXPECT_EQ(two.calls, Calls{"reset"});
  EXPECT_EQ(send_pdu(ulp, ulp_enable_layer3), "none");
}

TEST_F(AdapterDataPathsTest, ARepeatedStepEndsWhatWasEstablished) {
  establish_both();
  send_pdu(ulp, with_token("4105", "E5D4D3F5"));
  one.calls.clear();
  EXPECT_NE(send_pdu(ulp, ulp_enable_layer3), "none");
  EXPECT_TRUE(one.calls.empty()) << "it had nothing";
  EXPECT_EQ(two.calls, Calls{"reset"});
  EXPECT_EQ(send_ipa("E5D4D3F6", start_lan), "none");
  EXPECT_EQ(send_pdu(ulp, with_token("4360", "E5D4D3F6")), "none");
}

}  // namespace
}  // namespace vmlan::qdio
