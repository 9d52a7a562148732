// A packet-socket uplink on veth pairs: tags put back, work kept, nothing of the host's own, interfaces that
// go and come.
#include "host/uplink/packet_socket.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "host/uplink/test_namespace.h"
#include "host/uplink/test_receiver.h"
#include "host/uplink/test_relay.h"
#include "host/uplink/test_tcp_frame.h"

namespace vmlan::host {
namespace {

using Sent = EthernetDevice::Sent;
using State = EthernetDevice::State;
using Header = PacketDevice::Header;

const std::vector<std::string> packet_programs = {"ip", "unshare", "timeout", "sysctl"};

// Two ends of a cable, on which nobody says anything by himself.
void lay_cable() {
  must_run(
      "ip link add v0 type veth peer name v1; for i in v0 v1; do sysctl -qw net.ipv6.conf.$i.disable_ipv6=1; "
      "ip link set $i up; done");
}

class Cable {
 public:
  explicit Cable(Header header = Header::virtio)
      : left(opened(PacketDevice::open("v0", header))), right(opened(PacketDevice::open("v1", header))) {}
  bool until_ready() { return loop.until_ready() && right_loop.until_ready(); }
  // What arrives at the right end of a frame that the left one sends.
  Bytes through(const Bytes& frame, const FrameWork& work = {}) {
    EXPECT_EQ(loop.send(frame, work), Sent::sent);
    const auto before = right_loop.receiver.frames.size();
    EXPECT_TRUE(right_loop.until_frames(before + 1));
    return right_loop.receiver.frames.back();
  }

