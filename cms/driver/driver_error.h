// Why a NIC could not be brought up.
#pragma once

#include <cstdint>
#include <string_view>

namespace vmlan::cms {

enum class DriverError : std::uint8_t {
  none,
  no_such_device,     // one of the three subchannels does not exist
  not_operational,    // condition code 3, or not a QDIO adapter
  channel_error,      // unit check or channel status
  no_answer,          // the adapter owes an answer
  wrong_transport,    // the LAN does not carry the transport asked for
  handshake_refused,  // IDX ACTIVATE or an MPC message was refused
  queues_refused,     // ESTABLISH or ACTIVATE QUEUES failed
  command_refused,    // an IPA command that must succeed did not
  mac_in_use,         // somebody on the LAN has the NIC's MAC address (layer 2)
  lan_offline,        // not coupled: started, but without a LAN
  storage_too_small,  // the storage area does not hold the queues
};

// "the LAN is offline"
std::string_view to_string(DriverError error) noexcept;

}  // namespace vmlan::cms
