#include "link/send_buffer.h"

#include <cassert>
#include <cstring>

namespace vmlan::link {

namespace {

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}

template <class Body>
std::span<const std::byte> bytes_of_body(const Body& body) noexcept {
  return std::as_bytes(std::span(&body, 1));
}

}  // namespace

SendBuffer::SendBuffer(std::size_t limit) : limit_(limit) {}

std::span<std::byte> SendBuffer::add_space(MessageType type, unsigned device_index, std::size_t length) {
  assert(length <= max_body);
  const Header header{static_cast<std::uint32_t>(length), static_cast<std::uint16_t>(type),
                      static_cast<std::uint16_t>(device_index)};
  const auto space = bytes_.add_space(sizeof(header) + length);
  std::memcpy(space.data(), &header, sizeof(header));
  return space.subspan(sizeof(header));
}

void SendBuffer::add(MessageType type, unsigned device_index, std::initializer_list<Part> parts) {
  std::size_t length = 0;
  for (const Part part : parts) length += part.size();
  std::byte* to = add_space(type, device_index, length).data();
  for (const Part part : parts) {
    if (part.empty()) continue;
    std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
}

void SendBuffer::add_refuse(std::string_view text) { add(MessageType::refuse, 0, {bytes_of(text)}); }

void SendBuffer::add_end(AfterEnd after, std::string_view text) {
  const EndBody body{after};
  add(MessageType::end, 0, {bytes_of_body(body), bytes_of(text)});
}

void SendBuffer::add_hello(const Hello& hello) {
  const HelloBody body = to_body(hello);
  add(MessageType::hello, 0, {bytes_of_body(body), bytes_of(hello.program)});
}

void SendBuffer::add_accept(const Accept& accept) {
  const AcceptBody body = to_body(accept);
  add(MessageType::accept, 0, {bytes_of_body(body), bytes_of(accept.lan)});
}

}  // namespace vmlan::link
