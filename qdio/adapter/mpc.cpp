#include "qdio/adapter/mpc.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace vmlan::qdio {

namespace {

using arch::be16;

// TH word 4 of an adapter's messages (observed).
constexpr std::uint32_t adapter_segment = 0x0ffc0001;

struct PukHeader {
  be16 length = std::uint16_t{12};
  be16 type;
  be16 parameters_length;
  std::array<std::uint8_t, 6> reserved{};
};
static_assert(sizeof(PukHeader) == 12);

struct PusHeader {
  be16 length;  // with this header
  std::uint8_t marker = 0x04;
  std::uint8_t id = 0;
};
static_assert(sizeof(PusHeader) == 4);

template <class Block>
std::optional<Block> block_at(std::span<const std::byte> bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Block)) return std::nullopt;
  Block block;
  std::memcpy(static_cast<void*>(&block), bytes.data() + offset, sizeof(block));
  return block;
}

template <class Block>
void append(Message& message, const Block& block) {
  const auto bytes = std::as_bytes(std::span(&block, 1));
  message.insert(message.end(), bytes.begin(), bytes.end());
}

bool is_known(std::uint8_t type) noexcept {
  switch (static_cast<MessageType>(type)) {
    case MessageType::connection_manager:
    case MessageType::upper_layer:
    case MessageType::ipa:
      return true;
  }
  return false;
}

}  // namespace

std::optional<Pdu> parse_pdu(std::span<const std::byte> message) {
  const auto transmission = block_at<TransmissionHeader>(message, 0);
  if (!transmission || transmission->type != TransmissionHeader{}.type ||
      transmission->length > message.size()) {
    return std::nullopt;
  }
  message = message.first(transmission->length);
  const std::size_t response_at = transmission->response_offset;
  const auto response = block_at<ResponseHeader>(message, response_at);
  if (!response || !is_known(response->type)) return std::nullopt;
  const auto header = block_at<PduHeader>(message, response_at + response->pdu_header_offset);
  if (!header) return std::nullopt;
  const std::size_t length = std::size_t{header->length_high} << 16U | header->length;
  const std::size_t offset = header->offset;
  if (offset > message.size() || length > message.size() - offset) return std::nullopt;
  return Pdu{static_cast<MessageType>(response->type), response->protocol, response->sequence,
             response->token, message.subspan(offset, length)};
}

Message wrap(const Envelope& envelope, std::span<const std::byte> body) {
  const bool is_long = envelope.type == MessageType::ipa;
  const std::size_t response_size = is_long ? long_response_header : sizeof(ResponseHeader);
  const std::size_t body_at = sizeof(TransmissionHeader) + response_size + sizeof(PduHeader);
  assert(body.size() + body_at <= 0xffff);
  const auto length = static_cast<std::uint16_t>(body.size());

  TransmissionHeader transmission;
  transmission.sequence = envelope.transmission_sequence;
  transmission.response_offset = static_cast<std::uint32_t>(sizeof(TransmissionHeader));
  transmission.length = static_cast<std::uint32_t>(body_at + body.size());
  transmission.segment = adapter_segment;
  ResponseHeader response;
  response.type = static_cast<std::uint8_t>(envelope.type);
  response.protocol = envelope.protocol;
  response.sequence = envelope.sequence;
  response.acknowledged = envelope.acknowledged;
  response.pdu_header_offset = static_cast<std::uint16_t>(response_size);
  response.pdu_length = length;
  response.length = length;
  response.token = envelope.token;
  PduHeader header;
  header.length = length;
  header.offset = static_cast<std::uint32_t>(body_at);

  Message message;
  message.reserve(body_at + body.size());
  append(message, transmission);
  append(message, response);
  message.resize(sizeof(TransmissionHeader) + response_size);
  append(message, header);
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

std::optional<MpcCommand> mpc_command(std::span<const std::byte> body) {
  const auto puk = block_at<PukHeader>(body, 0);
  if (!puk) return std::nullopt;
  return static_cast<MpcCommand>(puk->type.value());
}

std::optional<std::span<const std::byte>> find_parameter(std::span<const std::byte> body, MpcParameter id) {
  const auto puk = block_at<PukHeader>(body, 0);
  if (!puk || puk->length < sizeof(PukHeader) || puk->length > body.size()) return std::nullopt;
  auto rest = body.subspan(puk->length);
  // Every parameter takes at least its header away: the loop ends with the body.
  while (const auto parameter = block_at<PusHeader>(rest, 0)) {
    const std::size_t length = parameter->length;
    if (length < sizeof(PusHeader) || length > rest.size()) return std::nullopt;
    if (parameter->id == static_cast<std::uint8_t>(id)) {
      return rest.subspan(sizeof(PusHeader), length - sizeof(PusHeader));
    }
    rest = rest.subspan(length);
  }
  return std::nullopt;
}

std::optional<std::span<std::byte>> data_path_in(std::span<std::byte> message) {
  const auto pdu = parse_pdu(message);
  if (!pdu || pdu->type != MessageType::upper_layer) return std::nullopt;
  const auto unit = find_parameter(pdu->body, MpcParameter::unit);
  constexpr std::size_t name_bytes = 4;
  if (!unit || unit->size() < name_bytes) return std::nullopt;
  return message.subspan(static_cast<std::size_t>(unit->data() - message.data()), name_bytes);
}

MpcBody::MpcBody(MpcCommand command) {
  PukHeader puk;
  puk.type = static_cast<std::uint16_t>(command);
  append(bytes_, puk);
}

MpcBody& MpcBody::add(MpcParameter id, std::span<const std::uint8_t> data) {
  PusHeader parameter;
  parameter.length = static_cast<std::uint16_t>(sizeof(PusHeader) + data.size());
  parameter.id = static_cast<std::uint8_t>(id);
  append(bytes_, parameter);
  const auto bytes = std::as_bytes(data);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  const be16 parameters_length = static_cast<std::uint16_t>(bytes_.size() - sizeof(PukHeader));
  std::memcpy(bytes_.data() + offsetof(PukHeader, parameters_length), &parameters_length,
              sizeof(parameters_length));
  return *this;
}

}  // namespace vmlan::qdio
