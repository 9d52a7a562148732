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

}  // namespace
}  // namespace vmlan::host
