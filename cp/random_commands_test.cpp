// Random people at random consoles: whatever they type, nothing crashes, every line is one line, and what
// the system believes stays consistent.
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

constexpr std::array<std::string_view, 5> people{"OPERATOR", "ALICE", "BOB", "CAROL", "DAVE"};

constexpr std::array<std::string_view, 76> words{
    "LOGON",      "LOGOFF",   "DISC",   "BEGIN",    "IPL",    "ECHO",       "#CP",      "DIAG",
    "DEFINE",     "DETACH",   "COUPLE", "UNCOUPLE", "QUERY",  "SET",        "LAN",      "NIC",
    "VIRTUAL",    "NAMES",    "USERS",  "VMLAN",    "TIME",   "FORCE",      "XAUTOLOG", "ROBOT",
    "NOBODY",     "MSG",      "WNG",    "SEND",     "CP",     "HELP",       "SYSTEM",   "RESET",
    "CLEAR",      "EXTERNAL", "RUN",    "ON",       "OFF",    "TYPE",       "QDIO",     "HIPERS",
    "ETHERNET",   "MFS",      "16K",    "MAXCONN",  "1",      "2",          "OWNERID",  "*",
    "RESTRICTED", "GRANT",    "REVOKE", "DETAILS",  "ACTIVE", "ACCESSLIST", "BUFFERS",  "ALL",
    "USERID",     "DEVICES",  "3",      "4",        "600",    "602",        "603",      "700",
    "FFFE",       "MACID",    "000001", "CHPID",    "L1",     "L2",         "OPERATOR", "ALICE",
    "BOB",        "CAROL",    "SECRET", "TO"};

// Complete commands, so that the interesting states are reached often.
constexpr std::array<std::string_view, 17> phrases{
    "LOGON ALICE",
    "LOGON BOB",
    "LOGON CAROL",
    "IPL ECHO",
    "#CP",
    "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO",
    "DEFINE LAN L1 TYPE QDIO",
    "DEFINE LAN L2 TYPE HIPERS MAXCONN 1",
    "DEFINE NIC 600 TYPE QDIO",
    "DEFINE NIC 700 TYPE HIPERS",
    "COUPLE 600 TO SYSTEM L1",
    "COUPLE 600 TO ALICE L1",
    "COUPLE 700 TO BOB L2",
    "DETACH LAN L1",
    "DETACH NIC 600",
    "#CP LOGOFF",
    "QUERY LAN ALL DETAILS",
};

template <std::size_t count>
std::string_view pick(arch::Prng& chance, const std::array<std::string_view, count>& choices) {
  return choices[chance.below(count)];
}

std::string random_line(arch::Prng& chance) {
  if (chance.below(2) == 0) return std::string(pick(chance, phrases));
  std::string line;
  for (auto count = 1 + chance.below(7); count > 0; --count) {
    line += pick(chance, words);
    line += ' ';
  }
  if (chance.below(10) == 0) line += static_cast<char>(chance.below(256));
  return line;
}

void check_lans(TestSystem& system) {
  for (const auto* lan : system.cp.vmlan().all()) {
    const auto& attributes = lan->attributes();
    if (attributes.max_connections) {
      ASSERT_LE(lan->nics().size(), *attributes.max_connections);
    }
    if (lan->orphaned) {
      ASSERT_FALSE(lan->nics().empty());
    }
    for (const auto* nic : lan->nics()) {
      const auto* owner = system.cp.find(nic->settings().owner);
      ASSERT_NE(owner, nullptr);
      ASSERT_EQ(owner->nic(nic->settings().base_device), nic);
      ASSERT_EQ(nic->lan(), lan);
    }
  }
}

void check_users(TestSystem& system) {
  std::set<std::uint64_t> macs;
  for (auto* user : system.cp.users()) {
    ASSERT_EQ(system.cp.find(user->userid()), user);
    std::size_t devices = 0;
    for (const auto& [base, nic] : user->nics()) {
      devices += nic->base().settings().devices;
      ASSERT_TRUE(macs.insert(nic->base().settings().mac.as_integer()).second);
      for (unsigned i = 0; i < nic->base().settings().devices; ++i) {
        const arch::SubchannelNumber number{static_cast<std::uint16_t>(nic->first_subchannel() + i)};
        ASSERT_EQ(user->store_subchannel(number)->device.value, base.value + i);
      }
    }
    std::size_t subchannels = 0;
    for (std::uint16_t number = 0; number < 4096; ++number) {
      if (user->store_subchannel({number})) ++subchannels;
    }
    ASSERT_EQ(subchannels, std::min<std::size_t>(devices, 4096));
  }
}

class RandomCommands : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomCommands, KeepTheSystemConsistent) {
  arch::Prng chance(GetParam());
  TestSystem system;
  for (int step = 0; step < 400; ++step) {
    const auto console = pick(chance, people);
    const auto line = random_line(chance);
    for (const auto& shown : system.type(console, line)) {
      ASSERT_EQ(shown.find('\n'), std::string::npos) << line;
    }
    if (step % 20 == 0) {
      ASSERT_NO_FATAL_FAILURE(check_lans(system)) << line;
      ASSERT_NO_FATAL_FAILURE(check_users(system)) << line;
    }
    ASSERT_TRUE(system.cp.can_read(console)) << line;
  }
  system.cp.shut_down();
  EXPECT_LE(system.cp.user_count(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomCommands, testing::Range(std::uint64_t{1}, std::uint64_t{41}));

TEST(RandomCommands, SameCallsGiveTheSameLines) {
  const auto run = [] {
    arch::Prng chance(99);
    TestSystem system;
    Lines all;
    for (int step = 0; step < 300; ++step) {
      const auto console = pick(chance, people);
      for (auto& line : system.type(console, random_line(chance))) all.push_back(std::move(line));
    }
    return all;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace vmlan::cp
