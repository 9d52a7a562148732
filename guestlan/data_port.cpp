#include "guestlan/data_port.h"

#include <algorithm>
#include <cstring>

#include "guestlan/lan.h"
#include "guestlan/nic.h"

namespace vmlan::guestlan {

namespace {

// Bounds what one guest can make the base remember (assumed; an OSA-Express has limits of this order).
constexpr std::size_t max_registrations = 4096;
// Largest layer-3 MTU of an OSA-Express (Device Drivers, qeth).
constexpr std::uint32_t osd_max_mtu = 8992;

}  // namespace

using qdio::IpaCode;

DataPort::DataPort(Nic& nic, unsigned device_index) : nic_(nic), device_index_(device_index) {
  receive_header_.extended_flags = wire::layer3_extended::source_mac;
  std::memcpy(&receive_header_.next_hop[2], nic.settings().mac.bytes.data(), nic.settings().mac.bytes.size());
}

DataPort::~DataPort() { leave(); }

arch::DeviceNumber DataPort::device_number() const {
  return {static_cast<std::uint16_t>(nic_.settings().base_device.value + device_index_)};
}

void DataPort::queues_started(qdio::DataQueues& queues) noexcept {
  queues_ = &queues;
  // HiperSockets never pack: one datagram a buffer.
  queues.set_packing(queues.kind() == qdio::AdapterKind::osd);
}

void DataPort::join(Lan& lan) {
  lan_ = &lan;
  lan.add_port(*this);
}

void DataPort::leave() {
  if (lan_ == nullptr) return;
  forget_registrations();
  lan_->remove_port(*this);
  lan_ = nullptr;
}

void DataPort::forget_registrations() {
  if (lan_ != nullptr) {
    for (const auto& ip : unicast_) lan_->ip_table().remove_unicast(ip.address, ip.prefix_length, *this);
    for (const auto& group : multicast_) lan_->ip_table().remove_multicast(group.address, *this);
    for (const auto& mac : macs_) lan_->remove_mac(mac, *this);
    lan_->ip_table().remove_router(*this);
    lan_->set_promiscuous(*this, false);
  }
  unicast_.clear();
  multicast_.clear();
  macs_.clear();
  vlans_.clear();
  promiscuous_ = false;
}

void DataPort::reset() {
  forget_registrations();
  state_ = SessionState::startup;
  broadcast_ = false;
  inbound_checksum_v4_ = false;
  inbound_checksum_v6_ = false;
  ulp_name_.clear();
  port_name_.clear();
}

// Each data device is a station of its own. The first group of three has the NIC's address, the others the
// same one but for two bytes: always the same for the same device, and nobody else's.
wire::MacAddress DataPort::mac() const {
  constexpr unsigned devices_of_a_station = 3;  // read, write, data
  const unsigned station = device_index_ / devices_of_a_station;
  wire::MacAddress mac = nic_.settings().mac;
  mac.bytes[1] ^= static_cast<std::uint8_t>(station);
  mac.bytes[2] ^= static_cast<std::uint8_t>(station >> 8U);
  return mac;
}

bool DataPort::lan_online() const {
  // An uncoupled HiperSockets NIC works on a private internal LAN of its own.
  return lan_ != nullptr || nic_.settings().kind == qdio::AdapterKind::iqd;
}

bool DataPort::accepts(qdio::Transport transport) const {
  return lan_ == nullptr ? transport == qdio::Transport::ip : lan_->attributes().transport == transport;
}

std::uint32_t DataPort::max_mtu() const { return osd_max_mtu; }

std::uint32_t DataPort::max_frame_size() const {
  return lan_ == nullptr ? LanAttributes{}.max_frame_size : lan_->attributes().max_frame_size;
}

void DataPort::session_established(qdio::Transport transport, std::string_view ulp_name,
                                   std::string_view port_name) {
  transport_ = transport;
  ulp_name_ = ulp_name;
  port_name_ = port_name;
  state_ = SessionState::established;
}

IpaCode DataPort::start_lan() {
  if (!lan_online()) return IpaCode::lan_offline;
  state_ = SessionState::lan_started;
  return IpaCode::success;
}

IpaCode DataPort::stop_lan() {
  forget_registrations();
  state_ = SessionState::established;
  return IpaCode::success;
}

IpaCode DataPort::ready() const {
  if (!lan_online()) return IpaCode::lan_offline;
  return state_ == SessionState::lan_started ? IpaCode::success : IpaCode::startlan_missing;
}

IpaCode DataPort::set_ip(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (unicast_.size() >= max_registrations) {
    return address.is_v4() ? IpaCode::ip_table_full : IpaCode::ipv6_table_full;
  }
  if (lan_ != nullptr) {
    IpTable& table = lan_->ip_table();
    const IpEntry* present = table.find(address);
    const bool theirs = present != nullptr && present->type == EntryType::unicast && present->port != this;
    if (theirs && (flags & (qdio::set_ip_flag::vipa | qdio::set_ip_flag::takeover)) != 0) {
      present->port->lose(address);
    }
    switch (table.add_unicast(address, prefix_length, *this)) {
      case IpTable::Added::taken:
        return IpaCode::duplicate_ip_address;
      case IpTable::Added::already_mine:
        return IpaCode::address_already_registered;
      case IpTable::Added::yes:
        break;
    }
  }
  unicast_.push_back({address, prefix_length});
  return IpaCode::success;
}

// Takes the address from this port; false: it had none such.
bool DataPort::lose(const wire::IpAddress& address) {
  const auto found = std::find_if(unicast_.begin(), unicast_.end(),
                                  [&](const RegisteredIp& ip) { return ip.address == address; });
  if (found == unicast_.end()) return false;
  if (lan_ != nullptr) lan_->ip_table().remove_unicast(found->address, found->prefix_length, *this);
  unicast_.erase(found);
  return true;
}

IpaCode DataPort::delete_ip(const wire::IpAddress& address) {
  // E010 on DELIP means "address not defined" (qeth_core_mpc.h).
  return lose(address) ? IpaCode::success : IpaCode::primary_exists;
}

IpaCode DataPort::set_multicast(const wire::IpAddress& group, const wire::MacAddress& mac) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (!group.is_multicast()) return IpaCode::bad_format;
  if (multicast_.size() >= max_registrations) return IpaCode::ip_table_full;
  const bool known = std::any_of(multicast_.begin(), multicast_.end(),
                                 [&](const RegisteredGroup& entry) { return entry.address == group; });
  if (known) return IpaCode::multicast_already_defined;
  if (lan_ != nullptr && lan_->ip_table().add_multicast(group, *this) != IpTable::Added::yes) {
    return IpaCode::multicast_already_defined;
  }
  multicast_.push_back({group, mac});
  return IpaCode::success;
}

