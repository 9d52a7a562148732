// Input buffers that go back without a packet, results that are cleared, and what stop() and ESTABLISH
// forget.
#include <gtest/gtest.h>

#include "tests/kit/queues_fixture.h"

namespace vmlan::qdio {
namespace {

using Queues = kit::QueuesFixture;

constexpr std::uint8_t marked = arch::storage_key_referenced | arch::storage_key_changed;
constexpr arch::Address nowhere = 0x7fffffffffff0000;

TEST_F(Queues, AnUnusableBufferIsReportedAndTheNextOneIsUsed) {
  for (const bool second_element : {false, true}) {
    start(1, 2, 100);
    interrupts.posted.clear();
    memory->empty_input(2);
    kit::put64(memory->element(0, 0, second_element ? 1 : 0) + 8, nowhere);
    const std::string payload(second_element ? 90 : 4, 'x');
    EXPECT_EQ(give(payload), GiveResult::buffer_error);
    EXPECT_EQ(memory->state(0, 0), 0x8f);
    EXPECT_EQ(memory->element(0, 0, 15)[3], std::byte{0x0c});
    EXPECT_TRUE(queues->unpublished());
    EXPECT_EQ(queues->next_input_buffer()->buffer, 1U);
    queues->publish();
    EXPECT_FALSE(queues->unpublished());
    EXPECT_EQ(interrupts.posted, std::vector<unsigned>{2});
    queues->publish();
    EXPECT_EQ(interrupts.posted.size(), 1U) << "nothing new";
    EXPECT_EQ(give(payload), GiveResult::given);
    EXPECT_EQ(memory->state(0, 1), 0x82);
  }
}

// Decision 124.
TEST_F(Queues, ResultBytesAreClearedInAFilledBufferOnceOneHasFailed) {
  for (const bool packing : {false, true}) {
    for (const bool failed : {false, true}) {
      start();
      memory->empty_input(2);
      queues->set_packing(packing);
      if (failed) {
        kit::put64(memory->element(0, 0, 0) + 8, nowhere);
        EXPECT_EQ(give("x"), GiveResult::buffer_error);
      }
      const unsigned buffer = failed ? 1 : 0;
      memory->element(0, buffer, 14)[3] = std::byte{0x11};
      memory->element(0, buffer, 15)[3] = std::byte{0x0c};
      EXPECT_EQ(give("x"), GiveResult::given);
      queues->publish();
      EXPECT_EQ(memory->state(0, buffer), 0x82);
      EXPECT_EQ(memory->element(0, buffer, 14)[3], failed ? std::byte{0} : std::byte{0x11});
      EXPECT_EQ(memory->element(0, buffer, 15)[3], failed ? std::byte{0} : std::byte{0x0c});
    }
  }
}

TEST_F(Queues, HintsChangeNothingAndKnowWherePacketsBegin) {
  start();
  memory->empty_input(2);
  EXPECT_EQ(queues->peek(0, 64), nullptr) << "nothing is primed";
  const auto before = memory->state(0, 0);
  queues->prefetch();
  queues->prefetch_state(0);
  queues->prefetch_sbal(127);
  kit::put64(memory->element(0, 1, 0) + 8, nowhere);
  queues->prefetch_buffer(0);
  queues->prefetch_buffer(1);
  EXPECT_EQ(memory->state(0, 0), before);
  queues->stop();
  EXPECT_EQ(queues->peek(0, 64), nullptr);
  queues->prefetch_state(0);
  queues->prefetch_buffer(0);
}

TEST_F(Queues, APackedPacketIsUnpublishedUntilItIsPublished) {
  start();
  memory->empty_input(1);
  queues->set_packing(true);
  EXPECT_FALSE(queues->unpublished());
  give("x");
  EXPECT_TRUE(queues->unpublished());
  queues->publish();
  EXPECT_FALSE(queues->unpublished());
  EXPECT_EQ(interrupts.posted, std::vector<unsigned>{2});
}

TEST_F(Queues, APackedPacketFillsItsBufferToTheLastByte) {
  start();
  memory->empty_input(2);
  queues->set_packing(true);
  give(std::string(1000, 'a'));
  EXPECT_EQ(give(std::string(4096 - 1032 - 32, 'b')), GiveResult::given);
  queues->publish();
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 4096U);
  EXPECT_EQ(memory->state(0, 1), 0x41);
}

TEST_F(Queues, ATooLongPackedPacketClosesNothingButItself) {
  start();
  memory->empty_input(2);
  queues->set_packing(true);
  EXPECT_EQ(give(std::string(4096, 'x')), GiveResult::too_long);
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x41) << "an empty buffer is not passed on";
  EXPECT_TRUE(interrupts.posted.empty());
  EXPECT_EQ(give("x"), GiveResult::given);
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
}

