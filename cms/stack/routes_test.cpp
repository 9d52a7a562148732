#include "cms/stack/routes.h"

#include <gtest/gtest.h>

#include "cms/stack/interface.h"
#include "cms/stack/test_wire.h"

namespace vmlan::cms {
namespace {

class RoutesTest : public testing::Test {
 protected:
  RoutesTest() {
    std::string error;
    lwip_ = LwipInstance::create(clock_, 1, error);
    EXPECT_NE(lwip_, nullptr) << error;
    one_ = std::make_unique<Interface>(*lwip_, routes_, link_, "ETH0", 0);
    two_ = std::make_unique<Interface>(*lwip_, routes_, link_, "ETH1", 0);
  }

  arch::VirtualClock clock_;
  TestWire wire_;
  TestLink link_{wire_};
  Routes routes_;
  std::unique_ptr<LwipInstance> lwip_;
  std::unique_ptr<Interface> one_;
  std::unique_ptr<Interface> two_;
};

TEST_F(RoutesTest, TheLongestMaskDecides) {
  routes_.add({0, 0, 0x0a010103, one_.get(), 0});
  routes_.add({0xc0000200, 0xffffff00, 0x0a010104, one_.get(), 0});
  routes_.add({0x0a010100, 0xffffff00, 0, one_.get(), 0});
  EXPECT_EQ(routes_.next_hop(0xc0000201, *one_), 0x0a010104U);
  EXPECT_EQ(routes_.next_hop(0xc0000301, *one_), 0x0a010103U);
  EXPECT_EQ(routes_.next_hop(0x0a010177, *one_), 0x0a010177U) << "direct: the destination itself";
}

TEST_F(RoutesTest, AmongEqualMasksTheFirstStatedCounts) {
  routes_.add({0, 0, 0x0a010103, one_.get(), 0});
  routes_.add({0, 0, 0x0a020203, two_.get(), 0});
  EXPECT_EQ(routes_.find(0xc0000301)->interface, one_.get());
  EXPECT_EQ(routes_.next_hop(0xc0000301, *two_), 0x0a020203U) << "but each interface has its own next hop";
}

TEST_F(RoutesTest, WithoutARouteThereIsNoNextHop) {
  EXPECT_EQ(routes_.find(0xc0000301), nullptr);
  EXPECT_EQ(routes_.next_hop(0xc0000301, *one_), std::nullopt);
}

TEST_F(RoutesTest, AnInterfaceThatGoesTakesItsRoutesAlong) {
  routes_.add({0, 0, 0x0a010103, one_.get(), 0});
  routes_.add({0, 0, 0x0a020203, two_.get(), 0});
  one_.reset();
  ASSERT_EQ(routes_.all().size(), 1U);
  EXPECT_EQ(routes_.all()[0].interface, two_.get());
}

}  // namespace
}  // namespace vmlan::cms
