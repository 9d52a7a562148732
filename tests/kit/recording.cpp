#include "tests/kit/recording.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/kit/hex.h"

namespace vmlan::kit {

namespace {

unsigned number_of(const std::string& text) { return static_cast<unsigned>(std::stoul(text, nullptr, 16)); }

void read_setting(Recording& recording, const std::string& key, const std::string& value) {
  if (key == "kind") {
    const bool iqd = value == "iqd";
    recording.nic.kind = iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    recording.lan.type = iqd ? guestlan::LanType::hipers : guestlan::LanType::qdio;
  } else if (key == "transport") {
    recording.lan.transport = value == "ethernet" ? qdio::Transport::ethernet : qdio::Transport::ip;
  } else if (key == "frame-size") {
    if (value != "0") recording.lan.max_frame_size = static_cast<std::uint32_t>(std::stoul(value));
  } else if (key == "device") {
    recording.nic.base_device = {static_cast<std::uint16_t>(number_of(value))};
  } else if (key == "path") {
    recording.nic.channel_path = static_cast<std::uint8_t>(number_of(value));
  } else if (key == "mac") {
    for (unsigned at = 0; at < recording.nic.mac.bytes.size(); ++at) {
      recording.nic.mac.bytes[at] = static_cast<std::uint8_t>(number_of(value.substr(at * 3, 2)));
    }
  } else {
    fmt::print(stderr, "a recording has no setting '{}'\n", key);
    std::abort();
  }
}

}  // namespace

Recording read_recording(std::string_view kind) {
  Recording recording;
  recording.nic.owner = "LINUX1";
  recording.lan.owner = "SYSTEM";
  recording.lan.name = "LAN";
  std::ifstream file(fmt::format("{}/dialogue/{}.txt", VMLAN_GOLDEN_DIR, kind));
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string key;
    std::string value;
    std::string hex;
    words >> key >> value >> hex;
    if (key != ">" && key != "<") {
      read_setting(recording, key, value);
      continue;
    }
    recording.messages.push_back(
        {key == ">", number_of(value) - recording.nic.base_device.value, from_hex(hex)});
  }
  return recording;
}

}  // namespace vmlan::kit