  std::unique_ptr<PacketDevice> left;
  std::unique_ptr<PacketDevice> right;
  DeviceInLoop loop{*left};
  DeviceInLoop right_loop{*right};
};

void carries_frames_with_their_work() {
  lay_cable();
  Cable cable;
  ASSERT_TRUE(cable.until_ready()) << cable.left->trouble();
  EXPECT_EQ(cable.left->name(), "INTERFACE v0");
  EXPECT_TRUE(cable.left->does_work());
  EXPECT_EQ(cable.left->details(), std::vector<std::string>{"Interface: v0  MTU: 1500"});
  const auto plain = numbered_frame(1514, 1);
  EXPECT_EQ(cable.through(plain), plain);
  const auto [super, work] = tcp_super_frame(40000);
  EXPECT_EQ(cable.through(super, work), super) << "whole, whatever the MTU";
  EXPECT_TRUE(same_work(cable.right_loop.receiver.works.back(), work));
  EXPECT_TRUE(cable.loop.receiver.frames.empty()) << "what is sent is not received";
  EXPECT_EQ(cable.loop.send(Bytes(1519)), Sent::too_long);
}
TEST(PacketSocket, CarriesFramesWithTheirWork) {
  in_namespace(carries_frames_with_their_work, packet_programs);
}

Bytes tagged(Bytes frame) {
  const std::byte tag[] = {std::byte{0x81}, std::byte{0}, std::byte{0xa0}, std::byte{42}};
  frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
  return frame;
}

void puts_vlan_tags_back() {
  lay_cable();
  Cable cable;
  ASSERT_TRUE(cable.until_ready());
  for (const std::size_t length : {60U, 1514U}) {
    const auto frame = tagged(numbered_frame(length, 3));
    EXPECT_EQ(cable.through(frame), frame) << length;
  }
  const auto twice = tagged(tagged(numbered_frame(100, 4)));
  EXPECT_EQ(cable.through(twice), twice);
  // A super-frame behind a tag: what is said of places in it is four bytes further on.
  auto [super, work] = tcp_super_frame(30000);
  super = tagged(super);
  work.checksum_start = static_cast<std::uint16_t>(work.checksum_start + 4);
  work.header_length = static_cast<std::uint16_t>(work.header_length + 4);
  EXPECT_EQ(cable.through(super, work), super);
  EXPECT_TRUE(same_work(cable.right_loop.receiver.works.back(), work));
}
TEST(PacketSocket, PutsVlanTagsBackWithWhatIsSaidOfTheFrame) {
  in_namespace(puts_vlan_tags_back, packet_programs);
}

void hears_frames_for_others_but_not_its_own_hosts() {
  lay_cable();
  Cable cable;
  ASSERT_TRUE(cable.until_ready());
  const auto another = opened(PacketDevice::open("v0"));
  DeviceInLoop other_loop(*another);
  EXPECT_NE(must_run("ip -d link show v1").find("promiscuity 1"), std::string::npos)
      << "a card would not pass them on";
  auto frame = numbered_frame(100, 5);
  frame[0] = std::byte{2};  // to a station that is neither end
  ASSERT_EQ(other_loop.send(frame), Sent::sent);
  ASSERT_TRUE(cable.right_loop.until_frames(1));
  for (int passes = 0; passes < 20; ++passes) cable.loop.pass();
  EXPECT_TRUE(cable.loop.receiver.frames.empty()) << "another program on this host has sent it";
}
TEST(PacketSocket, HearsFramesForOthersButNotItsOwnHosts) {
  in_namespace(hears_frames_for_others_but_not_its_own_hosts, packet_programs);
}

void waits_for_interfaces_that_are_down_disconnected_or_gone() {
  lay_cable();
  const auto device = opened(PacketDevice::open("v0"));
  DeviceInLoop loop(*device);
  ASSERT_TRUE(loop.until_ready());
  const unsigned before = loop.receiver.changes;
  must_run("ip link set v0 down");
  EXPECT_EQ(loop.send(Bytes(60)), Sent::down);
  ASSERT_TRUE(loop.until_waiting());
  EXPECT_EQ(device->trouble(), "v0: it is down; ip link set v0 up");
  must_run("ip link set v0 up");
  ASSERT_TRUE(loop.until_ready()) << device->trouble();
  must_run("ip link set v1 down");
  ASSERT_TRUE(loop.until_waiting());
  EXPECT_EQ(device->trouble(), "v0: it is not connected: no cable, or its other end is down");
  must_run("ip link del v0");
  ASSERT_TRUE(loop.until([&] { return device->trouble().find("no such interface") != std::string::npos; }));
  EXPECT_EQ(loop.send(Bytes(60)), Sent::down);
  lay_cable();
  ASSERT_TRUE(loop.until_ready()) << device->trouble();
  const auto peer = opened(PacketDevice::open("v1"));
  DeviceInLoop peer_loop(*peer);
  ASSERT_TRUE(peer_loop.until_ready());
  ASSERT_EQ(peer_loop.send(numbered_frame(60, 1)), Sent::sent);
  ASSERT_TRUE(loop.until_frames(1)) << "another interface of the same name";
  EXPECT_EQ(loop.receiver.changes, before + 4);
}
TEST(PacketSocket, WaitsForInterfacesThatAreDownDisconnectedOrGone) {
  in_namespace(waits_for_interfaces_that_are_down_disconnected_or_gone, packet_programs);
}

void a_flood_is_given_in_bounded_batches() {
  lay_cable();
  Cable cable;
  ASSERT_TRUE(cable.until_ready());
  for (unsigned number = 0; number < 700; ++number)
    ASSERT_EQ(cable.loop.send(numbered_frame(60, number)), Sent::sent);
  auto& receiver = cable.right_loop.receiver;
  ASSERT_TRUE(cable.right_loop.until_frames(1));
  EXPECT_EQ(receiver.frames.size(), EthernetDevice::most_in_a_pass) << "in the first pass that gives any";
  ASSERT_TRUE(cable.right_loop.until_frames(700));
  EXPECT_EQ(receiver.frames[699], numbered_frame(60, 699));
}
TEST(PacketSocket, AFloodIsGivenInBoundedBatches) {
  in_namespace(a_flood_is_given_in_bounded_batches, packet_programs);
}

TEST(PacketSocket, RefusalsNameTheCure) {
  EXPECT_EQ(refused(PacketDevice::open("nosuch0")),
            "nosuch0: there is no such interface; ip link shows those that are");
  if (::geteuid() == 0) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto text = refused(PacketDevice::open("lo"));
  if (::getuid() == 0) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_EQ(text,
            "lo: packet sockets need the capability CAP_NET_RAW, which this process has not: as root, setcap "
            "cap_net_raw+ep on the program, or take a TAP device");
}

// The kernel's end of each cable is a machine of its own; ours are joined.
void relays(Header header, bool super_frames) {
  const OtherNamespace left;
  const OtherNamespace right;
  for (const auto* machine : {&left, &right}) {
    const std::string number = machine == &left ? "1" : "2";
    must_run("ip link add v" + number + " type veth peer name eth0 netns " + machine->number());
    must_run("ip link set v" + number + " up");
    settle(*machine, "eth0", number);
  }
  const auto a = opened(PacketDevice::open("v1", header));
  const auto b = opened(PacketDevice::open("v2", header));
  // Without the header somebody else has to finish what the machines send.
  if (header == Header::none) {
    left.run("ethtool -K eth0 tx off");
    right.run("ethtool -K eth0 tx off");
  }
  Relay relay(*a, *b);
  EXPECT_EQ(tcp_through(relay, left, right, "10.9.0.2", "8").substr(0, 7), "8388608");
  EXPECT_EQ(relay.from_a.super_frames > 0, super_frames);
}

TEST(PacketSocketRelay, CarriesTcpInWholeSuperFrames) {
  in_namespace([] { relays(Header::virtio, true); }, {"ip", "nsenter", "/usr/bin/python3"});
}
TEST(PacketSocketRelay, CarriesFinishedPacketsWithoutTheHeader) {
  in_namespace([] { relays(Header::none, false); }, {"ip", "nsenter", "/usr/bin/python3", "ethtool"});
}

}  // namespace
}  // namespace vmlan::host
