// What Linux' driver really asked, boot after boot, and what it accepted as answers: recorded by
// tests/hercules/record.py with guests in an emulator, played back to adapter, NIC and LAN. A changed byte in
// an answer shows here at once; whether Linux accepts it, only a new recording shows.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "qdio/device/device.h"
#include "tests/kit/hex.h"
#include "tests/kit/recording.h"

namespace vmlan {
namespace {

// The control devices of a guest that only listens.
class Listener final : public qdio::ControlReplies {
 public:
  void reply(unsigned device_index, qdio::Message message) override {
    heard.push_back({false, device_index, std::move(message)});
  }
  std::vector<kit::RecordedMessage> heard;
};

class Dialogue : public ::testing::TestWithParam<const char*> {};

TEST_P(Dialogue, IsAnsweredAsLinuxAcceptedIt) {
  const kit::Recording recording = kit::read_recording(GetParam());
  std::vector<kit::RecordedMessage> expected;
  Listener listener;
  guestlan::Lan lan(recording.lan);
  lan.grant("LINUX1", {.promiscuous = true});
  guestlan::Nic nic(recording.nic);
  nic.attach(listener);
  ASSERT_EQ(nic.couple(lan, true), guestlan::CoupleResult::coupled);
  for (const kit::RecordedMessage& message : recording.messages) {
    if (message.from_guest) {
      nic.send(message.device_index, message.bytes);
    } else {
      expected.push_back(message);
    }
  }
  ASSERT_GT(expected.size(), 20U) << "a whole life has more";
  ASSERT_EQ(listener.heard.size(), expected.size());
  for (std::size_t index = 0; index < expected.size(); ++index) {
    EXPECT_EQ(listener.heard[index].device_index, expected[index].device_index) << "answer " << index;
    EXPECT_EQ(kit::to_hex(listener.heard[index].bytes), kit::to_hex(expected[index].bytes))
        << "answer " << index;
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, Dialogue,
                         ::testing::Values("osd-layer2", "osd-layer3", "hipersockets-layer3",
                                           "hipersockets-layer2"),
                         [](const auto& recording) {
                           std::string name = recording.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace vmlan
