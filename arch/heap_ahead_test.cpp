#include "arch/heap_ahead.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "arch/address_sanitizer.h"

namespace vmlan::arch {
namespace {

constexpr std::size_t block = 4096;

// The kilobytes of large pages in the heap's mappings.
std::size_t large_kilobytes() {
  std::ifstream maps("/proc/self/smaps");
  std::size_t sum = 0;
  bool in_heap = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find('-') < line.find(':')) in_heap = line.ends_with("[heap]");
    constexpr std::string_view field = "AnonHugePages:";
    if (in_heap && line.starts_with(field)) sum += std::stoul(line.substr(field.size()));
  }
  return sum;
}

// As the host lets programs have them.
bool host_has_large_pages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string said;
  std::getline(file, said);
  return !said.empty() && said.find("[never]") == std::string::npos;
}

TEST(HeapAhead, WhatTheHeapGrowsByLiesInLargePages) {
  if (checks_addresses) GTEST_SKIP() << "AddressSanitizer has a heap of its own";
  if (!host_has_large_pages()) GTEST_SKIP() << "no transparent huge pages here";
  HeapAhead ahead;
  ahead.tend();
  std::vector<std::unique_ptr<std::array<char, block>>> blocks;
  for (unsigned count = 0; count < 16384; ++count) {
    blocks.push_back(std::make_unique<std::array<char, block>>());
    blocks.back()->fill('a');
    ahead.tend();
  }
  // 64 MB, but for what the host had no large page for at the time.
  EXPECT_GT(large_kilobytes(), 0U);
  for (const auto& kept : blocks) EXPECT_EQ((*kept)[block - 1], 'a');
}

TEST(HeapAhead, AHeapThatShrankIsLookedAtAnew) {
  HeapAhead ahead;
  for (unsigned round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<std::array<char, block>>> blocks;
    for (unsigned count = 0; count < 4096; ++count) {
      blocks.push_back(std::make_unique<std::array<char, block>>());
      ahead.tend();
    }
    blocks.clear();
    ahead.tend();
  }
}

}  // namespace
}  // namespace vmlan::arch
