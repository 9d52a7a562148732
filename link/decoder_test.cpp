// What each side of a link may say: every type of message, its shortest and its longest body.
#include "link/decoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace vmlan::link {
namespace {

// As link/protocol.h describes them, in numbers.
struct Limits {
  MessageType type;
  bool from_client;
  bool from_base;
  std::size_t shortest;
  std::size_t longest;
};
constexpr std::array<Limits, 17> limits{{
    {MessageType::hello, true, false, 48, 48 + 1024},
    {MessageType::reset, true, false, 0, 0},
    {MessageType::queues_started, true, false, 0, 0},
    {MessageType::queues_stopped, true, false, 0, 0},
    {MessageType::losses, true, false, 20, 20},
    {MessageType::command, true, false, 0, 1024},
    {MessageType::capture, true, false, 32, 32},
    {MessageType::capture_stop, true, false, 0, 0},
    {MessageType::captured, false, true, 12, 70000},
    {MessageType::accept, false, true, 12, 12 + 1024},
    {MessageType::refuse, false, true, 0, 1024},
    {MessageType::end, false, true, 1, 1 + 1024},
    {MessageType::response, false, true, 0, 1024},
    {MessageType::return_code, false, true, 4, 4},
    {MessageType::control, true, true, 1, 65535},
    {MessageType::frame, true, true, 33, 70000},
    {MessageType::unfinished_frame, false, true, 41, 70000},
}};

std::vector<std::byte> message_of(MessageType type, std::size_t length, unsigned device = 0) {
  const Header header{static_cast<std::uint32_t>(length), static_cast<std::uint16_t>(type),
                      static_cast<std::uint16_t>(device)};
  std::vector<std::byte> bytes(sizeof(header) + length);
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

void put(Decoder& decoder, std::span<const std::byte> bytes) {
  ASSERT_LE(bytes.size(), decoder.room().size());
  std::memcpy(decoder.room().data(), bytes.data(), bytes.size());
  decoder.received(bytes.size());
}

// The verdict about a whole message; none only if it comes out as it went in.
Fault verdict(Sender sender, MessageType type, std::size_t length) {
  Decoder decoder(sender);
  put(decoder, message_of(type, length, 2));
  const auto message = decoder.next();
  EXPECT_EQ(message.has_value(), decoder.fault() == Fault::none);
  if (message) {
    EXPECT_EQ(message->type, type);
    EXPECT_EQ(message->device_index, 2U);
    EXPECT_EQ(message->body.size(), length);
    EXPECT_FALSE(decoder.in_message());
  }
  return decoder.fault();
}

TEST(LinkDecoder, EveryTypeHasAShortestAndALongestBody) {
  for (const Limits& entry : limits) {
    for (const Sender sender : {Sender::client, Sender::base}) {
      SCOPED_TRACE(std::string(to_string(entry.type)) + (sender == Sender::base ? " of base" : " of client"));
      const bool may = sender == Sender::client ? entry.from_client : entry.from_base;
      EXPECT_EQ(verdict(sender, entry.type, entry.shortest), may ? Fault::none : Fault::unknown_type);
      EXPECT_EQ(verdict(sender, entry.type, entry.longest), may ? Fault::none : Fault::unknown_type);
      if (!may) continue;
      if (entry.shortest > 0) {
        EXPECT_EQ(verdict(sender, entry.type, entry.shortest - 1), Fault::too_short);
      }
      EXPECT_EQ(verdict(sender, entry.type, entry.longest + 1), Fault::too_long);
    }
  }
}

TEST(LinkDecoder, ADeviceIsOneOfTheNics) {
  for (const unsigned devices : {1U, 3U, 64U}) {
    for (const unsigned device : {0U, devices - 1, devices, 0xffffU}) {
      Decoder decoder(Sender::client, devices);
      put(decoder, message_of(MessageType::reset, 0, device));
      EXPECT_EQ(decoder.next().has_value(), device < devices) << device << " of " << devices;
      EXPECT_EQ(decoder.fault(), device < devices ? Fault::none : Fault::wrong_device);
    }
  }
}

TEST(LinkDecoder, TheNicsDevicesAreKnownAfterHello) {
  Decoder decoder(Sender::client);
  put(decoder, message_of(MessageType::reset, 0, max_devices - 1));
  EXPECT_TRUE(decoder.next());
  decoder.set_devices(3);
  put(decoder, message_of(MessageType::reset, 0, 2));
  EXPECT_TRUE(decoder.next());
  put(decoder, message_of(MessageType::reset, 0, 3));
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.fault(), Fault::wrong_device);
}

TEST(LinkDecoder, AWrongHeaderIsJudgedBeforeItsBodyHasCome) {
  Decoder decoder(Sender::client);
  const auto bytes = message_of(MessageType::frame, 70001);
  put(decoder, std::span(bytes).first(sizeof(Header)));
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.fault(), Fault::too_long);
}

TEST(LinkDecoder, AMessageIsCompleteWithItsLastByte) {
  const auto bytes = message_of(MessageType::command, 3);
  Decoder decoder(Sender::client);
  EXPECT_FALSE(decoder.in_message());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    EXPECT_FALSE(decoder.next()) << at;
    put(decoder, std::span(bytes).subspan(at, 1));
    EXPECT_TRUE(decoder.in_message());
    EXPECT_EQ(decoder.fault(), Fault::none);
  }
  EXPECT_TRUE(decoder.next());
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.in_message());
}

TEST(LinkDecoder, HoldsFourOfTheLongestAndHasRoomForOneMoreWhenTheyAreTaken) {
  Decoder decoder(Sender::client);
  const auto longest = message_of(MessageType::frame, max_body);
  EXPECT_EQ(decoder.room().size(), 4 * longest.size());
  for (unsigned count = 0; count < 4; ++count) put(decoder, longest);
  EXPECT_TRUE(decoder.room().empty());
  for (unsigned count = 0; count < 4; ++count) {
    EXPECT_TRUE(decoder.next());
    EXPECT_EQ(decoder.room().size(), (count + 1) * longest.size()) << "what was taken makes room";
  }
  EXPECT_FALSE(decoder.next());
}

TEST(LinkDecoder, AfterAFaultNothingMoreIsReadUntilANewConnection) {
  Decoder decoder(Sender::client);
  put(decoder, message_of(static_cast<MessageType>(0), 0));
  put(decoder, message_of(MessageType::reset, 0));
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.fault(), Fault::unknown_type);
  EXPECT_TRUE(decoder.room().empty());
  decoder.restart();
  EXPECT_EQ(decoder.fault(), Fault::none);
  EXPECT_FALSE(decoder.in_message()) << "nothing of the old connection is left";
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.room().size(), 4 * (sizeof(Header) + max_body));
}

TEST(LinkDecoder, ANewConnectionForgetsHalfAMessage) {
  Decoder decoder(Sender::client);
  put(decoder, message_of(MessageType::reset, 0));
  EXPECT_TRUE(decoder.next());
  const auto half = message_of(MessageType::command, 10);
  put(decoder, std::span(half).first(12));
  EXPECT_FALSE(decoder.next());
  decoder.restart();
  put(decoder, message_of(MessageType::queues_started, 0, 2));
  const auto message = decoder.next();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, MessageType::queues_started);
}

}  // namespace
}  // namespace vmlan::link
