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

bool is_idx_terminate(std::span<const std::byte> message) noexcept {
  arch::be32 type;
  if (message.size() <= terminate_cause_at) return false;
  std::memcpy(static_cast<void*>(&type), message.data(), sizeof(type));
  return type == std::uint32_t{terminate_bits} << 8U;
}

std::optional<IdxActivate> parse_idx_activate(std::span<const std::byte> message) {
  const auto idx = parse_idx(message);
  if (!idx) return std::nullopt;
  return IdxActivate{{idx->data_device}, idx->unit_address, idx->channel == idx_channel::read_request};
}

std::optional<unsigned> data_device_index(const IdxActivate& activate, arch::DeviceNumber base,
                                          unsigned devices, unsigned control_index) {
  constexpr unsigned unit_addresses = 0x100;
  const unsigned named = unsigned{activate.data_device.value} - base.value;  // wraps below the base
  const bool one_of_ours = named < devices && named != control_index;
  const unsigned first = (unsigned{activate.unit_address} - base.value) % unit_addresses;
  if (one_of_ours && named % unit_addresses == first) return named;
  for (unsigned index = first; index < devices; index += unit_addresses) {
    if (index != control_index) return index;
  }
  return one_of_ours ? std::optional(named) : std::nullopt;
}

Message refuse_idx_activate(std::span<const std::byte> request) {
  auto idx = parse_idx(request);
  if (!idx) return {};
  idx->channel |= idx_channel::refused;
  idx->cause = idx_cause::no_such_device;
  return to_message(*idx);
}

}  // namespace vmlan::qdio
