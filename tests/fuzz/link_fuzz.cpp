// Bytes of either side of the link, however they are cut: the decoder gives whole messages of known types for
// devices that exist, or ends under a name. The first byte says who speaks and how the rest is cut.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "link/decoder.h"
#include "link/unfinished_frame.h"

namespace {

using namespace vmlan::link;

constexpr unsigned devices = 3;

void judge(const MessageView& message) {
  assert(message.device_index < devices && message.body.size() <= max_body);
  switch (message.type) {
    case MessageType::hello: {
      const auto [hello, fault] = parse_hello(message.body);
      assert(fault != Fault::none || (!hello.user.empty() && hello.user.size() <= name_length));
      break;
    }
    case MessageType::accept:
      assert(parse_accept(message.body).lan.size() <= message.body.size());
      break;
    case MessageType::end:
      assert(parse_end(message.body).text.size() < message.body.size());
      break;
    case MessageType::losses:
      assert(message.body.size() == sizeof(LossesBody));
      parse_losses(message.body);
      break;
    case MessageType::frame:
      assert(message.body.size() > vmlan::wire::transport_header_size);
      break;
    case MessageType::unfinished_frame: {
      const auto frame = parse_unfinished(message.body);
      vmlan::qdio::FinishedPackets packets(frame.offload, &frame.payload, 1, frame.payload.length);
      for (unsigned number = 0; packets.usable() && number < packets.count(); ++number) {
        assert(packets.packet(number).length <= frame.payload.length);
      }
      break;
    }
    default:
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = 1 + (data[0] >> 1U);
  Decoder decoder((data[0] & 1U) != 0 ? Sender::client : Sender::base, devices);
  for (std::size_t at = 1; at < size; at += cut) {
    const auto room = decoder.room();
    if (room.empty()) {
      assert(decoder.fault() != Fault::none);
      break;
    }
    const std::size_t part = std::min({cut, size - at, room.size()});
    std::memcpy(room.data(), data + at, part);
    decoder.received(part);
    while (const auto message = decoder.next()) judge(*message);
  }
  return 0;
}
