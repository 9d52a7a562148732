// Which URLs a VDE uplink takes, and its kinds without a switch.
#include "host/uplink/vde.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <fstream>

#include "host/temporary_folder.h"
#include "host/uplink/packet_socket.h"
#include "host/uplink/test_namespace.h"
#include "host/uplink/test_receiver.h"

namespace vmlan::host {
namespace {

using Sent = EthernetDevice::Sent;

class Vde : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!VdeConnection::is_built_in()) GTEST_SKIP() << "built without libvdeplug-dev";
  }
};

TEST(VdeAbsent, IsSaidInOneClearMessage) {
  if (VdeConnection::is_built_in()) GTEST_SKIP() << "built with libvdeplug-dev";
  EXPECT_EQ(
      refused(VdeDevice::open("/run/vde.ctl")),
      "VDE is not built in: install libvdeplug-dev and build vmlan anew, or take another kind of uplink");
}

TEST_F(Vde, KindsThatAreNotTakenAreRefusedByName) {
  EXPECT_EQ(
      refused(VdeDevice::open("slirp://10.0.2.0")),
      "slirp://10.0.2.0: slirp:// is not taken: it starts threads; NAT is the uplink that does its work");
  for (const std::string kind : {"cmd", "ptp", "pcap", "hub", "switch", "multi", "bonding", "seqpacket"}) {
    EXPECT_NE(refused(VdeDevice::open(kind + "://x")).find(kind + ":// is not taken: "), std::string::npos)
        << refused(VdeDevice::open(kind + "://x"));
  }
  EXPECT_EQ(refused(VdeDevice::open("../../tmp/evil://x")),
            "../../tmp/evil://x: ../../tmp/evil:// is not taken; vde, vxvde, vxlan, udp and tap are");
  EXPECT_EQ(refused(VdeDevice::open("")), "VDE: the path of a switch or a URL is missing");
}

TEST_F(Vde, AFileThatNamesAnotherUrlIsNotRead) {
  const auto folder = *TemporaryFolder::make();
  const auto file = (folder.path() / "file").string();
  std::ofstream(file) << "slirp://\n";
  EXPECT_EQ(refused(VdeDevice::open(file)), file + ": it is a file, not the folder of a switch");
  // One that takes the place of a switch that has not come yet.
  const auto later = (folder.path() / "later").string();
  const auto device = opened(VdeDevice::open(later));
  DeviceInLoop loop(*device);
  std::ofstream(later) << "slirp://\n";
  EXPECT_TRUE(
      loop.until([&] { return device->trouble() == later + ": it is a file, not the folder of a switch"; }));
}

void udp_carries_frames() {
  must_run("ip link set lo up");
  const auto one = opened(VdeDevice::open("udp://7001->127.0.0.1:7002"));
  const auto other = opened(VdeDevice::open("udp://7002->127.0.0.1:7001"));
  DeviceInLoop loop(*one);
  DeviceInLoop other_loop(*other);
  ASSERT_TRUE(loop.until_ready() && other_loop.until_ready()) << one->trouble();
  EXPECT_EQ(one->frame_limit(), 9230U);
  ASSERT_EQ(loop.send(numbered_frame(9000, 1)), Sent::sent);
  ASSERT_TRUE(other_loop.until_frames(1));
  EXPECT_EQ(other_loop.receiver.frames[0], numbered_frame(9000, 1));
}

TEST_F(Vde, UdpCarriesFrames) { in_namespace(udp_carries_frames); }

void a_flood_is_given_in_batches() {
  must_run("ip tuntap add dev t0 mode tap; sysctl -qw net.ipv6.conf.t0.disable_ipv6=1; ip link set t0 up");
  const auto device = opened(VdeDevice::open("tap://t0"));
  const auto kernel = opened(PacketDevice::open("t0"));
  DeviceInLoop loop(*device);
  DeviceInLoop kernel_loop(*kernel);
  ASSERT_TRUE(loop.until_ready() && kernel_loop.until_ready()) << device->trouble();
  for (unsigned number = 0; number < 400; ++number)
    ASSERT_EQ(kernel_loop.send(numbered_frame(60, number)), Sent::sent);
  ASSERT_TRUE(loop.until_frames(1));
  EXPECT_EQ(loop.receiver.frames.size(), EthernetDevice::most_in_a_pass)
      << "in the first pass that gives any";
  ASSERT_TRUE(loop.until_frames(400));
}
TEST_F(Vde, AFloodIsGivenInBoundedBatches) {
  in_namespace(a_flood_is_given_in_batches, {"ip", "sysctl"}, true);
}

TEST_F(Vde, AMissingSwitchIsLookedForEverMoreSeldom) {
  const auto folder = *TemporaryFolder::make();
  const auto device = opened(VdeDevice::open((folder.path() / "none").string()));
  arch::Time now{0};
  std::vector<arch::Time> pauses;
  for (int attempt = 0; attempt < 10; ++attempt) {
    device->tend(now);
    if (!device->deadline()) {  // it has not ended yet
      std::vector<pollfd> polled;
      device->add_to(polled);
      ASSERT_GT(::poll(polled.data(), polled.size(), 10000), 0) << "the attempt has an end";
      device->tend(now);
    }
    ASSERT_TRUE(device->deadline());
    pauses.push_back(*device->deadline() - now);
    now = *device->deadline();
  }
  EXPECT_EQ(pauses.front(), Pauses::shortest);
  EXPECT_TRUE(std::ranges::is_sorted(pauses));
  EXPECT_EQ(pauses.back(), Pauses::longest);
}

// Its vde_recv() waits for the next frame, whatever O_NONBLOCK says.
void vxvde_never_waits_for_a_frame() {
  must_run("ip link set lo up multicast on; ip route add 239.0.0.0/8 dev lo");
  const auto one = opened(VdeDevice::open("vxvde://239.1.2.3"));
  const auto other = opened(VdeDevice::open("vxvde://239.1.2.3"));
  DeviceInLoop loop(*one);
  DeviceInLoop other_loop(*other);
  ASSERT_TRUE(loop.until_ready() && other_loop.until_ready()) << one->trouble();
  auto frame = numbered_frame(100, 1);
  for (std::size_t index = 0; index < 6; ++index) frame[index] = std::byte{0xff};
  ASSERT_EQ(loop.send(frame), Sent::sent);
  ASSERT_TRUE(other_loop.until_frames(1));
  EXPECT_EQ(other_loop.receiver.frames[0], frame);
  const auto before = loop.now();
  for (int passes = 0; passes < 20; ++passes) {
    loop.pass();
    other_loop.pass();
  }
  EXPECT_LT(loop.now() - before, std::chrono::seconds(5));
}
TEST_F(Vde, VxvdeNeverWaitsForAFrame) { in_namespace(vxvde_never_waits_for_a_frame); }

}  // namespace
}  // namespace vmlan::host
