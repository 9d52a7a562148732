// A VDE uplink on a vde_switch that works, is stopped, ends, begins again, or is not there yet.
#include <gtest/gtest.h>

#include <csignal>

#include "host/uplink/test_receiver.h"
#include "host/uplink/test_vde_switch.h"
#include "host/uplink/vde.h"

namespace vmlan::host {
namespace {

using Sent = EthernetDevice::Sent;
using State = EthernetDevice::State;

class VdeSwitch : public VdeSwitchTest {};

Bytes broadcast(std::size_t length, unsigned number) {
  auto frame = numbered_frame(length, number);
  for (std::size_t index = 0; index < 6; ++index) frame[index] = std::byte{0xff};
  frame[6] = std::byte{2};  // no multicast source
  return frame;
}

TEST_F(VdeSwitch, CarriesFramesUpToWhatASwitchTakes) {
  begin();
  const auto one = device();
  const auto other = device();
  DeviceInLoop loop(*one);
  DeviceInLoop other_loop(*other);
  ASSERT_EQ(one->state(), State::ready) << one->trouble();
  ASSERT_EQ(other->state(), State::ready) << other->trouble();
  EXPECT_EQ(one->name(), "VDE " + path);
  EXPECT_EQ(one->frame_limit(), 1514U);
  EXPECT_FALSE(one->does_work());
  std::size_t count = 0;
  for (const std::size_t length : {60U, 1514U, 1518U}) {
    const auto frame = broadcast(length, 1);
    ASSERT_EQ(loop.send(frame), Sent::sent);
    ASSERT_TRUE(other_loop.until_frames(++count));
    EXPECT_EQ(other_loop.receiver.frames.back(), frame) << length;
    ASSERT_EQ(other_loop.send(frame), Sent::sent);
    ASSERT_TRUE(loop.until_frames(count));
    EXPECT_EQ(loop.receiver.frames.back(), frame) << length;
  }
  EXPECT_EQ(loop.send(broadcast(1519, 1)), Sent::too_long) << "the switch would cut it";
  // In pieces.
  const auto frame = broadcast(200, 9);
  const std::span<const std::byte> pieces[] = {std::span(frame).first(14), std::span(frame).subspan(14)};
  ASSERT_EQ(one->send(pieces, {}), Sent::sent);
  ASSERT_TRUE(other_loop.until_frames(++count));
  EXPECT_EQ(other_loop.receiver.frames.back(), frame);
}

TEST_F(VdeSwitch, ThatIsStoppedIsFullAndNobodyWaits) {
  begin();
  const auto one = device();
  const auto other = device();
  DeviceInLoop loop(*one);
  DeviceInLoop other_loop(*other);
  ASSERT_EQ(other->state(), State::ready);
  send_signal(SIGSTOP);
  const auto start = loop.now();
  std::size_t sent = 0;
  while (sent < 10000 && loop.send(broadcast(100, static_cast<unsigned>(sent))) == Sent::sent) ++sent;
  EXPECT_LT(sent, 10000U) << "full at last";
  EXPECT_EQ(loop.send(broadcast(100, 0)), Sent::full);
  for (int passes = 0; passes < 5; ++passes) loop.pass();
  EXPECT_LT(loop.now() - start, std::chrono::seconds(5));
  EXPECT_EQ(one->state(), State::ready);
  send_signal(SIGCONT);
  ASSERT_TRUE(other_loop.until_frames(sent)) << "what was taken arrives";
  for (std::size_t index = 0; index < sent; ++index) {
    ASSERT_EQ(other_loop.receiver.frames[index], broadcast(100, static_cast<unsigned>(index))) << "in order";
  }
  EXPECT_TRUE(loop.until([&] { return loop.send(broadcast(100, 0)) == Sent::sent; }));
}

TEST_F(VdeSwitch, ThatDoesNotAnswerIsWaitedForElsewhere) {
  begin();
  send_signal(SIGSTOP);
  RealClock clock;
  const auto one = device();
  EXPECT_LT(clock.now(), VdeDevice::patience + std::chrono::seconds(2))
      << "a new uplink waits a moment, no more";
  EXPECT_EQ(one->state(), State::waiting);
  EXPECT_EQ(one->trouble(), path + ": it has not answered yet");
  DeviceInLoop loop(*one);
  EXPECT_TRUE(loop.until([&] { return one->trouble() == path + ": its switch does not answer"; }));
  const auto before = loop.now();
  loop.pass();
  EXPECT_LT(loop.now() - before, std::chrono::seconds(1)) << "the loop goes on";
  EXPECT_EQ(loop.send(broadcast(100, 0)), Sent::down);
  send_signal(SIGCONT);
  EXPECT_TRUE(loop.until_ready());
  EXPECT_EQ(loop.receiver.changes, 1U);
}

TEST_F(VdeSwitch, ThatWasEndedIsLookedForAgain) {
  begin();
  const auto one = device();
  DeviceInLoop loop(*one);
  ASSERT_EQ(one->state(), State::ready);
  for (unsigned life = 1; life <= 2; ++life) {
    if (life == 1) send_signal(SIGKILL);
    end();
    ASSERT_TRUE(loop.until_waiting());
    EXPECT_EQ(loop.send(broadcast(100, 0)), Sent::down);
    EXPECT_TRUE(loop.until([&] { return loop.receiver.changes == 2 * life - 1; }));
    begin();
    ASSERT_TRUE(loop.until_ready()) << one->trouble();
    EXPECT_EQ(loop.receiver.changes, 2 * life);
    EXPECT_EQ(loop.send(broadcast(100, 0)), Sent::sent);
  }
}

TEST_F(VdeSwitch, ItsEndIsSeenWithoutSending) {
  begin();
  const auto one = device();
  KeepingReceiver receiver;
  one->start(receiver);
  std::vector<pollfd> polled;
  one->add_to(polled);
  send_signal(SIGKILL);
  ASSERT_GT(::poll(polled.data(), polled.size(), 10000), 0);
  one->happened(polled);
  EXPECT_EQ(one->trouble(), path + ": the switch has gone");
  EXPECT_EQ(receiver.changes, 0U) << "told from tend() only";
  EXPECT_EQ(one->deadline(), arch::Time{0});
  one->tend(arch::Time{0});
  EXPECT_EQ(receiver.changes, 1U);
}

TEST_F(VdeSwitch, ThatIsNotThereYetIsNoError) {
  const auto one = device();
  EXPECT_EQ(one->state(), State::waiting);
  EXPECT_EQ(one->trouble(), path + ": No such file or directory");
  DeviceInLoop loop(*one);
  begin();
  EXPECT_TRUE(loop.until_ready()) << one->trouble();
  EXPECT_EQ(one->trouble(), "");
}

TEST_F(VdeSwitch, ForgottenAttemptsAreFewAndEndWhenTheSwitchAnswers) {
  begin();
  send_signal(SIGSTOP);
  for (int count = 0; count < VdeOpening::most_at_a_time; ++count)
    ASSERT_TRUE(VdeOpening::begin(path)) << count;
  EXPECT_FALSE(VdeOpening::begin(path));
  const auto one = device();
  EXPECT_EQ(one->trouble(), path + ": too many attempts to reach a switch wait for their answer");
  DeviceInLoop loop(*one);
  send_signal(SIGCONT);
  EXPECT_TRUE(loop.until_ready()) << one->trouble();
}

}  // namespace
}  // namespace vmlan::host
