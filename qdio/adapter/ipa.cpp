#include "qdio/adapter/ipa.h"

#include <algorithm>

namespace vmlan::qdio {

std::span<const Ipa::Command> Ipa::commands() noexcept {
  static constexpr Command table[] = {
      {IpaCommand::start_lan, Layer::any, &Ipa::start_lan},
      {IpaCommand::stop_lan, Layer::any, &Ipa::stop_lan},
      {IpaCommand::query_ip_assist, Layer::any, &Ipa::query_assists},
      {IpaCommand::set_assist_parameters, Layer::any, &Ipa::set_assist},
      {IpaCommand::set_adapter_parameters, Layer::any, &Ipa::set_adapter},
      {IpaCommand::set_diagnose_assist, Layer::any, &Ipa::set_diagnose},
      {IpaCommand::set_ip, Layer::ip, &Ipa::set_ip},
      {IpaCommand::delete_ip, Layer::ip, &Ipa::delete_ip},
      {IpaCommand::set_multicast, Layer::ip, &Ipa::set_multicast},
      {IpaCommand::delete_multicast, Layer::ip, &Ipa::delete_multicast},
      {IpaCommand::set_routing, Layer::ip, &Ipa::set_routing},
      {IpaCommand::create_address, Layer::ip, &Ipa::create_address},
      {IpaCommand::destroy_address, Layer::ip, &Ipa::succeed},
      {IpaCommand::set_mac, Layer::any, &Ipa::set_mac},
      {IpaCommand::delete_mac, Layer::any, &Ipa::delete_mac},
      {IpaCommand::set_group_mac, Layer::ethernet, &Ipa::set_group_mac},
      {IpaCommand::delete_group_mac, Layer::ethernet, &Ipa::delete_group_mac},
      {IpaCommand::set_vlan, Layer::any, &Ipa::set_vlan},
      {IpaCommand::delete_vlan, Layer::any, &Ipa::delete_vlan},
  };
  return table;
}

void Ipa::begin(Transport transport) noexcept {
  transport_ = transport;
  started_ = false;
  enabled_v4_ = ipa_assist::adapter_parameters;
  enabled_v6_ = ipa_assist::adapter_parameters;
}

IpaMessage Ipa::answer(std::span<const std::byte> request) {
  IpaMessage message(request);
  complete(message, message.whole() ? execute(message) : IpaCode::bad_format);
  message.cut_as_asked();
  return message;
}

IpaCode Ipa::execute(IpaMessage& message) {
  const auto code = static_cast<IpaCommand>(message.header().command);
  for (const Command& command : commands()) {
    if (command.code != code) continue;
    if (command.layer == Layer::ethernet && transport_ == Transport::ip) return IpaCode::layer2_unsupported;
    if (command.layer == Layer::ip && transport_ == Transport::ethernet) return IpaCode::not_supported;
    return (this->*command.handler)(message);
  }
  return IpaCode::not_supported;
}

void Ipa::complete(IpaMessage& message, IpaCode code) const {
  IpaHeader header = message.header();
  const bool ipv6 = header.protocol_version == protocol_v6;
  header.initiator = static_cast<std::uint8_t>(IpaInitiator::host_or_reply);
  header.return_code = static_cast<std::uint16_t>(code);
  header.supported = supported(ipv6);
  header.enabled = ipv6 ? enabled_v6_ : enabled_v4_;
  message.set_header(header);
}

IpaMessage Ipa::event(IpaCommand command) const {
  IpaHeader header;
  header.command = static_cast<std::uint8_t>(command);
  header.initiator = static_cast<std::uint8_t>(IpaInitiator::adapter);
  header.primitive_version = transport_ == Transport::ethernet ? 2 : 1;
  header.supported = supported(false);
  header.enabled = enabled_v4_;
  return IpaMessage(std::as_bytes(std::span(&header, 1)));
}

IpaCode Ipa::start_lan(IpaMessage&) {
  started_ = true;
  return port_.start_lan();
}

IpaCode Ipa::stop_lan(IpaMessage&) {
  started_ = false;
  return port_.stop_lan();
}

IpaCode Ipa::succeed(IpaMessage&) { return IpaCode::success; }

// No trap, no trace: QUERY answers with an empty mask.
IpaCode Ipa::set_diagnose(IpaMessage& message) {
  auto request = message.read<SetDiagnose>(ipa_data);
  if (!request) return IpaCode::bad_format;
  if (request->subcommand != diagnose_query) return IpaCode::not_supported;
  request->extension = std::uint32_t{0};
  message.write(ipa_data, *request);
  return IpaCode::success;
}

}  // namespace vmlan::qdio
