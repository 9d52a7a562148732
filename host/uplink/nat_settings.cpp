#include "host/uplink/nat_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vmlan::host {

namespace {

constexpr unsigned nat_least_mtu = 576;
constexpr unsigned nat_least_mtu6 = 1280;    // RFC 8200, 5
constexpr unsigned nat_largest_mtu = 65521;  // libslirp's IF_MTU_MAX
constexpr std::size_t nat_longest_hostname = 32;
constexpr std::size_t nat_longest_domain = 128;  // of the 312 bytes of options in libslirp's DHCP answers

std::string nat_endpoint(const wire::IpAddress& address, std::uint16_t port) {
  return address.is_v4() ? fmt::format("{}:{}", wire::to_string(address), port)
                         : fmt::format("[{}]:{}", wire::to_string(address), port);
}

bool is_dns_text(const std::string& text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

wire::IpAddress with_last_byte(wire::IpAddress address, std::uint8_t last) {
  address.bytes[15] = last;
  return address;
}

std::optional<std::string> wrong_with_options(const NatSettings& settings) {
  if (settings.mtu < nat_least_mtu || settings.mtu > nat_largest_mtu) {
    return fmt::format("the MTU has to be between {} and {}", nat_least_mtu, nat_largest_mtu);
  }
  if (settings.ipv6 && settings.mtu < nat_least_mtu6) {
    return fmt::format("with IPv6 the MTU has to be at least {}", nat_least_mtu6);
  }
  if (settings.hostname.size() > nat_longest_hostname || !is_dns_text(settings.hostname)) {
    return fmt::format("a host name has at most {} letters, digits, dashes and dots", nat_longest_hostname);
  }
  if (settings.domain.size() > nat_longest_domain || !is_dns_text(settings.domain)) {
    return fmt::format("a domain has at most {} letters, digits, dashes and dots", nat_longest_domain);
  }
  return std::nullopt;
}

std::optional<std::string> wrong_with_prefix6(const NatSettings& settings) {
  const auto& prefix = settings.prefix6;
  const bool short_enough =
      std::all_of(prefix.bytes.begin() + 8, prefix.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
  const bool link_local = prefix.bytes[0] == 0xfe;
  if (prefix.is_v4() || prefix.is_unspecified() || prefix.is_multicast() || link_local || !short_enough) {
    return fmt::format("{} is no IPv6 prefix of 64 bits for a network", wire::to_string(prefix));
  }
  return std::nullopt;
}

// The pool counts in the last byte only, and holds neither the host nor the name server.
std::optional<std::string> wrong_with_pool(const NatPlan& plan) {
  const auto first = v4_number(plan.first_lease);
  const auto last = first + NatPlan::leases - 1;
  const auto holds = [&](const wire::IpAddress& address) {
    return v4_number(address) >= first && v4_number(address) <= last;
  };
  const bool inside = plan.is_guest(plan.first_lease) && plan.is_guest(v4_address(last));
  if (!inside || (first & 0xffU) + NatPlan::leases > 256 || holds(plan.host) || holds(plan.name_server)) {
    return fmt::format("DHCP needs {} addresses in a row, which {} and what follows are not", NatPlan::leases,
                       wire::to_string(plan.first_lease));
  }
  return std::nullopt;
}

std::optional<std::string> wrong_with_addresses(const NatSettings& settings, const NatPlan& plan) {
  const auto number = v4_number(plan.network);
  const auto first = number >> 24U;
  if (first == 0 || first == 127 || first >= 224) {
    return fmt::format("{} is no network for guests", wire::to_string(plan.network));
  }
  if ((number & ~plan.mask) != 0) {
    return fmt::format("{} is no network of {} bits", wire::to_string(plan.network), settings.prefix_length);
  }
  for (const auto& address : {plan.host, plan.name_server}) {
    if (!plan.contains(address) || address == plan.network || address == plan.broadcast) {
      return fmt::format("{} is no address in {}/{}", wire::to_string(address), wire::to_string(plan.network),
                         settings.prefix_length);
    }
  }
  if (plan.host == plan.name_server) return "the host and the name server need different addresses";
  if (settings.dhcp) return wrong_with_pool(plan);
  return std::nullopt;
}

}  // namespace

std::string listener_text(const ForwardedPort& port) {
  return fmt::format("{} {}", port.protocol == ForwardedPort::Protocol::tcp ? "tcp" : "udp",
                     nat_endpoint(port.host_address, port.host_port));
}

std::string to_string(const ForwardedPort& port) {
  return fmt::format("{} to {}", listener_text(port), nat_endpoint(port.guest_address, port.guest_port));
}

std::uint32_t v4_number(const wire::IpAddress& address) noexcept {
  const auto* bytes = address.v4_bytes();
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U |
         bytes[3];
}

wire::IpAddress v4_address(std::uint32_t number) noexcept {
  return wire::IpAddress::v4(static_cast<std::uint8_t>(number >> 24U),
                             static_cast<std::uint8_t>(number >> 16U),
                             static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number));
}

bool NatPlan::contains(const wire::IpAddress& address) const noexcept {
  if (address.is_v4()) return (v4_number(address) & mask) == v4_number(network);
  return ipv6 && address.high() == prefix6.high();
}

bool NatPlan::is_own(const wire::IpAddress& address) const noexcept {
  return address == host || address == name_server || (ipv6 && (address == host6 || address == name_server6));
}

bool NatPlan::is_guest(const wire::IpAddress& address) const noexcept {
  return contains(address) && !is_own(address) && address != network && address != broadcast &&
         address != prefix6;
}

std::variant<NatPlan, std::string> plan_nat(const NatSettings& settings) {
  if (auto wrong = wrong_with_options(settings)) return *wrong;
  if (!settings.network.is_v4() || settings.prefix_length < 8 || settings.prefix_length > 29) {
    return "the network has to be an IPv4 network of 8 to 29 bits";
  }
  NatPlan plan;
  plan.network = settings.network;
  plan.mask = ~std::uint32_t{0} << (32 - settings.prefix_length);
  const auto number = v4_number(settings.network);
  plan.broadcast = v4_address(number | ~plan.mask);
  plan.host = settings.host.value_or(v4_address(number + 2));
  plan.name_server = settings.name_server.value_or(v4_address(number + 3));
  plan.first_lease = settings.first_lease.value_or(v4_address(number + 15));
  if (settings.ipv6) {
    if (auto wrong = wrong_with_prefix6(settings)) return *wrong;
    plan.ipv6 = true;
    plan.prefix6 = settings.prefix6;
    plan.host6 = with_last_byte(settings.prefix6, 2);
    plan.name_server6 = with_last_byte(settings.prefix6, 3);
  }
  if (auto wrong = wrong_with_addresses(settings, plan)) return *wrong;
  return plan;
}

std::variant<ForwardedPort, std::string> plan_forward(const NatPlan& plan, const ForwardedPort& port) {
  auto planned = port;
  if (port.host_port == 0 || port.guest_port == 0) return "a port is a number from 1 to 65535";
  const auto any = wire::IpAddress::v4(0, 0, 0, 0);
  if (port.guest_address == any) planned.guest_address = plan.first_lease;
  if (port.host_address.is_v4() != planned.guest_address.is_v4()) {
    return fmt::format("{}: the host's address and the guest's have to be of one kind, IPv4 or IPv6",
                       to_string(planned));
  }
  if (!plan.is_guest(planned.guest_address)) {
    return fmt::format("{}: {} is no address for a guest of this network", to_string(planned),
                       wire::to_string(planned.guest_address));
  }
  if (port.host_address.is_multicast() || port.host_address.is_limited_broadcast()) {
    return fmt::format("{}: nobody can listen at that address", listener_text(planned));
  }
  return planned;
}

}  // namespace vmlan::host
