#include "apps/replay/link_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;
using Fate = LinkModel::Fate;
using ::testing::HasSubstr;

LinkSettings settings(std::string_view text) {
  auto parsed = parse_link_settings(text);
  const auto* wrong = std::get_if<std::string>(&parsed);
  EXPECT_EQ(wrong, nullptr) << *wrong;
  return wrong == nullptr ? std::get<LinkSettings>(parsed) : LinkSettings{};
}

std::string settings_refusal(std::string_view text) {
  auto parsed = parse_link_settings(text);
  const auto* wrong = std::get_if<std::string>(&parsed);
  return wrong == nullptr ? "" : *wrong;
}

TEST(LinkSettings, WordsMayComeInAnyOrderAndBeLeftOut) {
  const auto all =
      settings("loss=0.1% rate=2.5M, delay=5ms queue=50 duplicate=0.01 reorder=1% reorder-by=2us");
  EXPECT_EQ(all.bits_per_second, 2'500'000U);
  EXPECT_EQ(all.propagation, arch::Time(5ms));
  EXPECT_EQ(all.queue, 50U);
  EXPECT_DOUBLE_EQ(all.loss, 0.001);
  EXPECT_DOUBLE_EQ(all.duplication, 0.01);
  EXPECT_DOUBLE_EQ(all.reordering, 0.01);
  EXPECT_EQ(all.reordered_by, arch::Time(2us));
  EXPECT_TRUE(settings("").is_none());
  EXPECT_TRUE(settings("queue=3").is_none()) << "a queue in front of a link without a rate never fills";
}

TEST(LinkSettings, AWrongWordIsNamedWithWhatItMayBe) {
  EXPECT_THAT(settings_refusal("rate=fast"), HasSubstr("rate=fast: must be bits a second"));
  EXPECT_THAT(settings_refusal("rate=0"), HasSubstr("rate=0"));
  EXPECT_THAT(settings_refusal("rate=1e30T"), HasSubstr("must be"));
  EXPECT_THAT(settings_refusal("delay=5"), HasSubstr("a time"));
  EXPECT_THAT(settings_refusal("delay=-5ms"), HasSubstr("a time"));
  EXPECT_THAT(settings_refusal("loss=101%"), HasSubstr("a share"));
  EXPECT_THAT(settings_refusal("loss=nan"), HasSubstr("a share"));
  EXPECT_THAT(settings_refusal("queue=1000001"), HasSubstr("0 to 1000000"));
  EXPECT_THAT(settings_refusal("queue=7x"), HasSubstr("0 to 1000000"));
  EXPECT_THAT(settings_refusal("speed=7"), HasSubstr("rate=, delay="));
  EXPECT_THAT(settings_refusal("rate"), HasSubstr("must be"));
}

TEST(LinkModel, APacketTakesItsBitsAtTheRateAndThenTheWay) {
  LinkModel link(settings("rate=1M delay=5ms"), 1);
  EXPECT_EQ(link.offer(0ns, 125).arrives, arch::Time(6ms));
  EXPECT_EQ(link.offer(0ns, 250).arrives, arch::Time(8ms)) << "waits for the one before";
  EXPECT_EQ(link.offer(10ms, 125).arrives, arch::Time(16ms)) << "finds the link free";
}

TEST(LinkModel, AFullQueueRefuses) {
  LinkModel link(settings("rate=1M queue=2"), 1);
  const auto offer = [&](arch::Time now) { return link.offer(now, 125).fate; };
  EXPECT_EQ(offer(0ns), Fate::arrives) << "on the link";
  EXPECT_EQ(offer(0ns), Fate::arrives);
  EXPECT_EQ(offer(0ns), Fate::arrives);
  EXPECT_EQ(offer(0ns), Fate::queue_full);
  EXPECT_EQ(offer(1ms), Fate::arrives) << "one has left the queue";
  EXPECT_EQ(offer(1ms), Fate::queue_full);
  EXPECT_EQ(link.occupancy().most, 2U);
  EXPECT_EQ(link.occupancy().offered, 6U);
  EXPECT_EQ(link.occupancy().found, 0U + 0 + 1 + 2 + 1 + 2);
}

TEST(LinkModel, WithoutARateNothingWaits) {
  LinkModel link(settings("delay=1s queue=0"), 1);
  for (unsigned i = 0; i < 100; ++i) EXPECT_EQ(link.offer(0ns, 65535).arrives, arch::Time(1s));
  EXPECT_EQ(link.occupancy().most, 0U);
}

TEST(LinkModel, TheSameSeedMeansTheSameFates) {
  const auto fates = [](std::uint64_t seed) {
    LinkModel link(settings("loss=10% duplicate=5% reorder=20%"), seed);
    std::string text;
    for (unsigned i = 0; i < 1000; ++i) {
      const auto passage = link.offer(arch::Time(i), 100);
      text += passage.fate == Fate::lost        ? 'l'
              : passage.again                   ? 'd'
              : passage.arrives > arch::Time(i) ? 'r'
                                                : '.';
    }
    return text;
  };
  EXPECT_EQ(fates(7), fates(7));
  EXPECT_NE(fates(7), fates(8));
  const auto text = fates(7);
  const auto count = [&](char fate) {
    return static_cast<double>(std::count(text.begin(), text.end(), fate));
  };
  // Five standard deviations around what is expected.
  EXPECT_NEAR(count('l'), 100, 48);
  EXPECT_NEAR(count('d'), 45, 33);
  EXPECT_NEAR(count('r'), 171, 60);
}

TEST(LinkModel, LossTakesItsTimeOnTheLink) {
  LinkModel link(settings("rate=1M loss=1"), 1);
  EXPECT_EQ(link.offer(0ns, 125).fate, Fate::lost);
  EXPECT_EQ(link.offer(0ns, 125).arrives, arch::Time(2ms));
}

}  // namespace
}  // namespace vmlan::apps
