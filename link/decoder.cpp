#include "link/decoder.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "link/unfinished_frame.h"

namespace vmlan::link {

namespace {

// Several messages of the longest kind, so that one read() can bring many.
constexpr std::size_t buffer_size = 4 * (sizeof(Header) + max_body);

// What a message may look like.
struct Shape {
  MessageType type;
  bool from_client;
  bool from_base;
  std::size_t least;  // body bytes
  std::size_t most;
};

constexpr std::size_t max_text_body = 1024;

constexpr std::array<Shape, 17> shapes = {{
    {MessageType::frame, true, true, wire::transport_header_size + 1, max_body},
    {MessageType::unfinished_frame, false, true, unfinished_head + 1, max_body},
    {MessageType::control, true, true, 1, 65535},
    {MessageType::hello, true, false, sizeof(HelloBody), sizeof(HelloBody) + max_text_body},
    {MessageType::reset, true, false, 0, 0},
    {MessageType::queues_started, true, false, 0, 0},
    {MessageType::queues_stopped, true, false, 0, 0},
    {MessageType::losses, true, false, sizeof(LossesBody), sizeof(LossesBody)},
    {MessageType::command, true, false, 0, max_text_body},
    {MessageType::capture, true, false, sizeof(CaptureBody), sizeof(CaptureBody)},
    {MessageType::capture_stop, true, false, 0, 0},
    {MessageType::captured, false, true, 12, max_body},
    {MessageType::response, false, true, 0, max_text_body},
    {MessageType::return_code, false, true, sizeof(arch::be32), sizeof(arch::be32)},
    {MessageType::accept, false, true, sizeof(AcceptBody), sizeof(AcceptBody) + max_text_body},
    {MessageType::refuse, false, true, 0, max_text_body},
    {MessageType::end, false, true, sizeof(EndBody), sizeof(EndBody) + max_text_body},
}};

}  // namespace

Decoder::Decoder(Sender sender, unsigned devices)
    : sender_(sender), devices_(devices), buffer_(std::make_unique_for_overwrite<std::byte[]>(buffer_size)) {}

std::span<std::byte> Decoder::room() noexcept {
  if (fault_ != Fault::none) return {};
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(buffer_.get(), buffer_size).subspan(end_);
}

void Decoder::received(std::size_t bytes) noexcept {
  assert(bytes <= buffer_size - end_);
  end_ += bytes;
}

Fault Decoder::judge(MessageType type, std::size_t length, unsigned device_index) const noexcept {
  const auto* shape =
      std::find_if(shapes.begin(), shapes.end(), [type](const Shape& entry) { return entry.type == type; });
  if (shape == shapes.end()) return Fault::unknown_type;
  if (!(sender_ == Sender::client ? shape->from_client : shape->from_base)) return Fault::unknown_type;
  if (length < shape->least) return Fault::too_short;
  if (length > shape->most) return Fault::too_long;
  if (device_index >= devices_) return Fault::wrong_device;
  return Fault::none;
}

std::optional<MessageView> Decoder::next() noexcept {
  if (fault_ != Fault::none || end_ - begin_ < sizeof(Header)) return std::nullopt;
  Header header;
  std::memcpy(static_cast<void*>(&header), buffer_.get() + begin_, sizeof(header));
  const auto type = static_cast<MessageType>(header.type.value());
  const std::size_t length = header.length;
  fault_ = judge(type, length, header.device_index);
  if (fault_ != Fault::none || end_ - begin_ - sizeof(Header) < length) return std::nullopt;
  const MessageView message{type, header.device_index,
                            std::span(buffer_.get(), buffer_size).subspan(begin_ + sizeof(Header), length)};
  begin_ += sizeof(Header) + length;
  return message;
}

void Decoder::restart() noexcept {
  fault_ = Fault::none;
  begin_ = 0;
  end_ = 0;
}

}  // namespace vmlan::link
