// What Linux' driver and a virtual NIC said, as tests/hercules/record.py recorded it: tests/golden/dialogue.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "guestlan/lan.h"
#include "guestlan/nic.h"

namespace vmlan::kit {

struct RecordedMessage {
  bool from_guest = false;
  unsigned device_index = 0;
  std::vector<std::byte> bytes;
};

struct Recording {
  guestlan::NicSettings nic;
  guestlan::LanAttributes lan;
  std::vector<RecordedMessage> messages;
};

// The file KIND.txt; without messages: it is not there. Ends the program if it cannot be read as a recording.
Recording read_recording(std::string_view kind);

}  // namespace vmlan::kit
