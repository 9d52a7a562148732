// IPA: what a driver asks of an adapter once the handshake is over. Turns each command into a call of the
// port and answers it; no command is left without answer, what is unknown is "not supported".
//
// Advertises what is implemented and nothing else.
//
// Source: Linux, drivers/s390/net/qeth_core_main.c, qeth_l2_main.c, qeth_l3_main.c (6.1), observed with that
// kernel; return codes as qdio/adapter/ipa_codes.h.
//
// Owns: the assists enabled. Threads: the base's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "qdio/adapter/adapter_port.h"
#include "qdio/adapter/ipa_message.h"

namespace vmlan::qdio {

class Ipa {
 public:
  Ipa(AdapterKind kind, AdapterPort& port) noexcept : kind_(kind), port_(port) {}

  // A driver finished the handshake: assists back to what is always on.
  void begin(Transport transport) noexcept;
  // The reply to one command, or the first part of it; then the other parts.
  IpaMessage answer(std::span<const std::byte> request);
  std::vector<IpaMessage> take_further_parts() { return std::exchange(further_parts_, {}); }
  // An event: STOPLAN or STARTLAN without anybody having asked.
  IpaMessage event(IpaCommand command) const;
  // STARTLAN has been answered: from now on events make sense.
  bool started() const noexcept { return started_; }

 private:
  enum class Layer : std::uint8_t { any, ip, ethernet };
  struct Command {
    IpaCommand code;
    Layer layer;
    IpaCode (Ipa::*handler)(IpaMessage&);
  };
  struct AdapterCommand {
    AdapterSubcommand code;
    IpaCode (Ipa::*handler)(IpaMessage&, SetAdapter&);
  };
  struct AssistHandler {
    std::uint32_t assist;
    AssistCommand command;
    IpaCode (Ipa::*handler)(IpaMessage&, SetAssist&);
  };
  static std::span<const Command> commands() noexcept;
  static std::span<const AssistHandler> assist_handlers() noexcept;
  static std::span<const AdapterCommand> adapter_commands() noexcept;

  IpaCode execute(IpaMessage& message);
  void complete(IpaMessage& message, IpaCode code) const;

  // ipa.cpp: the LAN and the adapter
  IpaCode start_lan(IpaMessage& message);
  IpaCode stop_lan(IpaMessage& message);
  IpaCode succeed(IpaMessage& message);
  IpaCode set_diagnose(IpaMessage& message);
  // ipa_assists.cpp
  IpaCode query_assists(IpaMessage& message);
  IpaCode set_assist(IpaMessage& message);
  IpaCode run_assist(IpaMessage& message, SetAssist& request);
  IpaCode configure_filtering(IpaMessage& message, SetAssist& request);
  IpaCode enable_filtering(IpaMessage& message, SetAssist& request);
  IpaCode disable_filtering(IpaMessage& message, SetAssist& request);
  IpaCode add_vlan(IpaMessage& message, SetAssist& request);
  IpaCode start_checksum(IpaMessage& message, SetAssist& request);
  IpaCode enable_checksum(IpaMessage& message, SetAssist& request);
  IpaCode enable_inbound_checksum(IpaMessage& message, SetAssist& request);
  IpaCode disable_inbound_checksum(IpaMessage& message, SetAssist& request);
  IpaCode start_tso(IpaMessage& message, SetAssist& request);
  IpaCode enable_tso(IpaMessage& message, SetAssist& request);
  std::uint32_t supported(bool ipv6) const noexcept;
  // ipa_arp.cpp
  IpaCode query_arp(IpaMessage& message, SetAssist& request);
  IpaCode succeed_arp(IpaMessage& message, SetAssist& request);
  // ipa_adapter_parameters.cpp
  IpaCode set_adapter(IpaMessage& message);
  IpaCode query_commands(IpaMessage& message, SetAdapter& parameters);
  IpaCode alter_mac(IpaMessage& message, SetAdapter& parameters);
  IpaCode query_card_info(IpaMessage& message, SetAdapter& parameters);
  IpaCode set_access_control(IpaMessage& message, SetAdapter& parameters);
  IpaCode set_promiscuous(IpaMessage& message, SetAdapter& parameters);
  IpaCode query_oat(IpaMessage& message, SetAdapter& parameters);
  // ipa_registration.cpp
  IpaCode set_ip(IpaMessage& message);
  IpaCode delete_ip(IpaMessage& message);
  IpaCode set_multicast(IpaMessage& message);
  IpaCode delete_multicast(IpaMessage& message);
  IpaCode set_routing(IpaMessage& message);
  IpaCode create_address(IpaMessage& message);
  IpaCode confirm_mac(const wire::MacAddress& mac) const;
  IpaCode use_vlan(std::uint16_t vlan);
  IpaCode set_mac(IpaMessage& message);
  IpaCode delete_mac(IpaMessage& message);
  IpaCode set_group_mac(IpaMessage& message);
  IpaCode delete_group_mac(IpaMessage& message);
  IpaCode set_vlan(IpaMessage& message);
  IpaCode delete_vlan(IpaMessage& message);

  AdapterKind kind_;
  AdapterPort& port_;
  Transport transport_ = Transport::ip;
  bool started_ = false;
  std::uint32_t enabled_v4_ = 0;
  std::uint32_t enabled_v6_ = 0;
  std::vector<IpaMessage> further_parts_;
};

}  // namespace vmlan::qdio
