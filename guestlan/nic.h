// A virtual NIC's presence in the base: to which LAN it is coupled, its MAC address, its data paths, its
// counters. What the guest drives (channel programs, queues) is qdio::Device, in front of it.
//
// Owns: its data ports and their adapters. Threads: the base's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guestlan/data_port.h"
#include "guestlan/lan.h"
#include "qdio/adapter/adapter.h"
#include "qdio/device/device.h"

namespace vmlan::guestlan {

struct NicSettings {
  std::string owner;  // user id
  qdio::AdapterKind kind = qdio::AdapterKind::osd;
  arch::DeviceNumber base_device;
  unsigned devices = 3;
  std::uint8_t channel_path = 0;
  wire::MacAddress mac;
  MacProtection mac_protect = MacProtection::unspecified;
  // Its guest gets super-frames (TSO) in one piece, however long its MTU is: quick, but the guest cannot pass
  // them on to another network.
  bool whole_super_frames = false;

  // Each data device is a station of its own, with a MAC address of its own: the first group of three has the
  // NIC's, the others the same one but for two bytes, always the same for the same device.
  unsigned stations() const noexcept { return (devices + devices_of_a_station - 1) / devices_of_a_station; }
  wire::MacAddress mac_of_station(unsigned station) const noexcept;
  static constexpr unsigned devices_of_a_station = 3;  // read, write, data
};

enum class CoupleResult : std::uint8_t {
  coupled,
  already_coupled,
  wrong_type,      // HIPERS NIC to QDIO LAN or the reverse
  not_authorized,  // RESTRICTED LAN, user not on the access list
  lan_full,        // MAXCONN
};

class Nic final : public qdio::AdapterLink {
 public:
  explicit Nic(NicSettings settings);
  ~Nic() override;
  Nic(const Nic&) = delete;
  Nic& operator=(const Nic&) = delete;

  const NicSettings& settings() const noexcept { return settings_; }
  // While no driver uses the NIC.
  void set_mac(const wire::MacAddress& mac);
  void set_mac_protection(MacProtection protection) noexcept;
  void take_whole_super_frames(bool on) noexcept;
  // Its part of the VLAN-aware switch it is coupled to, or about to be; nothing: it has none.
  void set_port_rules(const std::optional<PortRules>& rules);
  const PortRules* port_rules() const noexcept { return rules_ ? &*rules_ : nullptr; }
  // What the directory says of its connection, until it is uncoupled or somebody overrules it: Lan::grant.
  void set_directory(const PortWishes& wishes) { directory_ = wishes; }
  const PortWishes& directory() const noexcept { return directory_; }
  // Its guest, who knows no tags, wants one of the VLANs it may use; 0: all. In force with the next rules.
  void choose_vlan(std::uint16_t vlan) noexcept { chosen_vlan_ = vlan; }
  std::uint16_t chosen_vlan() const noexcept { return chosen_vlan_; }
  // Promiscuity ends unless these allow it.
  void listen_as(const PortWishes& wishes);
  // Where adapters send their answers: the qdio::Device in front. Must be set before the guest uses the NIC.
  void attach(qdio::ControlReplies& replies) noexcept { replies_ = &replies; }

  Lan* lan() const noexcept { return lan_; }
  // `authorized`: the directory or a privilege class vouches for the user, whatever the access list says.
  CoupleResult couple(Lan& lan, bool authorized);
  // Addresses leave the LAN's table at once; a started driver is told that its LAN is offline.
  void uncouple();

  // One per data device in use, in the order of their start.
  const std::vector<std::unique_ptr<DataPort>>& ports() const noexcept { return ports_; }
  // Role of a device of this NIC, for QUERY NIC DETAILS.
  enum class Role : std::uint8_t { unassigned, control_read, control_write, data };
  Role role(unsigned device_index) const;

  // Hints: what a datagram from its first data device or for it will need, step by step.
  void bring_near(unsigned step) const noexcept;

  // Counters of all data devices since the NIC was defined, and since it was coupled to its LAN.
  Counters total() const;
  Counters since_coupled() const;
  // since_coupled() begins anew.
  void clear_counters(CounterPart part = CounterPart::all) { coupled_at_.take(part, total()); }

  // The port of a data device, made when it is first named.
  DataPort& port_of_data_device(unsigned device_index);

  // qdio::AdapterLink
  void send(unsigned device_index, std::span<const std::byte> message) override;
  void queues_started(unsigned device_index, qdio::DataQueues& queues) override;
  void queues_stopped(unsigned device_index) override;
  void transmit(unsigned device_index, qdio::DataQueues& queues, std::uint32_t mask) override;
  void reset(unsigned device_index) override;

 private:
  class DataPath;
  // To the guest, past those who watch.
  void reply(unsigned device_index, qdio::Message message);
  DataPath& path_of_data_device(unsigned device_index);
  // The one the device has a part in now: as a control device, else as its data device.
  DataPath* path_of(unsigned device_index) const;
  DataPort* find_port(unsigned device_index) const;
  DataPath& session_of(unsigned device_index, const std::vector<unsigned>& data_devices);
  void activate_channel(unsigned device_index, const qdio::IdxActivate& activate,
                        std::span<const std::byte> message);
  // A device has one role: a new one ends what these two devices had a part in before, but for the session
  // `session` that they have it in now. z/VM uses the devices of a card in the order data, read, write; Linux
  // read, write, data.
  void end_control_role(unsigned device_index, const DataPath* session);
  void end_data_role(unsigned device_index, const DataPath* session);

  NicSettings settings_;
  std::optional<PortRules> rules_;
  PortWishes directory_;
  std::uint16_t chosen_vlan_ = 0;
  qdio::ControlReplies* replies_ = nullptr;
  Lan* lan_ = nullptr;
  Counters coupled_at_;  // total() when the NIC joined its LAN
  std::vector<std::unique_ptr<DataPort>> ports_;
  std::vector<std::unique_ptr<DataPath>> paths_;
  std::vector<DataPort*> by_device_;  // of the data devices whose queues have started
};

}  // namespace vmlan::guestlan
