// The driver's rings against an adapter that only changes bytes in storage.
#include <cstring>
#include <vector>

#include "cms/driver/test_rings.h"

namespace vmlan::cms {
namespace {

TEST_F(Rings, ASmallPacketIsOneElement) {
  start(2048);
  wire::Layer3Header header;
  header.flags = 6;
  std::memset(output.payload(), 0x77, 100);
  output.prime(header, 100);
  const auto first = element(memory.output(), 0, 0);
  EXPECT_EQ(first.element_flags, 0x40);
  EXPECT_EQ(first.length, 132U);
  EXPECT_EQ(state(memory.output(), 0), 0x62U);
  EXPECT_EQ(state(memory.output(), 1), 0xa0U);
  const std::byte* bytes = host(first.address);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(bytes[1], std::byte{6});
  EXPECT_EQ(bytes[9], std::byte{100});
  EXPECT_EQ(bytes[131], std::byte{0x77});
}

TEST_F(Rings, ALargePacketIsOneFragmentPerPage) {
  start(2048, 65536, 128, 8);
  output.prime({}, 10000);
  const auto first = element(memory.output(), 0, 0);
  const auto second = element(memory.output(), 0, 1);
  const auto third = element(memory.output(), 0, 2);
  EXPECT_EQ(first.element_flags, 0x04);
  EXPECT_EQ(second.element_flags, 0x08);
  EXPECT_EQ(third.element_flags, 0x4c);
  EXPECT_EQ(first.length + second.length + third.length, 10032U);
  for (const auto& one : {first, second, third}) {
    EXPECT_LE(one.address % 4096 + one.length, 4096U) << "an element never crosses a page";
  }
  EXPECT_EQ(first.address + first.length, second.address);
  EXPECT_EQ(output.largest_payload(), 65504U);
  output.prime({}, 65504);
  EXPECT_EQ(element(memory.output(), 1, 15).element_flags, 0x4c);
}

TEST_F(Rings, CompletionFollowsTheOrderOfTheBuffers) {
  start(2048);
  for (int i = 0; i < 3; ++i) output.prime({}, 10);
  memory.output().set_state(1, qdio::BufferState::output_empty);
  EXPECT_EQ(output.complete(), 0U) << "buffer 0 is still the adapter's";
  memory.output().set_state(0, qdio::BufferState::output_empty);
  EXPECT_EQ(output.complete(), 2U);
  EXPECT_EQ(output.outstanding(), 1U);
}

TEST_F(Rings, ARefusedBufferIsCountedWithItsReason) {
  start(2048);
  output.prime({}, 10);
  auto last = element(memory.output(), 0, 15);
  last.status_flags = 0x10;
  memory.output().set_element(0, 15, last);
  memory.output().set_state(0, qdio::BufferState::output_error);
  EXPECT_EQ(output.complete(), 1U);
  EXPECT_EQ(output.counters().errors, 1U);
  EXPECT_EQ(output.counters().last_error, 0x10);
  EXPECT_EQ(element(memory.output(), 0, 15).status_flags, 0);
}

TEST_F(Rings, AskForOneInterruptionBeforeTheyAreFull) {
  start(2048, 2048, 128, 8);
  unsigned asked = 0;
  for (unsigned slot = 0; slot < 8; ++slot) {
    EXPECT_FALSE(output.full());
    output.prime({}, 10);
    asked += element(memory.output(), slot, 0).status_flags == qdio::pci_requested ? 1U : 0U;
  }
  EXPECT_TRUE(output.full());
  EXPECT_EQ(asked, 1U);
}

TEST_F(Rings, EmptyBuffersAreDescribedWhole) {
  start(9000, 2048, 16);
  for (unsigned slot = 0; slot < 16; ++slot) {
    std::uint32_t total = 0;
    for (unsigned index = 0;; ++index) {
      const auto entry = element(memory.input(), slot, index);
      total += entry.length;
      EXPECT_LE(entry.address % 4096 + entry.length, 4096U);
      if ((entry.element_flags & 0x40) != 0) break;
    }
    EXPECT_GE(total, 9000U);
    EXPECT_EQ(state(memory.input(), slot), 0x41U);
  }
  EXPECT_EQ(state(memory.input(), 16), 0x80U);
}

TEST_F(Rings, ReadsOnePacketAndGivesTheBufferBack) {
  start(2048);
  fill(0, 0, packet(60, 0x11), true);
  prime(0);
  EXPECT_EQ(poll(), 1U);
  EXPECT_EQ(seen, std::vector<std::string>{"60:17-17"});
  EXPECT_EQ(state(memory.input(), 0), 0x41U);
  EXPECT_EQ(element(memory.input(), 0, 0).length, 2048U);
  EXPECT_EQ(element(memory.input(), 0, 0).element_flags, 0x40);
  EXPECT_EQ(poll(), 0U);
}

TEST_F(Rings, ReadsSeveralPacketsOfOneBuffer) {
  start(65536, 2048, 8);
  fill(0, 0, joined(packet(60, 1), joined(packet(1, 2), packet(500, 3))), true);
  prime(0);
  EXPECT_EQ(poll(), 3U);
  EXPECT_EQ(seen, (std::vector<std::string>{"60:1-1", "1:2-2", "500:3-3"}));
}

TEST_F(Rings, FollowsAPayloadIntoTheNextElements) {
  start(65536, 2048, 8);
  const auto whole = joined(packet(9000, 4), packet(10, 5));
  const auto room = element(memory.input(), 0, 0).length;
  const auto at = [&whole](std::size_t from, std::size_t to) {
    return std::vector<std::byte>(whole.begin() + static_cast<std::ptrdiff_t>(from),
                                  whole.begin() + static_cast<std::ptrdiff_t>(to));
  };
  fill(0, 0, at(0, room), false);
  fill(0, 1, at(room, room + 4096), false);
  fill(0, 2, at(room + 4096, whole.size()), true);
  prime(0);
  EXPECT_EQ(poll(), 2U);
  EXPECT_EQ(seen, (std::vector<std::string>{"9000:4-4", "10:5-5"}));
  EXPECT_EQ(element(memory.input(), 0, 1).length, 4096U) << "the elements are whole again";
}

TEST_F(Rings, PutsAScatteredPayloadTogether) {
  start(65536, 2048, 8);
  auto first = packet(300, 6);
  first.resize(header_size + 100);  // the element ends early
  fill(0, 0, first, false);
  fill(0, 1, std::vector<std::byte>(200, std::byte{7}), true);
  prime(0);
  EXPECT_EQ(poll(), 1U);
  EXPECT_EQ(seen, std::vector<std::string>{"300:6-7"});
}

TEST_F(Rings, AHeaderBeginsInTheNextElementWhenItDoesNotFit) {
  start(65536, 2048, 8);
  auto first = packet(64, 8);
  first.resize(first.size() + 20);  // 20 bytes are no header
  fill(0, 0, first, false);
  fill(0, 1, packet(50, 9), true);
  prime(0);
  EXPECT_EQ(poll(), 2U);
  EXPECT_EQ(seen, (std::vector<std::string>{"64:8-8", "50:9-9"}));
}

TEST_F(Rings, CountsABufferThatMakesNoSense) {
  start(2048);
  auto lies = packet(100, 1);
  lies[8] = std::byte{0xff};  // 65,000 bytes in a small buffer
  fill(0, 0, lies, true);
  fill(1, 0, packet(10, 1, 0x81), true);  // an unknown header
  fill(2, 0, packet(10, 2), true);
  for (unsigned slot = 0; slot < 3; ++slot) prime(slot);
  EXPECT_EQ(poll(), 1U);
  EXPECT_EQ(input.counters().malformed, 2U);
  EXPECT_EQ(seen, std::vector<std::string>{"10:2-2"});
}

TEST_F(Rings, NeverBelievesAnElementLengthBeyondItsBuffer) {
  start(2048);
  auto entry = element(memory.input(), 0, 0);
  std::memcpy(host(entry.address), packet(40000, 1).data(), 2048);
  entry.length = 40032;
  memory.input().set_element(0, 0, entry);
  prime(0);
  EXPECT_EQ(poll(), 0U);
  EXPECT_EQ(input.counters().malformed, 1U);
}

TEST_F(Rings, AnErrorBufferIsCountedAndGivenBack) {
  start(2048);
  memory.input().set_state(0, qdio::BufferState::input_error);
  fill(1, 0, packet(10, 2), true);
  prime(1);
  EXPECT_EQ(poll(), 1U);
  EXPECT_EQ(input.counters().errors, 1U);
  EXPECT_EQ(state(memory.input(), 0), 0x41U);
}

TEST_F(Rings, FewBuffersWalkThroughAllSlots) {
  start(2048, 2048, 8);
  for (unsigned packet_number = 0; packet_number < 300; ++packet_number) {
    const unsigned slot = packet_number % 128;
    ASSERT_EQ(state(memory.input(), slot), 0x41U) << packet_number;
    ASSERT_EQ(element(memory.input(), slot, 0).length, 2048U);
    fill(slot, 0, packet(20, packet_number & 0xffU), true);
    prime(slot);
    ASSERT_EQ(poll(), 1U);
    unsigned empty = 0;
    for (unsigned other = 0; other < 128; ++other) empty += state(memory.input(), other) == 0x41U ? 1U : 0U;
    ASSERT_EQ(empty, 8U);
  }
}

TEST_F(Rings, OnePollIsAtMostOneRing) {
  start(2048, 2048, 8);
  for (unsigned slot = 0; slot < 8; ++slot) {
    fill(slot, 0, packet(20, 1), true);
    prime(slot);
  }
  unsigned calls = 0;
  const auto packets = input.poll([&](const ReceivedPacket&) {
    // A sender that refills as we read must not hold us for ever.
    const unsigned slot = (calls++ + 8) % 128;
    if (calls < 50) {
      input.signalled();
      fill(slot, 0, packet(20, 1), true);
    }
  });
  EXPECT_EQ(packets, 8U);
}

}  // namespace
}  // namespace vmlan::cms
