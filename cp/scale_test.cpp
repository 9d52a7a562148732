// Ten thousand users: what a user costs while it does nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(Scale, TenThousandUsersAreCheapAndDoNotSlowATurn) {
  constexpr unsigned users = 10'000;
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
  const auto before = resident_bytes();
  for (unsigned i = 0; i < users; ++i)
    ASSERT_NE(system.cp.logon(user_with_nic(fmt::format("U{:05}", i))), nullptr);
  const auto each = (resident_bytes() - before) / users;
  RecordProperty("bytes_per_user", static_cast<int>(each));
#if !defined(__SANITIZE_ADDRESS__)
  constexpr std::size_t aim = 64 * 1024;
  EXPECT_LT(each, aim);
#endif
  EXPECT_EQ(system.cp.vmlan().find("SYSTEM", "LAN1")->nics().size(), users);

  // Two of them work, the others must not even be looked at.
  std::size_t turns = 0;
  for (const auto* name : {"U00007", "U09000"}) {
    system.cp.find(name)->set_program(std::make_unique<TestProgram>([&] {
      ++turns;
      return arch::Wait{system.clock.now(), false};
    }));
  }
  constexpr unsigned rounds = 1000;
  EXPECT_EQ(system.cp.run_until_idle(rounds), rounds);
  EXPECT_EQ(turns, 2 * rounds);
  system.cp.shut_down();
  EXPECT_EQ(system.cp.user_count(), 1U);
}

}  // namespace
}  // namespace vmlan::cp
