#include "host/folder_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace vmlan::host {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class FolderDiskTest : public testing::Test {
 protected:
  FolderDiskTest() {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~FolderDiskTest() override { fs::remove_all(folder); }
  FolderDiskTest(const FolderDiskTest&) = delete;
  FolderDiskTest& operator=(const FolderDiskTest&) = delete;

  void host_file(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }
  std::string text_of(std::string_view name) {
    const auto contents = disk().read(name);
    if (!contents) return "(no such file)";
    std::string text;
    for (const std::byte b : *contents) text += static_cast<char>(b);
    return text;
  }
  arch::Minidisk& disk() {
    if (!disk_) disk_ = FolderDisk::open(folder, false);
    return *disk_;
  }
  static std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

  const fs::path folder =
      fs::path(testing::TempDir()) /
      ("vmlan_folder_disk_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));

 private:
  std::unique_ptr<FolderDisk> disk_;
};

TEST_F(FolderDiskTest, AFileIsFoundByItsCmsName) {
  host_file("profile.tcpip", "HOME\n");
  EXPECT_EQ(text_of("PROFILE TCPIP"), "HOME\n");
  EXPECT_THAT(disk().list(), ElementsAre("PROFILE TCPIP"));
}

TEST_F(FolderDiskTest, NamesThatNoCmsFileCanHaveAreNotSeen) {
  host_file("README", "");
  host_file("toolongname.txt", "");
  host_file(".hidden", "");
  host_file("a.b.c", "");
  EXPECT_THAT(disk().list(), ElementsAre());
}

TEST_F(FolderDiskTest, LinksOutOfTheFolderAreNotFollowed) {
  fs::create_symlink("/etc/hostname", folder / "host.name");
  EXPECT_THAT(disk().list(), ElementsAre());
  EXPECT_EQ(disk().read("HOST NAME"), std::nullopt);
}

TEST_F(FolderDiskTest, WritingReplacesTheFileThatHasTheName) {
  host_file("sample.data", "old");
  EXPECT_TRUE(disk().write("SAMPLE DATA", bytes("new")));
  EXPECT_THAT(disk().list(), ElementsAre("SAMPLE DATA"));
  EXPECT_EQ(text_of("SAMPLE DATA"), "new");
  EXPECT_TRUE(fs::exists(folder / "sample.data"));
}

TEST_F(FolderDiskTest, ANameCannotLeadOutOfTheFolder) {
  EXPECT_FALSE(disk().write("../X DATA", bytes("x")));
  EXPECT_FALSE(disk().write("X ../DATA", bytes("x")));
  EXPECT_FALSE(disk().write("X", bytes("x")));
}

TEST_F(FolderDiskTest, AReadOnlyDiskChangesNothing) {
  host_file("a.b", "old");
  const auto read_only = FolderDisk::open(folder, true);
  EXPECT_FALSE(read_only->write("A B", bytes("new")));
  EXPECT_FALSE(read_only->erase("A B"));
  EXPECT_EQ(text_of("A B"), "old");
}

TEST_F(FolderDiskTest, EraseRemovesTheFileAndSaysSo) {
  host_file("a.b", "x");
  EXPECT_TRUE(disk().erase("A B"));
  EXPECT_FALSE(disk().erase("A B"));
}

TEST_F(FolderDiskTest, UsageCountsEachFileOnce) {
  host_file("a.b", "not this one");
  host_file("A.B", "123");
  host_file("c.d", "12");
  host_file("README", "no file of CMS");
  EXPECT_EQ(disk().usage().files, 2U);
  EXPECT_EQ(disk().usage().bytes, 5U);
}

TEST_F(FolderDiskTest, AReplacedFileStaysAsPrivateOrPublicAsItWas) {
  for (const unsigned mode : {0600U, 0640U, 0666U}) {
    host_file("a.b", "old");
    fs::permissions(folder / "a.b", fs::perms(mode));
    const auto writer = disk().create("A B");
    ASSERT_NE(writer, nullptr);
    for (const auto& entry : fs::directory_iterator(folder)) {
      EXPECT_EQ(fs::perms::none, fs::status(entry).permissions() & ~fs::perms(mode)) << entry.path();
    }
    ASSERT_TRUE(writer->append(bytes("new")) && writer->keep());
    EXPECT_EQ(fs::status(folder / "a.b").permissions(), fs::perms(mode));
  }
}

TEST_F(FolderDiskTest, AFolderThatIsNotThereIsNoDisk) {
  EXPECT_EQ(FolderDisk::open(folder / "nowhere", false), nullptr);
}

TEST_F(FolderDiskTest, ALinkInPlaceOfWhatIsWrittenFirstIsNotFollowed) {
  const fs::path victim = folder.string() + "-victim";
  std::ofstream(victim) << "untouched";
  for (const auto& name : {std::string(".vmlan-write"), ".vmlan-write-" + std::to_string(::getpid())})
    fs::create_symlink(victim, folder / name);
  EXPECT_TRUE(disk().write("A B", bytes("new")));
  EXPECT_EQ(text_of("A B"), "new");
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder / "A.B")));
  std::ifstream file(victim);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "untouched");
  fs::remove(victim);
}

