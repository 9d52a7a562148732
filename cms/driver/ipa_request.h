// IPA commands as the driver builds them, and what it keeps of the replies.
// Source of the layouts: observed, Linux 6.1 qeth.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "qdio/adapter/ipa_codes.h"
#include "qdio/adapter/ipa_commands.h"
#include "qdio/queues/adapter_kind.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::cms {

enum class Protocol : std::uint16_t { none = 0, ipv4 = 4, ipv6 = 6 };

constexpr Protocol protocol_of(wire::IpVersion version) noexcept {
  return version == wire::IpVersion::v4 ? Protocol::ipv4 : Protocol::ipv6;
}

// One command: its header without sequence number and layer, and its data, appended field by field.
class IpaRequest {
 public:
  IpaRequest(qdio::IpaCommand command, Protocol protocol) noexcept;

  IpaRequest& add8(std::uint8_t value) noexcept;
  IpaRequest& add16(std::uint16_t value) noexcept;
  IpaRequest& add32(std::uint32_t value) noexcept;
  IpaRequest& add(std::span<const std::uint8_t> bytes) noexcept;
  IpaRequest& add_zeros(std::size_t count) noexcept;

  void address(std::uint16_t sequence, qdio::Transport transport) noexcept;
  std::span<const std::byte> bytes() const noexcept { return std::span(bytes_).first(length_); }

 private:
  std::array<std::byte, 64> bytes_{};  // the longest command, SETADAPTERPARMS ALTER MAC
  std::size_t length_ = 0;
};

IpaRequest start_lan_request();
IpaRequest query_assists_request(Protocol protocol);
IpaRequest assist_request(std::uint32_t assist, qdio::AssistCommand command, Protocol protocol,
                          std::optional<std::uint32_t> data = std::nullopt);
IpaRequest query_adapter_request();
IpaRequest read_mac_request();
IpaRequest routing_request(wire::IpVersion version, qdio::RouterType type);
IpaRequest create_address_request();
IpaRequest set_ip_request(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags);
IpaRequest delete_ip_request(const wire::IpAddress& address, unsigned prefix_length);
// SETVMAC, SETGMAC and their opposites.
IpaRequest mac_request(qdio::IpaCommand command, const wire::MacAddress& mac);
IpaRequest multicast_request(const wire::IpAddress& group, bool set);

// A reply, header included; longer ones are cut: nothing the driver needs lies further back.
class IpaReply {
 public:
  IpaReply() = default;
  explicit IpaReply(std::span<const std::byte> pdu) noexcept;

  qdio::IpaHeader header() const noexcept;
  qdio::IpaCode code() const noexcept { return static_cast<qdio::IpaCode>(header().return_code.value()); }
  // Fields beyond the end read as zero, as in Linux, whose buffer is zeroed before.
  std::uint16_t half(std::size_t offset) const noexcept;
  std::uint32_t word(std::size_t offset) const noexcept;
  wire::MacAddress mac(std::size_t offset) const noexcept;

 private:
  std::array<std::byte, 128> bytes_{};
};

}  // namespace vmlan::cms
