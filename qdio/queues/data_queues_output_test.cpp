// Output buffers: taken, judged, given back.
#include <gtest/gtest.h>

#include "tests/kit/queues_fixture.h"

namespace vmlan::qdio {
namespace {

using kit::QueueMemory;
using Queues = kit::QueuesFixture;

TEST_F(Queues, APrimedBufferIsTakenOnceAndComesBackEmpty) {
  start();
  auto packet = header(5);
  for (const char c : {'h', 'e', 'l', 'l', 'o'}) packet.push_back(std::byte(c));
  memory->prime_output(1, 0, packet);
  EXPECT_EQ(take().buffers, 1U);
  EXPECT_EQ(packets, std::vector<std::string>{"hello"});
  EXPECT_EQ(memory->state(1, 0), 0xa1);
  EXPECT_EQ(take().buffers, 0U);
  EXPECT_TRUE(interrupts.posted.empty());
}

TEST_F(Queues, APacketOfSeveralElementsIsOnePacket) {
  start(1, 3, 4096);
  auto head = header(6000);
  std::memcpy(memory->at(memory->data(1, 0)), head.data(), 32);
  std::memset(memory->at(memory->data(1, 0, 1)), 'a', 4096);
  std::memset(memory->at(memory->data(1, 0, 2)), 'b', 1904);
  memory->set_element(1, 0, 0, 0x04, 32, memory->data(1, 0, 0));
  memory->set_element(1, 0, 1, 0x08, 4096, memory->data(1, 0, 1));
  memory->set_element(1, 0, 2, 0x4c, 1904, memory->data(1, 0, 2));
  memory->set_state(1, 0, 0x62);
  take();
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0], std::string(4096, 'a') + std::string(1904, 'b'));
}

TEST_F(Queues, SeveralPacketsInOneBufferAreAllTaken) {
  start(1, 3, 64);
  for (unsigned index = 0; index < 3; ++index) {
    const auto head = header(1);
    std::memcpy(memory->at(memory->data(1, 0, index)), head.data(), 32);
    *memory->at(memory->data(1, 0, index) + 32) = std::byte('1' + static_cast<int>(index));
    memory->set_element(1, 0, index, index == 2 ? 0x40 : 0, 33, memory->data(1, 0, index));
  }
  memory->set_state(1, 0, 0x62);
  EXPECT_EQ(take().buffers, 1U);
  EXPECT_EQ(packets, (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(Queues, OneSigaTakesAtMostOneRing) {
  start();
  auto packet = header(1);
  packet.push_back(std::byte{'x'});
  for (unsigned buffer = 0; buffer < 128; ++buffer) memory->prime_output(1, buffer, packet);
  unsigned primed_again = 0;
  const Taken taken = queues->take(0, [&](const Frame&) {
    memory->set_state(1, primed_again++ % 128, 0x62);  // a guest that primes as we send
    return std::uint8_t{0};
  });
  EXPECT_EQ(taken.buffers, 128U);
}

TEST_F(Queues, ABufferThatAsksForItInterrupts) {
  start();
  auto packet = header(1);
  packet.push_back(std::byte{'x'});
  memory->prime_output(1, 0, packet);
  memory->element(1, 0, 0)[3] = std::byte{0x40};
  take();
  EXPECT_EQ(interrupts.posted, std::vector<unsigned>{2});
}

TEST_F(Queues, TheReceiversCodeBecomesTheBuffersResult) {
  start();
  auto packet = header(1);
  packet.push_back(std::byte{'x'});
  memory->prime_output(1, 0, packet);
  answer = 0x10;
  take();
  EXPECT_EQ(memory->state(1, 0), 0xaf);
  EXPECT_EQ(memory->element(1, 0, 15)[3], std::byte{0x10});
}

struct BadOutput {
  const char* name;
  void (*spoil)(QueueMemory&);
};
class BadOutputBuffer : public ::testing::TestWithParam<BadOutput> {};

TEST_P(BadOutputBuffer, GoesBackInErrorAndTheQueueGoesOn) {
  kit::PostedInterrupts interrupts;
  QueueMemory memory(1, 2, 4096);
  DataQueues queues(memory.storage(), AdapterKind::osd, 2, interrupts);
  ASSERT_EQ(queues.establish(memory.qdr()), EstablishResult::established);
  queues.activate();
  std::vector<std::byte> packet(33);
  packet[0] = std::byte{1};
  packet[9] = std::byte{1};
  memory.prime_output(1, 0, packet);
  memory.prime_output(1, 1, packet);
  GetParam().spoil(memory);
  unsigned received = 0;
  const Taken taken = queues.take(0, [&](const Frame&) {
    ++received;
    return std::uint8_t{0};
  });
  EXPECT_EQ(taken.buffers, 2U);
  EXPECT_EQ(taken.malformed, 1U);
  EXPECT_EQ(received, 1U);
  EXPECT_EQ(memory.state(1, 0), 0xaf);
  EXPECT_NE(memory.element(1, 0, 15)[3], std::byte{0});
  EXPECT_EQ(memory.state(1, 1), 0xa1);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOutputBuffer,
    ::testing::Values(
        BadOutput{"AddressOutsideStorage",
                  [](QueueMemory& m) { kit::put64(m.element(1, 0, 0) + 8, 0x7fffffffffff0000); }},
        BadOutput{"LengthOutsideStorage",
                  [](QueueMemory& m) { kit::put32(m.element(1, 0, 0) + 4, 0xffffffff); }},
        BadOutput{"ShorterThanAHeader", [](QueueMemory& m) { kit::put32(m.element(1, 0, 0) + 4, 31); }},
        BadOutput{"HeaderPromisesMore", [](QueueMemory& m) { *m.at(m.data(1, 0) + 8) = std::byte{0xff}; }},
        BadOutput{"UnknownHeader", [](QueueMemory& m) { *m.at(m.data(1, 0)) = std::byte{0x55}; }},
        BadOutput{"EmptyPacket", [](QueueMemory& m) { *m.at(m.data(1, 0) + 9) = std::byte{0}; }},
        BadOutput{"FragmentWithoutBeginning",
                  [](QueueMemory& m) { m.element(1, 0, 0)[0] = std::byte{0x48}; }},
        BadOutput{"FragmentWithoutEnd", [](QueueMemory& m) { m.element(1, 0, 0)[0] = std::byte{0x44}; }},
        BadOutput{"BeginningInsideAPacket",
                  [](QueueMemory& m) {
                    m.element(1, 0, 0)[0] = std::byte{0x04};
                    m.set_element(1, 0, 1, 0x44, 33, m.data(1, 0));
                  }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Queues, AStateThatIsNotOursIsLeftAlone) {
  start();
  for (unsigned state = 0; state < 256; ++state) {
    if (state == 0x62) continue;
    memory->set_state(1, 0, state);
    EXPECT_EQ(take().buffers, 0U);
    EXPECT_EQ(memory->state(1, 0), state);
  }
}

}  // namespace
}  // namespace vmlan::qdio
