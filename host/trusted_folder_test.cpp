// Whose folder it is decides whether a socket in it is the user's own.
#include "host/trusted_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "host/temporary_folder.h"

namespace vmlan::host {
namespace {

class TrustedFolder : public ::testing::Test {
 protected:
  TemporaryFolder folder = *TemporaryFolder::make();
  std::string run = (folder.path() / "run").string();
  std::string inner = run + "/vmlan";
  std::string socket = inner + "/system.sock";
};

TEST_F(TrustedFolder, IsMadeForThisUserAloneWhateverTheUmask) {
  const mode_t before = ::umask(0);
  EXPECT_EQ(make_trusted_folder(socket), "");
  ::umask(before);
  for (const auto& made : {run, inner}) {
    struct stat status {};
    ASSERT_EQ(::stat(made.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U) << made;
  }
  EXPECT_EQ(distrust_of_folder(socket), "");
}

TEST_F(TrustedFolder, LookingMakesNothing) {
  EXPECT_EQ(distrust_of_folder(socket), run + ": No such file or directory");
  EXPECT_FALSE(std::filesystem::exists(run));
}

TEST_F(TrustedFolder, IsNoneIfOthersMayWriteToIt) {
  std::filesystem::create_directories(inner);
  for (const mode_t mode : {mode_t{0770}, mode_t{0702}}) {
    ::chmod(inner.c_str(), mode);
    EXPECT_EQ(distrust_of_folder(socket), inner + ": others may write there");
    EXPECT_EQ(make_trusted_folder(socket), inner + ": others may write there");
  }
  ::chmod(inner.c_str(), 0700);
  ::chmod(run.c_str(), 0777);
  EXPECT_EQ(distrust_of_folder(socket), run + ": others may write there");
}

TEST_F(TrustedFolder, IsNoneIfItIsALink) {
  std::filesystem::create_directories(folder.path() / "elsewhere" / "vmlan");
  std::filesystem::create_symlink(folder.path() / "elsewhere", run);
  EXPECT_EQ(distrust_of_folder(socket), run + ": not a folder");
  EXPECT_EQ(make_trusted_folder(socket), run + ": not a folder");
}

TEST_F(TrustedFolder, IsNoneIfItBelongsToSomebodyElse) {
  std::string others = "/usr/share/system.sock";  // root's
  std::string whose = "/usr";
  if (::geteuid() == 0) {
    std::filesystem::create_directories(inner);
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::chown(inner.c_str(), nobody, nobody), 0);
    others = socket;
    whose = inner;
  }
  EXPECT_EQ(distrust_of_folder(others), whose + ": belongs to somebody else");
  EXPECT_EQ(make_trusted_folder(others), whose + ": belongs to somebody else");
}

}  // namespace
}  // namespace vmlan::host
