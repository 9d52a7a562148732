#include "cms/stack/dhcp_client.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/kit/hex.h"

namespace vmlan::cms {
namespace {

using kit::from_hex;
using kit::to_hex;
using wire::IpAddress;
using namespace std::chrono_literals;
using State = DhcpClient::State;

constexpr wire::MacAddress client_mac{{2, 0, 0, 0, 0, 1}};

// What a server sends: RFC 2131's header for that client, then options.
std::vector<std::byte> server_says(std::string_view yours, std::string_view options,
                                   std::string_view transaction = "12345678") {
  auto bytes = from_hex("02010600 " + std::string(transaction) + " 00008000 00000000 " + std::string(yours) +
                        " 00000000 00000000 020000000001");
  bytes.resize(236);
  for (const auto byte : from_hex("63825363 " + std::string(options))) bytes.push_back(byte);
  return bytes;
}
const std::string offer = "3501 02 3604 0A000202 ";
const std::string acknowledgement = "3501 05 3604 0A000202 ";
const std::string terms = "3304 00000E10 0104 FFFFFF00 0304 0A000202 0608 0A000203 0A000204 FF";  // one hour

class DhcpClientTest : public testing::Test {
 protected:
  void bind() {
    client.poll(now);
    client.receive(server_says("0A00020F", offer + terms), now);
    client.poll(now);
    client.receive(server_says("0A00020F", acknowledgement + terms), now);
    ASSERT_EQ(client.state(), State::bound);
  }
  // The options of a message, as text; the last words of the address fields before.
  static std::string options(const DhcpClient::Message& message) {
    return to_hex(std::span(message.bytes).subspan(240));
  }
  arch::Time now = 5s;
  DhcpClient client{client_mac, 0x12345678, now};
};

TEST_F(DhcpClientTest, DiscoversAsRfc2131Says) {
  const auto message = client.poll(now);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->source);
  EXPECT_FALSE(message->destination);
  ASSERT_EQ(message->bytes.size(), 300U);
  EXPECT_EQ(
      to_hex(std::span(message->bytes).first(36)),
      to_hex(from_hex("01010600 12345678 00008000 00000000 00000000 00000000 00000000 02000000 00010000")));
  EXPECT_EQ(options(*message).substr(0, 42),
            to_hex(from_hex("3501 01 3D07 01020000000001 3706 01 03 06 33 3A 3B FF")));
  EXPECT_FALSE(client.poll(now)) << "once";
}

TEST_F(DhcpClientTest, TakesAnOfferAndIsBound) {
  client.poll(now);
  client.receive(server_says("0A00020F", offer + terms), now);
  const auto request = client.poll(now);
  ASSERT_TRUE(request);
  EXPECT_EQ(options(*request).substr(0, 48),
            to_hex(from_hex("3501 03 3D07 01020000000001 3204 0A00020F 3604 0A000202")));
  client.receive(server_says("0A00020F", acknowledgement + terms), now);
  ASSERT_TRUE(client.lease());
  EXPECT_EQ(to_string(client.lease()->address), "10.0.2.15");
  EXPECT_EQ(client.lease()->mask, 0xffffff00U);
  EXPECT_EQ(to_string(*client.lease()->router), "10.0.2.2");
  ASSERT_EQ(client.lease()->name_servers.size(), 2U);
  EXPECT_EQ(client.lease()->length, 3600s);
  EXPECT_EQ(client.deadline(), now + 1800s);
}

TEST_F(DhcpClientTest, GivesUpWithoutAServer) {
  unsigned sent = 0;
  const auto start = now;
  for (auto due = client.deadline(); due; due = client.deadline()) {
    now = *due;
    sent += client.poll(now) ? 1U : 0U;
  }
  EXPECT_EQ(sent, 4U);
  EXPECT_EQ(now - start, 30s);
  EXPECT_EQ(client.state(), State::over);
}

TEST_F(DhcpClientTest, RenewsWithItsServerThenWithAnyThenEnds) {
  bind();
  const auto bound_at = now;
  now = bound_at + 1800s;
  auto message = client.poll(now);
  ASSERT_TRUE(message);
  EXPECT_EQ(client.state(), State::renewing);
  EXPECT_EQ(message->source, client.lease()->address);
  EXPECT_EQ(message->destination, IpAddress::v4(10, 0, 2, 2));
  EXPECT_EQ(to_hex(std::span(message->bytes).subspan(12, 4)), "0A00020F") << "its own address";
  client.receive(server_says("0A00020F", acknowledgement + terms), now);
  EXPECT_EQ(client.state(), State::bound);
  EXPECT_EQ(client.deadline(), now + 1800s) << "the time counts from here";

  unsigned asked = 0;
  bool broadcast = false;
  const auto renewed_at = now;
  for (auto due = client.deadline(); due && asked < 100; due = client.deadline()) {
    now = *due;
    message = client.poll(now);
    if (!message) continue;
    ++asked;
    broadcast |= !message->destination.has_value();
  }
  EXPECT_TRUE(broadcast);
  EXPECT_LT(asked, 20U);
  EXPECT_EQ(now - renewed_at, 3600s);
  EXPECT_EQ(client.state(), State::over);
  EXPECT_FALSE(client.lease());
}

TEST_F(DhcpClientTest, ARefusedLeaseIsGoneAndAnotherIsAskedFor) {
  bind();
  now += 1800s;
  client.poll(now);
  client.receive(server_says("00000000", "3501 06 3604 0A000202 FF"), now);
  EXPECT_FALSE(client.lease());
  EXPECT_EQ(client.state(), State::selecting);
}

TEST_F(DhcpClientTest, TwoThatContradictEachOtherAreLeft) {
  unsigned offers = 0;
  for (; client.state() != State::over && offers < 100; ++offers) {
    client.poll(now);
    client.receive(server_says("0A00020F", offer + terms), now);
    client.poll(now);
    client.receive(server_says("00000000", "3501 06 3604 0A000202 FF"), now);
  }
  EXPECT_EQ(offers, 4U);
}

TEST_F(DhcpClientTest, AfterAnotherLanItAsksWhetherItsAddressIsGood) {
  bind();
  client.link_restarted(now);
  const auto message = client.poll(now);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->destination);
  EXPECT_EQ(options(*message).substr(0, 36), to_hex(from_hex("3501 03 3D07 01020000000001 3204 0A00020F")));
  for (unsigned silence = 0; silence < 10 && client.state() != State::bound; ++silence) {
    now = client.deadline().value_or(now);
    client.poll(now);
  }
  EXPECT_EQ(client.state(), State::bound) << "nobody says it is not";
}

