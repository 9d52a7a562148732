// QIPASSIST and SETASSPARMS.
#include <algorithm>
#include <array>

#include "qdio/ipa.h"

namespace vmlan::qdio {

namespace {

using namespace ipa_assist;

constexpr std::uint16_t protocol_v4 = 4;
constexpr std::uint16_t protocol_v6 = 6;

// Masks as recommended for what Linux 6.1 makes of each bit. Layer 2 drivers look at two of them only.
constexpr std::uint32_t layer3_common =
    arp | filtering | ipv6 | multicast | adapter_parameters | vlan_priority | full_vlan;
constexpr std::uint32_t osd_v4 = layer3_common | source_mac | osa_multicast_router;
constexpr std::uint32_t iqd_v4 = layer3_common;
constexpr std::uint32_t layer3_v6 = ipv6 | multicast | adapter_parameters | passthru;
constexpr std::uint32_t layer2_all = ipv6 | adapter_parameters;

// SETASSPARMS: what the assist itself answers.
enum class AssistCode : std::uint16_t { good = 0, not_supported = 2, query_not_supported = 4 };

constexpr std::uint16_t arp_query_information = 0x0104;

AssistCode assist_code(const SetAssist& request, IpaCode code) noexcept {
  if (code == IpaCode::success) return AssistCode::good;
  const bool query = request.assist == arp && request.command == arp_query_information;
  return query ? AssistCode::query_not_supported : AssistCode::not_supported;
}

}  // namespace

std::uint32_t Ipa::supported(bool is_ipv6) const noexcept {
  if (transport_ == Transport::ethernet) return layer2_all;
  if (is_ipv6) return layer3_v6;
  return kind_ == AdapterKind::osd ? osd_v4 : iqd_v4;
}

IpaCode Ipa::query_assists(IpaMessage& message) {
  // The masks stand in the header of every reply.
  const std::uint16_t version = message.header().protocol_version;
  return version == protocol_v4 || version == protocol_v6 ? IpaCode::success : IpaCode::invalid_ip_version;
}

IpaCode Ipa::set_assist(IpaMessage& message) {
  auto request = message.read<SetAssist>(ipa_data);
  if (!request) return IpaCode::bad_format;
  const IpaCode code = run_assist(message, *request);
  request->return_code = static_cast<std::uint16_t>(assist_code(*request, code));
  message.write(ipa_data, *request);
  return code;
}

IpaCode Ipa::run_assist(IpaMessage& message, const SetAssist& request) {
  const bool is_ipv6 = message.header().protocol_version == protocol_v6;
  const std::uint32_t assist = request.assist;
  const bool one_bit = assist != 0 && (assist & (assist - 1)) == 0;
  if (!one_bit || (supported(is_ipv6) & assist) == 0) return IpaCode::not_supported;
  std::uint32_t& enabled = is_ipv6 ? enabled_v6_ : enabled_v4_;
  switch (static_cast<AssistCommand>(request.command.value())) {
    case AssistCommand::start:
      enabled |= assist;
      return IpaCode::success;
    case AssistCommand::stop:
      enabled &= ~assist;
      if (assist == filtering) port_.enable_broadcast(false);
      return IpaCode::success;
    default:
      return assist == filtering ? run_filtering(request) : IpaCode::unsupported_subcommand;
  }
}

// CONFIGURE says that broadcasts are wanted, ENABLE lets them in.
IpaCode Ipa::run_filtering(const SetAssist& request) {
  switch (static_cast<AssistCommand>(request.command.value())) {
    case AssistCommand::configure:
      return IpaCode::success;
    case AssistCommand::enable:
      port_.enable_broadcast(true);
      return IpaCode::success;
    default:
      return IpaCode::unsupported_subcommand;
  }
}

}  // namespace vmlan::qdio
