// In place of nat_slirp.cpp where libslirp was not found (layer.cmake).
#include "host/uplink/nat_device.h"

namespace vmlan::host {

std::variant<std::unique_ptr<NatDevice>, std::string> NatDevice::make(const NatSettings&) {
  return "this vmlan was built without NAT; install libslirp-dev and build again";
}

}  // namespace vmlan::host
