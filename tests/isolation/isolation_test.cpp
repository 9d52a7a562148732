// No frame reaches a port that policy forbids, and each arrives as the model says or is dropped under the
// model's name for it: after each of many random operations.
//
// VMLAN_ISOLATION_OPERATIONS: how many, all seeds together; scripts/test --deep does 1,000,000.
#include <cstdlib>

#include "tests/isolation/random_switch.h"

namespace vmlan::isolation {
namespace {

constexpr unsigned seeds = 4;
constexpr unsigned usual_operations = 20'000;

unsigned operations() {
  const char* wanted = std::getenv("VMLAN_ISOLATION_OPERATIONS");
  const auto all = wanted == nullptr ? usual_operations : std::strtoul(wanted, nullptr, 10);
  return static_cast<unsigned>(all / seeds);
}

class Isolation : public testing::TestWithParam<unsigned> {};

TEST_P(Isolation, NoFrameReachesAPortThatPolicyForbids) { RandomSwitch(GetParam()).run(operations()); }

INSTANTIATE_TEST_SUITE_P(Seeds, Isolation, testing::Range(1U, seeds + 1));

}  // namespace
}  // namespace vmlan::isolation
