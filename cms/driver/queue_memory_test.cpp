#include "cms/driver/queue_memory.h"

#include <gtest/gtest.h>

namespace vmlan::cms {
namespace {

TEST(QueueMemoryShape, BuffersBeginAtDifferentLinesOfThePage) {
  const auto shape = buffer_shape(9042);
  EXPECT_GE(shape.capacity, 9042U);
  EXPECT_EQ(shape.stride, 12288U);
  EXPECT_EQ(shape.stagger, 31U);
  RingMemory ring;
  ring.stride = shape.stride;
  ring.stagger = shape.stagger;
  ring.buffers = 128;
  for (unsigned slot = 0; slot < 128; ++slot) {
    EXPECT_EQ(ring.address(slot) % 4096, slot % 32 * 64);
    EXPECT_LE(ring.offset(slot) + shape.capacity, (slot + 1) * shape.stride);
  }
  EXPECT_EQ(buffer_shape(65536).stagger, 0U) << "sixteen elements, sixteen pages";
}

TEST(QueueMemoryShape, SmallBuffersLieWithinAPage) {
  for (const std::uint32_t bytes : {1U, 96U, 512U, 1532U, 2048U, 4096U}) {
    const auto shape = buffer_shape(bytes);
    EXPECT_GE(shape.capacity, bytes);
    EXPECT_EQ(4096 % shape.stride, 0U);
  }
  EXPECT_EQ(buffer_shape(65536).capacity, 65536U);
  EXPECT_EQ(buffer_shape(100000).capacity, 65536U);
}

TEST(QueueMemoryArea, MustBePageAlignedAndInReachOfAChannelProgram) {
  arch::MainStorage storage(1U << 20U);
  QueueMemory memory;
  EXPECT_FALSE(memory.use(storage.view(), 0x10100, 0));
  EXPECT_FALSE(memory.use(storage.view(), storage.size(), 0));
  EXPECT_FALSE(memory.use(storage.view(), storage.size() - arch::page_size, 0))
      << "no room for control blocks";
  EXPECT_TRUE(memory.use(storage.view(), 0x10000, 0));
}

TEST(QueueMemoryArea, MustHoldAllBuffers) {
  arch::MainStorage storage(1U << 20U);
  QueueMemory memory;
  ASSERT_TRUE(memory.use(storage.view(), 0, 0));
  const QueueSizes sizes{16, 16, 9000, 9000};
  EXPECT_TRUE(memory.lay_out(qdio::AdapterKind::osd, {0x0602}, sizes));
  ASSERT_TRUE(memory.use(storage.view(), 0, QueueMemory::needed(sizes) - 1));
  EXPECT_FALSE(memory.lay_out(qdio::AdapterKind::osd, {0x0602}, sizes));
  ASSERT_TRUE(memory.use(storage.view(), 0, QueueMemory::needed(sizes)));
  EXPECT_TRUE(memory.lay_out(qdio::AdapterKind::osd, {0x0602}, sizes));
}

TEST(QueueMemoryArea, NamesItsQueuesInTheQdr) {
  arch::MainStorage storage(1U << 20U);
  QueueMemory memory;
  ASSERT_TRUE(memory.use(storage.view(), 0x20000, 0));
  ASSERT_TRUE(memory.lay_out(qdio::AdapterKind::iqd, {0x0702}, {8, 8, 2048, 2048}));
  const auto qdr = storage.view().read<qdio::Qdr>(memory.qdr_address()).value;
  EXPECT_EQ(qdr.queue_format, 2) << "HiperSockets";
  for (unsigned queue = 0; queue < 2; ++queue) {
    const auto& descriptor = qdr.descriptors[queue];
    EXPECT_EQ(descriptor.slsb % 256, 0U);
    const auto list = storage.view().read<qdio::StorageList>(descriptor.sl).value;
    for (const auto& sbal : list.sbal) EXPECT_EQ(sbal % 256, 0U);
  }
  const auto qib = storage.view().read<qdio::Qib>(qdr.qib).value;
  EXPECT_EQ(qib.queue_format, 2);
  EXPECT_EQ(qib.input_slib, qdr.descriptors[0].slib);
  EXPECT_EQ(qib.output_slib, qdr.descriptors[1].slib);
  // "0.0.0702" in EBCDIC
  EXPECT_EQ(qib.name, (std::array<std::uint8_t, 8>{0xf0, 0x4b, 0xf0, 0x4b, 0xf0, 0xf7, 0xf0, 0xf2}));
}

}  // namespace
}  // namespace vmlan::cms
