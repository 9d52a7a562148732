#include "apps/system/quantities.h"

#include <gtest/gtest.h>

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;

TEST(Quantities, ANumberHasOneOfItsUnitsBehindItAndNothingElse) {
  EXPECT_EQ(parse_rate("2.5M"), 2'500'000U);
  EXPECT_EQ(parse_rate("7"), 7U);
  EXPECT_EQ(parse_duration("250us"), arch::Time(250us));
  EXPECT_EQ(parse_duration("1.5s"), arch::Time(1500ms));
  EXPECT_DOUBLE_EQ(parse_share("0.1%").value_or(7), 0.001);
  EXPECT_DOUBLE_EQ(parse_share("1").value_or(7), 1);
  for (const auto* text : {"", "M", "2.5m", "5 M", "-1", "nan", "inf", "1e30T", "0"})
    EXPECT_FALSE(parse_rate(text)) << text;
  for (const auto* text : {"", "5", "5h", "-5ms", "1e30s"}) EXPECT_FALSE(parse_duration(text)) << text;
  for (const auto* text : {"", "101%", "1.1", "-1%", "5%%"}) EXPECT_FALSE(parse_share(text)) << text;
}

}  // namespace
}  // namespace vmlan::apps
