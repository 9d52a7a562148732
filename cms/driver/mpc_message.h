// The envelope of control messages (TH, RRH, PH) and where a reply keeps what the driver needs.
// Source: Linux, drivers/s390/net/qeth_core_mpc.h; observed with Linux 6.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "arch/big_endian.h"

namespace vmlan::cms {

inline constexpr std::size_t message_page = 4096;

// Channel commands of the control devices.
inline constexpr std::uint8_t command_write = 0x01;
inline constexpr std::uint8_t command_read = 0x02;

using Token = std::array<std::byte, 4>;

constexpr Token token(std::uint32_t value) noexcept {
  return {static_cast<std::byte>(value >> 24U), static_cast<std::byte>(value >> 16U),
          static_cast<std::byte>(value >> 8U), static_cast<std::byte>(value)};
}

// What the driver calls itself to the adapter.
inline constexpr Token guest_issuer = token(0x00010103);
inline constexpr Token guest_cm_filter = token(0x00010108);
inline constexpr Token guest_cm_connection = token(0x0001010a);
inline constexpr Token guest_ulp_filter = token(0x0001010b);
inline constexpr Token guest_ulp_connection = token(0x0001010d);

enum class MessageType : std::uint8_t { connection_manager = 0x81, upper_layer = 0x41, ipa = 0xc1 };
enum class MessageProtocol : std::uint8_t { layer3 = 0x03, layer2 = 0x08, control = 0x7e };

struct Envelope {
  // Transmission header.
  arch::be32 transmission_id{0x00e00000U};
  arch::be32 transport_sequence;
  arch::be32 request_offset{0x14U};
  arch::be32 total_length;
  arch::be32 segment{0x10000001U};
  // Request/response header.
  arch::be32 reserved;
  std::uint8_t type = 0;
  std::uint8_t protocol = 0;
  arch::be16 pdu_headers{std::uint16_t{1}};
  arch::be32 pdu_sequence;
  Token acknowledged{};
  arch::be16 pdu_header_offset{std::uint16_t{0x24}};
  arch::be16 pdu_length;
  std::uint8_t length_high = 0;
  arch::be16 length;
  std::uint8_t token_marker = 0x05;
  Token destination{};
  std::array<std::byte, 8> reserved2{};
  // PDU header.
  std::uint8_t pdu_location = 0x01;
  std::uint8_t pdu_length_high = 0;
  arch::be16 pdu_length_low;
  arch::be32 pdu_offset{0x40U};
};
static_assert(sizeof(Envelope) == 0x40);
static_assert(offsetof(Envelope, type) == 0x18);
static_assert(offsetof(Envelope, pdu_sequence) == 0x1c);
static_assert(offsetof(Envelope, destination) == 0x2c);
static_assert(offsetof(Envelope, pdu_location) == 0x38);

// IDX ACTIVATE, request and reply.
struct IdxActivate {
  arch::be32 transmission_id{0x00008000U};  // reply, byte 2: C0 = IDX TERMINATE
  arch::be32 transport_sequence;            // reply, byte 4: cause of IDX TERMINATE
  std::uint8_t direction = 0;               // 19 read, 15 write; reply 1A, 16
  std::uint8_t reserved9 = 0x01;
  std::uint8_t reserved10 = 0x01;
  std::uint8_t port = 0;
  Token issuer{};
  arch::be16 function_level;
  std::array<std::byte, 4> microcode_level{};
  std::array<std::uint8_t, 8> ulp_name{};  // EBCDIC
  arch::be16 data_device;
  std::uint8_t control_unit = 0;
  std::uint8_t unit = 0;
};
static_assert(sizeof(IdxActivate) == 0x22);
static_assert(offsetof(IdxActivate, issuer) == 0x0c);
static_assert(offsetof(IdxActivate, function_level) == 0x10);
static_assert(offsetof(IdxActivate, ulp_name) == 0x16);
static_assert(offsetof(IdxActivate, data_device) == 0x1e);

// Why an adapter sent IDX TERMINATE: the layer is not the LAN's, in an adapter's and in a hypervisor's words.
constexpr bool is_wrong_transport(std::uint8_t cause) noexcept { return cause == 0x41 || cause == 0xf6; }

// A message from the read control device: a copy, every access bounded. Bytes beyond the end read as zero,
// as in Linux, whose buffer is zeroed before.
class ReceivedMessage {
 public:
  std::span<std::byte> room() noexcept { return std::span(bytes_).first(length_); }
  void set_length(std::size_t length) noexcept { length_ = length < bytes_.size() ? length : bytes_.size(); }

  std::uint8_t byte(std::size_t offset) const noexcept {
    return offset < length_ ? static_cast<std::uint8_t>(bytes_[offset]) : std::uint8_t{0};
  }
  std::uint16_t half(std::size_t offset) const noexcept {
    return static_cast<std::uint16_t>((byte(offset) << 8U) | byte(offset + 1));
  }
  Token token_at(std::size_t offset) const noexcept {
    Token result{};
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::byte{byte(offset + i)};
    return result;
  }

  // Linux goes by the low bytes of the offsets alone.
  bool is_ipa() const noexcept {
    return byte(std::size_t{byte(0x0b)} + 4) == static_cast<std::uint8_t>(MessageType::ipa);
  }
  std::size_t pdu_offset() const noexcept {
    const std::size_t request = byte(0x0b);
    return byte(request + byte(request + 0x11) + 0x07);
  }
  std::span<const std::byte> pdu() const noexcept {
    const auto all = std::span(bytes_).first(length_);
    return pdu_offset() < length_ ? all.subspan(pdu_offset()) : all.first(0);
  }
  bool is_idx_terminate() const noexcept { return (byte(2) & 0xc0U) == 0xc0U; }
  std::uint8_t idx_terminate_cause() const noexcept { return byte(4); }

 private:
  std::array<std::byte, message_page> bytes_{};
  std::size_t length_ = 0;
};

}  // namespace vmlan::cms
