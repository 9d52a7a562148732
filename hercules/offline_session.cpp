#include "hercules/offline_session.h"

#include <cstring>

#include "qdio/adapter/ipa_codes.h"
#include "qdio/adapter/ipa_message.h"

namespace vmlan::hercules {

namespace {

template <class Block>
Block read_block(std::span<const std::byte> bytes, std::size_t at) noexcept {
  Block block;
  std::memcpy(static_cast<void*>(&block), bytes.data() + at, sizeof(block));
  return block;
}

}  // namespace

void OfflineSession::learn(std::span<const std::byte> message) {
  const auto pdu = qdio::parse_pdu(message);
  if (!pdu || pdu->type != qdio::MessageType::ipa) return;
  const qdio::IpaMessage reply(pdu->body);
  if (!reply.whole()) return;
  const auto transmission = read_block<qdio::TransmissionHeader>(message, 0);
  // parse_pdu() has followed this offset.
  const auto response = read_block<qdio::ResponseHeader>(message, transmission.response_offset);
  token_ = response.token;
  transmission_sequence_ = transmission.sequence;
  sequence_ = response.sequence;

  const auto header = reply.header();
  const bool is_start = header.command == static_cast<std::uint8_t>(qdio::IpaCommand::start_lan) &&
                        header.initiator == static_cast<std::uint8_t>(qdio::IpaInitiator::host_or_reply);
  if (!is_start) return;
  start_lan_ = header;
  started_ = true;
}

qdio::Message OfflineSession::wrap(std::uint32_t acknowledged, std::span<const std::byte> body) {
  qdio::Envelope envelope;
  envelope.type = qdio::MessageType::ipa;
  envelope.transmission_sequence = ++transmission_sequence_;
  envelope.sequence = ++sequence_;
  envelope.acknowledged = acknowledged;
  envelope.token = token_;
  return qdio::wrap(envelope, body);
}

qdio::Message OfflineSession::event(qdio::IpaCommand command) {
  qdio::IpaHeader header = start_lan_;
  header.command = static_cast<std::uint8_t>(command);
  header.initiator = static_cast<std::uint8_t>(qdio::IpaInitiator::adapter);
  header.sequence = std::uint16_t{0};
  header.return_code = std::uint16_t{0};
  return wrap(0, std::as_bytes(std::span(&header, 1)));
}

std::optional<qdio::Message> OfflineSession::refuse(std::span<const std::byte> message) {
  const auto pdu = qdio::parse_pdu(message);
  if (!started_ || !pdu || pdu->type != qdio::MessageType::ipa) return std::nullopt;
  qdio::IpaMessage answer(pdu->body);
  if (!answer.whole()) return std::nullopt;
  qdio::IpaHeader header = answer.header();
  header.initiator = static_cast<std::uint8_t>(qdio::IpaInitiator::host_or_reply);
  header.return_code = static_cast<std::uint16_t>(qdio::IpaCode::lan_offline);
  answer.set_header(header);
  answer.cut_as_asked();
  return wrap(pdu->sequence, answer.bytes());
}

}  // namespace vmlan::hercules