IpaCode DataPort::delete_multicast(const wire::IpAddress& group) {
  const auto removed =
      std::erase_if(multicast_, [&](const RegisteredGroup& entry) { return entry.address == group; });
  if (removed == 0) return IpaCode::multicast_not_found;
  if (lan_ != nullptr) lan_->ip_table().remove_multicast(group, *this);
  return IpaCode::success;
}

std::vector<qdio::AdapterPort::Neighbour> DataPort::neighbours(wire::IpVersion version) const {
  std::vector<Neighbour> found;
  if (lan_ == nullptr) return found;
  for (const IpEntry* entry : lan_->ip_table().entries()) {
    if (entry->type != EntryType::unicast || entry->address.version() != version) continue;
    found.push_back({entry->address, entry->port->mac()});
  }
  return found;
}

IpaCode DataPort::set_router(wire::IpVersion version, qdio::RouterType type) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (lan_ == nullptr) return IpaCode::success;
  return lan_->ip_table().set_router(version, type, *this);
}

void DataPort::enable_inbound_checksum(wire::IpVersion version, bool on) {
  (version == wire::IpVersion::v4 ? inbound_checksum_v4_ : inbound_checksum_v6_) = on;
}

IpaCode DataPort::set_mac(const wire::MacAddress& mac) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (mac.is_group() || mac.is_zero()) return IpaCode::mac_not_authorized;
  if (macs_.size() >= max_registrations) return IpaCode::mac_table_full;
  if (lan_ != nullptr && !lan_->add_mac(mac, *this)) return IpaCode::duplicate_mac;
  macs_.push_back(mac);
  return IpaCode::success;
}

IpaCode DataPort::set_group_mac(const wire::MacAddress& mac) {
  if (const IpaCode code = ready(); code != IpaCode::success) return code;
  if (!mac.is_group()) return IpaCode::bad_format;
  if (std::find(macs_.begin(), macs_.end(), mac) != macs_.end()) return IpaCode::duplicate_mac;
  if (macs_.size() >= max_registrations) return IpaCode::mac_table_full;
  if (lan_ != nullptr) lan_->add_mac(mac, *this);
  macs_.push_back(mac);
  return IpaCode::success;
}

IpaCode DataPort::delete_mac(const wire::MacAddress& mac) {
  if (std::erase(macs_, mac) == 0) return IpaCode::mac_not_found;
  if (lan_ != nullptr) lan_->remove_mac(mac, *this);
  return IpaCode::success;
}

IpaCode DataPort::delete_group_mac(const wire::MacAddress& mac) {
  return delete_mac(mac) == IpaCode::success ? IpaCode::success : IpaCode::group_mac_not_found;
}

IpaCode DataPort::set_vlan(std::uint16_t vlan) {
  constexpr std::uint16_t highest_vlan = 4094;
  if (vlan == 0 || vlan > highest_vlan) return IpaCode::invalid_vlan;
  if (std::find(vlans_.begin(), vlans_.end(), vlan) != vlans_.end()) return IpaCode::duplicate_vlan;
  vlans_.push_back(vlan);
  return IpaCode::success;
}

IpaCode DataPort::delete_vlan(std::uint16_t vlan) {
  return std::erase(vlans_, vlan) > 0 ? IpaCode::success : IpaCode::vlan_not_found;
}

IpaCode DataPort::set_promiscuous(bool on) {
  if (on) {
    if (lan_ == nullptr) return IpaCode::lan_offline;
    const auto& grants = lan_->access_list();
    const auto grant = grants.find(nic_.settings().owner);
    if (grant == grants.end() || !grant->second.promiscuous) return IpaCode::mac_not_authorized;
  }
  promiscuous_ = on;
  if (lan_ != nullptr) lan_->set_promiscuous(*this, on);
  return IpaCode::success;
}

}  // namespace vmlan::guestlan
