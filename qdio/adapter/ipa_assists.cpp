// QIPASSIST and SETASSPARMS.
#include "qdio/adapter/ipa.h"

namespace vmlan::qdio {

namespace {

using namespace ipa_assist;

// Masks as recommended for what Linux 6.1 makes of each bit. Layer 2 drivers look at few of them. A layer 3
// HiperSockets driver knows no offloads.
constexpr std::uint32_t offloads_v4 = inbound_checksum | outbound_checksum | outbound_tso;
constexpr std::uint32_t offloads_v6 = inbound_checksum_v6 | outbound_checksum_v6 | outbound_tso;
constexpr std::uint32_t layer3_common =
    arp | filtering | ipv6 | multicast | adapter_parameters | vlan_priority | full_vlan;
constexpr std::uint32_t osd_v4 = layer3_common | source_mac | osa_multicast_router | offloads_v4;
constexpr std::uint32_t iqd_v4 = layer3_common;
constexpr std::uint32_t iqd_v6 = ipv6 | multicast | adapter_parameters | passthru;
constexpr std::uint32_t osd_v6 = iqd_v6 | offloads_v6;
constexpr std::uint32_t layer2_common = ipv6 | adapter_parameters;

// SETASSPARMS: what the assist itself answers.
enum class AssistCode : std::uint16_t { good = 0, not_supported = 2, query_not_supported = 4 };

// Protocol headers a segment carries besides its data, without options.
constexpr std::uint32_t tcp_headers_v4 = 40;
constexpr std::uint32_t tcp_headers_v6 = 60;

AssistCode assist_code(const SetAssist& request, IpaCode code) noexcept {
  if (code == IpaCode::success) return AssistCode::good;
  const bool query =
      request.assist == arp && request.command == static_cast<std::uint16_t>(AssistCommand::arp_query);
  return query ? AssistCode::query_not_supported : AssistCode::not_supported;
}

bool is_v6(const IpaMessage& message) noexcept { return message.header().protocol_version == protocol_v6; }

// SETASSPARMS' number of an assist as the masks show it; 0: no assist has this number.
std::uint32_t mask_of(std::uint32_t assist, bool is_ipv6) noexcept {
  if (assist == 0 || (assist & (assist - 1)) != 0) return 0;
  if (!is_ipv6) return assist;
  if (assist == inbound_checksum) return inbound_checksum_v6;
  return assist == outbound_checksum ? outbound_checksum_v6 : assist;
}

std::uint32_t checksum_features(bool is_ipv6) noexcept {
  using namespace checksum_feature;
  return tcp | udp | lp2lp | (is_ipv6 ? 0 : ip_header);
}

void write_features(IpaMessage& message, SetAssist& request, std::uint32_t supported, std::uint32_t enabled) {
  AssistFeatures features;
  features.supported = supported;
  features.enabled = enabled;
  message.write(set_assist_data, features);
  message.resize(set_assist_data + sizeof(features));
  request.length = static_cast<std::uint16_t>(set_assist_length + sizeof(features));
}

}  // namespace

// What an assist does beyond being noted as enabled or not.
std::span<const Ipa::AssistHandler> Ipa::assist_handlers() noexcept {
  using Command = AssistCommand;
  static constexpr AssistHandler table[] = {
      {arp, Command::configure, &Ipa::succeed_arp},
      {arp, Command::arp_add, &Ipa::succeed_arp},
      {arp, Command::arp_remove, &Ipa::succeed_arp},
      {arp, Command::arp_flush, &Ipa::succeed_arp},
      {arp, Command::arp_query, &Ipa::query_arp},
      {filtering, Command::stop, &Ipa::disable_filtering},
      {filtering, Command::configure, &Ipa::configure_filtering},
      {filtering, Command::enable, &Ipa::enable_filtering},
      {vlan_priority, Command::add_vlan, &Ipa::add_vlan},
      {inbound_checksum, Command::start, &Ipa::start_checksum},
      {inbound_checksum, Command::stop, &Ipa::disable_inbound_checksum},
      {inbound_checksum, Command::enable, &Ipa::enable_inbound_checksum},
      {outbound_checksum, Command::start, &Ipa::start_checksum},
      {outbound_checksum, Command::enable, &Ipa::enable_checksum},
      {outbound_tso, Command::start, &Ipa::start_tso},
      {outbound_tso, Command::enable, &Ipa::enable_tso},
  };
  return table;
}

std::uint32_t Ipa::supported(bool is_ipv6) const noexcept {
  if (transport_ == Transport::ethernet) return layer2_common | (is_ipv6 ? offloads_v6 : offloads_v4);
  if (kind_ == AdapterKind::iqd) return is_ipv6 ? iqd_v6 : iqd_v4;
  return is_ipv6 ? osd_v6 : osd_v4;
}

IpaCode Ipa::query_assists(IpaMessage& message) {
  // The masks stand in the header of every reply.
  return is_protocol(message.header().protocol_version) ? IpaCode::success : IpaCode::invalid_ip_version;
}

IpaCode Ipa::set_assist(IpaMessage& message) {
  auto request = message.read<SetAssist>(ipa_data);
  if (!request) return IpaCode::bad_format;
  const IpaCode code = run_assist(message, *request);
  request->return_code = static_cast<std::uint16_t>(assist_code(*request, code));
  message.write(ipa_data, *request);
  return code;
}

IpaCode Ipa::run_assist(IpaMessage& message, SetAssist& request) {
  const bool is_ipv6 = is_v6(message);
  const std::uint32_t mask = mask_of(request.assist, is_ipv6);
  if ((supported(is_ipv6) & mask) == 0) return IpaCode::not_supported;
  const auto command = static_cast<AssistCommand>(request.command.value());
  std::uint32_t& enabled = is_ipv6 ? enabled_v6_ : enabled_v4_;
  if (command == AssistCommand::start) enabled |= mask;
  if (command == AssistCommand::stop) enabled &= ~mask;
  for (const AssistHandler& entry : assist_handlers()) {
    if (entry.assist == request.assist && entry.command == command) {
      return (this->*entry.handler)(message, request);
    }
  }
  const bool noted = command == AssistCommand::start || command == AssistCommand::stop;
  return noted ? IpaCode::success : IpaCode::unsupported_subcommand;
}

// CONFIGURE says that broadcasts are wanted, ENABLE lets them in.
IpaCode Ipa::configure_filtering(IpaMessage&, SetAssist&) { return IpaCode::success; }

IpaCode Ipa::enable_filtering(IpaMessage&, SetAssist&) {
  port_.enable_broadcast(true);
  return IpaCode::success;
}

IpaCode Ipa::disable_filtering(IpaMessage&, SetAssist&) {
  port_.enable_broadcast(false);
  return IpaCode::success;
}

IpaCode Ipa::add_vlan(IpaMessage& message, SetAssist&) {
  const auto vlan = message.read<be16>(set_assist_data);
  return vlan ? use_vlan(*vlan) : IpaCode::bad_format;
}

// START asks what there is, ENABLE for some of it; the driver compares what it asked for with the answer.
IpaCode Ipa::start_checksum(IpaMessage& message, SetAssist& request) {
  write_features(message, request, checksum_features(is_v6(message)), 0);
  return IpaCode::success;
}

// Outbound, nothing more is to be remembered: each packet's header says what was left to the adapter.
IpaCode Ipa::enable_checksum(IpaMessage& message, SetAssist& request) {
  constexpr std::uint32_t least = checksum_feature::tcp | checksum_feature::udp;
  const auto asked = message.read<be32>(set_assist_data);
  if (!asked) return IpaCode::bad_format;
  const std::uint32_t offered = checksum_features(is_v6(message));
  const bool granted = (*asked & ~offered) == 0 && (*asked & least) == least;
  write_features(message, request, offered, granted ? asked->value() : 0);
  return granted ? IpaCode::success : IpaCode::not_supported;
}

IpaCode Ipa::enable_inbound_checksum(IpaMessage& message, SetAssist& request) {
  const IpaCode code = enable_checksum(message, request);
  if (code == IpaCode::success) {
    port_.enable_inbound_checksum(is_v6(message) ? wire::IpVersion::v6 : wire::IpVersion::v4, true);
  }
  return code;
}

IpaCode Ipa::disable_inbound_checksum(IpaMessage& message, SetAssist&) {
  port_.enable_inbound_checksum(is_v6(message) ? wire::IpVersion::v6 : wire::IpVersion::v4, false);
  return IpaCode::success;
}

IpaCode Ipa::start_tso(IpaMessage& message, SetAssist& request) {
  const std::uint32_t headers = is_v6(message) ? tcp_headers_v6 : tcp_headers_v4;
  write_features(message, request, port_.max_mtu() - headers, tso_granted);
  return IpaCode::success;
}

IpaCode Ipa::enable_tso(IpaMessage& message, SetAssist& request) {
  const auto asked = message.read<be32>(set_assist_data + offsetof(AssistFeatures, enabled));
  if (!asked) return IpaCode::bad_format;
  const bool granted = *asked == tso_granted;
  write_features(message, request, tso_granted, granted ? tso_granted : 0);
  return granted ? IpaCode::success : IpaCode::not_supported;
}

}  // namespace vmlan::qdio
