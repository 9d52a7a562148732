// A hundred thousand users come and go: nothing of them stays, for the host or for the next one.
#include <gtest/gtest.h>

#include "arch/address_sanitizer.h"
#include "cp/system.h"
#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

UserEntry small_user(unsigned number) {
  auto entry = user_with_nic(fmt::format("U{}", number % 50));
  entry.storage = (10 + number % 7) * arch::page_size;
  return entry;
}

TEST(ComingAndGoing, NobodyFindsAnythingOfWhoWasThereBefore) {
  arch::VirtualClock clock;
  RecordedConsoles consoles;
  System system({clock, consoles, nullptr, nullptr, 1, "TESTNODE"});
  constexpr unsigned users = arch::checks_addresses ? 10'000 : 100'000;
  std::size_t most_chunks = 0;
  for (unsigned number = 0; number < users; ++number) {
    if (auto* before = system.find(small_user(number).userid)) system.destroy(*before);
    auto* user = system.create(std::make_shared<const UserEntry>(small_user(number)));
    ASSERT_NE(user, nullptr);
    const auto storage = user->storage();
    const arch::Address last = storage.size() - 8;
    ASSERT_EQ(storage.storage_key(last), 0) << number;
    ASSERT_EQ(storage.read<arch::be64>(last).value, 0U) << number;
    storage.write(last, arch::be64{number + 1});
    storage.set_storage_key(last, 0xf8);
    most_chunks = std::max(most_chunks, system.storages.chunks());
  }
  EXPECT_LE(most_chunks, 14U) << "fifty storages of seven sizes";
  while (!system.users().empty()) system.destroy(*system.users().begin()->second);
  EXPECT_EQ(system.storages.chunks(), 0U);
}

TEST(ComingAndGoing, LogonAndForceLeaveNoStorageBehind) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
  for (unsigned number = 0; number < 200; ++number) {
    auto* user = system.cp.logon(small_user(number));
    ASSERT_NE(user, nullptr) << number;
    ASSERT_EQ(user->storage().read<arch::be64>(arch::page_size).value, 0U);
    user->storage().write(arch::page_size, arch::be64{1});
    system.type("OPERATOR", fmt::format("FORCE {}", user->userid()));
  }
  EXPECT_EQ(system.cp.user_count(), 1U);
  EXPECT_TRUE(system.cp.vmlan().find("SYSTEM", "LAN1")->nics().empty());
}

}  // namespace
}  // namespace vmlan::cp
