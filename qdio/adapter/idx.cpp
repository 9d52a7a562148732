#include "qdio/adapter/idx.h"

#include <cstring>

#include "qdio/adapter/adapter.h"

namespace vmlan::qdio {

namespace {

// IDX TERMINATE is told by these bits of byte 2; its cause is in byte 4 (observed).
constexpr std::size_t terminate_at = 2;
constexpr std::uint8_t terminate_bits = 0xc0;
constexpr std::size_t terminate_cause_at = 4;

}  // namespace

std::optional<IdxMessage> parse_idx(std::span<const std::byte> message) noexcept {
  if (message.size() < sizeof(IdxMessage)) return std::nullopt;
  IdxMessage idx;
  std::memcpy(static_cast<void*>(&idx), message.data(), sizeof(idx));
  if (idx.type != IdxMessage{}.type) return std::nullopt;
  if (idx.channel != idx_channel::read_request && idx.channel != idx_channel::write_request) {
    return std::nullopt;
  }
  return idx;
}

Message to_message(const IdxMessage& message) {
  const auto bytes = std::as_bytes(std::span(&message, 1));
  return {bytes.begin(), bytes.end()};
}

Message idx_terminate(std::uint8_t cause) {
  Message message(sizeof(IdxMessage));
  message[terminate_at] = std::byte{terminate_bits};
  message[terminate_cause_at] = std::byte{cause};
  return message;
}

std::optional<IdxActivate> parse_idx_activate(std::span<const std::byte> message) {
  const auto idx = parse_idx(message);
  if (!idx) return std::nullopt;
  return IdxActivate{{idx->data_device}, idx->channel == idx_channel::read_request};
}

Message refuse_idx_activate(std::span<const std::byte> request) {
  auto idx = parse_idx(request);
  if (!idx) return {};
  idx->channel |= idx_channel::refused;
  idx->cause = idx_cause::no_such_device;
  return to_message(*idx);
}

}  // namespace vmlan::qdio
