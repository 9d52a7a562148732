// Kernel TCP between two network namespaces through two TAP uplinks back to back: super-frames cross whole.
#include <gtest/gtest.h>

#include "host/uplink/tap.h"
#include "host/uplink/test_receiver.h"
#include "host/uplink/test_relay.h"

namespace vmlan::host {
namespace {

using Header = TapDevice::Header;

class Machine {
 public:
  Machine(const std::string& number, Header header) {
    there_.run("ip tuntap add dev tap0 mode tap");
    settle(there_, "tap0", number);
    tap_ = there_.made_there([&] { return opened(TapDevice::open("tap0", header)); });
  }
  const OtherNamespace& there() const { return there_; }
  TapDevice& tap() { return *tap_; }

 private:
  OtherNamespace there_;
  std::unique_ptr<TapDevice> tap_;
};

void relays(Header header, const std::string& host, bool super_frames) {
  Machine left("1", header);
  Machine right("2", header);
  Relay relay(left.tap(), right.tap());
  EXPECT_EQ(tcp_through(relay, left.there(), right.there(), host, "8").substr(0, 7), "8388608");
  EXPECT_EQ(relay.from_a.super_frames > 0, super_frames);
  EXPECT_EQ(relay.from_a.longest > 1514, super_frames) << relay.from_a.longest;
}

const std::vector<std::string> relay_programs = {"ip", "nsenter", "/usr/bin/python3", "timeout"};

TEST(TapRelay, CarriesTcpInWholeSuperFrames) {
  in_namespace([] { relays(Header::virtio, "10.9.0.2", true); }, relay_programs, true);
}
TEST(TapRelay, CarriesTcpOverIpv6) {
  in_namespace([] { relays(Header::virtio, "fd09::2", true); }, relay_programs, true);
}
TEST(TapRelay, CarriesFinishedPacketsWithoutTheHeader) {
  in_namespace([] { relays(Header::none, "10.9.0.2", false); }, relay_programs, true);
}

}  // namespace
}  // namespace vmlan::host
