// What the driver says over the two control devices: IDX ACTIVATE, the five MPC exchanges, IPA commands.
//
// One READ is armed all the time; every message fetched is either the answer being waited for or an
// unsolicited event. Sequence numbers, tokens and templates are those of Linux 6.1 qeth (observed).
//
// Owns: two pages of storage for messages. Threads: the program's own turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "arch/machine.h"
#include "cms/driver/channel_io.h"
#include "cms/driver/driver_error.h"
#include "cms/driver/ipa_request.h"
#include "cms/driver/mpc_message.h"

namespace vmlan::cms {

struct LanEvents {
  unsigned stopped = 0;     // STOPLANs, since the last STARTLAN
  bool restored = false;    // STARTLAN
  bool terminated = false;  // IDX TERMINATE: the adapter ended the session
};

class ControlDialogue {
 public:
  struct Parameters {
    std::string_view ulp_name;   // must outlive the dialogue
    std::string_view port_name;  // same; empty = none
    arch::Address read_buffer = 0;
    arch::Address write_buffer = 0;
    std::size_t write_room = message_page;  // bytes of it
    qdio::Transport transport = qdio::Transport::ip;
  };

  // Begins a new session: IDX ACTIVATE on both devices, READ armed, CM_ENABLE to ULP_SETUP.
  // wrong_transport: the LAN does not carry parameters.transport; the session is over.
  DriverError connect(arch::Machine& machine, ChannelDevices& devices, const Parameters& parameters);
  // DM_ACT, after the queues are active.
  DriverError activate_data_manager();
  // What ULP_ENABLE told about the adapter. OSD: largest MTU (0 = not told), IQD: frame-size code.
  std::uint16_t size_code() const noexcept { return size_code_; }

  // Nothing = no answer.
  std::optional<IpaReply> command(IpaRequest request);
  // Fetches what the read control device holds, arms READ again, notes events.
  void handle_read_interruption();
  // Events since the last call.
  LanEvents take_events() noexcept;

 private:
  DriverError idx_activate(Channel& channel, bool is_read_channel);
  static DriverError refusal(std::uint8_t cause) noexcept;
  DriverError judge_idx_reply(const IdxActivate& reply, bool is_read_channel) const;
  DriverError enable_connection_manager();
  DriverError set_up_connection_manager();
  DriverError enable_upper_layer();
  DriverError set_up_upper_layer();
  // Sends a PDU and waits for the next message that is no IPA message: that is how Linux matches answers.
  DriverError exchange(MessageType type, const Token& destination, std::span<const std::byte> pdu,
                       ReceivedMessage& reply);
  DriverError send(MessageType type, MessageProtocol protocol, const Token& destination,
                   std::span<const std::byte> pdu);
  // How messages to the upper layer name the transport.
  MessageProtocol upper_layer_protocol() const noexcept;
  bool fetch(ReceivedMessage& message);
  void arm_read();
  void note_event(const ReceivedMessage& message);

  arch::Machine* machine_ = nullptr;
  ChannelDevices* devices_ = nullptr;
  Parameters parameters_;
  Token issuer_{};  // the adapter's, from IDX ACTIVATE
  Token cm_filter_{};
  Token cm_connection_{};
  Token ulp_filter_{};
  Token ulp_connection_{};
  std::uint16_t size_code_ = 0;
  std::uint32_t transport_sequence_ = 0;
  std::uint32_t pdu_sequence_ = 0;
  Token acknowledged_{};
  std::uint16_t ipa_sequence_ = 0;
  bool read_ended_ = false;  // a READ has ended and its message has not been fetched
  LanEvents events_;
};

}  // namespace vmlan::cms
