// A stream uplink with the programs it is for, where they are installed: QEMU as a relay without a guest, and
// passt.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "host/child_process.h"
#include "host/programs.h"
#include "host/temporary_folder.h"
#include "host/uplink/qemu_stream.h"
#include "host/uplink/test_namespace.h"
#include "host/uplink/test_receiver.h"

namespace vmlan::host {
namespace {

using Role = StreamDevice::Role;

TEST(StreamWithQemu, CarriesFramesOfEveryLengthThroughBothRoles) {
  if (!has_program("qemu-system-x86_64"))
    GTEST_SKIP() << "needs qemu-system-x86_64 (package qemu-system-x86)";
  const auto folder = *TemporaryFolder::make();
  const auto ours = (folder.path() / "ours").string();
  const auto qemus = (folder.path() / "qemus").string();
  const auto listening = opened(StreamDevice::open(ours, Role::listens));
  const auto connecting = opened(StreamDevice::open(qemus, Role::connects));
  DeviceInLoop one(*listening);
  DeviceInLoop other(*connecting);
  // Two links and the hub between them, no guest.
  const auto qemu = std::get<ChildProcess>(ChildProcess::start(
      {"timeout", "60", "qemu-system-x86_64", "-accel", "tcg", "-M", "none", "-nodefaults", "-display",
       "none", "-netdev", "stream,id=a,server=off,addr.type=unix,addr.path=" + ours, "-netdev",
       "stream,id=b,server=on,addr.type=unix,addr.path=" + qemus, "-netdev", "hubport,hubid=0,id=p,netdev=a",
       "-netdev", "hubport,hubid=0,id=q,netdev=b"},
      "/"));
  ASSERT_TRUE(one.until_ready()) << qemu.output();
  ASSERT_TRUE(other.until_ready()) << qemu.output();
  std::size_t sent = 0;
  // One at a time: QEMU's hub drops what the other link is not ready for.
  for (const std::size_t length : {14U, 60U, 61U, 1514U, 9018U, 65550U}) {
    const auto frame = numbered_frame(length, 1);
    ++sent;
    one.send(frame);
    listening->flush();
    ASSERT_TRUE(other.until([&] {
      one.pass();
      return other.receiver.frames.size() == sent;
    })) << length;
    EXPECT_EQ(other.receiver.frames.back(), frame);
    other.send(frame);
    connecting->flush();
    ASSERT_TRUE(one.until([&] {
      other.pass();
      return one.receiver.frames.size() == sent;
    })) << length;
    EXPECT_EQ(one.receiver.frames.back(), frame);
  }
}

// passt answers ARP for its gateway: whatever asks behind it has a NAT engine.
void passt_answers() {
  must_run(
      "ip link set lo up; ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up;"
      "ip addr add 192.0.2.2/24 dev v0; ip route add default via 192.0.2.1");
  const auto folder = *TemporaryFolder::make();
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const auto path = (folder.path() / "s").string();
  const bool is_root = ::geteuid() == 0;
  constexpr uid_t nobody = 65534;
  const auto passt =
      beside(std::string("exec ") + (is_root ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : "") +
             "passt -4 -f --socket " + path);
  if (is_root) {
    ASSERT_EQ(::seteuid(nobody), 0);
  }
  const auto device = opened(StreamDevice::open(path, Role::connects));
  DeviceInLoop loop(*device);
  ASSERT_TRUE(loop.until_ready()) << passt.output() << device->trouble();
  const unsigned char question[42] = {
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0, 0, 0, 0, 1, 8, 6,                // Ethernet
      0,    1,    8,    0,    6,    4,    0,   1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 2,  // who asks
      0,    0,    0,    0,    0,    0,    192, 0, 2, 1};
  ASSERT_EQ(loop.send(std::as_bytes(std::span(question))), EthernetDevice::Sent::sent);
  device->flush();
  ASSERT_TRUE(loop.until_frames(1)) << passt.output();
  const auto& answer = loop.receiver.frames[0];
  ASSERT_GE(answer.size(), sizeof(question));
  EXPECT_EQ(std::memcmp(answer.data(), question + 6, 6), 0) << "for who has asked";
  EXPECT_EQ(std::to_integer<int>(answer[21]), 2) << "an answer";
  EXPECT_EQ(std::memcmp(answer.data() + 28, question + 38, 4), 0) << "of the gateway";
  // LeakSanitizer looks at this process from another one.
  ASSERT_EQ(::seteuid(::getuid()), 0);
}

TEST(StreamWithPasst, AnswersForItsGateway) { in_namespace(passt_answers, {"passt", "ip", "setpriv"}, true); }

}  // namespace
}  // namespace vmlan::host
