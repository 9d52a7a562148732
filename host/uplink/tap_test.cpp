// A TAP uplink: who may open one, what it says of one that is down, gone or not ours, and frames both ways.
#include "host/uplink/tap.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "host/uplink/packet_socket.h"
#include "host/uplink/test_namespace.h"
#include "host/uplink/test_receiver.h"
#include "host/uplink/test_tcp_frame.h"

namespace vmlan::host {
namespace {

using Sent = EthernetDevice::Sent;
using State = EthernetDevice::State;

constexpr uid_t nobody = 65534;

const std::vector<std::string> tap_programs = {"ip", "unshare", "timeout"};

void make(const std::string& name, const std::string& more = "") {
  must_run("ip tuntap add dev " + name + " mode tap " + more);
}

TEST(Tap, NamesThatNoInterfaceHasAreRefused) {
  for (const std::string name : {"", "a/b", "a b", "sixteencharacter", "x:1"}) {
    EXPECT_EQ(refused(TapDevice::open(name)),
              name + ": an interface's name has 1 to 15 characters, no space, no / and no :");
  }
}

void each_refusal_has_its_cure() {
  const std::string make_it = "make it as root with: ip tuntap add dev t0 mode tap user $USER";
  EXPECT_EQ(refused(TapDevice::open("t0")), "t0: there is no such interface; " + make_it);
  EXPECT_NE(refused(TapDevice::open("t0")).find("no such interface"), std::string::npos) << "none was made";
  must_run("ip link add t0 type veth peer name other");
  EXPECT_EQ(refused(TapDevice::open("t0")),
            "t0: it is no TAP device, or one with several queues; " + make_it);
  must_run("ip link del t0");
  make("t0");
  const auto first = opened(TapDevice::open("t0"));
  EXPECT_EQ(refused(TapDevice::open("t0")),
            "t0: another program has opened it; end that one, or take another TAP device");
}
TEST(Tap, EachRefusalHasItsCure) { in_namespace(each_refusal_has_its_cure, tap_programs, true); }

void is_opened_by_its_owner_without_root() {
  // The device's file is everybody's on most machines.
  must_run(
      "mknod /tmp/vmlan-tun c 10 200 && chmod 666 /tmp/vmlan-tun && mount --bind /tmp/vmlan-tun /dev/net/tun "
      "&& "
      "rm -f /tmp/vmlan-tun");
  make("own", "user 65534");
  make("t0", "user 65533");
  ASSERT_EQ(::seteuid(nobody), 0);
  const auto device = opened(TapDevice::open("own"));
  EXPECT_EQ(device->name(), "TAP own");
  EXPECT_EQ(refused(TapDevice::open("t0")),
            "t0: it is not this user's TAP device; make it as root with: ip tuntap "
            "add dev t0 mode tap user $USER");
  ASSERT_EQ(::seteuid(0), 0);
}
TEST(Tap, IsOpenedByItsOwnerWithoutRoot) {
  in_namespace(is_opened_by_its_owner_without_root, {"ip", "unshare", "mknod", "mount"}, true);
}

void says_when_it_is_down_and_when_it_is_up() {
  make("t0");
  const auto device = opened(TapDevice::open("t0"));
  EXPECT_EQ(device->state(), State::waiting);
  EXPECT_EQ(device->trouble(), "t0: it is down; ip link set t0 up");
  DeviceInLoop loop(*device);
  EXPECT_EQ(loop.send(Bytes(60)), Sent::down);
  for (unsigned round = 1; round <= 2; ++round) {
    must_run("ip link set t0 up");
    ASSERT_TRUE(loop.until_ready());
    EXPECT_EQ(loop.receiver.changes, 2 * round - 1);
    EXPECT_EQ(loop.send(Bytes(60)), Sent::sent);
    must_run("ip link set t0 down");
    EXPECT_EQ(loop.send(Bytes(60)), Sent::down) << "the kernel says EIO, before anybody has looked";
    ASSERT_TRUE(loop.until_waiting());
    EXPECT_EQ(loop.receiver.changes, 2 * round);
  }
}
TEST(Tap, SaysWhenItIsDownAndWhenItIsUp) {
  in_namespace(says_when_it_is_down_and_when_it_is_up, tap_programs, true);
}

// Whether the loop would be told, and would look at once: nobody waits for the next look.
bool is_told(EthernetDevice& device) {
  std::vector<pollfd> polled;
  device.add_to(polled);
  if (::poll(polled.data(), polled.size(), 10000) <= 0) return false;
  device.happened(polled);
  return device.deadline() == arch::Time{0};
}

void hears_of_changes_at_once() {
  make("t0");
  must_run("ip link set t0 up");
  const auto device = opened(TapDevice::open("t0"));
  KeepingReceiver receiver;
  device->start(receiver);
  device->tend(std::chrono::hours(1));
  EXPECT_EQ(device->deadline(), std::nullopt) << "nothing to do while it is well";
  for (const std::string change : {"mtu 1400", "down", "up"}) {
    must_run("ip link set t0 " + change);
    EXPECT_TRUE(is_told(*device)) << change;
    device->tend(std::chrono::hours(2));
  }
  EXPECT_EQ(device->state(), State::ready);
  EXPECT_EQ(device->frame_limit(), 1414U);
}
TEST(Tap, HearsOfChangesAtOnce) { in_namespace(hears_of_changes_at_once, tap_programs, true); }

void a_write_that_fails_makes_it_look() {
  make("t0");
  must_run("ip link set t0 up");
  const auto device = opened(TapDevice::open("t0"));
  KeepingReceiver receiver;
  device->start(receiver);
  device->tend(std::chrono::hours(1));
  must_run("ip link set t0 down");
  const Bytes frame(60);
  const std::span<const std::byte> pieces[] = {frame};
  EXPECT_EQ(device->send(pieces, {}), Sent::down);
  EXPECT_EQ(receiver.changes, 0U) << "told from tend() only";
  EXPECT_EQ(device->deadline(), arch::Time{0});
  device->tend(std::chrono::hours(1));
  EXPECT_EQ(receiver.changes, 1U);
}
TEST(Tap, AWriteThatFailsMakesItLook) { in_namespace(a_write_that_fails_makes_it_look, tap_programs, true); }

void comes_back_after_it_was_removed() {
  make("t0");
  must_run("ip link set t0 up");
  const auto device = opened(TapDevice::open("t0"));
  DeviceInLoop loop(*device);
  ASSERT_EQ(device->state(), State::ready);
  must_run("ip link del t0");
  ASSERT_TRUE(loop.until_waiting());
  EXPECT_NE(device->trouble().find("there is no such interface"), std::string::npos);
  EXPECT_EQ(loop.send(Bytes(60)), Sent::down);
  make("t0");
  must_run("ip link set t0 up");
  ASSERT_TRUE(loop.until_ready()) << device->trouble();
  EXPECT_EQ(loop.receiver.changes, 2U);
  EXPECT_EQ(loop.send(Bytes(60)), Sent::sent);
}
TEST(Tap, ComesBackAfterItWasRemoved) { in_namespace(comes_back_after_it_was_removed, tap_programs, true); }

void takes_frames_up_to_its_mtu() {
  make("t0");
  must_run("ip link set t0 up mtu 1400");
  const auto device = opened(TapDevice::open("t0"));
  DeviceInLoop loop(*device);
  EXPECT_EQ(device->frame_limit(), 1414U);
  EXPECT_EQ(loop.send(Bytes(1418)), Sent::sent) << "with a VLAN tag";
  EXPECT_EQ(loop.send(Bytes(1419)), Sent::too_long);
  must_run("ip link set t0 mtu 9000");
  EXPECT_TRUE(loop.until([&] { return device->frame_limit() == 9014U; }));
  EXPECT_EQ(loop.send(Bytes(9014)), Sent::sent);
  EXPECT_EQ(device->details(), std::vector<std::string>{"Interface: t0  MTU: 9000"});
}
TEST(Tap, TakesFramesUpToItsMtuWhichMayChange) {
  in_namespace(takes_frames_up_to_its_mtu, tap_programs, true);
}

// The other side of a TAP is the kernel's, where a packet socket sees and sends everything.
void carries_frames_and_their_work_both_ways() {
  make("t0");
  must_run("sysctl -qw net.ipv6.conf.t0.disable_ipv6=1; ip link set t0 up");
  const auto device = opened(TapDevice::open("t0"));
  const auto kernel = opened(PacketDevice::open("t0"));
  DeviceInLoop loop(*device);
  DeviceInLoop kernel_loop(*kernel);
  ASSERT_TRUE(kernel_loop.until_ready()) << kernel->trouble();
  EXPECT_TRUE(device->does_work());

  const auto plain = numbered_frame(100, 1);
  const auto [super, work] = tcp_super_frame(40000);
  ASSERT_EQ(kernel_loop.send(plain), Sent::sent);
  ASSERT_EQ(kernel_loop.send(super, work), Sent::sent);
  ASSERT_TRUE(loop.until_frames(2));
  EXPECT_EQ(loop.receiver.frames[0], plain);
  EXPECT_FALSE(loop.receiver.works[0].checksum);
  EXPECT_EQ(loop.receiver.frames[1], super) << "whole";
  EXPECT_TRUE(same_work(loop.receiver.works[1], work));

  ASSERT_EQ(loop.send(plain), Sent::sent);
  ASSERT_EQ(loop.send(super, work), Sent::sent);
  ASSERT_TRUE(kernel_loop.until_frames(2));
  EXPECT_EQ(kernel_loop.receiver.frames[0], plain);
  EXPECT_EQ(kernel_loop.receiver.frames[1], super);
  EXPECT_TRUE(same_work(kernel_loop.receiver.works[1], work));

  auto beyond = work;
  beyond.checksum_start = 50000;
  EXPECT_EQ(loop.send(super, beyond), Sent::too_long) << "work that leads beyond the frame";
}
TEST(Tap, CarriesFramesAndTheirWorkBothWays) {
  in_namespace(carries_frames_and_their_work_both_ways, tap_programs, true);
}

void a_flood_through_a_tap_is_bounded() {
  make("t0");
  must_run("sysctl -qw net.ipv6.conf.t0.disable_ipv6=1; ip link set t0 up");
  const auto device = opened(TapDevice::open("t0"));
  const auto kernel = opened(PacketDevice::open("t0"));
  DeviceInLoop loop(*device);
  DeviceInLoop kernel_loop(*kernel);
  ASSERT_TRUE(kernel_loop.until_ready());
  for (unsigned number = 0; number < 400; ++number) {
    ASSERT_EQ(kernel_loop.send(numbered_frame(60, number)), Sent::sent);
  }
  ASSERT_TRUE(loop.until_frames(1));
  EXPECT_EQ(loop.receiver.frames.size(), EthernetDevice::most_in_a_pass)
      << "in the first pass that gives any";
  ASSERT_TRUE(loop.until_frames(400));
  EXPECT_EQ(loop.receiver.frames[399], numbered_frame(60, 399));
}
TEST(Tap, AFloodIsGivenInBoundedBatches) {
  in_namespace(a_flood_through_a_tap_is_bounded, tap_programs, true);
}

}  // namespace
}  // namespace vmlan::host
