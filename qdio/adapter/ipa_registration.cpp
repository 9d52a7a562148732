// Commands that register addresses: IP, multicast, router type (layer 3); MAC and VLAN (layer 2).
#include <bit>
#include <optional>
#include <span>

#include "qdio/adapter/ipa.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::qdio {

namespace {

// CREATE_ADDR: "this MAC address is nobody else's" (observed).
constexpr std::uint16_t unshared_mac = 0xfffe;

// A value, or why the request has none.
template <class Value>
struct Judged {
  Value value{};
  IpaCode code = IpaCode::success;
};

struct IpRequest {
  wire::IpAddress address;
  unsigned prefix_length = 0;
  std::uint32_t flags = 0;
};

// z/OS' masks are at times not contiguous, its IPv6 masks not even initialized (SDL-Hercules-390/hyperion,
// comments of qeth.c): such a mask says nothing, the address stands for itself.
unsigned prefix_length(std::span<const std::uint8_t> mask) noexcept {
  unsigned length = 0;
  bool over = false;
  for (const std::uint8_t byte : mask) {
    const int ones = std::countl_one(byte);
    if (std::popcount(byte) != ones || (over && ones > 0)) return static_cast<unsigned>(mask.size()) * 8;
    length += static_cast<unsigned>(ones);
    over = ones < 8;
  }
  return length;
}

// An IPv6 address that is an IPv4 one in disguise would be the same key in the LAN's table.
Judged<wire::IpAddress> address_v6(const std::array<std::uint8_t, 16>& bytes) noexcept {
  const auto address = wire::IpAddress::v6(bytes.data());
  return {address, address.is_v4() ? IpaCode::bad_format : IpaCode::success};
}

template <class Block>
Judged<IpRequest> ip_request(const IpaMessage& message, Judged<wire::IpAddress> (*convert)(const Block&)) {
  const auto block = message.read<Block>(ipa_data);
  if (!block) return {{}, IpaCode::bad_format};
  const auto [address, code] = convert(*block);
  if (code != IpaCode::success) return {{}, code};
  return {{address, prefix_length(block->mask), block->flags}, IpaCode::success};
}

Judged<IpRequest> ip_request(const IpaMessage& message) {
  switch (message.header().protocol_version) {
    case protocol_v4:
      return ip_request<SetIp4>(message, [](const SetIp4& block) -> Judged<wire::IpAddress> {
        return {wire::IpAddress::v4(block.address.data()), IpaCode::success};
      });
    case protocol_v6:
      return ip_request<SetIp6>(message, [](const SetIp6& block) { return address_v6(block.address); });
    default:
      return {{}, IpaCode::invalid_ip_version};
  }
}

struct GroupRequest {
  wire::IpAddress group;
  wire::MacAddress mac;
};

Judged<GroupRequest> group_request(const IpaMessage& message) {
  const auto block = message.read<SetIpMulticast>(ipa_data);
  if (!block) return {{}, IpaCode::bad_format};
  const wire::MacAddress mac{block->mac};
  switch (message.header().protocol_version) {
    case protocol_v4:
      return {{wire::IpAddress::v4(block->group.data() + 12), mac}, IpaCode::success};
    case protocol_v6: {
      const auto [group, code] = address_v6(block->group);
      return {{group, mac}, code};
    }
    default:
      return {{}, IpaCode::invalid_ip_version};
  }
}

Judged<wire::MacAddress> mac_request(const IpaMessage& message) {
  const auto block = message.read<SetMac>(ipa_data);
  if (!block || block->length != block->mac.size()) return {{}, IpaCode::bad_format};
  return {wire::MacAddress{block->mac}, IpaCode::success};
}

bool is_router_type(AdapterKind kind, std::uint8_t type) noexcept {
  switch (static_cast<RouterType>(type)) {
    case RouterType::none:
    case RouterType::multicast:
      return true;
    case RouterType::primary:
    case RouterType::secondary:
      return kind == AdapterKind::osd;
    case RouterType::primary_connector:
    case RouterType::secondary_connector:
      return kind == AdapterKind::iqd;
  }
  return false;
}

}  // namespace

