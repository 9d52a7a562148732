// What a session is made of and what ends it: channels, steps, taking down, what is forgotten.
#include <gtest/gtest.h>

#include <string>

#include "tests/kit/adapter_fixture.h"

namespace vmlan::qdio {
namespace {

constexpr const char* ulp_takedown = "000C4105 00090000 00000000 00090404 05E5D4D3 F5";
constexpr const char* ulp_disable = "000C4103 00000000 00000000";
constexpr const char* cm_takedown = "000C4105 00000000 00000000";

std::string patched(std::string hex, std::size_t at, const std::string& bytes) {
  std::erase(hex, ' ');
  return hex.replace(2 * at, bytes.size(), bytes);
}

// --- Channels

TEST_F(AdapterTest, TheChannelsAreThoseOfTheirActivates) {
  EXPECT_FALSE(adapter->read_device());
  EXPECT_FALSE(adapter->write_device());
  answer_idx(5, idx_read);
  EXPECT_EQ(adapter->read_device(), 5U);
  EXPECT_FALSE(adapter->write_device());
  answer_idx(4, idx_write);
  EXPECT_EQ(adapter->read_device(), 5U);
  EXPECT_EQ(adapter->write_device(), 4U);
  answer_idx(4, idx_read);
  EXPECT_EQ(adapter->read_device(), 4U) << "one device is one channel";
  EXPECT_FALSE(adapter->write_device());
  answer_idx(4, idx_write);
  EXPECT_EQ(adapter->write_device(), 4U);
  EXPECT_FALSE(adapter->read_device());
  EXPECT_TRUE(adapter->has(port));
  adapter->reset();
  EXPECT_FALSE(adapter->write_device());
  EXPECT_FALSE(adapter->has(port));
}

TEST_F(AdapterTest, AWriteChannelAloneGetsNoAnswer) {
  answer_idx(writer, idx_write);
  EXPECT_EQ(answer_pdu(cm, cm_enable), "none");
}

TEST_F(AdapterTest, MessagesAreForTheReadChannelsIssuer) {
  answer_idx(reader, idx_read);
  answer_idx(writer, patched(idx_write, 0x0c, "0A0B0C0D").c_str());
  answer_pdu(cm, cm_enable);
  EXPECT_EQ(to_hex(std::as_bytes(std::span(parse_pdu(replies.at(0).second)->token))), "00010103");
}

TEST_F(AdapterTest, AnotherPortOfTheCardIsRefused) {
  answer_idx(writer, idx_write);
  for (const char* number : {"01", "20", "3F", "81", "C1"}) {
    EXPECT_EQ(
        answer_idx(reader, patched(idx_read, 0x0b, number).c_str()),
        "00008000000000001B2201" + std::string(number) + "0001010301010000" + "0000C8C1D3D3D6D3C54008020002");
    EXPECT_FALSE(adapter->read_device() || adapter->write_device()) << "both channels begin anew";
  }
  for (const char* flags : {"00", "40", "80", "C0"}) {
    EXPECT_EQ(answer_idx(reader, patched(idx_read, 0x0b, flags).c_str()).substr(16, 2), "1A") << flags;
  }
}

class NoPorts final : public AdapterPorts {
 public:
  AdapterPort* port_of(const DataPathName&, unsigned) override { return nullptr; }
};

TEST_F(AdapterTest, AnActivateOfNoDataDeviceOfTheCardIsRefused) {
  NoPorts none;
  Adapter without(AdapterIdentity{}, none, *this);
  without.receive(writer, from_hex(idx_write));
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].first, writer);
  EXPECT_EQ(to_hex(replies[0].second),
            "0000800000000000170801C000010103010100000000C8C1D3D3D6D3C54008020002");
  EXPECT_FALSE(without.write_device());
}

// --- IDX TERMINATE of a driver

TEST_F(AdapterTest, ADriversIdxTerminateEndsTheSession) {
  for (const unsigned device : {reader, writer}) {
    establish();
    EXPECT_EQ(answer(2, from_hex("0000C000 41"), reader), "none");
    EXPECT_TRUE(port.calls.empty()) << "no channel of this session";
    EXPECT_EQ(answer(device, from_hex("0000C000"), reader), "none");
    EXPECT_TRUE(port.calls.empty()) << "cut short";
    EXPECT_EQ(answer(device, from_hex("0000C000 41"), reader), "none");
    EXPECT_EQ(port.calls, Calls{"reset"});
    EXPECT_FALSE(adapter->read_device() || adapter->write_device());
  }
}

