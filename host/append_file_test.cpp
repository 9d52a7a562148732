// Logs stay small, and nobody's file is taken for one.
#include "host/append_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "host/temporary_folder.h"

namespace vmlan::host {
namespace {

class Log : public ::testing::Test {
 protected:
  static std::uintmax_t size(const std::string& file) {
    return std::filesystem::exists(file) ? std::filesystem::file_size(file) : 0;
  }

  TemporaryFolder folder = *TemporaryFolder::make();
  std::string path = (folder.path() / "system.log").string();
  const std::string much = std::string(static_cast<std::size_t>(most_log), 'x');
};

TEST_F(Log, GoesOnInANewFileWhenItHasGrown) {
  const auto log = std::get<Descriptor>(open_log(path));
  const auto second_stream = std::get<Descriptor>(open_log(path));
  ASSERT_TRUE(append(log, "small"));
  EXPECT_FALSE(turn_log(path, {log.number(), second_stream.number()}));
  for (unsigned round = 0; round < 3; ++round) {
    ASSERT_TRUE(append(log, much));
    ASSERT_TRUE(turn_log(path, {log.number(), second_stream.number()}));
    EXPECT_EQ(size(path), 0U);
    ASSERT_TRUE(append(log, "a"));
    ASSERT_TRUE(append(second_stream, "b"));
    EXPECT_EQ(size(path), 2U) << "both streams go on in the new one";
  }
  EXPECT_LE(size(path + ".1"), much.size() + 5);
}

TEST_F(Log, AStreamThatIsAnotherFileStaysWhatItIs) {
  const std::string mine = (folder.path() / "mine").string();
  const auto file = std::get<Descriptor>(open_to_append(mine));
  ASSERT_TRUE(append(file, much));
  { ASSERT_TRUE(append(std::get<Descriptor>(open_log(path)), much)); }
  EXPECT_FALSE(turn_log(path, {file.number()}));
  ASSERT_TRUE(append(file, "x"));
  EXPECT_EQ(size(mine), much.size() + 1);
}

TEST_F(Log, ALinkInItsPlaceIsNotFollowed) {
  std::filesystem::create_symlink(folder.path() / "elsewhere", path);
  EXPECT_TRUE(std::holds_alternative<std::string>(open_log(path)));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "elsewhere"));
}

}  // namespace
}  // namespace vmlan::host
