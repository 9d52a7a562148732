#include "cms/driver/driver_error.h"

namespace vmlan::cms {

std::string_view to_string(DriverError error) noexcept {
  switch (error) {
    case DriverError::none:
      return "no error";
    case DriverError::no_such_device:
      return "the device does not exist";
    case DriverError::not_operational:
      return "the device is not an operational QDIO adapter";
    case DriverError::channel_error:
      return "the channel program failed";
    case DriverError::no_answer:
      return "the adapter does not answer";
    case DriverError::wrong_transport:
      return "the LAN does not support this transport";
    case DriverError::handshake_refused:
      return "the adapter refused the connection";
    case DriverError::queues_refused:
      return "the adapter refused the queues";
    case DriverError::command_refused:
      return "the adapter refused a command";
    case DriverError::mac_in_use:
      return "its MAC address is in use on the LAN";
    case DriverError::lan_offline:
      return "the LAN is offline";
    case DriverError::storage_too_small:
      return "there is not enough storage for the queues";
  }
  return "unknown error";
}

}  // namespace vmlan::cms
