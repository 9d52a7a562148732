#include "apps/replay/stations.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "arch/clock.h"

namespace vmlan::apps {
namespace {

StationKey ip(std::uint8_t last, std::uint32_t domain = 0) {
  return {wire::IpAddress::v4(10, 1, 1, last), domain};
}

TEST(Stations, AreNumberedInTheOrderOfFirstSight) {
  Stations stations;
  EXPECT_EQ(stations.find(ip(1)), Stations::nobody);
  EXPECT_EQ(stations.add(ip(1)), 0U);
  EXPECT_EQ(stations.add(ip(2)), 1U);
  EXPECT_EQ(stations.add(ip(1)), 0U);
  EXPECT_EQ(stations.find(ip(2)), 1U);
  EXPECT_EQ(stations[1], ip(2));
  EXPECT_EQ(stations.size(), 2U);
}

TEST(Stations, OfTwoDomainsDiffer) {
  Stations stations;
  EXPECT_NE(stations.add(ip(1, 10)), stations.add(ip(1, 20)));
  EXPECT_EQ(stations.find(ip(1)), Stations::nobody);
}

TEST(Stations, AMacAddressIsNoIpAddress) {
  const wire::MacAddress mac{{2, 0, 0, 0, 0, 7}};
  const auto key = StationKey::of(mac, 0);
  EXPECT_TRUE(key.is_mac());
  EXPECT_EQ(key.mac(), mac);
  EXPECT_FALSE(ip(7).is_mac());
}

TEST(Stations, AreFoundAsAMapFindsThem) {
  Stations stations;
  std::map<std::tuple<std::uint64_t, std::uint32_t>, std::uint32_t> model;
  arch::Prng chance(5);
  for (unsigned i = 0; i < 200'000; ++i) {
    const auto number = static_cast<std::uint32_t>(chance.next() % 30'000);
    StationKey key{
        wire::IpAddress::v4(10, static_cast<std::uint8_t>(number >> 16U),
                            static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)),
        static_cast<std::uint32_t>(chance.next() % 2)};
    const auto known = model.find({number, key.domain});
    ASSERT_EQ(stations.find(key), known == model.end() ? Stations::nobody : known->second);
    const auto added = stations.add(key);
    ASSERT_EQ(model.try_emplace({number, key.domain}, added).first->second, added);
  }
  EXPECT_EQ(stations.size(), model.size());
}

}  // namespace
}  // namespace vmlan::apps
