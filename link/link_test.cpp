// Messages of the link: encoded and decoded, cut anywhere, and judged when they make no sense.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "link/decoder.h"
#include "link/send_buffer.h"
#include "tests/kit/hex.h"

namespace vmlan::link {
namespace {

using Bytes = std::vector<std::byte>;

Hello example() {
  Hello hello;
  hello.instance = 0x0102030405060708;
  hello.user = "LINUX1";
  hello.base_device = {0x0600};
  hello.devices = 4;
  hello.kind = qdio::AdapterKind::iqd;
  hello.channel_path = 0x0a;
  hello.mac = {{0x02, 0, 0, 0, 0, 1}};
  hello.mac_is_wish = true;
  hello.whole_super_frames = true;
  hello.lan_owner = "SYSTEM";
  hello.lan_name = "LAN1";
  hello.vlan = 42;
  hello.program = "Hercules 3.13, device 0A00";
  return hello;
}

void feed(Decoder& decoder, std::span<const std::byte> bytes) {
  const auto room = decoder.room();
  ASSERT_GE(room.size(), bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  decoder.received(bytes.size());
}

// One header and a body of zeros.
Bytes raw(std::uint16_t type, std::size_t length, std::uint16_t device = 0) {
  const Header header{static_cast<std::uint32_t>(length), type, device};
  Bytes bytes(sizeof(header) + length);
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

Fault fault_of(Sender sender, const Bytes& bytes, unsigned devices = 3) {
  Decoder decoder(sender, devices);
  const auto room = decoder.room();
  const auto part = std::min(room.size(), bytes.size());
  std::memcpy(room.data(), bytes.data(), part);
  decoder.received(part);
  while (decoder.next()) {
  }
  return decoder.fault();
}

constexpr auto type_of(MessageType type) { return static_cast<std::uint16_t>(type); }

TEST(Link, HelloLiesOnTheWireAsItsDescriptionSays) {
  SendBuffer out(1 << 20);
  Hello hello = example();
  hello.program = "P";
  out.add_hello(hello);
  const auto bytes = out.pending();
  EXPECT_EQ(kit::to_hex({bytes.data(), bytes.size()}),
            "00000031"
            "0101"
            "0000"
            "0002"
            "0600"
            "04"
            "01"
            "0A"
            "C0"
            "0102030405060708"
            "4C494E5558312020"
            "53595354454D2020"
            "4C414E3120202020"
            "020000000001"
            "002A"
            "50");
}

TEST(Link, HelloComesBackAsItWasSent) {
  SendBuffer out(1 << 20);
  out.add_hello(example());
  Decoder decoder(Sender::client);
  feed(decoder, out.pending());
  const auto message = decoder.next();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, MessageType::hello);
  const auto [hello, fault] = parse_hello(message->body);
  EXPECT_EQ(fault, Fault::none);
  EXPECT_EQ(hello.instance, example().instance);
  EXPECT_EQ(hello.user, "LINUX1");
  EXPECT_EQ(hello.base_device.value, 0x0600);
  EXPECT_EQ(hello.devices, 4U);
  EXPECT_EQ(hello.kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(hello.channel_path, 0x0a);
  EXPECT_EQ(hello.mac, example().mac);
  EXPECT_TRUE(hello.mac_is_wish);
  EXPECT_TRUE(hello.whole_super_frames);
  EXPECT_EQ(hello.lan_owner, "SYSTEM");
  EXPECT_EQ(hello.vlan, 42);
  EXPECT_EQ(hello.lan_name, "LAN1");
  EXPECT_EQ(hello.program, "Hercules 3.13, device 0A00");
}

TEST(Link, AcceptAndEndComeBackAsTheyWereSent) {
  SendBuffer out(1 << 20);
  Accept accept;
  accept.mac = {{0x02, 0, 0, 0, 0, 9}};
  accept.channel_path = 0x1f;
  accept.max_frame_size = 16384;
  accept.lan = "SYSTEM LAN1";
  out.add_accept(accept);
  out.add_end(AfterEnd::stay_away, "FORCE");
  out.add_refuse("HCPLGA054E LINUX1 already logged on");
  Decoder decoder(Sender::base);
  feed(decoder, out.pending());

  const auto first = decoder.next();
  ASSERT_TRUE(first);
  const Accept accepted = parse_accept(first->body);
  EXPECT_EQ(accepted.mac, accept.mac);
  EXPECT_EQ(accepted.channel_path, 0x1f);
  EXPECT_EQ(accepted.max_frame_size, 16384U);
  EXPECT_EQ(accepted.lan, "SYSTEM LAN1");
  const auto second = decoder.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(parse_end(second->body).after, AfterEnd::stay_away);
  EXPECT_EQ(parse_end(second->body).text, "FORCE");
  const auto third = decoder.next();
  ASSERT_TRUE(third);
  EXPECT_EQ(text_of(third->body), "HCPLGA054E LINUX1 already logged on");
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.in_message());
}

TEST(Link, MessagesAreFoundHoweverTheyAreCut) {
  SendBuffer out(1 << 20);
  Bytes pdu(100, std::byte{0x5a});
  Bytes packet(1500, std::byte{0xa5});
  out.add(MessageType::control, 1, {pdu});
  out.add(MessageType::frame, 2, {packet, pdu});
  const Bytes all(out.pending().begin(), out.pending().end());
  for (std::size_t cut = 1; cut < all.size(); ++cut) {
    Decoder decoder(Sender::client, 3);
    unsigned found = 0;
    for (std::size_t at = 0; at < all.size(); at += cut) {
      feed(decoder, std::span(all).subspan(at, std::min(cut, all.size() - at)));
      while (const auto message = decoder.next()) {
        EXPECT_EQ(message->device_index, found + 1);
        EXPECT_EQ(message->body.size(), found == 0 ? 100U : 1600U);
        ++found;
      }
    }
    ASSERT_EQ(found, 2U) << "cut into pieces of " << cut;
  }
}

TEST(Link, ManyMessagesPassThroughOneDecoder) {
  Decoder decoder(Sender::base, 3);
  SendBuffer out(1 << 20);
  unsigned found = 0;
  for (unsigned round = 0; round < 200; ++round) {
    Bytes packet(65536, static_cast<std::byte>(round));
    out.add(MessageType::frame, 0, {packet});
    feed(decoder, out.pending());
    out.sent(out.waiting());
    while (const auto message = decoder.next()) {
      ASSERT_EQ(message->body.size(), 65536U);
      ASSERT_EQ(message->body.back(), static_cast<std::byte>(found));
      ++found;
    }
  }
  EXPECT_EQ(found, 200U);
}

TEST(Link, AMessageThatMakesNoSenseEndsTheConnectionUnderAName) {
  EXPECT_EQ(fault_of(Sender::client, raw(0x7777, 0)), Fault::unknown_type);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::accept), 12)), Fault::unknown_type);
  EXPECT_EQ(fault_of(Sender::base, raw(type_of(MessageType::hello), 48)), Fault::unknown_type);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::hello), 47)), Fault::too_short);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::frame), 32)), Fault::too_short);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::frame), 70001)), Fault::too_long);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::frame), 0xffffffff & 0x7fffff)),
            Fault::too_long);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::reset), 1)), Fault::too_long);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::losses), 19)), Fault::too_short);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::losses), 21)), Fault::too_long);
  EXPECT_EQ(fault_of(Sender::base, raw(type_of(MessageType::losses), 20)), Fault::unknown_type);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::control), 0)), Fault::too_short);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::reset), 0, 3)), Fault::wrong_device);
  EXPECT_EQ(fault_of(Sender::client, raw(type_of(MessageType::reset), 0, 2)), Fault::none);
}

