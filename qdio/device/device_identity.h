// What a device of a virtual NIC says about itself: SENSE ID, node descriptors, node identifier. Facts only.
//
// Source: layouts as Linux 6.1 reads them (drivers/s390/cio, qeth); contents as the Hercules QETH device
// gives them and Linux was observed to accept, except the manufacturer, which is ours, and the plant "VM",
// which names a virtual NIC of z/VM.
#pragma once

#include <array>
#include <cstdint>

#include "arch/types.h"
#include "qdio/queues/adapter_kind.h"

namespace vmlan::qdio {

// Channel commands of the devices. All but the first three are named to the guest by SENSE ID.
namespace channel_command {
inline constexpr std::uint8_t write = 0x01;
inline constexpr std::uint8_t read = 0x02;
inline constexpr std::uint8_t no_operation = 0x03;
inline constexpr std::uint8_t sense = 0x04;
inline constexpr std::uint8_t establish_queues = 0x1b;
inline constexpr std::uint8_t activate_queues = 0x1f;
inline constexpr std::uint8_t set_interface_identifier = 0x81;
inline constexpr std::uint8_t read_node_identifier = 0x82;
inline constexpr std::uint8_t sense_id = 0xe4;
inline constexpr std::uint8_t read_configuration_data = 0xfa;
}  // namespace channel_command

using SenseIdData = std::array<std::uint8_t, 28>;
using ConfigurationData = std::array<std::uint8_t, 128>;
using NodeIdentifier = std::array<std::uint8_t, 64>;

struct DeviceIdentity {
  AdapterKind kind = AdapterKind::osd;
  std::uint8_t channel_path = 0;
  std::uint8_t unit_address = 0;
  bool virtual_machine_nic = false;
};

SenseIdData sense_id_data(AdapterKind kind) noexcept;
// Three node descriptors and a general qualifier, 32 bytes each.
ConfigurationData configuration_data(const DeviceIdentity& identity) noexcept;
// The device's own node descriptor and an empty qualifier.
NodeIdentifier node_identifier(const DeviceIdentity& identity) noexcept;

}  // namespace vmlan::qdio
