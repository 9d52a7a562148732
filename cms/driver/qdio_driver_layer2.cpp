// The driver in layer 2: the adapter knows MAC addresses, and nothing of IP. The order is that of Linux 6.1
// qeth; bridge ports and VNIC characteristics are not asked for.
#include <algorithm>

#include "cms/driver/qdio_driver.h"

namespace vmlan::cms {

using qdio::IpaCode;
using qdio::IpaCommand;

DriverError QdioDriver::start_layer2() {
  if (options_.mac) mac_ = *options_.mac;
  if (mac_.is_zero()) return Error::command_refused;
  const auto reply = dialogue_.command(mac_request(IpaCommand::set_mac, mac_));
  if (!reply) return Error::no_answer;
  const auto code = reply->code();
  if (code == IpaCode::duplicate_mac) return Error::mac_in_use;
  if (code != IpaCode::success && code != IpaCode::lan_offline) return Error::command_refused;
  register_groups();
  return Error::none;
}

// Thirty-two IPv4 groups and many IPv6 groups share a MAC address: it is registered for the first of them and
// deleted after the last. `others`: those it is or stays registered for.
IpaCode QdioDriver::set_group(const wire::IpAddress& group, std::span<const wire::IpAddress> others,
                              bool set) {
  if (!is_layer2()) return command(multicast_request(group, set));
  const auto mac = wire::multicast_mac(group);
  const bool shared = std::ranges::any_of(
      others, [&](const wire::IpAddress& other) { return wire::multicast_mac(other) == mac; });
  if (shared) return IpaCode::success;
  return command(mac_request(set ? IpaCommand::set_group_mac : IpaCommand::delete_group_mac, mac));
}

}  // namespace vmlan::cms
