// Bytes of either side of the link, however they are cut: the decoder gives whole messages of known types for
// devices that exist, or ends under a name. What it understood is sent again, and has to be understood as the
// same. The first byte says who speaks and how the rest is cut.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <vector>

#include "link/decoder.h"
#include "link/send_buffer.h"
#include "link/unfinished_frame.h"

namespace {

using namespace vmlan::link;

constexpr unsigned devices = 3;
using Bytes = std::vector<std::byte>;

// Of one message that was sent; what it decodes to.
Bytes decoded(const SendBuffer& sent, Sender sender) {
  Decoder decoder(sender, devices);
  const auto bytes = sent.pending();
  const auto room = decoder.room();
  assert(room.size() >= bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  decoder.received(bytes.size());
  const auto message = decoder.next();
  assert(message && !decoder.next() && decoder.fault() == Fault::none);
  return {message->body.begin(), message->body.end()};
}

void judge_hello(const MessageView& message) {
  const auto [hello, fault] = parse_hello(message.body);
  if (fault != Fault::none) return;
  assert(!hello.user.empty() && hello.user.size() <= name_length);
  SendBuffer again(max_body);
  again.add_hello(hello);
  const auto body = decoded(again, Sender::client);
  const auto [same, still] = parse_hello(body);
  assert(still == Fault::none && same.user == hello.user && same.instance == hello.instance);
  assert(same.base_device == hello.base_device && same.mac == hello.mac && same.program == hello.program);
  assert(same.lan_owner == hello.lan_owner && same.lan_name == hello.lan_name);
}

void judge_accept(const MessageView& message) {
  const auto accept = parse_accept(message.body);
  assert(accept.lan.size() <= message.body.size());
  SendBuffer again(max_body);
  again.add_accept(accept);
  const auto body = decoded(again, Sender::base);
  const auto same = parse_accept(body);
  assert(same.mac == accept.mac && same.lan == accept.lan && same.max_frame_size == accept.max_frame_size);
}

void judge_end(const MessageView& message) {
  const auto end = parse_end(message.body);
  assert(end.text.size() < message.body.size());
  SendBuffer again(max_body);
  again.add_end(end.after, end.text);
  const auto body = decoded(again, Sender::base);
  assert(parse_end(body).text == end.text && parse_end(body).after == end.after);
}

void judge(const MessageView& message, Sender sender) {
  assert(!to_string(message.type).empty());
  assert(message.device_index < devices && message.body.size() <= max_body);
  switch (message.type) {
    case MessageType::hello:
      judge_hello(message);
      break;
    case MessageType::accept:
      judge_accept(message);
      break;
    case MessageType::end:
      judge_end(message);
      break;
    case MessageType::losses:
      assert(message.body.size() == sizeof(LossesBody));
      parse_losses(message.body);
      break;
    case MessageType::capture: {
      const auto [capture, fault] = parse_capture(message.body);
      if (fault != Fault::none) break;
      const auto body = to_body(capture);
      assert(std::memcmp(&body, message.body.data(), sizeof(body)) == 0);
      break;
    }
    case MessageType::frame: {
      assert(message.body.size() > vmlan::wire::transport_header_size);
      SendBuffer again(max_body);
      assert(again.has_room(0));
      const auto room = again.add_space(message.type, message.device_index, message.body.size());
      std::memcpy(room.data(), message.body.data(), room.size());
      assert(decoded(again, sender) == Bytes(message.body.begin(), message.body.end()));
      break;
    }
    case MessageType::unfinished_frame: {
      const auto frame = parse_unfinished(message.body);
      vmlan::qdio::FinishedPackets packets(frame.offload, &frame.payload, 1, frame.payload.length);
      for (unsigned number = 0; packets.usable() && number < packets.count(); ++number) {
        assert(packets.packet(number).length <= frame.payload.length);
      }
      break;
    }
    default: {
      SendBuffer again(max_body);
      again.add(message.type, message.device_index, {message.body});
      assert(decoded(again, sender) == Bytes(message.body.begin(), message.body.end()));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = 1 + (data[0] >> 1U);
  const Sender sender = (data[0] & 1U) != 0 ? Sender::client : Sender::base;
  Decoder decoder(sender, devices);
  for (std::size_t at = 1; at < size; at += cut) {
    const auto room = decoder.room();
    if (room.empty()) {
      assert(decoder.fault() != Fault::none);
      break;
    }
    const std::size_t part = std::min({cut, size - at, room.size()});
    std::memcpy(room.data(), data + at, part);
    decoder.received(part);
    assert(!to_string(decoder.fault()).empty());
    while (const auto message = decoder.next()) judge(*message, sender);
  }
  return 0;
}
