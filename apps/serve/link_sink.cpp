#include "apps/serve/link_sink.h"

#include <array>
#include <cstring>

#include "link/unfinished_frame.h"

namespace vmlan::apps {

link::Header header_of(link::MessageType type, unsigned device_index, std::size_t length) {
  link::Header header;
  header.length = static_cast<std::uint32_t>(length);
  header.type = static_cast<std::uint16_t>(type);
  header.device_index = static_cast<std::uint16_t>(device_index);
  return header;
}

qdio::GiveResult LinkSink::give(const qdio::ReceiveHeader& received, const qdio::Frame& frame,
                                guestlan::WhenFull when_full) {
  std::array<std::byte, wire::transport_header_size> transport;
  received.store(transport.data());
  return send(link::MessageType::frame, transport, frame, when_full);
}

qdio::GiveResult LinkSink::give_unfinished(const wire::Layer3Header& received, const qdio::Offload& offload,
                                           const qdio::Frame& frame, guestlan::WhenFull when_full) {
  const auto body = link::to_body(offload);
  std::array<std::byte, link::unfinished_head> head;
  std::memcpy(head.data(), &body, sizeof(body));
  std::memcpy(head.data() + sizeof(body), &received, sizeof(received));
  return send(link::MessageType::unfinished_frame, head, frame, when_full);
}

qdio::GiveResult LinkSink::send(link::MessageType type, std::span<const std::byte> head,
                                const qdio::Frame& frame, guestlan::WhenFull when_full) {
  if (lossless_ && !desk_.may_give(id_, when_full)) return qdio::GiveResult::no_empty_buffer;
  const auto header = header_of(type, device_index_, head.size() + frame.length);
  std::array<std::span<const std::byte>, 2 + qdio::most_segments> pieces;
  pieces[0] = bytes_of_block(header);
  pieces[1] = head;
  for (unsigned index = 0; index < frame.segments; ++index) {
    pieces[2 + index] = {frame.segment[index].data, frame.segment[index].length};
  }
  if (!desk_.connections().send(id_, std::span(pieces).first(2 + frame.segments))) {
    return qdio::GiveResult::no_empty_buffer;
  }
  if (lossless_ && when_full == guestlan::WhenFull::sender_waits) desk_.was_given(id_);
  return qdio::GiveResult::given;
}

void LinkSink::publish() { desk_.connections().flush(id_); }

}  // namespace vmlan::apps
