#include "cms/stack/lwip_instance.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace vmlan::cms {
namespace {

std::unique_ptr<LwipInstance> make(const arch::Clock& clock, std::uint64_t seed = 1) {
  std::string error;
  auto instance = LwipInstance::create(clock, seed, error);
  EXPECT_NE(instance, nullptr) << error;
  return instance;
}

std::uint16_t first_port(LwipInstance& lwip) {
  udp_pcb* pcb = lwip->udp_new_ip_type(IPADDR_TYPE_V4);
  EXPECT_EQ(lwip->udp_bind(pcb, nullptr, 0), ERR_OK);
  return pcb->local_port;
}

TEST(LwipInstance, TwoInstancesShareNoData) {
  arch::VirtualClock clock;
  auto one = make(clock);
  auto two = make(clock);
  EXPECT_NE(one->data().udp_pcbs, two->data().udp_pcbs);
  first_port(*one);
  EXPECT_NE(*one->data().udp_pcbs, nullptr);
  EXPECT_EQ(*two->data().udp_pcbs, nullptr);
}

TEST(LwipInstance, ACopyLoadedAfterAnotherWasUnloadedIsFresh) {
  arch::VirtualClock clock;
  for (int round = 0; round < 3; ++round) {
    auto lwip = make(clock);
    EXPECT_EQ(*lwip->data().udp_pcbs, nullptr);
    first_port(*lwip);
  }
}

TEST(LwipLibrary, TwoCopiesFromTemporaryFilesAreTwoAndLeaveNoFile) {
  std::string error;
  auto one = LwipLibrary::load_from(LwipLibrary::Medium::temporary_file, error);
  ASSERT_NE(one, nullptr) << error;
  auto two = LwipLibrary::load_from(LwipLibrary::Medium::temporary_file, error);
  ASSERT_NE(two, nullptr) << error;
  EXPECT_NE(one->symbol("udp_pcbs"), two->symbol("udp_pcbs"));
  EXPECT_EQ(one->symbol("no_such_thing"), nullptr);
  const char* folder = std::getenv("TMPDIR");
  for (const auto& entry : std::filesystem::directory_iterator(folder == nullptr ? "/tmp" : folder)) {
    EXPECT_EQ(entry.path().filename().string().find("vmlan-lwip-" + std::to_string(getpid())),
              std::string::npos);
  }
}

TEST(LwipInstance, TimersRunOnTheClockGiven) {
  arch::VirtualClock clock;
  auto lwip = make(clock);
  (*lwip)->sys_check_timeouts();
  const u32_t sleep = (*lwip)->sys_timeouts_sleeptime();
  ASSERT_GT(sleep, 0U);
  clock.advance_to(std::chrono::milliseconds(sleep) - std::chrono::nanoseconds(1));
  EXPECT_EQ((*lwip)->sys_timeouts_sleeptime(), 1U);
  clock.advance_to(std::chrono::milliseconds(sleep));
  EXPECT_EQ((*lwip)->sys_timeouts_sleeptime(), 0U);
}

TEST(LwipInstance, ChanceComesFromTheSeed) {
  arch::VirtualClock clock;
  EXPECT_EQ(first_port(*make(clock, 7)), first_port(*make(clock, 7)));
  EXPECT_NE(first_port(*make(clock, 7)), first_port(*make(clock, 8)));
}

TEST(LwipInstance, TheRestOfTheProgramKeepsItsOwnRand) {
  std::srand(1);
  const int first = std::rand();
  std::srand(1);
  EXPECT_EQ(std::rand(), first);
  EXPECT_NE(std::rand(), first);
}

TEST(LwipInstance, AllMemoryOfACopyIsItsOwnersAndCounted) {
  arch::VirtualClock clock;
  auto lwip = make(clock);
  const std::size_t before = lwip->heap().bytes_in_use();
  pbuf* packet = (*lwip)->pbuf_alloc(PBUF_RAW, 1000, PBUF_RAM);
  ASSERT_NE(packet, nullptr);
  EXPECT_GE(lwip->heap().bytes_in_use(), before + 1000);
  (*lwip)->pbuf_free(packet);
  EXPECT_EQ(lwip->heap().bytes_in_use(), before);
}

TEST(LwipInstance, AStackThatAsksForTooMuchGetsNothing) {
  arch::VirtualClock clock;
  auto lwip = make(clock);
  std::size_t granted = 0;
  while ((*lwip)->pbuf_alloc(PBUF_RAW, 60000, PBUF_RAM) != nullptr) ++granted;
  EXPECT_LE(granted, LwipHeap::limit_bytes / 60000);
  EXPECT_GE(granted, LwipHeap::limit_bytes / 60000 - 1);
  EXPECT_NE(lwip->heap().allocate(32), nullptr) << "timers must always get theirs";
}

TEST(LwipInstance, AThousandStacksFitInOneProcess) {
  arch::VirtualClock clock;
  std::vector<std::unique_ptr<LwipInstance>> stacks;
  for (std::uint64_t user = 0; user < 1000; ++user) {
    stacks.push_back(make(clock, user));
    ASSERT_NE(stacks.back(), nullptr) << "user " << user;
  }
}

}  // namespace
}  // namespace vmlan::cms