TEST_F(Queues, AHeaderNeedsOneElementOfItsLength) {
  start(1, 2, 100);
  memory->empty_input(2);
  memory->set_element(0, 0, 0, 0, 31, memory->data(0, 0, 0));
  memory->set_element(0, 0, 1, 0x40, 31, memory->data(0, 0, 1));
  EXPECT_EQ(give("x"), GiveResult::too_long);
  memory->set_element(0, 0, 1, 0, 32, memory->data(0, 0, 1));
  memory->set_element(0, 0, 2, 0x40, 1, memory->data(0, 1, 0));
  EXPECT_EQ(give("x"), GiveResult::given);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 0U);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 1) + 4), 32U);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 2) + 4), 1U);
}

TEST_F(Queues, TheStateOfTheNextInputBufferIsTold) {
  start();
  memory->empty_input(1);
  EXPECT_EQ(queues->next_input_buffer()->state, BufferState::input_empty);
  give("x");
  EXPECT_EQ(queues->next_input_buffer()->state, BufferState::input_not_initialized);
  memory->set_state(0, 1, 0x81);
  EXPECT_EQ(queues->next_input_buffer()->state, BufferState::input_acknowledged);
}

TEST_F(Queues, StopForgetsTheQueues) {
  start(3);
  EXPECT_TRUE(queues->established());
  EXPECT_TRUE(queues->active());
  EXPECT_EQ(queues->output_queues(), 3U);
  queues->stop();
  EXPECT_FALSE(queues->established());
  EXPECT_FALSE(queues->active());
  EXPECT_EQ(queues->output_queues(), 0U);
  queues->activate();
  EXPECT_FALSE(queues->active());
}

TEST_F(Queues, EstablishBeginsAtTheFirstBuffersAgain) {
  start();
  memory->empty_input(4);
  give("x");
  memory->prime_output(1, 0, kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 64));
  EXPECT_EQ(take().buffers, 1U);
  ASSERT_EQ(queues->establish(memory->qdr()), EstablishResult::established);
  EXPECT_FALSE(queues->active());
  EXPECT_FALSE(queues->unpublished());
  queues->activate();
  EXPECT_EQ(queues->next_input_buffer()->buffer, 0U);
  memory->set_state(1, 0, 0x62);
  EXPECT_EQ(take().buffers, 1U);
}

TEST_F(Queues, ARefusedEstablishLeavesNoQueues) {
  start(2);
  Qdr bad = memory->qdr();
  bad.queue_format = 2;
  EXPECT_EQ(queues->establish(bad), EstablishResult::wrong_format);
  EXPECT_FALSE(queues->established());
  EXPECT_FALSE(queues->active());
  EXPECT_EQ(queues->output_queues(), 0U);
}

