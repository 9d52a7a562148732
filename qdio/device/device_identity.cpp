#include "qdio/device/device_identity.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "arch/ebcdic.h"

namespace vmlan::qdio {

namespace {

constexpr std::size_t descriptor_size = 32;

struct NodeDescriptor {
  std::uint8_t flags = 0;
  std::array<std::uint8_t, 3> parameters{};
  std::array<std::uint8_t, 6> type{};
  std::array<std::uint8_t, 3> model{};
  std::array<std::uint8_t, 3> manufacturer{};
  std::array<std::uint8_t, 2> plant{};
  std::array<std::uint8_t, 12> sequence{};
  std::array<std::uint8_t, 2> tag{};
};
static_assert(sizeof(NodeDescriptor) == descriptor_size);

template <std::size_t Size>
void fill(std::array<std::uint8_t, Size>& field, std::string_view text) noexcept {
  std::transform(text.begin(), text.begin() + Size, field.begin(),
                 [](char character) { return arch::to_ebcdic(character); });
}

struct NodeText {
  std::uint8_t flags;
  std::array<std::uint8_t, 3> parameters;
  std::string_view type;
  std::string_view model;
  std::string_view sequence;
};

NodeDescriptor descriptor(const DeviceIdentity& identity, const NodeText& text,
                          std::uint8_t address) noexcept {
  NodeDescriptor node;
  node.flags = text.flags;
  node.parameters = text.parameters;
  fill(node.type, text.type);
  fill(node.model, text.model);
  fill(node.manufacturer, "VML");
  fill(node.plant, identity.virtual_machine_nic ? "VM" : "ZZ");
  fill(node.sequence, text.sequence);
  node.tag = {identity.channel_path, address};
  return node;
}

NodeDescriptor device_descriptor(const DeviceIdentity& identity) noexcept {
  const std::string_view model = identity.kind == AdapterKind::osd ? "001" : "005";
  return descriptor(identity, {0xd0, {0x01, 0x06, 0x00}, "001732", model, "000000000001"},
                    identity.unit_address);
}

}  // namespace

SenseIdData sense_id_data(AdapterKind kind) noexcept {
  const std::uint8_t model = kind == AdapterKind::osd ? 0x01 : 0x05;
  // Control unit 1731, device 1732; then the command information words: type, command, byte count.
  return {0xff,  0x17,
          0x31,  model,
          0x17,  0x32,
          model, 0x00,  //
          0x40,  channel_command::read_configuration_data,
          0x00,  sizeof(ConfigurationData),  //
          0x41,  channel_command::set_interface_identifier,
          0x00,  0x04,  //
          0x42,  channel_command::read_node_identifier,
          0x00,  sizeof(NodeIdentifier),  //
          0x43,  channel_command::establish_queues,
          0x10,  0x00,  //
          0x44,  channel_command::activate_queues,
          0x00,  0x00};
}

ConfigurationData configuration_data(const DeviceIdentity& identity) noexcept {
  constexpr std::uint8_t control_unit_address = 0;
  const std::string_view control_unit_model = identity.kind == AdapterKind::osd ? "001" : "005";
  const std::array<NodeDescriptor, 3> nodes = {
      device_descriptor(identity),
      descriptor(identity, {0xd0, {0x02, 0x00, 0x00}, "001730", control_unit_model, "000000000002"},
                 control_unit_address),
      // Model 002: no blocking timers wanted ("v1 blkt" in Linux).
      descriptor(identity, {0xf0, {0x00, 0x06, 0x00}, "001730", "002", "000000000003"}, control_unit_address),
  };
  constexpr std::array<std::uint8_t, 4> general_qualifier = {0x80, 0x00, 0x08, 0x00};
  ConfigurationData data{};
  std::memcpy(data.data(), nodes.data(), sizeof(nodes));
  std::copy(general_qualifier.begin(), general_qualifier.end(), data.begin() + sizeof(nodes));
  return data;
}

NodeIdentifier node_identifier(const DeviceIdentity& identity) noexcept {
  NodeIdentifier data{};
  const NodeDescriptor node = device_descriptor(identity);
  std::memcpy(data.data(), &node, sizeof(node));
  return data;
}

}  // namespace vmlan::qdio
