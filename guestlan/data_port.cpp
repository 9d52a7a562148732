#include "guestlan/data_port.h"

#include <algorithm>
#include <cassert>

#include "guestlan/lan.h"
#include "guestlan/nic.h"

namespace vmlan::guestlan {

namespace {

// Bounds what one guest can make the base remember (assumed; an OSA-Express has limits of this order).
constexpr std::size_t max_registrations = 4096;
constexpr std::size_t max_lost = 64;  // remembered of the addresses that others took over
// Largest layer-3 MTU of an OSA-Express (Device Drivers, qeth).
constexpr std::uint32_t osd_max_mtu = 8992;

}  // namespace

using qdio::IpaCode;

namespace {

Port::Identity identity_of(const NicSettings& nic, unsigned device_index) {
  const arch::DeviceNumber device{static_cast<std::uint16_t>(nic.base_device.value + device_index)};
  return {nic.owner, device, nic.mac_of_station(device_index / NicSettings::devices_of_a_station)};
}

}  // namespace

DataPort::DataPort(Nic& nic, unsigned device_index)
    : Port(identity_of(nic.settings(), device_index)), nic_(nic), device_index_(device_index) {
  set_lossless(nic.settings().kind == qdio::AdapterKind::iqd);
  set_whole_super_frames(nic.settings().whole_super_frames);
  set_rules(nic.port_rules());
  set_mac_protection(nic.settings().mac_protect);
}

DataPort::~DataPort() { leave(); }

void DataPort::take_mac_of_nic() noexcept {
  assert(state_ == SessionState::startup && "its driver knows the address");
  set_station_mac(nic_.settings().mac_of_station(device_index_ / NicSettings::devices_of_a_station));
}

void DataPort::queues_started(qdio::DataQueues& queues) noexcept {
  give_to(&queues);
  // HiperSockets never pack: one datagram a buffer.
  queues.set_packing(queues.kind() == qdio::AdapterKind::osd);
}

void DataPort::join(Lan& lan) {
  forget_registrations();
  Port::join(lan);
  update_active();
}

void DataPort::forget_registrations() {
  if (lan() != nullptr) {
    IpTable& table = lan()->ip_table();
    for (const auto& ip : unicast_) table.remove_unicast(ip.address, *this);
    for (const auto& group : multicast_) table.remove_multicast(group.address, *this);
    for (const auto& mac : macs_) lan()->remove_mac(mac, *this);
    table.remove_router(*this);
  }
  unicast_.clear();
  multicast_.clear();
  macs_.clear();
  lost_.clear();
  vlans().clear();
  listen(false);
}

void DataPort::reset() {
  forget_registrations();
  state_ = SessionState::startup;
  update_active();
  set_broadcast(false);
  set_inbound_checksum(wire::IpVersion::v4, false);
  set_inbound_checksum(wire::IpVersion::v6, false);
  ulp_name_.clear();
  port_name_.clear();
}

wire::MacAddress DataPort::mac() const { return station_mac(); }

// An uncoupled HiperSockets NIC works on a private internal LAN of its own.
bool DataPort::transport_fits() const noexcept {
  return transport_ == (lan() == nullptr ? qdio::Transport::ip : lan()->attributes().transport);
}

bool DataPort::lan_online() const {
  if (lan() == nullptr && nic_.settings().kind != qdio::AdapterKind::iqd) return false;
  return state_ == SessionState::startup || transport_fits();
}

void DataPort::update_active() { set_active(state_ == SessionState::lan_started && transport_fits()); }

bool DataPort::accepts(qdio::Transport transport) const {
  return lan() == nullptr ? transport == qdio::Transport::ip : lan()->attributes().transport == transport;
}

std::uint32_t DataPort::max_mtu() const { return osd_max_mtu; }

std::uint32_t DataPort::max_frame_size() const {
  return lan() == nullptr ? LanAttributes{}.max_frame_size : lan()->attributes().max_frame_size;
}

void DataPort::session_established(qdio::Transport transport, std::string_view ulp_name,
                                   std::string_view port_name) {
  transport_ = transport;
  ulp_name_ = ulp_name;
  port_name_ = port_name;
  state_ = SessionState::established;
  update_active();
}

IpaCode DataPort::start_lan() {
  if (!lan_online()) return IpaCode::lan_offline;
  state_ = SessionState::lan_started;
  update_active();
  return IpaCode::success;
}

IpaCode DataPort::stop_lan() {
  forget_registrations();
  state_ = SessionState::established;
  update_active();
  return IpaCode::success;
}

IpaCode DataPort::ready() const {
  if (!lan_online()) return IpaCode::lan_offline;
  return state_ == SessionState::lan_started ? IpaCode::success : IpaCode::startlan_missing;
}

IpaCode DataPort::set_ip(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  const bool mine = std::any_of(unicast_.begin(), unicast_.end(),
                                [&](const RegisteredIp& entry) { return entry.address == address; });
  if (mine) return IpaCode::address_already_used;
  if (unicast_.size() >= max_registrations) {
    return address.is_v4() ? IpaCode::ip_table_full : IpaCode::ipv6_table_full;
  }
  if (lan() != nullptr) {
    IpTable& table = lan()->ip_table();
    const IpEntry* present = table.find(address);
    const bool theirs = present != nullptr && present->type == EntryType::unicast && present->port != this;
    if (theirs && (flags & (qdio::set_ip_flag::vipa | qdio::set_ip_flag::takeover)) != 0) {
      present->port->address_taken(address, *this);
    }
    if (table.add_unicast(address, prefix_length, *this) != IpTable::Added::yes) {
      return IpaCode::duplicate_ip_address;
    }
  }
  std::erase_if(lost_, [&](const LostIp& lost) { return lost.address == address; });
  unicast_.push_back({address, prefix_length});
  return IpaCode::success;
}

bool DataPort::unregister(const wire::IpAddress& address) {
  const auto found = std::find_if(unicast_.begin(), unicast_.end(),
                                  [&](const RegisteredIp& ip) { return ip.address == address; });
  if (found == unicast_.end()) return false;
  if (lan() != nullptr) lan()->ip_table().remove_unicast(found->address, *this);
  unicast_.erase(found);
  return true;
}

void DataPort::address_taken(const wire::IpAddress& address, const Port& by) {
  if (!unregister(address)) return;
  if (lost_.size() >= max_lost) lost_.erase(lost_.begin());
  lost_.push_back({address, by.owner()});
}

IpaCode DataPort::delete_ip(const wire::IpAddress& address) {
  if (unregister(address)) return IpaCode::success;
  // Somebody has taken it over: it is as the driver wants it.
  const auto lost = std::erase_if(lost_, [&](const LostIp& ip) { return ip.address == address; });
  // E010 on DELIP means "address not defined" (qeth_core_mpc.h).
  return lost > 0 ? IpaCode::success : IpaCode::primary_exists;
}

IpaCode DataPort::set_multicast(const wire::IpAddress& group, const wire::MacAddress& mac) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (!group.is_multicast()) return IpaCode::bad_format;
  const bool known = std::any_of(multicast_.begin(), multicast_.end(),
                                 [&](const RegisteredGroup& entry) { return entry.address == group; });
  if (known) return IpaCode::success;
  if (multicast_.size() >= max_registrations) return IpaCode::ip_table_full;
  if (lan() != nullptr && lan()->ip_table().add_multicast(group, *this) != IpTable::Added::yes) {
    return IpaCode::bad_format;
  }
  multicast_.push_back({group, mac});
  return IpaCode::success;
}