TEST_F(FolderDiskTest, ALinkIsNeitherReadNorWrittenThroughNorErased) {
  const fs::path victim = folder.string() + "-victim";
  std::ofstream(victim) << "untouched";
  fs::create_symlink(victim, folder / "A.B");
  EXPECT_EQ(text_of("A B"), "(no such file)");
  EXPECT_FALSE(disk().erase("A B"));
  EXPECT_TRUE(disk().write("A B", bytes("new"))) << "a file of that name takes the link's place";
  EXPECT_EQ(text_of("A B"), "new");
  std::ifstream file(victim);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "untouched");
  fs::remove(victim);
}

TEST_F(FolderDiskTest, TheFolderStaysTheOneItWas) {
  host_file("A.B", "mine");
  const fs::path moved = folder.string() + "-moved";
  const fs::path theirs = folder.string() + "-theirs";
  fs::create_directories(theirs);
  std::ofstream(theirs / "A.B") << "theirs";
  EXPECT_EQ(text_of("A B"), "mine");
  fs::rename(folder, moved);
  fs::create_directory_symlink(theirs, folder);
  EXPECT_EQ(text_of("A B"), "mine");
  EXPECT_TRUE(disk().write("C D", bytes("x")));
  EXPECT_FALSE(fs::exists(theirs / "C.D"));
  fs::remove_all(moved);
  fs::remove_all(theirs);
}

TEST_F(FolderDiskTest, APipeInPlaceOfAFileHoldsNobodyUp) {
  ASSERT_EQ(::mkfifo((folder / "A.B").c_str(), 0600), 0);
  EXPECT_EQ(text_of("A B"), "(no such file)");
  EXPECT_THAT(disk().list(), ElementsAre());
}

TEST_F(FolderDiskTest, AFileInTheMakingIsNotSeenAndOneThatIsNotKeptLeavesNothing) {
  host_file("A.B", "old");
  auto first = disk().create("A B");
  auto second = disk().create("A B");
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr) << "two at once, each under a name of its own";
  EXPECT_TRUE(first->append(bytes("half")));
  EXPECT_TRUE(second->append(bytes("new")));
  EXPECT_EQ(text_of("A B"), "old");
  EXPECT_THAT(disk().list(), ElementsAre("A B"));
  first.reset();
  EXPECT_TRUE(second->keep());
  second.reset();
  EXPECT_EQ(text_of("A B"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1) << "nothing lies beside it";
}

TEST_F(FolderDiskTest, WhatWasOpenedIsReadToItsEndWhateverTakesItsPlace) {
  host_file("A.B", "first");
  const auto reader = disk().open("A B");
  EXPECT_TRUE(disk().write("A B", bytes("second")));
  std::string text(reader->size(), ' ');
  EXPECT_EQ(reader->read(std::as_writable_bytes(std::span(text))), 5U);
  EXPECT_EQ(text, "first");
  EXPECT_EQ(reader->read(std::as_writable_bytes(std::span(text))), 0U);
}

TEST_F(FolderDiskTest, AFileThatBecomesShorterCanNotBeReadToItsEnd) {
  host_file("A.B", "first");
  const auto reader = disk().open("A B");
  fs::resize_file(folder / "A.B", 2);
  std::string text(reader->size(), ' ');
  EXPECT_EQ(reader->read(std::as_writable_bytes(std::span(text))), std::nullopt);
}

TEST_F(FolderDiskTest, AnotherNameIsNotTakenFromAFile) {
  host_file("A.B", "one");
  host_file("C.D", "two");
  EXPECT_FALSE(disk().rename("A B", "C D"));
  EXPECT_FALSE(disk().rename("X Y", "E F"));
  EXPECT_FALSE(disk().rename("A B", "../E F"));
  EXPECT_TRUE(disk().rename("A B", "E F"));
  EXPECT_EQ(text_of("E F"), "one");
  EXPECT_THAT(disk().list(), ElementsAre("C D", "E F"));
}

TEST_F(FolderDiskTest, LargeFilesThatNobodyNeedsGoInParts) {
  arch::Leftovers leftovers;
  const auto writing = FolderDisk::open(folder, false, &leftovers);
  const std::vector<std::byte> large(2'000'000);
  EXPECT_TRUE(writing->write("A B", bytes("small")));
  EXPECT_TRUE(writing->write("A B", large));
  EXPECT_TRUE(leftovers.empty()) << "a small one goes at once";
  const auto parts = [&leftovers] {
    unsigned count = 0;
    for (; !leftovers.empty(); ++count) leftovers.give_back_part();
    return count;
  };
  EXPECT_TRUE(writing->write("A B", large));
  EXPECT_EQ(parts(), 8U) << "of 256 KiB";
  {
    const auto given_up = writing->create("C D");
    EXPECT_TRUE(given_up->append(large));
  }
  EXPECT_EQ(parts(), 8U);
  const auto reader = writing->open("A B");
  EXPECT_TRUE(writing->erase("A B"));
  EXPECT_EQ(parts(), 0U) << "somebody reads it";
  std::vector<std::byte> read(large.size());
  EXPECT_EQ(reader->read(read), large.size());
  EXPECT_TRUE(writing->write("A B", large));
  fs::create_hard_link(folder / "A.B", folder / "kept");
  EXPECT_TRUE(writing->erase("A B"));
  EXPECT_EQ(parts(), 0U) << "it has another name";
  EXPECT_EQ(fs::file_size(folder / "kept"), large.size());
}

}  // namespace
}  // namespace vmlan::host