// --- Messages

TEST_F(AdapterTest, AMessageIsAPageAtMost) {
  establish();
  Message message = request(ipa, start_lan);
  message.resize(4096);
  EXPECT_NE(answer(writer, message, reader), "none");
  message.resize(4097);
  EXPECT_EQ(answer(writer, message, reader), "none");
}

TEST_F(AdapterTest, MessagesAreNumberedFromOneInEachSession) {
  for (int round = 0; round < 2; ++round) {
    establish();
    const std::string whole = answer(writer, request(ipa, start_lan), reader);
    EXPECT_EQ(whole.substr(8, 8), "00000006");
    EXPECT_EQ(whole.substr(2 * 0x1c, 16), "0000000400000009") << "without those of the connection manager";
    adapter->lan_lost(port);
    EXPECT_EQ(to_hex(replies.back().second).substr(8, 8), "00000007");
    EXPECT_EQ(to_hex(replies.back().second).substr(2 * 0x1c, 16), "0000000500000000");
    adapter->reset();
  }
}

TEST_F(AdapterTest, APortNameDoesNotOutliveItsSession) {
  answer_idx(reader, patched(idx_read, 0x0b, "40").c_str());
  answer_idx(writer, patched(idx_write, 0x0b, "40").c_str());
  answer_pdu(cm, cm_enable);
  answer_pdu(cm, cm_setup);
  answer_pdu(ulp, ulp_enable_layer3);
  adapter->reset();
  activate_channels();
  answer_pdu(cm, cm_enable);
  answer_pdu(cm, cm_setup);
  answer_pdu(ulp, ulp_enable_layer3);
  answer_pdu(ulp, ulp_setup);
  port.calls.clear();
  answer_pdu(ulp, dm_act);
  EXPECT_EQ(port.calls, Calls{"session_established ip HALLOLE "});
}

TEST_F(AdapterTest, AMessageWithoutACommandIsIgnored) {
  activate_channels();
  EXPECT_EQ(answer_pdu(cm, ""), "none");
  EXPECT_EQ(answer_pdu(cm, "000C4102 00170000 000000"), "none");
  EXPECT_EQ(answer_pdu(cm, patched(cm_enable, 2, "4101")), "none");
  EXPECT_EQ(answer_pdu(cm, dm_act), "none");
  EXPECT_NE(answer_pdu(cm, cm_enable), "none");
  EXPECT_EQ(answer_pdu(ulp, cm_setup), "none") << "the connection manager's";
  establish();
  EXPECT_EQ(answer_pdu(ipa, ""), "none");
  EXPECT_EQ(answer_pdu(cm, dm_act), "none") << "the upper layer's";
  EXPECT_EQ(answer_pdu(cm, ulp_setup).substr(4, 4), "4106") << "CM_SETUP with more parameters";
}

TEST_F(AdapterTest, AnArpTableOfSeveralPartsComesInSeveralMessages) {
  establish();
  for (unsigned host = 0; host < 200; ++host) {
    const std::uint8_t bytes[] = {10, 1, 1, static_cast<std::uint8_t>(host)};
    port.known.push_back({wire::IpAddress::v4(bytes), port.address});
  }
  replies.clear();
  adapter->receive(writer, request(ipa,
                                   "B3000007 00000100 01010004 00000000 00000000 "
                                   "00000001 000C 0104 0000 0000 000F0000"));
  ASSERT_EQ(replies.size(), 3U);
  for (unsigned part = 0; part < 3; ++part) {
    EXPECT_EQ(replies[part].first, reader);
    const auto pdu = parse_pdu(replies[part].second);
    ASSERT_TRUE(pdu);
    EXPECT_EQ(pdu->sequence, 4 + part);
    EXPECT_EQ(to_hex(std::as_bytes(std::span(pdu->token))), "0001010D");
    EXPECT_EQ(to_hex(replies[part].second).substr(2 * 0x20, 8), "00000009") << "acknowledged, all of them";
    EXPECT_EQ(to_hex(pdu->body).substr(2 * 0x1e, 4), "030" + std::to_string(part + 1));
  }
}

// --- Taking down

