// Where programs are found, and where nobody can listen.
#include "host/programs.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <future>
#include <thread>

#include "host/real_clock.h"
#include "host/temporary_folder.h"
#include "host/this_process.h"

namespace vmlan::host {
namespace {

class Programs : public ::testing::Test {
 protected:
  Programs() : path_before_(::getenv("PATH")) {
    for (const char* folder : {"one", "two"}) std::filesystem::create_directory(here.path() / folder);
    ::setenv("PATH", (":" + one.string() + ":" + two.string()).c_str(), 1);
  }
  ~Programs() override { ::setenv("PATH", path_before_.c_str(), 1); }
  static std::string program(const std::filesystem::path& folder, const std::string& name,
                             mode_t mode = 0755) {
    const auto file = folder / name;
    std::ofstream(file) << "#!/bin/sh\n";
    ::chmod(file.c_str(), mode);
    return file.string();
  }

  TemporaryFolder here = *TemporaryFolder::make();
  std::filesystem::path one = here.path() / "one";
  std::filesystem::path two = here.path() / "two";

 private:
  std::string path_before_;
};

TEST_F(Programs, AreFoundInTheFirstFolderThatHasOneThatCanBeExecuted) {
  program(one, "text", 0644);
  const std::string second = program(two, "text");
  const std::string first = program(one, "both");
  program(two, "both");
  EXPECT_EQ(find_program("text"), second);
  EXPECT_EQ(find_program("both"), first);
  EXPECT_EQ(find_program("neither"), "");
}

TEST_F(Programs, APathIsTakenAsItIs) {
  const std::string file = program(one, "a");
  EXPECT_EQ(find_program(file), file);
  EXPECT_EQ(find_program(program(one, "b", 0644)), "");
  EXPECT_EQ(find_program("./a"), "");
}

TEST_F(Programs, AnEmptyFolderOfThePathIsNotThisOne) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(here.path());
  program(here.path(), "mine");
  EXPECT_EQ(find_program("mine"), "");
  std::filesystem::current_path(before);
}

TEST_F(Programs, WithoutAPathThereAreThoseOfTheSystem) {
  ::unsetenv("PATH");
  EXPECT_EQ(find_program("env"), "/usr/bin/env");
  ::setenv("PATH", "", 1);
  EXPECT_EQ(find_program("env"), "");
}

TEST_F(Programs, KnowTheFileTheyWereLoadedFrom) {
  EXPECT_TRUE(std::filesystem::equivalent(loaded_file(reinterpret_cast<const void*>(&find_program)),
                                          "/proc/self/exe"));
  EXPECT_TRUE(loaded_file(nullptr).empty());
}

TEST_F(Programs, NobodyCanListenAtAPathThatIsTooLong) {
  const std::string folder = here.path().string() + "/";
  EXPECT_EQ(trouble_with_listening(folder + std::string(107 - folder.size(), 'x')), "");
  EXPECT_EQ(trouble_with_listening(folder + std::string(108 - folder.size(), 'x')),
            "longer than 107 characters");
}

TEST_F(Programs, NobodyCanListenInAFile) {
  const std::string file = program(one, "file");
  EXPECT_EQ(trouble_with_listening(file + "/s"), file + " is no folder");
  EXPECT_EQ(trouble_with_listening(file + "/deeper/s"), "Not a directory");
}

TEST_F(Programs, AFolderThatIsMissingCanBeMade) {
  EXPECT_EQ(trouble_with_listening(one / "new" / "vmlan" / "s"), "");
}

TEST_F(Programs, WhereOthersMayWriteNobodyIsToListen) {
  for (const mode_t mode : {mode_t{0770}, mode_t{0702}}) {
    ::chmod(one.c_str(), mode);
    EXPECT_EQ(trouble_with_listening(one / "new" / "s"), "others may write to " + one.string());
  }
  ::chmod(one.c_str(), 01777);
  EXPECT_EQ(trouble_with_listening(one / "s"), "") << "as in /tmp, where names are their owners'";
  ::chmod(one.c_str(), 0755);
  EXPECT_EQ(trouble_with_listening(one / "s"), "");
}

TEST_F(Programs, WhereThisUserMayNotWriteItCannotListen) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  ::chmod(one.c_str(), 0500);
  EXPECT_EQ(trouble_with_listening(one / "s"), one.string() + ": Permission denied");
}

TEST(ThisProcess, HasANumberAndNamesForItsThreads) {
  EXPECT_EQ(process_number(), static_cast<unsigned>(::getpid()));
  std::promise<void> named;
  std::thread thread([&named] { named.get_future().wait(); });
  name_thread(thread, "a name of 15 ch");
  char name[16] = {};
  ::pthread_getname_np(thread.native_handle(), name, sizeof(name));
  named.set_value();
  thread.join();
  EXPECT_STREQ(name, "a name of 15 ch");
}

TEST(RealClock, BeginsAtZeroAndGoesOnByItself) {
  const RealClock clock;
  const auto first = clock.now();
  EXPECT_GE(first, arch::Time{0});
  EXPECT_LT(first, std::chrono::seconds(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_GE(clock.now() - first, std::chrono::milliseconds(5));
  const auto off = std::chrono::system_clock::now() - clock.date();
  EXPECT_LT(off, std::chrono::seconds(5));
}

}  // namespace
}  // namespace vmlan::host
