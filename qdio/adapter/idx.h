// IDX ACTIVATE: the first message on a control channel, and how a channel is refused or ended.
// Source: Linux, drivers/s390/net/qeth_core_mpc.h (IDX_ACTIVATE_*), observed with Linux 6.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arch/big_endian.h"
#include "qdio/adapter/mpc.h"

namespace vmlan::qdio {

// A data path: its data device as its guest knows it, and where it is in the control unit. ULP_SETUP names it
// by the same four bytes.
struct IdxDataPath {
  arch::be16 data_device;
  std::uint8_t control_unit_address = 0;
  std::uint8_t unit_address = 0;
};
static_assert(sizeof(IdxDataPath) == 4);

struct IdxMessage {
  arch::be32 type = std::uint32_t{0x00008000};
  arch::be32 sequence;
  std::uint8_t channel = 0;
  std::uint8_t cause = 0x01;       // 01 in a request, why not in a negative reply
  std::uint8_t data_paths = 0x01;  // how many follow; z/OS names all of its TRLE's DATAPATH
  std::uint8_t port = 0;           // with idx_port flags
  Token issuer{};
  arch::be16 function_level;
  std::array<std::uint8_t, 4> microcode_level{};
  std::array<std::uint8_t, 8> ulp_name{};  // EBCDIC
  IdxDataPath data_path;                   // the first
};
static_assert(sizeof(IdxMessage) == 0x22);
static_assert(offsetof(IdxMessage, channel) == 0x08);
static_assert(offsetof(IdxMessage, issuer) == 0x0c);
static_assert(offsetof(IdxMessage, function_level) == 0x10);
static_assert(offsetof(IdxMessage, ulp_name) == 0x16);
static_assert(offsetof(IdxMessage, data_path) == 0x1e);

// IdxMessage::channel; the low two bits tell request (01), positive (10) and negative reply (11).
namespace idx_channel {
inline constexpr std::uint8_t read_request = 0x19;
inline constexpr std::uint8_t write_request = 0x15;
inline constexpr std::uint8_t read_active = 0x1a;
inline constexpr std::uint8_t write_active = 0x16;
inline constexpr std::uint8_t refused = 0x03;  // or'ed into the request's value
}  // namespace idx_channel

// IdxMessage::port
inline constexpr std::uint8_t idx_no_port_name = 0x80;
inline constexpr std::uint8_t idx_port_number = 0x3f;

// IdxMessage::function_level of the adapter; Linux accepts no other.
inline constexpr std::uint16_t idx_level_osd = 0x0201;
inline constexpr std::uint16_t idx_level_iqd = 0x0408;

namespace idx_cause {
inline constexpr std::uint8_t no_such_device = 0x08;  // assumed; Linux: "I/O error"
// Of IDX TERMINATE in Hyperion's mpc.h, in a negative reply assumed.
inline constexpr std::uint8_t no_such_port = 0x22;
// Of IDX TERMINATE; Linux: "does not support the configured transport mode".
inline constexpr std::uint8_t wrong_transport = 0x41;
}  // namespace idx_cause

// An IDX ACTIVATE request with its data paths, as many of them as it says and has; at least one.
struct IdxRequest {
  IdxMessage message;
  std::vector<IdxDataPath> data_paths;
};
std::optional<IdxRequest> parse_idx(std::span<const std::byte> message);
// The whole message around such data paths.
Message to_message(IdxMessage message, std::span<const IdxDataPath> data_paths);
Message idx_refusal(IdxRequest request, std::uint8_t cause);
Message idx_terminate(std::uint8_t cause);
// A driver's own end of a channel, as z/OS sends it (SDL-Hercules-390/hyperion, 063f36d1).
bool is_idx_terminate(std::span<const std::byte> message) noexcept;

}  // namespace vmlan::qdio