IpaCode DataPort::delete_multicast(const wire::IpAddress& group) {
  const auto removed =
      std::erase_if(multicast_, [&](const RegisteredGroup& entry) { return entry.address == group; });
  if (removed == 0) return IpaCode::multicast_not_found;
  if (lan() != nullptr) lan()->ip_table().remove_multicast(group, *this);
  return IpaCode::success;
}

std::vector<qdio::AdapterPort::Neighbour> DataPort::neighbours(wire::IpVersion version) const {
  std::vector<Neighbour> found;
  if (lan() == nullptr) return found;
  for (const IpEntry* entry : lan()->ip_table().entries()) {
    if (entry->type != EntryType::unicast || entry->address.version() != version) continue;
    found.push_back({entry->address, entry->port->station_mac()});
  }
  return found;
}

IpaCode DataPort::set_router(wire::IpVersion version, qdio::RouterType type) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (lan() == nullptr) return IpaCode::success;
  return lan()->ip_table().set_router(version, type, *this);
}

IpaCode DataPort::set_mac(const wire::MacAddress& mac) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (mac.is_group() || mac.is_zero()) return IpaCode::mac_not_authorized;
  if (macs_.size() >= max_registrations) return IpaCode::mac_table_full;
  const bool only_its_own = lan() != nullptr && lan()->protects(*this);
  if (only_its_own && mac != station_mac()) return IpaCode::mac_not_authorized;
  if (lan() != nullptr && !lan()->add_mac(mac, *this)) return IpaCode::duplicate_mac;
  macs_.push_back(mac);
  return IpaCode::success;
}

IpaCode DataPort::set_group_mac(const wire::MacAddress& mac) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (!mac.is_group()) return IpaCode::bad_format;
  if (std::find(macs_.begin(), macs_.end(), mac) != macs_.end()) return IpaCode::duplicate_mac;
  if (macs_.size() >= max_registrations) return IpaCode::mac_table_full;
  if (lan() != nullptr) lan()->add_mac(mac, *this);
  macs_.push_back(mac);
  return IpaCode::success;
}

IpaCode DataPort::delete_mac(const wire::MacAddress& mac) {
  if (std::erase(macs_, mac) == 0) return IpaCode::mac_not_found;
  if (lan() != nullptr) lan()->remove_mac(mac, *this);
  return IpaCode::success;
}

IpaCode DataPort::delete_group_mac(const wire::MacAddress& mac) {
  return delete_mac(mac) == IpaCode::success ? IpaCode::success : IpaCode::group_mac_not_found;
}

IpaCode DataPort::set_vlan(std::uint16_t vlan) {
  if (vlan == 0 || vlan > highest_vlan) return IpaCode::invalid_vlan;
  if (std::find(vlans().begin(), vlans().end(), vlan) != vlans().end()) return IpaCode::duplicate_vlan;
  vlans().push_back(vlan);
  return IpaCode::success;
}

IpaCode DataPort::delete_vlan(std::uint16_t vlan) {
  return std::erase(vlans(), vlan) > 0 ? IpaCode::success : IpaCode::vlan_not_found;
}

IpaCode DataPort::set_promiscuous(bool on) {
  if (on) {
    if (!active()) return IpaCode::lan_offline;
    if (lan()->wishes_of(nic_).promiscuous != true) return IpaCode::mac_not_authorized;
  }
  listen(on);
  return IpaCode::success;
}

}  // namespace vmlan::guestlan
