// No packet disappears without a name and a count: sent == received copies + sum of drops, for every port.
//
// A super-frame (TSO) counts as the packets it is cut into, sent, received and dropped, and with their bytes,
// even where a receiver gets it whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vmlan::guestlan {

enum class Drop : std::uint8_t {
  not_coupled,            // the NIC is on no LAN
  unknown_address,        // no such address on the LAN and no router
  no_receiver,            // multicast or broadcast nobody asked for
  no_empty_buffer,        // the receiver's driver provided none
  too_long,               // longer than the receiver's buffer
  receiver_buffer_error,  // the receiver's SBAL is unusable
  receiver_not_active,    // address registered, queues not active
  not_ip,                 // a frame this transport does not carry
  malformed,              // header and data disagree
  own_address,            // destination is the sender itself
  no_system,              // sent from an emulator while it had no system
  vlan_not_registered,    // the receiver filters VLANs and never asked for this one
  not_started,            // the sender has no session, stopped its LAN, or speaks another transport than it
  too_many_copies,        // group frames of one SIGA that cost too much together
  uplink_busy,            // what is beyond the uplink takes no more for now
  isolated,               // the LAN isolates its guests from each other
  vlan_not_authorized,    // the sender or the receiver has no right to this VLAN
  source_not_its_own,     // MAC protection: the sender's address is not its own
  no_switch_port,         // the sender or the receiver is on no port of a PORTBASED switch any more
};
inline constexpr std::size_t drop_reasons = 19;

// As QUERY LAN name DETAILS and the replay report print it: "no empty buffer".
std::string_view to_string(Drop reason) noexcept;

// Which of them COUNTERS CLEAR is about.
enum class CounterPart : std::uint8_t { all, data, discarded, errors };

struct Counters {
  std::uint64_t rx_packets = 0;  // delivered to the guest
  std::uint64_t rx_bytes = 0;
  std::uint64_t rx_discarded = 0;
  std::uint64_t rx_errors = 0;
  std::uint64_t tx_packets = 0;  // taken from the guest, whatever became of them
  std::uint64_t tx_bytes = 0;
  std::uint64_t tx_copies = 0;  // copies delivered of them: 0 or 1 for unicast, more for multicast
  std::uint64_t tx_errors = 0;  // malformed
  std::array<std::uint64_t, drop_reasons>
      dropped{};  // of packets sent by this port: copies that went nowhere

  // For this port, and counted as given when they went to its guest's emulator: lost there. Σ tx_copies of a
  // LAN = Σ rx_packets + Σ rx_lost. (Their bytes stay in rx_bytes.)
  std::array<std::uint64_t, drop_reasons> rx_lost{};

  void drop(Drop reason, std::uint64_t packets = 1) noexcept {
    dropped[static_cast<std::size_t>(reason)] += packets;
  }
  std::uint64_t tx_discarded() const noexcept;
  Counters& operator+=(const Counters& other) noexcept;
  // That part as `other` has it.
  void take(CounterPart part, const Counters& other) noexcept;
  // Never below zero: what is lost is told late, after a mark was set perhaps.
  Counters& operator-=(const Counters& other) noexcept;
};

// What an emulator's side of a link tells: packets of its guest, and packets for it.
struct RemoteLosses {
  std::uint64_t no_system = 0;
  std::uint64_t malformed = 0;
  std::uint64_t no_empty_buffer = 0;
  std::uint64_t unusable_buffer = 0;
  std::uint64_t not_active = 0;
};

}  // namespace vmlan::guestlan
