// The kit's guest, which speaks observed bytes only, against our device behind our subchannels.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kit/bare_machine.h"
#include "tests/kit/golden.h"
#include "tests/kit/guest.h"
#include "tests/kit/hex.h"
#include "tests/kit/recording_port.h"

namespace vmlan {
namespace {

using kit::Bytes;
using kit::golden;
using kit::Guest;
using kit::to_hex;

struct Flavour {
  const char* name;
  bool iqd;
  bool layer2;
};

void PrintTo(const Flavour& flavour, std::ostream* out) { *out << flavour.name; }

class Conformance : public ::testing::TestWithParam<Flavour> {
 protected:
  Conformance() {
    link.attach(machine.device());
    link.receive = [this](const qdio::Frame& frame) {
      sent.push_back(frame.length);
      return std::uint8_t{0};
    };
  }
  static qdio::AdapterKind kind() { return GetParam().iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd; }
  static Guest::Options options() {
    Guest::Options options;
    options.iqd = GetParam().iqd;
    options.layer2 = GetParam().layer2;
    return options;
  }
  static qdio::Device::Settings settings() {
    qdio::Device::Settings settings;
    settings.kind = kind();
    settings.base_device = {0x0800};
    settings.channel_path = 0x08;
    return settings;
  }

  kit::RecordingPort port;
  kit::SingleSession link{port, kind()};
  kit::BareMachine machine{settings(), link};
  Guest guest{machine, options()};
  std::vector<std::uint32_t> sent;
};

TEST_P(Conformance, LinuxBringsTheDeviceUp) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  EXPECT_NE(link.queues, nullptr);
}

const Flavour flavours[] = {{"OsdLayer3", false, false},
                            {"OsdLayer2", false, true},
                            {"IqdLayer3", true, false},
                            {"IqdLayer2", true, true}};

INSTANTIATE_TEST_SUITE_P(Kinds, Conformance, ::testing::ValuesIn(flavours),
                         [](const auto& flavour) { return std::string(flavour.param.name); });

}  // namespace
}  // namespace vmlan
