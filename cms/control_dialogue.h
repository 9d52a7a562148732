// What the driver says over the two control devices: IDX ACTIVATE, the five MPC exchanges, IPA commands.
//
// One READ is armed all the time; every message fetched is either the answer being waited for or an
// unsolicited event. Sequence numbers, tokens and templates are those of Linux 6.1 qeth (observed).
//
// Owns: two pages of storage for messages. Threads: the program's own turn. Replies are checked for length
// before anything in them is used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "arch/machine.h"
#include "cms/channel_io.h"
#include "cms/driver_error.h"
#include "cms/ipa_request.h"

namespace vmlan::cms {

using Token = std::array<std::byte, 4>;

// What ULP_ENABLE told about the adapter.
struct LinkProperties {
  std::uint16_t size_code = 0;  // OSD: largest MTU (0 = not told), IQD: frame-size code
  std::uint8_t link_type = 0;
};

struct LanEvents {
  bool stopped = false;   // STOPLAN
  bool restored = false;  // STARTLAN
};

class ControlDialogue {
 public:
  struct Parameters {
    std::string_view ulp_name;
    std::string_view port_name;
    arch::Address read_buffer = 0;
    arch::Address write_buffer = 0;
  };

  // Begins a new session: IDX ACTIVATE on both devices, READ armed, CM_ENABLE to ULP_SETUP.
  DriverError connect(arch::Machine& machine, ChannelDevices& devices, const Parameters& parameters);
  // DM_ACT, after the queues are active.
  DriverError activate_data_manager();
  const LinkProperties& link() const noexcept { return link_; }

  // Nothing = no answer.
  std::optional<IpaReply> command(IpaRequest request);
  // Status of the read control device: fetches what it holds, arms READ again.
  void handle_read_interruption();
  // Events since the last call.
  LanEvents take_events() noexcept;
  // The channels were cleared.
  void disconnect() noexcept;

 private:
  class Message;
  enum class IdxChannel : std::uint8_t { read, write };

  DriverError idx_activate(Channel& channel, IdxChannel which);
  DriverError establish_connection();
  DriverError exchange(std::uint8_t type, const Token& destination, std::span<const std::byte> pdu,
                       Message& reply);
  bool send(std::uint8_t type, std::uint8_t protocol, const Token& destination,
            std::span<const std::byte> pdu);
  bool fetch(Message& message);
  void arm_read();
  void note_event(const Message& message);
  std::uint16_t function_level() const noexcept;

  arch::Machine* machine_ = nullptr;
  ChannelDevices* devices_ = nullptr;
  Parameters parameters_;
  Token issuer_{};  // the adapter's, from IDX ACTIVATE
  Token cm_filter_{};
  Token cm_connection_{};
  Token ulp_filter_{};
  Token ulp_connection_{};
  LinkProperties link_;
  std::uint32_t transport_sequence_ = 0;
  std::uint32_t pdu_sequence_ = 0;
  std::uint32_t acknowledged_ = 0;
  std::uint16_t ipa_sequence_ = 0;
  bool read_ended_ = false;  // a READ has ended and its message has not been fetched
  std::uint32_t read_length_ = 0;
  LanEvents events_;
};

}  // namespace vmlan::cms
