// Fields of the messages of a link, as bytes and as text; what makes sense, and what is shown of what does
// not.
#include "link/protocol.h"

#include <gtest/gtest.h>

#include <map>

#include "link/send_buffer.h"
#include "link/unfinished_frame.h"
#include "tests/kit/hex.h"

namespace vmlan::link {
namespace {

std::string wire_of(const SendBuffer& out) { return kit::to_hex(out.pending()); }

Hello smallest() {
  Hello hello;
  hello.user = "A";
  return hello;
}

// What the other side makes of a HELLO, changed on its way.
template <class Change>
HelloResult heard_of(Hello hello, Change change) {
  HelloBody body = to_body(hello);
  change(body);
  return parse_hello(std::as_bytes(std::span(&body, 1)));
}
HelloResult heard_of(const Hello& hello) {
  return heard_of(hello, [](HelloBody&) {});
}

TEST(LinkProtocol, HelloWithoutAnythingNamed) {
  SendBuffer out(1000);
  out.add_hello(smallest());
  EXPECT_EQ(wire_of(out),
            "0000003001010000"
            "00020000030000000000000000000000"
            "41202020202020202020202020202020"
            "20202020202020200000000000000000");
  const auto [hello, fault] = heard_of(smallest());
  EXPECT_EQ(fault, Fault::none);
  EXPECT_EQ(hello.instance, 0U);
  EXPECT_EQ(hello.user, "A");
  EXPECT_EQ(hello.base_device.value, 0U);
  EXPECT_EQ(hello.devices, 3U);
  EXPECT_EQ(hello.kind, qdio::AdapterKind::osd);
  EXPECT_EQ(hello.channel_path, 0U);
  EXPECT_TRUE(hello.mac.is_zero());
  EXPECT_FALSE(hello.mac_is_wish);
  EXPECT_FALSE(hello.whole_super_frames);
  EXPECT_EQ(hello.lan_owner, "");
  EXPECT_EQ(hello.lan_name, "");
  EXPECT_EQ(hello.program, "");
}

TEST(LinkProtocol, ACaptureNamesItsLanAndWhatOfIt) {
  const Capture wanted{"SYSTEM", "LAN1", "BOB", 512, true, true};
  const CaptureBody body = to_body(wanted);
  EXPECT_EQ(kit::to_hex(std::as_bytes(std::span(&body, 1))),
            "53595354454D2020"
            "4C414E3120202020"
            "424F422020202020"
            "00000200C0000000");
  const auto heard = [](CaptureBody changed) { return parse_capture(std::as_bytes(std::span(&changed, 1))); };
  EXPECT_EQ(heard(body).fault, Fault::none);
  const Capture back = heard(body).capture;
  EXPECT_EQ(back.lan_owner, "SYSTEM");
  EXPECT_EQ(back.lan_name, "LAN1");
  EXPECT_EQ(back.user, "BOB");
  EXPECT_EQ(back.snap_length, 512U);
  EXPECT_TRUE(back.dropped);
  EXPECT_TRUE(back.control);
  CaptureBody frames_only = body;
  frames_only.flags = capture_flag::dropped;
  EXPECT_TRUE(heard(frames_only).capture.dropped);
  EXPECT_FALSE(heard(frames_only).capture.control);
  const auto spoilt = [&](auto change) {
    CaptureBody changed = body;
    change(changed);
    return heard(changed).fault;
  };
  EXPECT_EQ(spoilt([](CaptureBody& its) { its.user.fill(' '); }), Fault::none) << "everybody's";
  EXPECT_EQ(spoilt([](CaptureBody& its) { its.lan_owner.fill(' '); }), Fault::wrong_field);
  EXPECT_EQ(spoilt([](CaptureBody& its) { its.lan_name.fill(' '); }), Fault::wrong_field);
  EXPECT_EQ(spoilt([](CaptureBody& its) { its.user[1] = '\n'; }), Fault::wrong_field);
  EXPECT_EQ(spoilt([](CaptureBody& its) { its.flags = 0x20; }), Fault::wrong_field);
  EXPECT_EQ(spoilt([](CaptureBody& its) { its.reserved[2] = 1; }), Fault::wrong_field);
  EXPECT_EQ(parse_capture({}).fault, Fault::too_short);
}

TEST(LinkProtocol, EachFlagOfHelloIsItsOwn) {
  Hello hello = smallest();
  hello.mac_is_wish = true;
  EXPECT_EQ(to_body(hello).flags, 0x80);
  EXPECT_TRUE(heard_of(hello).hello.mac_is_wish);
  EXPECT_FALSE(heard_of(hello).hello.whole_super_frames);
  hello = smallest();
  hello.whole_super_frames = true;
  EXPECT_EQ(to_body(hello).flags, 0x40);
  EXPECT_FALSE(heard_of(hello).hello.mac_is_wish);
  EXPECT_TRUE(heard_of(hello).hello.whole_super_frames);
}

TEST(LinkProtocol, NamesFillTheirFieldAndWhatIsLongerIsCut) {
  Hello hello = smallest();
  hello.user = "ABCDEFGHI";
  hello.lan_owner = "OWNER678";
  hello.lan_name = "LANNAME89";
  const auto [heard, fault] = heard_of(hello);
  EXPECT_EQ(fault, Fault::none);
  EXPECT_EQ(heard.user, "ABCDEFGH");
  EXPECT_EQ(heard.lan_owner, "OWNER678");
  EXPECT_EQ(heard.lan_name, "LANNAME8");
}

TEST(LinkProtocol, HelloAtItsBoundsAndBeyondThem) {
  struct Row {
    const char* what;
    void (*change)(HelloBody&);
    Fault fault;
  };
  const std::array<Row, 22> rows{{
      {"version 3", [](HelloBody& body) { body.version = std::uint16_t{3}; }, Fault::wrong_version},
      {"version 0", [](HelloBody& body) { body.version = std::uint16_t{0}; }, Fault::wrong_version},
      {"kind 1", [](HelloBody& body) { body.kind = 1; }, Fault::none},
      {"kind 255", [](HelloBody& body) { body.kind = 255; }, Fault::wrong_field},
      {"3 devices", [](HelloBody& body) { body.devices = 3; }, Fault::none},
      {"64 devices", [](HelloBody& body) { body.devices = 64; }, Fault::none},
      {"no devices", [](HelloBody& body) { body.devices = 0; }, Fault::wrong_field},
      {"the last 3", [](HelloBody& body) { body.base_device = std::uint16_t{0xfffd}; }, Fault::none},
      {"one less", [](HelloBody& body) { body.base_device = std::uint16_t{0xfffe}; }, Fault::wrong_field},
      {"flag 80", [](HelloBody& body) { body.flags = 0x80; }, Fault::none},
      {"flag 40", [](HelloBody& body) { body.flags = 0x40; }, Fault::none},
      {"flag 01", [](HelloBody& body) { body.flags = 0x01; }, Fault::wrong_field},
      {"flag C1", [](HelloBody& body) { body.flags = 0xc1; }, Fault::wrong_field},
      {"user ~", [](HelloBody& body) { body.user[0] = '~'; }, Fault::none},
      {"user !", [](HelloBody& body) { body.user[0] = '!'; }, Fault::none},
      {"user DEL", [](HelloBody& body) { body.user[0] = '\x7f'; }, Fault::wrong_field},
      {"user a blank first", [](HelloBody& body) { body.user = {' ', 'A', ' ', ' ', ' ', ' ', ' ', ' '}; },
       Fault::wrong_field},
      {"owner alone", [](HelloBody& body) { body.lan_owner[0] = 'A'; }, Fault::wrong_field},
      {"name alone", [](HelloBody& body) { body.lan_name[0] = 'A'; }, Fault::wrong_field},
      {"owner unprintable", [](HelloBody& body) { body.lan_owner[0] = body.lan_name[0] = '\0'; },
       Fault::wrong_field},
      {"name unprintable",
       [](HelloBody& body) {
         body.lan_owner[0] = 'A';
         body.lan_name[7] = '\xff';
       },
       Fault::wrong_field},
      {"MAC address of a group", [](HelloBody& body) { body.mac[0] = 0x03; }, Fault::wrong_field},
  }};
  for (const Row& row : rows) EXPECT_EQ(heard_of(smallest(), row.change).fault, row.fault) << row.what;
}

TEST(LinkProtocol, AHelloThatIsCutIsTooShort) {
  const HelloBody body = to_body(smallest());
  const auto bytes = std::as_bytes(std::span(&body, 1));
  EXPECT_EQ(parse_hello(bytes.first(47)).fault, Fault::too_short);
  EXPECT_EQ(parse_hello(bytes).fault, Fault::none);
}

TEST(LinkProtocol, AnswersLieOnTheWireAsTheirDescriptionSays) {
  SendBuffer out(1000);
  out.add_accept({{{2, 0, 0, 0, 0, 9}}, 0x1f, 0x12345678, "S L"});
  EXPECT_EQ(wire_of(out),
            "0000000F0201000002000000000"
            "91F0012345678"
            "53204C");
  out.clear();
  out.add_refuse("NO");
  EXPECT_EQ(wire_of(out), "00000002020200004E4F");
  out.clear();
  out.add_end(AfterEnd::stay_away, "X");
  EXPECT_EQ(wire_of(out), "00000002020300000158");
  out.clear();
  out.add_end(AfterEnd::come_again, "");
  EXPECT_EQ(wire_of(out), "000000010203000000");
  out.clear();
  const std::array<std::byte, 1> one{std::byte{0x11}};
  const std::array<std::byte, 2> two{std::byte{0x22}, std::byte{0x33}};
  out.add(MessageType::control, 0x0102, {one, SendBuffer::Part(), two});
  EXPECT_EQ(wire_of(out), "0000000303010102112233");
  out.clear();
  out.add_space(MessageType::frame, 3, 2)[1] = std::byte{0x44};
  EXPECT_EQ(wire_of(out), "00000002030200030044");
}

TEST(LinkProtocol, AnEndSaysWhetherToComeAgain) {
  const auto after = [](const char* hex) { return parse_end(kit::from_hex(hex)); };
  EXPECT_EQ(after("0041").after, AfterEnd::come_again);
  EXPECT_EQ(after("0041").text, "A");
  EXPECT_EQ(after("0142").after, AfterEnd::stay_away);
  EXPECT_EQ(after("01").text, "");
  EXPECT_EQ(after("7F").after, AfterEnd::stay_away) << "of a later protocol: rather not";
  EXPECT_EQ(parse_end({}).after, AfterEnd::come_again);
}

TEST(LinkProtocol, LossesAreReadFieldByField) {
  const auto losses = parse_losses(kit::from_hex("00000001 00000002 00000003 00000004 80000005"));
  EXPECT_EQ(losses.no_system, 1U);
  EXPECT_EQ(losses.malformed, 2U);
  EXPECT_EQ(losses.no_empty_buffer, 3U);
  EXPECT_EQ(losses.unusable_buffer, 4U);
  EXPECT_EQ(losses.not_active, 0x80000005U);
}

TEST(LinkProtocol, AnOrderToFinishAFrameLiesOnTheWireAsItsDescriptionSays) {
  const auto wire = [](bool qdio::Offload::*field) {
    qdio::Offload offload;
    offload.*field = true;
    offload.header_length = 0x0102;
    offload.segment_size = 0x0304;
    const OffloadBody body = to_body(offload);
    return kit::to_hex(std::as_bytes(std::span(&body, 1)));
  };
  EXPECT_EQ(wire(&qdio::Offload::ethernet), "8000010203040000");
  EXPECT_EQ(wire(&qdio::Offload::ip_checksum), "4000010203040000");
  EXPECT_EQ(wire(&qdio::Offload::transport_checksum), "2000010203040000");
  EXPECT_EQ(wire(&qdio::Offload::whole), "1000010203040000");
}

TEST(LinkProtocol, TextShowsPrintableCharactersAndPeriodsForTheRest) {
  EXPECT_EQ(text_of(kit::from_hex("1F20217E7F80FF00")), ". !~....");
  EXPECT_EQ(text_of({}), "");
}

TEST(LinkProtocol, EveryFaultAndEveryMessageHasItsName) {
  const std::map<Fault, std::string_view> faults{
      {Fault::none, "no fault"},
      {Fault::unknown_type, "message of unknown type"},
      {Fault::too_short, "message too short"},
      {Fault::too_long, "message too long"},
      {Fault::wrong_device, "message for a device that does not exist"},
      {Fault::wrong_version, "other version of the link protocol"},
      {Fault::wrong_field, "field without sense"},
      {Fault::out_of_order, "message out of order"},
      {static_cast<Fault>(99), "unknown fault"}};
  for (const auto& [fault, name] : faults) EXPECT_EQ(to_string(fault), name);
  const std::map<MessageType, std::string_view> types{{MessageType::hello, "HELLO"},
                                                      {MessageType::reset, "RESET"},
                                                      {MessageType::queues_started, "QUEUES_STARTED"},
                                                      {MessageType::queues_stopped, "QUEUES_STOPPED"},
                                                      {MessageType::losses, "LOSSES"},
                                                      {MessageType::command, "COMMAND"},
                                                      {MessageType::accept, "ACCEPT"},
                                                      {MessageType::refuse, "REFUSE"},
                                                      {MessageType::end, "END"},
                                                      {MessageType::response, "RESPONSE"},
                                                      {MessageType::return_code, "RETURN_CODE"},
                                                      {MessageType::control, "CONTROL"},
                                                      {MessageType::frame, "FRAME"},
                                                      {MessageType::unfinished_frame, "UNFINISHED_FRAME"},
                                                      {static_cast<MessageType>(9), "unknown message"}};
  for (const auto& [type, name] : types) EXPECT_EQ(to_string(type), name);
}

TEST(LinkProtocol, ASendBufferThatIsClearedHasAllItsRoomAgain) {
  SendBuffer out(100);
  out.add_space(MessageType::frame, 0, 92);
  EXPECT_EQ(out.waiting(), 100U);
  EXPECT_FALSE(out.has_room(0));
  out.clear();
  EXPECT_EQ(out.waiting(), 0U);
  EXPECT_TRUE(out.has_room(92));
  EXPECT_FALSE(out.has_room(93));
}

}  // namespace
}  // namespace vmlan::link
