// ESTABLISH QUEUES: what is accepted, what is refused and why.
#include <gtest/gtest.h>

#include "tests/kit/queues_fixture.h"

namespace vmlan::qdio {
namespace {

using kit::QueueMemory;
using Queues = kit::QueuesFixture;

// The head of a QDR as Linux 6.1 qeth wrote it (observed): one input queue, four output queues.
TEST(Establish, CountsAndAddressesStandWhereLinuxPutsThem) {
  constexpr std::uint8_t observed[] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
                                       0x00, 0x04, 0x00, 0x00, 0x00, 0x00};
  Qdr qdr;
  std::memcpy(reinterpret_cast<std::uint8_t*>(&qdr), observed, sizeof(observed));
  const std::uint8_t qib[] = {0, 0, 0, 0, 0x01, 0xbb, 0x70, 0x00};
  std::memcpy(reinterpret_cast<std::uint8_t*>(&qdr) + 0x30, qib, 8);
  const std::uint8_t descriptor[] = {0,    0,    0,    0,    0x01, 0xbb, 0xb0, 0x00, 0,    0,    0,    0,
                                     0x01, 0xbb, 0xb8, 0x00, 0,    0,    0,    0,    0x01, 0xbd, 0x2a, 0x00};
  std::memcpy(reinterpret_cast<std::uint8_t*>(&qdr) + 0x40, descriptor, sizeof(descriptor));
  EXPECT_EQ(qdr.input_queues, 1);
  EXPECT_EQ(qdr.output_queues, 4);
  EXPECT_EQ(qdr.qib, 0x01bb7000U);
  EXPECT_EQ(qdr.descriptors[0].slib, 0x01bbb000U);
  EXPECT_EQ(qdr.descriptors[0].sl, 0x01bbb800U);
  EXPECT_EQ(qdr.descriptors[0].slsb, 0x01bd2a00U);
}

TEST_F(Queues, EstablishTellsThePciOnOutputIsSupported) {
  start();
  EXPECT_EQ(*memory->at(QueueMemory::qib_at + 3), std::byte{0x40});
}

TEST_F(Queues, EstablishTouchesNoBufferState) {
  start();
  for (unsigned buffer = 0; buffer < 128; ++buffer) {
    EXPECT_EQ(memory->state(0, buffer), 0x80);
    EXPECT_EQ(memory->state(1, buffer), 0xa0);
  }
}

struct Refusal {
  const char* name;
  EstablishResult expected;
  void (*spoil)(QueueMemory&);
};

class EstablishRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(EstablishRefuses, WithTheReason) {
  kit::PostedInterrupts interrupts;
  QueueMemory memory(4);
  GetParam().spoil(memory);
  DataQueues queues(memory.storage(), AdapterKind::osd, 2, interrupts);
  EXPECT_EQ(queues.establish(memory.qdr()), GetParam().expected);
  EXPECT_FALSE(queues.established());
  queues.activate();
  EXPECT_FALSE(queues.active());
}

const std::byte high[] = {std::byte{0x7f}, std::byte{0xff}};
INSTANTIATE_TEST_SUITE_P(
    All, EstablishRefuses,
    ::testing::Values(Refusal{"FormatOfTheOtherAdapter", EstablishResult::wrong_format,
                              [](QueueMemory& m) { m.qdr_bytes()[0] = std::byte{2}; }},
                      Refusal{"NoInputQueue", EstablishResult::wrong_count,
                              [](QueueMemory& m) { m.qdr_bytes()[5] = std::byte{0}; }},
                      Refusal{"FiveOutputQueues", EstablishResult::wrong_count,
                              [](QueueMemory& m) { m.qdr_bytes()[7] = std::byte{5}; }},
                      Refusal{"ShortDescriptor", EstablishResult::wrong_descriptor,
                              [](QueueMemory& m) { m.qdr_bytes()[9] = std::byte{7}; }},
                      Refusal{"QibOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.qdr_bytes() + 0x30, high, 2); }},
                      Refusal{"SlsbOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.qdr_bytes() + 0x50, high, 2); }},
                      Refusal{"SlOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.qdr_bytes() + 0x48, high, 2); }},
                      Refusal{"SbalOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.at(m.sl(4) + 127 * 8), high, 2); }},
                      Refusal{"SbalMisaligned", EstablishResult::misaligned,
                              [](QueueMemory& m) { *m.at(m.sl(1) + 7) = std::byte{0x10}; }},
                      Refusal{"SlsbMisaligned", EstablishResult::misaligned,
                              [](QueueMemory& m) { m.qdr_bytes()[0x57] = std::byte{0x80}; }},
                      Refusal{"SbalKeyRefuses", EstablishResult::not_accessible,
                              [](QueueMemory& m) { m.qdr_bytes()[0x40 + 0x1d] = std::byte{0x70}; }},
                      Refusal{"SlsbKeyRefuses", EstablishResult::not_accessible,
                              [](QueueMemory& m) { m.qdr_bytes()[0x40 + 0x1d] = std::byte{0x07}; }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace vmlan::qdio