// What is stored there later is not marked one by one.
TEST_F(Queues, EstablishMarksThePagesOfStatesAndBufferLists) {
  start();
  for (arch::Address page = 0; page < memory->data(0, 0); page += arch::page_size)
    memory->storage().set_storage_key(page, 0);
  ASSERT_EQ(queues->establish(memory->qdr()), EstablishResult::established);
  for (const unsigned queue : {0U, 1U}) {
    EXPECT_EQ(memory->storage().storage_key(memory->slsb(queue)), marked);
    EXPECT_EQ(memory->storage().storage_key(memory->sbal(queue, 0)), marked);
    EXPECT_EQ(memory->storage().storage_key(memory->sbal(queue, 127)), marked);
  }
}

TEST_F(Queues, KeysSixAndFourteenAreNotHeldAgainstStorage) {
  for (const unsigned keys : {0x66U, 0xeeU, 0x77U}) {
    start();
    for (arch::Address page = 0; page < memory->data(0, 0); page += arch::page_size)
      memory->storage().set_storage_key(page, 0x38);
    for (const unsigned queue : {0U, 1U}) {
      memory->qdr_bytes()[0x40 + queue * 32 + 0x1c] = std::byte(keys);
      memory->qdr_bytes()[0x40 + queue * 32 + 0x1d] = std::byte(keys);
    }
    EXPECT_EQ(queues->establish(memory->qdr()),
              keys == 0x77 ? EstablishResult::not_accessible : EstablishResult::established);
  }
}

TEST_F(Queues, AKeyThatBeginsToRefuseAnOpenBufferEndsIt) {
  start(1, 2, 4096);
  for (const unsigned queue : {0U, 1U}) {
    memory->qdr_bytes()[0x40 + queue * 32 + 0x1d] = std::byte{0x70};  // data key 7, states key 0
    for (unsigned buffer = 0; buffer < 128; buffer += 16)
      memory->storage().set_storage_key(memory->sbal(queue, buffer), 0x70);
  }
  for (unsigned index = 0; index < 4; ++index)
    memory->storage().set_storage_key(memory->data(0, index / 2, index % 2), 0x70);
  ASSERT_EQ(queues->establish(memory->qdr()), EstablishResult::established);
  queues->activate();
  memory->empty_input(2);
  queues->set_packing(true);
  EXPECT_EQ(give(std::string(4050, 'a')), GiveResult::given);
  memory->storage().set_storage_key(memory->data(0, 0, 1), 0x70);
  EXPECT_EQ(give("b"), GiveResult::given);
  memory->storage().set_storage_key(memory->data(0, 0, 1), 0x30);
  EXPECT_EQ(give("c"), GiveResult::buffer_error);
  EXPECT_EQ(memory->state(0, 0), 0x8f);
  EXPECT_EQ(memory->element(0, 0, 15)[3], std::byte{0x0c});
  EXPECT_EQ(give("d"), GiveResult::given);
  queues->publish();
  EXPECT_EQ(memory->state(0, 1), 0x82);
}

TEST_F(Queues, ABufferWhoseListIsNotTheDriversAnyMoreIsNotOpened) {
  start(1, 1, 4096);
  memory->qdr_bytes()[0x40 + 0x1d] = std::byte{0x70};  // data key 7, states key 0
  const auto page = memory->sbal(0, 0);
  memory->storage().set_storage_key(page, 0x70);
  for (unsigned buffer = 16; buffer < 128; buffer += 16)
    memory->storage().set_storage_key(memory->sbal(0, buffer), 0x70);
  memory->storage().set_storage_key(memory->data(0, 0, 0), 0x70);
  ASSERT_EQ(queues->establish(memory->qdr()), EstablishResult::established);
  queues->activate();
  memory->empty_input(1);
  memory->storage().set_storage_key(page, 0x30);
  EXPECT_EQ(give("a"), GiveResult::no_empty_buffer);
  EXPECT_EQ(memory->state(0, 0), 0x41) << "still empty";
  memory->storage().set_storage_key(page, 0x70);
  EXPECT_EQ(give("a"), GiveResult::given);
}

}  // namespace
}  // namespace vmlan::qdio