TEST_F(AdapterTest, TheUpperConnectionIsTakenDownAlone) {
  for (const char* body : {ulp_takedown, ulp_disable}) {
    establish();
    EXPECT_EQ(answer_pdu(ulp, body), "none");
    EXPECT_EQ(port.calls, Calls{"reset"});
    EXPECT_EQ(answer_pdu(ipa, start_lan), "none");
    EXPECT_EQ(answer_pdu(ulp, body), "none");
    EXPECT_EQ(port.calls, Calls{"reset"}) << "nothing is left to be taken down";
    EXPECT_EQ(answer_pdu(ulp, ulp_setup), "none");
    EXPECT_NE(answer_pdu(ulp, ulp_enable_layer3), "none");
    EXPECT_EQ(answer_pdu(ulp, dm_act), "none");
    EXPECT_NE(answer_pdu(ulp, ulp_setup), "none");
    EXPECT_NE(answer_pdu(ulp, dm_act), "none");
    EXPECT_NE(answer_pdu(ipa, start_lan), "none");
  }
}

TEST_F(AdapterTest, TheLowerConnectionTakesAllDownButTheChannels) {
  establish();
  EXPECT_EQ(answer_pdu(cm, cm_takedown), "none");
  EXPECT_EQ(port.calls, Calls{"reset"});
  EXPECT_EQ(answer_pdu(cm, cm_takedown), "none");
  EXPECT_EQ(port.calls, Calls{"reset"});
  EXPECT_EQ(adapter->read_device(), 0U);
  EXPECT_EQ(answer_pdu(cm, cm_setup), "none");
  EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer3), "none");
  EXPECT_NE(answer_pdu(cm, cm_enable), "none");
  EXPECT_EQ(answer_pdu(cm, cm_takedown), "none") << "from any step on";
  EXPECT_EQ(port.calls, (Calls{"reset", "reset"}));
}

TEST_F(AdapterTest, AfterATakedownNoEventsComeUntilTheLanIsStartedAgain) {
  establish();
  answer_pdu(ipa, start_lan);
  answer_pdu(ulp, ulp_takedown);
  replies.clear();
  adapter->lan_lost(port);
  EXPECT_TRUE(replies.empty());
  for (const char* body : {ulp_enable_layer3, ulp_setup, dm_act}) answer_pdu(ulp, body);
  replies.clear();
  adapter->lan_lost(port);
  EXPECT_TRUE(replies.empty()) << "the new session has not begun the LAN";
}

// --- Repeated steps

TEST_F(AdapterTest, OnlyAnEstablishedPathIsResetByARepeatedStep) {
  activate_channels();
  const std::pair<unsigned, const char*> steps[] = {
      {cm, cm_enable}, {cm, cm_setup}, {ulp, ulp_enable_layer3}, {ulp, ulp_setup}};
  for (const auto& [type, body] : steps) {
    EXPECT_NE(answer_pdu(type, body), "none");
    EXPECT_NE(answer_pdu(type, body), "none");
  }
  EXPECT_TRUE(port.calls.empty());
  EXPECT_NE(answer_pdu(ulp, dm_act), "none");
  EXPECT_NE(answer_pdu(ulp, dm_act), "none");
  const std::string established = "session_established ip HALLOLE ";
  EXPECT_EQ(port.calls, (Calls{established, "reset", established}));
  EXPECT_NE(answer_pdu(ulp, ulp_setup), "none");
  EXPECT_EQ(port.calls.back(), "reset");
  EXPECT_EQ(answer_pdu(ipa, start_lan), "none");
  EXPECT_NE(answer_pdu(ulp, dm_act), "none");
}

TEST_F(AdapterTest, ALowerStepRepeatedMakesTheUpperOnesDue) {
  establish();
  EXPECT_NE(answer_pdu(cm, cm_setup), "none");
  EXPECT_EQ(answer_pdu(ulp, ulp_setup), "none");
  EXPECT_NE(answer_pdu(ulp, ulp_enable_layer2), "none");
  EXPECT_EQ(answer_pdu(ulp, dm_act), "none");
  EXPECT_NE(answer_pdu(ulp, ulp_setup), "none");
  port.calls.clear();
  EXPECT_NE(answer_pdu(ulp, dm_act), "none");
  EXPECT_EQ(port.calls, Calls{"session_established ethernet HALLOLE "});
}

TEST_F(AdapterTest, AStepWithoutItsParametersIsNotDone) {
  activate_channels();
  EXPECT_EQ(answer_pdu(cm, "000C4102 00000000 00000000"), "none");
  EXPECT_EQ(answer_pdu(cm, cm_setup), "none");
  EXPECT_NE(answer_pdu(cm, cm_enable), "none");
  EXPECT_EQ(answer_pdu(cm, "000C4104 00000000 00000000"), "none");
  EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer3), "none");
}

}  // namespace
}  // namespace vmlan::qdio
