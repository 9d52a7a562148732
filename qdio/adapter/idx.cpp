#include "qdio/adapter/idx.h"

#include <algorithm>
#include <cstring>

#include "qdio/adapter/adapter.h"

namespace vmlan::qdio {

namespace {

// IDX TERMINATE is told by these bits of byte 2; its cause is in byte 4 (observed).
constexpr std::size_t terminate_at = 2;
constexpr std::uint8_t terminate_bits = 0xc0;
constexpr std::size_t terminate_cause_at = 4;

}  // namespace

std::optional<IdxRequest> parse_idx(std::span<const std::byte> message) {
  if (message.size() < sizeof(IdxMessage)) return std::nullopt;
  IdxRequest request;
  IdxMessage& idx = request.message;
  std::memcpy(static_cast<void*>(&idx), message.data(), sizeof(idx));
  if (idx.type != IdxMessage{}.type) return std::nullopt;
  if (idx.channel != idx_channel::read_request && idx.channel != idx_channel::write_request) {
    return std::nullopt;
  }
  const std::size_t further = (message.size() - sizeof(IdxMessage)) / sizeof(IdxDataPath);
  const std::size_t said = idx.data_paths > 0 ? idx.data_paths : 1;
  request.data_paths.resize(std::min(said, 1 + further));
  std::memcpy(static_cast<void*>(request.data_paths.data()), message.data() + offsetof(IdxMessage, data_path),
              request.data_paths.size() * sizeof(IdxDataPath));
  return request;
}

Message to_message(IdxMessage message, std::span<const IdxDataPath> data_paths) {
  if (!data_paths.empty()) message.data_path = data_paths.front();
  const auto head = std::as_bytes(std::span(&message, 1));
  Message bytes(head.begin(), head.end());
  for (const IdxDataPath& path : data_paths.subspan(std::min<std::size_t>(1, data_paths.size()))) {
    const auto more = std::as_bytes(std::span(&path, 1));
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  return bytes;
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
  IdxActivate activate{{}, idx->message.channel == idx_channel::read_request};
  for (const IdxDataPath& path : idx->data_paths) {
    activate.data_paths.push_back({{path.data_device}, path.control_unit_address, path.unit_address});
  }
  return activate;
}

std::optional<unsigned> data_device_index(const DataPathName& name, arch::DeviceNumber base, unsigned devices,
                                          unsigned control_index) {
  constexpr unsigned unit_addresses = 0x100;
  const unsigned named = unsigned{name.data_device.value} - base.value;  // wraps below the base
  const bool one_of_ours = named < devices && named != control_index;
  const unsigned first = (unsigned{name.unit_address} - base.value) % unit_addresses;
  if (one_of_ours && named % unit_addresses == first) return named;
  for (unsigned index = first; index < devices; index += unit_addresses) {
    if (index != control_index) return index;
  }
  return one_of_ours ? std::optional(named) : std::nullopt;
}

Message idx_refusal(IdxRequest request, std::uint8_t cause) {
  request.message.channel |= idx_channel::refused;
  request.message.cause = cause;
  return to_message(request.message, request.data_paths);
}

Message refuse_idx_activate(std::span<const std::byte> request) {
  const auto idx = parse_idx(request);
  return idx ? idx_refusal(*idx, idx_cause::no_such_device) : Message{};
}

}  // namespace vmlan::qdio
