// A guest that plays Linux 6.1's qeth driver against a virtual NIC, whoever implements the NIC: it knows the
// machine's instructions and golden bytes, nothing of the device. Its messages are observed ones with device
// numbers, tokens, lengths and sequence numbers put in at the places Linux puts them.
//
// Steps return false when the device did not do what Linux needs; failure() then says what.
//
// Owns: storage from Options::base on. Offsets are those of Linux' asm/qdio.h and qeth_core_mpc.h.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arch/machine.h"

namespace vmlan::kit {

using Bytes = std::vector<std::byte>;

class LinuxDriver {
 public:
  struct Options {
    bool iqd = false;
    bool layer2 = false;
    std::uint16_t base_device = 0x0800;
    std::uint16_t first_subchannel = 0;
    arch::Address base = 0x10000;  // page-aligned
    unsigned elements = 1;         // pages per buffer
    unsigned access_key = 0;       // of everything in the QDR
  };
  static constexpr unsigned read_device = 0;
  static constexpr unsigned write_device = 1;
  static constexpr unsigned data_device = 2;
  static constexpr unsigned output_queues = 4;
  static constexpr unsigned multicast_queue = 3;  // of an IQD device

  LinuxDriver(arch::Machine& machine, const Options& options);

  // --- Bring-up, in this order; bring_up() does all of it --------------------------------------------
  bool bring_up();
  bool enable();        // subchannels
  bool discover();      // SENSE ID, NOP, READ CONFIGURATION DATA
  bool activate_idx();  // both control channels
  bool shake_hands();   // CM_ENABLE to ULP_SETUP
  bool establish_queues();
  bool activate_queues();
  bool activate_data_manager();
  // The commands of Linux for this kind of device and layer, in its order.
  bool set_up_ip_assists();
  // Buffers 0.. to the adapter, SIGA-r.
  bool give_input_buffers(unsigned count);
  // Clears or halts the channels as Linux does when it goes offline.
  bool shut_down();

  // --- Control messages ------------------------------------------------------------------------------
  // Sends an IPA body (golden bytes or a test's own), fetches the reply's; empty = none came. The sequence
  // number and the layer are put in.
  Bytes ipa(Bytes body);
  // Return code of the reply; 0xffff = none came.
  unsigned ipa_code(const Bytes& body);
  // Writes bytes to a control device as they are; fetches what its reader has to say.
  bool write_control(std::span<const std::byte> message);
  Bytes fetch();  // from the READ that is always armed; empty = it is still pending
  static Bytes body_of(const Bytes& message);
  // A golden IPA body with its data replaced from `offset` on.
  static Bytes with(Bytes body, std::size_t offset, std::span<const std::uint8_t> data);

  // What the device told.
  std::array<std::byte, 6> mac{};
  std::uint16_t size_code = 0;  // MTU or frame-size code
  std::uint8_t link_type = 0;
  std::uint32_t assists_v4 = 0;
  std::uint32_t assists_v6 = 0;
  Bytes sense_id;
  Bytes configuration;
  // Every control message, in order.
  struct Spoken {
    unsigned device = 0;
    Bytes sent;  // empty: received
    Bytes received;
  };
  std::vector<Spoken> dialogue;

  // --- Queues ----------------------------------------------------------------------------------------
  // Puts transport header + payload into the next output buffer and primes it; the buffer's number.
  unsigned prime(unsigned queue, std::span<const std::byte> packet, bool pci = false);
  arch::ConditionCode signal_output(unsigned queue);
  std::uint8_t output_state(unsigned queue, unsigned buffer) const;
  std::uint8_t input_state(unsigned buffer) const;
  std::uint8_t result_code(unsigned queue, unsigned buffer) const;  // SBALF 15 of an output buffer
  // The bytes of a filled input buffer, element after element; the buffer is given back.
  Bytes take_input(unsigned buffer);

  // --- Channel programs ------------------------------------------------------------------------------
  struct Command {
    std::uint8_t code = 0;
    std::uint8_t flags = 0x20;  // SLI
    std::uint16_t count = 0;
    arch::Address data = 0;
  };
  arch::ConditionCode start(unsigned device, std::span<const Command> commands);
  // TEST SUBCHANNEL; false: no status pending.
  bool collect(unsigned device, arch::Irb& irb);
  // Starts one command and wants channel end and device end; bytes transferred.
  bool run(unsigned device, const Command& command, std::uint16_t& transferred);
  arch::SubchannelNumber subchannel(unsigned device) const;
  arch::Address page(unsigned device) const;  // data page of a device's commands
  arch::Address qdr_address() const;

  const std::string& failure() const noexcept { return failure_; }

 private:
  using Token = std::array<std::byte, 4>;
  bool fail(std::string why);
  bool want(bool condition, const char* why) { return condition || fail(why); }
  bool idx(unsigned device, std::string_view which);
  Bytes exchange(std::uint8_t type, const Token& token, const Bytes& pdu);
  Bytes envelope(std::uint8_t type, std::uint8_t protocol, const Token& token, const Bytes& pdu);
  bool arm_read();
  void lay_out_queue(unsigned queue);
  bool simple(std::string_view name);
  bool set_up_layer2();
  bool set_up_layer3();

  arch::Address program(unsigned device) const;
  arch::Address control(unsigned queue) const;  // 0 input, 1.. output
  arch::Address sbal(unsigned queue, unsigned buffer) const;
  arch::Address data(unsigned queue, unsigned buffer, unsigned element) const;
  void reset_input(unsigned buffer);

  arch::Machine& machine_;
  arch::GuestStorage storage_;
  Options options_;
  std::string failure_;
  Token issuer_{};
  Token cm_filter_{};
  Token cm_connection_{};
  Token ulp_filter_{};
  Token ulp_connection_{};
  Token acknowledged_{};
  std::uint32_t transport_sequence_ = 0;
  std::uint32_t pdu_sequence_ = 0;
  std::uint16_t ipa_sequence_ = 0;
  std::array<unsigned, output_queues> next_output_{};
};

}  // namespace vmlan::kit
