// Input buffers, and who owns a buffer in which state.
#include <gtest/gtest.h>

#include "tests/kit/queues_fixture.h"

namespace vmlan::qdio {
namespace {

using kit::QueueMemory;
using Queues = kit::QueuesFixture;

TEST_F(Queues, ADatagramLiesInTheNextEmptyBufferWithExactLength) {
  start();
  memory->empty_input(128);
  EXPECT_EQ(give("datagram"), GiveResult::given);
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(input_text(0, 32, 8), "datagram");
  EXPECT_EQ(memory->element(0, 0, 0)[0], std::byte{0x40});
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 40U);
  EXPECT_EQ(interrupts.posted, std::vector<unsigned>{2});
  EXPECT_EQ(memory->state(0, 1), 0x41);
}

TEST_F(Queues, EmptyBufferIsNotTakenTwice) {
  start();
  memory->empty_input(1);
  EXPECT_EQ(give("one"), GiveResult::given);
  EXPECT_EQ(give("two"), GiveResult::no_empty_buffer);
  EXPECT_EQ(input_text(0, 32, 3), "one");
}

TEST_F(Queues, PackedDatagramsFollowEachOther) {
  start();
  memory->empty_input(8);
  queues->set_packing(true);
  give("one");
  give("three");
  EXPECT_EQ(memory->state(0, 0), 0x41) << "primed before it was published";
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(memory->state(0, 1), 0x41);
  EXPECT_EQ(input_text(0, 32, 3), "one");
  EXPECT_EQ(input_text(0, 32 + 3 + 32, 5), "three");
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 32U + 3 + 32 + 5);
}

TEST_F(Queues, APackedHeaderNeverCrossesAnElement) {
  start(1, 2, 100);
  memory->empty_input(8);
  queues->set_packing(true);
  give(std::string(50, 'a'));  // 18 bytes are left in element 0: no room for a header
  give("b");
  queues->publish();
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 82U);
  EXPECT_EQ(memory->element(0, 0, 0)[0], std::byte{0});
  EXPECT_EQ(kit::get32(memory->element(0, 0, 1) + 4), 33U);
  EXPECT_EQ(memory->element(0, 0, 1)[0], std::byte{0x40});
}

TEST_F(Queues, ALongDatagramFillsSeveralElements) {
  start(1, 4, 4096);
  memory->empty_input(2);
  std::string payload(9000, 'p');
  payload[4063] = 'q';
  payload[4064] = 'r';
  ASSERT_EQ(give(payload), GiveResult::given);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 4096U);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 2) + 4), 9000U + 32 - 8192);
  EXPECT_EQ(memory->element(0, 0, 2)[0], std::byte{0x40});
  EXPECT_EQ(*memory->at(memory->data(0, 0, 1) - 1), std::byte{'q'});
  EXPECT_EQ(*memory->at(memory->data(0, 0, 1)), std::byte{'r'});
}

TEST_F(Queues, ATooLongDatagramLeavesTheBufferEmpty) {
  start(1, 2, 4096);
  memory->empty_input(2);
  EXPECT_EQ(give(std::string(8192 - 31, 'x')), GiveResult::too_long);
  EXPECT_EQ(memory->state(0, 0), 0x41);
  EXPECT_EQ(give(std::string(8192 - 32, 'x')), GiveResult::given);
}

TEST_F(Queues, AnUnusableSbalGoesBackInErrorWithoutLosingPackedDatagrams) {
  start(1, 2, 100);
  memory->empty_input(3);
  kit::put64(memory->element(0, 0, 1) + 8, 0x7fffffffffff0000);
  queues->set_packing(true);
  EXPECT_EQ(give("kept"), GiveResult::given);
  EXPECT_EQ(give(std::string(90, 'x')), GiveResult::given) << "goes to the next buffer";
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(input_text(0, 32, 4), "kept");
  EXPECT_EQ(memory->state(0, 1), 0x82);
  kit::put64(memory->element(0, 2, 0) + 8, 0x7fffffffffff0000);
  EXPECT_EQ(give("lost"), GiveResult::buffer_error);
  EXPECT_EQ(memory->state(0, 2), 0x8f);
  EXPECT_NE(memory->element(0, 2, 15)[3], std::byte{0});
}

TEST_F(Queues, StorageKeysAreHonouredAndChangesRecorded) {
  start();
  memory->empty_input(2);
  const auto page = memory->data(0, 0);
  memory->storage().set_storage_key(page, 0);
  give("x");
  EXPECT_EQ(memory->storage().storage_key(page), arch::storage_key_referenced | arch::storage_key_changed);
}

TEST_F(Queues, NothingIsTouchedAfterStop) {
  start();
  memory->empty_input(2);
  queues->stop();
  EXPECT_EQ(give("x"), GiveResult::no_empty_buffer);
  EXPECT_EQ(memory->state(0, 0), 0x41);
  EXPECT_FALSE(queues->next_input_buffer());
}

TEST_F(Queues, TheNextInputBufferIsTheOneThatIsFilledNext) {
  start();
  memory->empty_input(128);
  for (unsigned round = 0; round < 300; ++round) {
    const auto next = queues->next_input_buffer();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->buffer, round % 128);
    EXPECT_EQ(next->sbal, memory->sbal(0, round % 128));
    EXPECT_EQ(next->storage, memory->data(0, round % 128));
    ASSERT_EQ(give("r"), GiveResult::given);
    EXPECT_EQ(*memory->at(next->storage + 32), std::byte{'r'});
    memory->reset_input(round % 128);
  }
}

TEST(BufferStates, TheAdapterChangesOnlyWhatItOwns) {
  unsigned allowed = 0;
  for (unsigned from = 0; from < 256; ++from) {
    for (unsigned to = 0; to < 256; ++to) {
      const auto a = static_cast<BufferState>(from);
      const auto b = static_cast<BufferState>(to);
      if (!may_follow(a, b)) continue;
      ++allowed;
      EXPECT_EQ(owner(a), Owner::adapter);
      EXPECT_EQ(owner(b), Owner::program);
    }
  }
  EXPECT_EQ(allowed, 7U);
}

}  // namespace
}  // namespace vmlan::qdio
