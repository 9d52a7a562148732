#include "guestlan/mac_pool.h"

#include <gtest/gtest.h>

#include <string>

namespace vmlan::guestlan {
namespace {

using Answer = MacPool::Answer;

// The address a NIC gets, or why it gets none.
std::string give(MacPool& macs, unsigned devices = 3) {
  NicSettings nic;
  nic.devices = devices;
  const auto answer = macs.give_system(nic);
  return answer == Answer::given ? wire::to_string(nic.mac) : "none";
}

Answer give_macid(MacPool& macs, std::uint32_t macid) {
  NicSettings nic;
  return macs.give(nic, macid);
}

NicSettings with_mac(std::uint8_t last) {
  NicSettings nic;
  nic.mac = {{2, 0, 0, 0, 0, last}};
  return nic;
}

TEST(MacPool, SystemMacidsComeInOrderBehindTheirPrefix) {
  MacPool macs;
  EXPECT_EQ(give(macs), "02-00-00-00-00-01");
  macs.prefix = 0x02aabb;
  macs.user_prefix = 0x02ccdd;
  EXPECT_EQ(give(macs), "02-AA-BB-00-00-02");
  EXPECT_EQ(wire::to_string(macs.with_id(0xffffff)), "02-CC-DD-FF-FF-FF");
}

TEST(MacPool, OneThatCameBackIsGivenAgainOnlyAfterTheOthers) {
  MacPool macs;
  macs.system_range = {1, 3};
  EXPECT_EQ(give(macs), "02-00-00-00-00-01");
  macs.release(with_mac(1));
  EXPECT_EQ(give(macs), "02-00-00-00-00-02");
  EXPECT_EQ(give(macs), "02-00-00-00-00-03");
  EXPECT_EQ(give(macs), "02-00-00-00-00-01");
  EXPECT_EQ(give(macs), "none");
  macs.release(with_mac(2));
  EXPECT_EQ(give(macs), "02-00-00-00-00-02");
}

TEST(MacPool, NobodyGetsWhatSomebodyHas) {
  MacPool macs;
  EXPECT_EQ(give_macid(macs, 2), Answer::given);
  EXPECT_EQ(give_macid(macs, 2), Answer::in_use);
  EXPECT_EQ(give(macs), "02-00-00-00-00-01");
  EXPECT_EQ(give(macs), "02-00-00-00-00-03") << "by itself it goes round it";
  EXPECT_FALSE(macs.reserve(with_mac(3)));
  macs.user_prefix = 0x02ffff;
  EXPECT_EQ(give_macid(macs, 2), Answer::given) << "behind another prefix it is another address";
}

TEST(MacPool, ThePoolsDoNotOverlap) {
  MacPool macs;
  macs.system_range = {1, 6};
  macs.user_range = {2, 4};
  EXPECT_EQ(give(macs), "02-00-00-00-00-01");
  EXPECT_EQ(give(macs), "02-00-00-00-00-05");
  EXPECT_EQ(give(macs), "02-00-00-00-00-06");
  EXPECT_EQ(give(macs), "none");
  EXPECT_EQ(give_macid(macs, 5), Answer::outside_user_range);
  for (unsigned macid = 2; macid <= 4; ++macid) {
    NicSettings nic;
    EXPECT_EQ(macs.give_user(nic), Answer::given);
    EXPECT_EQ(nic.mac.bytes[5], macid);
  }
  NicSettings nic = with_mac(0x42);
  EXPECT_EQ(macs.give_user(nic), Answer::none_free);
  EXPECT_EQ(nic.mac, with_mac(0x42).mac) << "it keeps the one it has";
  macs.user_range = {};
  EXPECT_EQ(macs.give_user(nic), Answer::no_user_range);
}

TEST(MacPool, ARangeThatMovesAndOneWithoutRoomAreNoTrouble) {
  MacPool macs;
  EXPECT_EQ(give(macs), "02-00-00-00-00-01");
  macs.system_range = {0xfffffe, 0xffffff};
  EXPECT_EQ(give(macs), "02-00-00-FF-FF-FE");
  EXPECT_EQ(give(macs), "02-00-00-FF-FF-FF");
  EXPECT_EQ(give(macs), "none");
  macs.system_range = {5, 5};
  macs.user_range = {1, 9};
  EXPECT_EQ(give(macs), "none");
  macs.user_range = {6, 9};
  EXPECT_EQ(give(macs), "02-00-00-00-00-05");
}

TEST(MacPool, AllStationsOfANicHaveAddressesOrNoneHas) {
  MacPool macs;
  EXPECT_EQ(give(macs, 9), "02-00-00-00-00-01");
  NicSettings second = with_mac(1);
  second.mac = second.mac_of_station(2);  // what the NIC's third data device has
  second.mac.bytes[1] ^= 4;
  EXPECT_TRUE(macs.reserve(second));
  second.devices = 21;
  EXPECT_FALSE(macs.reserve(second)) << "one of the others' is among them";
  second.devices = 3;
  macs.release(second);
  EXPECT_TRUE(macs.reserve(second)) << "what was refused left nothing behind";
}

TEST(MacPool, KnowsWhatItCouldHaveGiven) {
  MacPool macs;
  macs.system_range = {1, 9};
  macs.user_range = {5, 6};
  const auto could = [&](std::uint8_t macid) { return macs.is_of_system(with_mac(macid).mac); };
  EXPECT_TRUE(could(1));
  EXPECT_TRUE(could(9));
  EXPECT_FALSE(could(0));
  EXPECT_FALSE(could(5)) << "one of the users'";
  EXPECT_FALSE(could(10));
  macs.prefix = 0x020001;
  EXPECT_FALSE(could(1));
}

}  // namespace
}  // namespace vmlan::guestlan
