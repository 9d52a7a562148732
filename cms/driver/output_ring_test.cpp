// An output ring with as few buffers as there can be.
#include "cms/driver/test_rings.h"

namespace vmlan::cms {
namespace {

TEST_F(Rings, OneBufferEachIsEnoughAndAsksForNoInterruption) {
  start(2048, 2048, 1, 1);
  for (unsigned slot = 0; slot < 300; ++slot) {
    ASSERT_FALSE(output.full());
    output.prime(wire::Layer3Header{}, 100);
    ASSERT_TRUE(output.full());
    EXPECT_EQ(element(memory.output(), slot % 128, 0).status_flags, 0);
    memory.output().set_state(slot % 128, qdio::BufferState::output_empty);
    output.complete();
    fill(slot % 128, 0, packet(10, slot % 251), true);
    prime(slot % 128);
    ASSERT_EQ(poll(), 1U);
  }
}

}  // namespace
}  // namespace vmlan::cms
