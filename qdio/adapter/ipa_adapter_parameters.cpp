// SETADAPTERPARMS.
#include "qdio/adapter/ipa.h"

namespace vmlan::qdio {

namespace {

constexpr std::uint32_t bit(AdapterSubcommand command) noexcept {
  return static_cast<std::uint32_t>(command);
}

// QUERY CARD INFO and SET ACCESS CONTROL are answered, not offered.
constexpr std::uint32_t supported_commands =
    bit(AdapterSubcommand::query_commands) | bit(AdapterSubcommand::alter_mac) |
    bit(AdapterSubcommand::set_promiscuous) | bit(AdapterSubcommand::query_oat);

}  // namespace

std::span<const Ipa::AdapterCommand> Ipa::adapter_commands() noexcept {
  static constexpr AdapterCommand table[] = {
      {AdapterSubcommand::query_commands, &Ipa::query_commands},
      {AdapterSubcommand::alter_mac, &Ipa::alter_mac},
      {AdapterSubcommand::query_card_info, &Ipa::query_card_info},
      {AdapterSubcommand::set_access_control, &Ipa::set_access_control},
      {AdapterSubcommand::set_promiscuous, &Ipa::set_promiscuous},
      {AdapterSubcommand::query_oat, &Ipa::query_oat},
  };
  return table;
}

IpaCode Ipa::set_adapter(IpaMessage& message) {
  auto parameters = message.read<SetAdapter>(ipa_data);
  if (!parameters) return IpaCode::bad_format;
  parameters->supported = supported_commands;
  parameters->return_code = std::uint16_t{0};
  IpaCode code = IpaCode::unsupported_subcommand;
  for (const AdapterCommand& command : adapter_commands()) {
    if (bit(command.code) == parameters->subcommand) code = (this->*command.handler)(message, *parameters);
  }
  // A driver takes it for done only if both codes are zero.
  if (parameters->return_code == 0U) parameters->return_code = static_cast<std::uint16_t>(code);
  message.write(ipa_data, *parameters);
  return code;
}

IpaCode Ipa::query_commands(IpaMessage& message, SetAdapter&) {
  QueryCommands answer;
  answer.lan_types = 1;
  answer.lan_type = link_type_10_gigabit;
  answer.supported = supported_commands;
  message.write(set_adapter_data, answer);
  return IpaCode::success;
}

IpaCode Ipa::alter_mac(IpaMessage& message, SetAdapter& parameters) {
  // The MAC address is CP's to choose: it can be read, not replaced.
  const auto operation = message.read<be32>(set_adapter_data);
  if (!operation) return IpaCode::bad_format;
  if (*operation != alter_mac_read) return IpaCode::unsupported_subcommand;
  AlterMac answer;
  answer.mac = port_.mac().bytes;
  answer.size = static_cast<std::uint32_t>(answer.mac.size());
  answer.count = std::uint32_t{1};
  message.write(set_adapter_data, answer);
  message.resize(set_adapter_data + sizeof(answer));
  parameters.enabled = supported_commands;
  parameters.length = static_cast<std::uint16_t>(set_adapter_length + sizeof(answer));
  parameters.flags |= virtual_mac;
  return IpaCode::success;
}

IpaCode Ipa::query_card_info(IpaMessage& message, SetAdapter& parameters) {
  const QueryCardInfo answer;
  message.write(set_adapter_data, answer);
  message.resize(set_adapter_data + sizeof(answer));
  parameters.length = static_cast<std::uint16_t>(set_adapter_length + sizeof(answer));
  return IpaCode::success;
}

// Nobody is isolated here, and nobody is told so.
IpaCode Ipa::set_access_control(IpaMessage& message, SetAdapter& parameters) {
  const auto wanted = message.read<be32>(set_adapter_data);
  if (!wanted) return IpaCode::bad_format;
  if (*wanted != access_control_none) parameters.return_code = access_control_unsupported;
  return IpaCode::success;
}

IpaCode Ipa::set_promiscuous(IpaMessage& message, SetAdapter&) {
  const auto mode = message.read<be32>(set_adapter_data);
  if (!mode) return IpaCode::bad_format;
  const bool wanted = *mode != 0;
  const IpaCode code = port_.set_promiscuous(wanted);
  const bool on = wanted && code == IpaCode::success;
  message.write(set_adapter_data, be32{on ? 1U : 0U});
  return code;
}

// One part: the port. There is no address table of a real card behind it.
IpaCode Ipa::query_oat(IpaMessage& message, SetAdapter& parameters) {
  const auto scope = message.read<be32>(set_adapter_data);
  if (!scope) return IpaCode::bad_format;
  QueryOat answer;
  answer.scope = *scope;
  answer.type = oat_physical_port;
  answer.length = oat_physical_port_length;
  answer.version = oat_version;
  answer.speed = oat_speed_10_gigabit;
  answer.media = oat_media_short_range;
  message.write(set_adapter_data, answer);
  message.resize(set_adapter_data + sizeof(answer));
  parameters.length = static_cast<std::uint16_t>(set_adapter_length + sizeof(answer));
  parameters.used_total = 1;
  parameters.sequence = 1;
  return IpaCode::success;
}

}  // namespace vmlan::qdio
