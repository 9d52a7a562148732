// Messages of DHCP for IPv4: what a client sends, and what it understands of an answer.
// Source: RFC 2131, options of RFC 2132. What servers say is hostile; a malformed part is as if it were not
// there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::cms {

inline constexpr std::uint16_t dhcp_server_port = 67;
inline constexpr std::uint16_t dhcp_client_port = 68;

enum class DhcpType : std::uint8_t {
  none = 0,
  discover = 1,
  offer = 2,
  request = 3,
  acknowledgement = 5,
  refusal = 6,
  release = 7,
};

struct DhcpRequest {
  DhcpType type = DhcpType::discover;
  std::uint32_t transaction = 0;
  wire::MacAddress mac;
  std::optional<wire::IpAddress> own;  // the address it has and uses; nothing: answers shall be broadcasts
  std::optional<wire::IpAddress> requested;  // the one it wants
  std::optional<wire::IpAddress> server;     // whose offer is taken, or whose lease is given back

  std::vector<std::byte> bytes() const;
};

struct DhcpReply {
  static constexpr std::size_t most_addresses = 3;

  DhcpType type = DhcpType::none;
  wire::IpAddress address;
  std::optional<wire::IpAddress> server;
  std::optional<std::uint32_t> mask;  // most significant byte first
  std::vector<wire::IpAddress> routers;
  std::vector<wire::IpAddress> name_servers;
  std::optional<std::uint32_t> lease_time;  // seconds, as the next two
  std::optional<std::uint32_t> renewal_time;
  std::optional<std::uint32_t> rebinding_time;

  // Nothing: no answer to this client's question.
  static std::optional<DhcpReply> parse(std::span<const std::byte> message, const wire::MacAddress& mac,
                                        std::uint32_t transaction);

 private:
  void take(std::uint8_t code, std::span<const std::byte> value);
};

// An IPv4 address somebody can be sent to alone.
bool is_host_address(const wire::IpAddress& address) noexcept;

}  // namespace vmlan::cms
