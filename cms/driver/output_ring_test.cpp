// Which packet buffers the output ring uses.
#include "cms/driver/test_rings.h"

namespace vmlan::cms {
namespace {

TEST_F(Rings, WhenTheAdapterHasGivenAllBackTheFirstBufferIsUsedAgain) {
  start(2048, 2048, 8, 8);
  const wire::Layer3Header header;
  const auto* first = output.payload();
  output.prime(header, 100);
  const auto* second = output.payload();
  EXPECT_NE(second, first);
  output.prime(header, 100);
  memory.output().set_state(0, qdio::BufferState::output_empty);
  output.complete();
  output.rewind();
  EXPECT_NE(output.payload(), first) << "slot 1 is outstanding: its buffer is the second";
  EXPECT_NE(output.payload(), second);
  memory.output().set_state(1, qdio::BufferState::output_empty);
  output.complete();
  output.rewind();
  EXPECT_EQ(output.payload(), first);
  output.prime(header, 100);
  EXPECT_EQ(element(memory.output(), 2, 0).address, element(memory.output(), 0, 0).address)
      << "in another slot";
}

TEST_F(Rings, OneBufferEachIsEnoughAndAsksForNoInterruption) {
  start(2048, 2048, 1, 1);
  for (unsigned slot = 0; slot < 300; ++slot) {
    ASSERT_FALSE(output.full());
    output.prime(wire::Layer3Header{}, 100);
    ASSERT_TRUE(output.full());
    EXPECT_EQ(element(memory.output(), slot % 128, 0).status_flags, 0);
    memory.output().set_state(slot % 128, qdio::BufferState::output_empty);
    output.complete();
    output.rewind();
    fill(slot % 128, 0, packet(10, slot % 251), true);
    prime(slot % 128);
    ASSERT_EQ(poll(), 1U);
  }
}

}  // namespace
}  // namespace vmlan::cms
