// What one buffer may cost, which pages it marks, and that an element is what it was when it was judged.
#include <gtest/gtest.h>

#include "tests/kit/queues_fixture.h"

namespace vmlan::qdio {
namespace {

using kit::QueueMemory;
using Queues = kit::QueuesFixture;

constexpr std::uint8_t both = arch::storage_key_referenced | arch::storage_key_changed;

std::uint8_t key_of(QueueMemory& memory, arch::Address address) {
  return memory.storage().storage_key(address);
}
void forget_key(QueueMemory& memory, arch::Address address) { memory.storage().set_storage_key(address, 0); }

// The packet's bytes arrive where its own SBAL lies, and are another SBAL.
TEST_F(Queues, AnElementThatChangesWhileItsBufferIsFilledIsUsedAsItWasJudged) {
  start(1, 4, 4096);
  memory->empty_input(1);
  const auto sbal = memory->sbal(0, 0);
  const auto judged = memory->data(0, 0, 2);
  const auto other = memory->data(0, 3, 0);
  // Element 0 holds the header, element 1 is where element 2 of this SBAL is described.
  memory->set_element(0, 0, 0, 0, 32, memory->data(0, 0, 0));
  memory->set_element(0, 0, 1, 0, 16, sbal + 32);
  memory->set_element(0, 0, 2, 0x40, 4096, judged);
  std::string payload(16, '\0');
  payload[0] = '\x40';
  kit::put32(reinterpret_cast<std::byte*>(payload.data()) + 4, 4096);
  kit::put64(reinterpret_cast<std::byte*>(payload.data()) + 8, other);
  EXPECT_EQ(give(payload + "datagram"), GiveResult::given);
  EXPECT_EQ(*memory->at(judged), std::byte{'d'});
  EXPECT_EQ(*memory->at(other), std::byte{0});
}

TEST_F(Queues, OfAnInputElementLongerThanAnyAdaptersBufferNoMoreIsUsed) {
  start(1, 1, 0x20000);
  memory->empty_input(4);
  queues->set_packing(true);
  give(std::string(0x8000, 'x'));
  give(std::string(0x8000, 'x'));
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 32U + 0x8000);
  EXPECT_EQ(memory->state(0, 1), 0x82) << "the second packet goes to the next buffer";
}

TEST_F(Queues, AnOutputBufferLongerThanAnyAdaptersIsRefused) {
  const auto bytes = header(100);
  for (const std::uint32_t last : {0x8000U, 0x8001U}) {
    start(1, 1, 0x20000);
    std::copy(bytes.begin(), bytes.end(), memory->at(memory->data(1, 0)));
    memory->set_element(1, 0, 0, 0x04, 0x8000, memory->data(1, 0));
    memory->set_element(1, 0, 1, 0x4c, last, memory->data(1, 1));
    memory->set_state(1, 0, 0x62);
    const Taken taken = take();
    EXPECT_EQ(taken.buffers, 1U);
    EXPECT_EQ(taken.malformed, last > 0x8000 ? 1U : 0U);
    EXPECT_EQ(memory->state(1, 0), last > 0x8000 ? 0xaf : 0xa1);
  }
}

// Otherwise a receiver with long elements makes its senders pay for them.
TEST_F(Queues, OnlyThePagesThatAPacketTouchesAreMarked) {
  for (const bool packing : {false, true}) {
    start(1, 1, 0x10000);
    memory->empty_input(2);
    const auto page = memory->data(0, 0);
    for (unsigned index = 0; index < 16; ++index) forget_key(*memory, page + index * arch::page_size);
    queues->set_packing(packing);
    give(std::string(5000, 'x'));
    queues->publish();
    EXPECT_EQ(key_of(*memory, page), both);
    EXPECT_EQ(key_of(*memory, page + arch::page_size), both);
    for (unsigned index = 2; index < 16; ++index) {
      EXPECT_EQ(key_of(*memory, page + index * arch::page_size), 0) << index;
    }
  }
}

TEST_F(Queues, AStateThatChangesIsAChangeOfItsPage) {
  start();
  memory->empty_input(2);
  forget_key(*memory, memory->slsb(0));
  give("x");
  queues->publish();
  EXPECT_EQ(key_of(*memory, memory->slsb(0)), both);

  memory->prime_output(1, 0, kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 64));
  forget_key(*memory, memory->slsb(1));
  take();
  EXPECT_EQ(key_of(*memory, memory->slsb(1)), both);
}

TEST_F(Queues, ABufferThatWasOpenWhenTheQueuesStoppedIsForgotten) {
  start();
  memory->empty_input(2);
  queues->set_packing(true);
  EXPECT_EQ(give("old"), GiveResult::given);
  queues->stop();
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x41);
  EXPECT_TRUE(interrupts.posted.empty());
  ASSERT_EQ(queues->establish(memory->qdr()), EstablishResult::established);
  queues->activate();
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x41);
  EXPECT_TRUE(interrupts.posted.empty());
  EXPECT_EQ(give("new"), GiveResult::given);
  queues->publish();
  EXPECT_EQ(input_text(0, 32, 3), "new");
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 35U);
}

}  // namespace
}  // namespace vmlan::qdio