TEST_F(DhcpClientTest, GivesTheLeaseBack) {
  EXPECT_FALSE(DhcpClient(client_mac, 1, now).release());
  bind();
  const auto message = client.release();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->destination, IpAddress::v4(10, 0, 2, 2));
  EXPECT_EQ(options(*message).substr(0, 6), "350107");
  EXPECT_EQ(client.state(), State::over);
  EXPECT_FALSE(client.deadline());
}

TEST_F(DhcpClientTest, WhatMakesNoSenseIsNotTaken) {
  client.poll(now);
  for (const auto& wrong : {
           server_says("0A00020F", offer + terms, "12345679"),   // somebody else's question
           server_says("00000000", offer + terms),               // no address
           server_says("E0000001", offer + terms),               // a group
           server_says("7F000001", offer + terms),               // oneself
           server_says("0A00020F", "3501 02 " + terms),          // no server
           server_says("0A00020F", offer + "0104 FF00FF00 FF"),  // no mask
           server_says("0A00020F", "3501 02 36FF 0A000202"),     // longer than the message
           server_says("0A00020F", ""),
           from_hex("0201"),
       }) {
    client.receive(wrong, now);
    EXPECT_EQ(client.state(), State::selecting) << to_hex(wrong).substr(480);
  }
  client.receive(server_says("0A00020F", offer + terms), now);
  client.poll(now);
  client.receive(server_says("0A000210", acknowledgement + terms), now);
  EXPECT_EQ(client.state(), State::requesting) << "another address than was offered";
}

TEST_F(DhcpClientTest, HostileAnswersAreSurvived) {
  arch::Prng chance(3);
  for (unsigned round = 0; round < 100'000; ++round) {
    std::string text = chance.below(2) == 0 ? offer : acknowledgement;
    auto bytes = server_says("0A00020F", text + terms);
    for (std::uint64_t changes = chance.below(6); changes > 0; --changes)
      bytes[chance.below(bytes.size())] = std::byte(chance.next() & 0xffU);
    bytes.resize(bytes.size() - chance.below(20));
    client.receive(bytes, now);
    now = chance.below(3) == 0 ? client.deadline().value_or(now) : now + 1s;
    unsigned messages = 0;
    while (client.poll(now)) ASSERT_LT(++messages, 4U);
    if (client.state() == State::over) client = DhcpClient(client_mac, 0x12345678, now);
  }
}

}  // namespace
}  // namespace vmlan::cms
