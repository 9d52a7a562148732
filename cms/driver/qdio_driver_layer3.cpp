// The IPA side of the driver: what follows DM_ACT, in the order of Linux 6.1 qeth, and addresses. What
// differs in layer 2 is in qdio_driver_layer2.cpp.
#include <algorithm>

#include "cms/driver/qdio_driver.h"

namespace vmlan::cms {

namespace {

namespace assist = qdio::ipa_assist;
using qdio::AssistCommand;
using qdio::IpaCode;

// SETADAPTERPARMS reply.
constexpr std::size_t adapter_return_code_offset = 0x24;
constexpr std::size_t adapter_commands_offset = 0x34;
constexpr std::size_t adapter_mac_offset = 0x38;
// CREATE_ADDR reply.
constexpr std::size_t created_mac_offset = 0x14;
constexpr std::size_t created_id_offset = 0x1a;

bool is_usable(const wire::MacAddress& mac) noexcept { return !mac.is_group() && !mac.is_zero(); }

}  // namespace

IpaCode QdioDriver::command(const IpaRequest& request) {
  const auto reply = dialogue_.command(request);
  return reply ? reply->code() : IpaCode::unknown_error;
}

DriverError QdioDriver::start_lan() {
  const auto lan = dialogue_.command(start_lan_request());
  if (!lan) return Error::no_answer;
  const bool offline = lan->code() == IpaCode::lan_offline;
  if (lan->code() != IpaCode::success && !offline) return Error::command_refused;
  if (const auto error = negotiate_assists(); error != Error::none) return error;
  started_ = true;
  online_ = !offline;
  length_limit_ = output_.largest_payload() + 1;
  input_.post_all();
  signal_input();
  if (const auto error = read_mac(); error != Error::none) return error;
  if (const auto error = is_layer2() ? start_layer2() : start_layer3(); error != Error::none) return error;
  return offline ? Error::lan_offline : Error::none;
}

DriverError QdioDriver::start_layer3() {
  start_assists();
  register_routers();
  register_addresses();
  register_groups();
  return create_address();
}

DriverError QdioDriver::negotiate_assists() {
  assists_v4_ = 0;
  assists_v6_ = 0;
  adapter_commands_ = 0;
  const auto v4 = dialogue_.command(query_assists_request(Protocol::ipv4));
  if (!v4) return Error::no_answer;
  // An adapter that doesn't know the question still has SETADAPTERPARMS.
  assists_v4_ = v4->code() == IpaCode::success ? v4->header().supported.value() : assist::adapter_parameters;
  if (options_.ipv6 && supported(assist::ipv6)) {
    const auto v6 = dialogue_.command(query_assists_request(Protocol::ipv6));
    if (!v6) return Error::no_answer;
    if (v6->code() == IpaCode::success) assists_v6_ = v6->header().supported;
  }
  if (!supported(assist::adapter_parameters)) return Error::none;
  const auto adapter = dialogue_.command(query_adapter_request());
  if (!adapter) return Error::no_answer;
  if (adapter->code() != IpaCode::success || adapter->half(adapter_return_code_offset) != 0) {
    return Error::command_refused;
  }
  adapter_commands_ = adapter->word(adapter_commands_offset);
  return Error::none;
}

DriverError QdioDriver::read_mac() {
  // Linux asks in layer 2 whatever the adapter told.
  const auto alter_mac = static_cast<std::uint32_t>(qdio::AdapterSubcommand::alter_mac);
  if (!is_layer2() && (adapter_commands_ & alter_mac) == 0) return Error::none;
  const auto reply = dialogue_.command(read_mac_request());
  if (!reply) return Error::no_answer;
  if (reply->code() != IpaCode::success || reply->half(adapter_return_code_offset) != 0) return Error::none;
  const auto mac = reply->mac(adapter_mac_offset);
  if (is_usable(mac)) mac_ = mac;
  return Error::none;
}

// An assist the adapter refuses is an assist less; Linux goes on as well.
void QdioDriver::start_assists() {
  constexpr std::uint32_t enable_both_versions = 3;
  constexpr std::uint32_t filter_broadcast = 1;
  const auto start = [this](std::uint32_t number, Protocol protocol = Protocol::ipv4) {
    command(assist_request(number, AssistCommand::start, protocol));
  };
  if (supported(assist::arp)) start(assist::arp);
  if (supported(assist::source_mac)) start(assist::source_mac);
  if (supported(assist::full_vlan)) start(assist::vlan_priority);
  if (supported(assist::multicast)) start(assist::multicast);
  if (assists_v6_ != 0 && !is_iqd()) {
    command(assist_request(assist::ipv6, AssistCommand::start, Protocol::ipv4, enable_both_versions));
    start(assist::ipv6, Protocol::ipv6);
    start(assist::passthru, Protocol::ipv6);
  }
  if (options_.broadcast && supported(assist::filtering)) {
    start(assist::filtering);
    command(assist_request(assist::filtering, AssistCommand::configure, Protocol::ipv4, filter_broadcast));
    command(assist_request(assist::filtering, AssistCommand::enable, Protocol::ipv4, filter_broadcast));
  }
}

void QdioDriver::register_routers() {
  command(routing_request(wire::IpVersion::v4, routers_[0]));
  if (assists_v6_ != 0) command(routing_request(wire::IpVersion::v6, routers_[1]));
}

void QdioDriver::register_addresses() {
  for (const auto& entry : addresses_)
    command(set_ip_request(entry.address, entry.prefix_length, entry.flags));
}

void QdioDriver::register_groups() {
  for (std::size_t done = 0; done < groups_.size(); ++done)
    set_group(groups_[done], std::span(groups_).first(done), true);
}

// HiperSockets give a MAC address here and must; an OSA gives an interface id.
DriverError QdioDriver::create_address() {
  unique_id_ = 0;
  if (!is_iqd() && assists_v6_ == 0) return Error::none;
  const auto reply = dialogue_.command(create_address_request());
  if (!reply) return Error::no_answer;
  const bool success = reply->code() == IpaCode::success;
  if (!is_iqd()) {
    if (success) unique_id_ = reply->half(created_id_offset);
    return Error::none;
  }
  const auto mac = reply->mac(created_mac_offset);
  if (!success || !is_usable(mac)) return Error::command_refused;
  mac_ = mac;
  return Error::none;
}

IpaCode QdioDriver::set_ip(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags) {
  if (!started_) return IpaCode::startlan_missing;
  const auto kept = online_ ? IpaCode::success : IpaCode::lan_offline;
  const auto code = is_layer2() ? kept : command(set_ip_request(address, prefix_length, flags));
  // Registered when the LAN comes, if it is away.
  if (code == IpaCode::success || code == IpaCode::lan_offline) {
    std::erase_if(addresses_, [&](const Registration& entry) { return entry.address == address; });
    addresses_.push_back({address, prefix_length, flags});
  }
  return code;
}

IpaCode QdioDriver::delete_ip(const wire::IpAddress& address) {
  const auto entry = std::find_if(addresses_.begin(), addresses_.end(),
                                  [&](const Registration& one) { return one.address == address; });
  const unsigned prefix_length = entry == addresses_.end() ? 0 : entry->prefix_length;
  if (entry != addresses_.end()) addresses_.erase(entry);
  if (started_ && is_layer2()) return IpaCode::success;
  return started_ ? command(delete_ip_request(address, prefix_length)) : IpaCode::startlan_missing;
}

IpaCode QdioDriver::set_multicast(const wire::IpAddress& group) {
  if (!started_) return IpaCode::startlan_missing;
  const auto code = set_group(group, groups_, true);
  if ((code == IpaCode::success || code == IpaCode::lan_offline) &&
      std::ranges::find(groups_, group) == groups_.end()) {
    groups_.push_back(group);
  }
  return code;
}

IpaCode QdioDriver::delete_multicast(const wire::IpAddress& group) {
  std::erase(groups_, group);
  return started_ ? set_group(group, groups_, false) : IpaCode::startlan_missing;
}

IpaCode QdioDriver::set_router(wire::IpVersion version, qdio::RouterType type) {
  if (!started_) return IpaCode::startlan_missing;
  const auto code = is_layer2() ? IpaCode::success : command(routing_request(version, type));
  if (code == IpaCode::success) routers_[version == wire::IpVersion::v6 ? 1 : 0] = type;
  return code;
}

bool QdioDriver::is_answered() {
  return started_ && dialogue_.command(query_assists_request(Protocol::ipv4)).has_value();
}

}  // namespace vmlan::cms