TEST(Link, AFaultIsFinalUntilTheDecoderStartsAnew) {
  Decoder decoder(Sender::client, 3);
  feed(decoder, raw(0x7777, 0));
  EXPECT_FALSE(decoder.next());
  EXPECT_TRUE(decoder.room().empty());
  decoder.restart();
  feed(decoder, raw(type_of(MessageType::reset), 0, 1));
  EXPECT_TRUE(decoder.next());
}

TEST(Link, HelloWithAFieldWithoutSenseIsRefused) {
  const auto judge = [](auto change) {
    HelloBody body = to_body(example());
    change(body);
    return parse_hello(std::as_bytes(std::span(&body, 1))).fault;
  };
  EXPECT_EQ(judge([](HelloBody&) {}), Fault::none);
  EXPECT_EQ(judge([](HelloBody& body) { body.version = std::uint16_t{1}; }), Fault::wrong_version);
  EXPECT_EQ(judge([](HelloBody& body) { body.kind = 2; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.flags = 0x20; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.devices = 2; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.devices = 65; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.base_device = std::uint16_t{0xfffd}; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.user.fill(' '); }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.user[1] = ' '; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.user[1] = '\x01'; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.lan_owner.fill(' '); }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.mac[0] = 0x01; }), Fault::wrong_field);
  EXPECT_EQ(judge([](HelloBody& body) { body.vlan = std::uint16_t{4094}; }), Fault::none);
  EXPECT_EQ(judge([](HelloBody& body) { body.vlan = std::uint16_t{4095}; }), Fault::wrong_field);
  EXPECT_EQ(parse_hello({}).fault, Fault::too_short);
}

TEST(Link, TextOfTheOtherSideIsShownWholeAndWithoutControlCharacters) {
  const std::string text = "a\x1b[2Jb\n" + std::string(1000, 'x');
  const std::string shown = text_of(std::as_bytes(std::span(text)));
  EXPECT_EQ(shown.substr(0, 7), "a.[2Jb.");
  EXPECT_EQ(shown.size(), text.size()) << "nothing is cut";
}

TEST(Link, ASendBufferKeepsItsBoundIfItsOwnerAsks) {
  SendBuffer out(1000);
  EXPECT_TRUE(out.has_room(1000 - sizeof(Header)));
  EXPECT_FALSE(out.has_room(1001 - sizeof(Header)));
  out.add(MessageType::control, 0, {Bytes(500)});
  EXPECT_EQ(out.waiting(), 508U);
  EXPECT_FALSE(out.has_room(500));
  out.sent(300);
  EXPECT_EQ(out.waiting(), 208U);
  out.sent(208);
  EXPECT_EQ(out.waiting(), 0U);
  EXPECT_TRUE(out.has_room(900));
}

}  // namespace
}  // namespace vmlan::link