IpaCode Ipa::set_ip(IpaMessage& message) {
  const auto [request, code] = ip_request(message);
  if (code != IpaCode::success) return code;
  const wire::IpAddress& address = request.address;
  if (address.is_unspecified() || address.is_multicast() || address.is_limited_broadcast()) {
    return IpaCode::bad_format;
  }
  return port_.set_ip(address, request.prefix_length, request.flags);
}

IpaCode Ipa::delete_ip(IpaMessage& message) {
  const auto [request, code] = ip_request(message);
  return code == IpaCode::success ? port_.delete_ip(request.address) : code;
}

IpaCode Ipa::set_multicast(IpaMessage& message) {
  const auto [request, code] = group_request(message);
  if (code != IpaCode::success) return code;
  return request.group.is_multicast() ? port_.set_multicast(request.group, request.mac) : IpaCode::bad_format;
}

IpaCode Ipa::delete_multicast(IpaMessage& message) {
  const auto [request, code] = group_request(message);
  return code == IpaCode::success ? port_.delete_multicast(request.group) : code;
}

IpaCode Ipa::set_routing(IpaMessage& message) {
  const auto type = message.read<std::uint8_t>(ipa_data);
  if (!type) return IpaCode::bad_format;
  const std::uint16_t version = message.header().protocol_version;
  if (!is_protocol(version)) return IpaCode::invalid_ip_version;
  if (!is_router_type(kind_, *type)) return IpaCode::invalid_routing_indicator;
  return port_.set_router(version == protocol_v6 ? wire::IpVersion::v6 : wire::IpVersion::v4,
                          static_cast<RouterType>(*type));
}

IpaCode Ipa::create_address(IpaMessage& message) {
  if (!message.read<CreateAddress>(ipa_data)) return IpaCode::bad_format;
  CreateAddress answer;
  answer.mac = port_.mac().bytes;
  answer.unique_id = kind_ == AdapterKind::osd ? unshared_mac : std::uint16_t{0};
  message.write(ipa_data, answer);
  return IpaCode::success;
}

IpaCode Ipa::set_mac(IpaMessage& message) {
  const auto [mac, code] = mac_request(message);
  if (code != IpaCode::success) return code;
  return transport_ == Transport::ip ? confirm_mac(mac) : port_.set_mac(mac);
}

IpaCode Ipa::delete_mac(IpaMessage& message) {
  const auto [mac, code] = mac_request(message);
  if (code != IpaCode::success) return code;
  return transport_ == Transport::ip ? confirm_mac(mac) : port_.delete_mac(mac);
}

// In layer 3 the MAC address is the NIC's, and the LAN has no use for it: a driver may say it, not choose it.
IpaCode Ipa::confirm_mac(const wire::MacAddress& mac) const {
  return mac == port_.mac() ? IpaCode::success : IpaCode::layer2_unsupported;
}

IpaCode Ipa::set_group_mac(IpaMessage& message) {
  const auto [mac, code] = mac_request(message);
  return code == IpaCode::success ? port_.set_group_mac(mac) : code;
}

IpaCode Ipa::delete_group_mac(IpaMessage& message) {
  const auto [mac, code] = mac_request(message);
  return code == IpaCode::success ? port_.delete_group_mac(mac) : code;
}

IpaCode Ipa::set_vlan(IpaMessage& message) {
  const auto vlan = message.read<be16>(ipa_data);
  if (!vlan) return IpaCode::bad_format;
  return transport_ == Transport::ip ? use_vlan(*vlan) : port_.set_vlan(*vlan);
}

// A layer 3 driver says which VLAN it is going to use; again is no fault.
IpaCode Ipa::use_vlan(std::uint16_t vlan) {
  const IpaCode code = port_.set_vlan(vlan);
  return code == IpaCode::duplicate_vlan ? IpaCode::success : code;
}

IpaCode Ipa::delete_vlan(IpaMessage& message) {
  const auto vlan = message.read<be16>(ipa_data);
  return vlan ? port_.delete_vlan(*vlan) : IpaCode::bad_format;
}

}  // namespace vmlan::qdio
