// Control messages after IDX ACTIVATE: the envelope (TH, RRH, PH) around a PDU, and the parameters (PUK, PUS)
// of the five MPC exchanges. Parse and build, no state.
//
// Source: Linux, drivers/s390/net/qeth_core_mpc.h/.c; contents of fields Linux ignores as observed from
// Hercules' QETH device with Linux 6.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arch/big_endian.h"

namespace vmlan::qdio {

using Message = std::vector<std::byte>;
using Token = std::array<std::uint8_t, 4>;

// Longest message of a control channel: the page Linux reads and writes with (observed).
inline constexpr std::size_t max_control_message = 4096;

enum class MessageType : std::uint8_t { connection_manager = 0x81, upper_layer = 0x41, ipa = 0xc1 };

// ResponseHeader::protocol.
namespace message_protocol {
inline constexpr std::uint8_t upper_layer_reply = 0x02;
inline constexpr std::uint8_t layer3 = 0x03;
inline constexpr std::uint8_t layer2 = 0x08;
inline constexpr std::uint8_t control = 0x7e;
}  // namespace message_protocol

// TH
struct TransmissionHeader {
  arch::be32 type = std::uint32_t{0x00e00000};
  arch::be32 sequence;
  arch::be32 response_offset;  // of the RRH, from the start of the message
  arch::be32 length;           // of the whole message
  arch::be32 segment;
};
static_assert(sizeof(TransmissionHeader) == 0x14);
static_assert(offsetof(TransmissionHeader, response_offset) == 0x08);
static_assert(offsetof(TransmissionHeader, length) == 0x0c);

// RRH: this much is in both forms; the long form has eight more bytes.
struct ResponseHeader {
  arch::be32 reserved;
  std::uint8_t type = 0;
  std::uint8_t protocol = 0;
  arch::be16 pdu_headers = std::uint16_t{1};
  arch::be32 sequence;
  arch::be32 acknowledged;
  arch::be16 pdu_header_offset;  // from the start of the RRH
  arch::be16 pdu_length;
  std::uint8_t length_high = 0;
  arch::be16 length;
  std::uint8_t token_marker = 0x05;
  Token token{};
};
static_assert(sizeof(ResponseHeader) == 0x1c);
static_assert(offsetof(ResponseHeader, type) == 0x04);
static_assert(offsetof(ResponseHeader, sequence) == 0x08);
static_assert(offsetof(ResponseHeader, pdu_header_offset) == 0x10);
static_assert(offsetof(ResponseHeader, token) == 0x18);
inline constexpr std::size_t long_response_header = 0x24;

// PH
struct PduHeader {
  std::uint8_t location = 0x01;
  std::uint8_t length_high = 0;
  arch::be16 length;
  arch::be32 offset;  // of the PDU, from the start of the message
};
static_assert(sizeof(PduHeader) == 0x08);

// A message taken apart; `body` points into it.
struct Pdu {
  MessageType type{};
  std::uint8_t protocol = 0;
  std::uint32_t sequence = 0;
  Token token{};  // whom it is for
  std::span<const std::byte> body;
};
// Follows the message's own offsets. Nothing if it is cut short, or an offset or length leads outside.
std::optional<Pdu> parse_pdu(std::span<const std::byte> message);

// What varies in the envelope of a reply.
struct Envelope {
  MessageType type{};
  std::uint8_t protocol = message_protocol::control;
  std::uint32_t transmission_sequence = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  Token token{};  // the guest's, for whom it is
};
// CM and ULP messages with the short RRH, IPA messages with the long one (observed). `body` must fit a 16-bit
// length with its envelope.
Message wrap(const Envelope& envelope, std::span<const std::byte> body);

// PUK types.
enum class MpcCommand : std::uint16_t {
  enable = 0x4102,
  disable = 0x4103,
  setup = 0x4104,
  takedown = 0x4105,
  confirm = 0x4106,
  activate = 0x4360,
};

// PUS identifiers.
enum class MpcParameter : std::uint8_t {
  filter = 0x01,
  user_data = 0x02,
  guest_connection = 0x04,
  device_filter = 0x05,
  request_options = 0x06,
  options = 0x07,
  device_connection = 0x08,
  link = 0x0a,
  unit = 0x0b,
};

// The command of a CM or ULP body; nothing if it has none.
std::optional<MpcCommand> mpc_command(std::span<const std::byte> body);
// The data of a parameter after its length and identifier; nothing if it is not there or cut short.
std::optional<std::span<const std::byte>> find_parameter(std::span<const std::byte> body, MpcParameter id);

// The name of a data path in a message of ULP_SETUP or its confirmation, four bytes; nothing in others.
std::optional<std::span<std::byte>> data_path_in(std::span<std::byte> message);

// Builds a body parameter by parameter.
class MpcBody {
 public:
  explicit MpcBody(MpcCommand command);
  MpcBody& add(MpcParameter id, std::span<const std::uint8_t> data);
  const Message& bytes() const noexcept { return bytes_; }

 private:
  Message bytes_;
};

}  // namespace vmlan::qdio
