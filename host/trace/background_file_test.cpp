// A file that is written in the background: all of it arrives, and nobody waits for a disk that does not take
// it.
#include "host/trace/background_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "host/temporary_folder.h"

namespace vmlan::host {
namespace {

using Took = BlockOutput::Took;
using WhenFull = BackgroundFile::WhenFull;

class Background : public ::testing::Test {
 protected:
  std::unique_ptr<BackgroundFile> create(WhenFull when_full) {
    auto made = BackgroundFile::create(path, when_full);
    if (auto* error = std::get_if<std::string>(&made)) {
      ADD_FAILURE() << *error;
      return nullptr;
    }
    return std::get<std::unique_ptr<BackgroundFile>>(std::move(made));
  }
  std::string refusal() {
    auto made = BackgroundFile::create(path, WhenFull::refuse);
    const auto* error = std::get_if<std::string>(&made);
    return error == nullptr ? "made" : *error;
  }
  std::string contents() const {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  static Took give(BackgroundFile& file, std::string_view text) {
    const std::array pieces{std::as_bytes(std::span(text.substr(0, text.size() / 2))),
                            std::as_bytes(std::span(text.substr(text.size() / 2)))};
    return file.take(pieces);
  }

  TemporaryFolder folder{std::move(*TemporaryFolder::make())};
  std::string path = folder.path() / "LANTR.pcapng";
};

TEST_F(Background, AllThatIsGivenIsInTheFileInItsOrder) {
  std::string expected;
  {
    const auto file = create(WhenFull::wait);
    ASSERT_NE(file, nullptr);
    for (unsigned number = 0; expected.size() < 3 * BackgroundFile::most_waiting; ++number) {
      const std::string block(97 + number % 50'000, static_cast<char>('a' + number % 26));
      ASSERT_EQ(give(*file, block), Took::all);
      expected += block;
    }
  }
  EXPECT_TRUE(finish_background_files());
  EXPECT_TRUE(contents() == expected);
}

TEST_F(Background, InVirtualTimeWhatSettlesIsThere) {
  const auto file = create(WhenFull::wait);
  ASSERT_NE(file, nullptr);
  give(*file, "a block");
  file->settle();
  EXPECT_EQ(contents(), "a block");
}

TEST_F(Background, AFileThatTakesNothingMoreSaysWhyAndDoesNotHoldAnybodyUp) {
  // The system's own bound of a file: the kernel says EFBIG beyond.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    const auto file = create(WhenFull::wait);
    ASSERT_NE(file, nullptr);
    give(*file, std::string(10'000, 'x'));
    file->settle();
    EXPECT_EQ(file->trouble(), std::strerror(EFBIG));
    EXPECT_EQ(give(*file, "more"), Took::full);
  }
  EXPECT_TRUE(finish_background_files());
  ::setrlimit(RLIMIT_FSIZE, &before);
}

TEST_F(Background, OnlyOneWritesAndOnlyToAPlainFile) {
  {
    const auto file = create(WhenFull::refuse);
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(refusal(), path + ": another trace is written there");
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
  }
  ASSERT_TRUE(finish_background_files());
  std::filesystem::remove(path);
  std::filesystem::create_symlink("elsewhere", path);
  EXPECT_NE(refusal(), "made");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "elsewhere"));
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(refusal(), "made");
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  EXPECT_EQ(refusal(), path + ": no plain file");
  ::close(reader);
  path = folder.path() / "missing" / "LANTR.pcapng";
  EXPECT_EQ(refusal(), path + ": No such file or directory");
}

}  // namespace
}  // namespace vmlan::host
