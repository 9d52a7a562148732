#include "cp/disks.h"

#include <gtest/gtest.h>

#include "arch/memory_disk.h"
#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

TEST(Minidisks, LinkSharesTheOwnersDiskAndItsModeCounts) {
  TestSystem system(
      "USER OWNER NOLOG\nMDISK 0192 3390 1 10 VOL001 MR\n"
      "USER READER NOPASS\nLINK OWNER 0192 0195 RR\n"
      "USER WRITER NOPASS\nLINK OWNER 0192 0195 MW\n");
  system.log_on("READER");
  system.log_on("WRITER");
  auto* reader = system.cp.find("READER")->minidisk({0x195});
  auto* writer = system.cp.find("WRITER")->minidisk({0x195});
  ASSERT_NE(reader, nullptr);
  ASSERT_NE(writer, nullptr);
  const arch::FileContents contents{std::byte{1}};
  EXPECT_FALSE(reader->write("A B", contents));
  EXPECT_FALSE(reader->erase("A B"));
  EXPECT_TRUE(writer->write("A B", contents));
  EXPECT_EQ(reader->read("A B"), contents);
  EXPECT_EQ(reader->list(), (Lines{"A B"}));
  EXPECT_EQ(system.cp.minidisk("OWNER", {0x192})->read("A B"), contents);
  EXPECT_TRUE(system.cp.minidisk("READER", {0x195})->erase("A B"));
  EXPECT_EQ(system.cp.find("READER")->minidisk({0x199}), nullptr);
}

TEST(Minidisks, WorkDiskOutlivesTheSession) {
  TestSystem system;
  const arch::FileContents contents{std::byte{1}};
  EXPECT_TRUE(system.cp.minidisk("ALICE", {0x191})->write("PROFILE EXEC", contents));
  system.log_on("ALICE");
  EXPECT_EQ(system.cp.find("ALICE")->minidisk({0x191})->read("PROFILE EXEC"), contents);
  system.type("ALICE", "LOGOFF");
  system.log_on("ALICE");
  EXPECT_EQ(system.cp.find("ALICE")->minidisk({0x191})->read("PROFILE EXEC"), contents);
  EXPECT_EQ(system.cp.minidisk("ZOE", {0x191}), nullptr);
}

TEST(Minidisks, HostFolderIsAskedForOnceWithItsMode) {
  arch::VirtualClock clock;
  RecordedConsoles consoles;
  std::vector<std::string> asked;
  Options options{clock, consoles, nullptr, [&](const std::string& path, bool read_only) {
                    asked.push_back(fmt::format("{} {}", path, read_only));
                    return std::make_unique<arch::MemoryDisk>();
                  }};
  ControlProgram cp(options);
  ASSERT_TRUE(cp.load_directory("USER A NOPASS\nMDISK 192 HOST /Some/Path RR\n", "D").empty());
  ASSERT_NE(cp.minidisk("A", {0x192}), nullptr);
  EXPECT_EQ(cp.minidisk("A", {0x192}), cp.minidisk("A", {0x192}));
  EXPECT_EQ(asked, (Lines{"/Some/Path true"}));
}

}  // namespace
}  // namespace vmlan::cp
