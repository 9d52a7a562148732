// Starting a base: which program, with which words, and in a folder that is nobody else's. The program is a
// script that notes what it was given.
#include "hercules/base_starter.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace vmlan::hercules {
namespace {

class StartingABase : public testing::Test {
 protected:
  StartingABase() {
    std::string name = (std::filesystem::temp_directory_path() / "vmlan-test-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    socket = folder + "/run/vmlan/system.sock";
    program = folder + "/program";
    ::setenv("VMLAN", program.c_str(), 1);
  }
  ~StartingABase() override {
    ::unsetenv("VMLAN");
    std::filesystem::remove_all(folder);
  }
  void write_program(const std::string& text) {
    std::ofstream(program) << "#!/bin/sh\n" << text;
    ::chmod(program.c_str(), 0700);
  }
  // The file's text once it has some.
  static std::string text_of(const std::string& path) {
    for (unsigned attempt = 0; attempt < 2000; ++attempt) {
      std::ostringstream text;
      text << std::ifstream(path).rdbuf();
      if (text.str().find("end\n") != std::string::npos) return text.str();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return "nothing";
  }

  std::string folder;
  std::string socket;
  std::string program;
};

TEST_F(StartingABase, GivesItTheSocketAndALogInItsFolder) {
  write_program("echo \"$@\"; pwd; echo end\n");
  BaseStarter starter;
  const auto result = starter.start(socket);
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.program, program);
  EXPECT_EQ(text_of(folder + "/run/vmlan/system.log"),
            "serve --until-idle --socket " + socket + "\n" + folder + "/run/vmlan\nend\n");
}

TEST_F(StartingABase, InheritsNoSecretsOfTheEmulatorsEnvironment) {
  write_program("env; echo \"to stderr\" >&2; ls -l /proc/self/fd | wc -l; echo end\n");
  ::setenv("SECRET_TOKEN", "12345", 1);
  ::setenv("LD_PRELOAD", "", 1);
  BaseStarter starter;
  ASSERT_EQ(starter.start(socket).error, "");
  ::unsetenv("SECRET_TOKEN");
  ::unsetenv("LD_PRELOAD");
  const std::string text = text_of(folder + "/run/vmlan/system.log");
  EXPECT_EQ(text.find("SECRET_TOKEN"), std::string::npos) << text;
  EXPECT_EQ(text.find("LD_PRELOAD"), std::string::npos) << text;
  EXPECT_NE(text.find("PATH="), std::string::npos) << "what programs are found by stays";
  EXPECT_NE(text.find("to stderr\n"), std::string::npos) << text;
}

// Several guests may start one at the same time; all but one end with 1, and that is no trouble.
TEST_F(StartingABase, KnowsWhenItsSettingsAreWrong) {
  for (const int code : {0, 1, 2}) {
    write_program("exit " + std::to_string(code) + "\n");
    BaseStarter starter;
    ASSERT_EQ(starter.start(socket).error, "");
    bool wrong = false;
    for (unsigned attempt = 0; attempt < 400 && !wrong; ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(code == 2 ? 5 : 1));
      wrong = starter.reap();
    }
    EXPECT_EQ(wrong, code == 2) << code;
    EXPECT_FALSE(starter.reap()) << "told once";
  }
}

TEST_F(StartingABase, PutsALogAsideThatHasGrown) {
  write_program("echo end\n");
  std::filesystem::create_directories(folder + "/run/vmlan");
  for (const char* made : {"/run", "/run/vmlan"}) ::chmod((folder + made).c_str(), 0700);
  const std::string log = folder + "/run/vmlan/system.log";
  std::ofstream(log) << std::string(std::size_t{1} << 20U, 'x');
  BaseStarter starter;
  ASSERT_EQ(starter.start(socket).error, "");
  EXPECT_EQ(text_of(log), "end\n");
  EXPECT_EQ(std::filesystem::file_size(log + ".1"), std::size_t{1} << 20U);
}

TEST_F(StartingABase, MakesFoldersForThisUserAlone) {
  write_program("echo end\n");
  BaseStarter starter;
  ASSERT_EQ(starter.start(socket).error, "");
  for (const char* made : {"/run", "/run/vmlan"}) {
    struct stat status {};
    ASSERT_EQ(::stat((folder + made).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U) << made;
  }
}

TEST_F(StartingABase, DoesNotTrustAFolderThatOthersMayWriteTo) {
  write_program("echo end\n");
  std::filesystem::create_directories(folder + "/run/vmlan");
  ::chmod((folder + "/run").c_str(), 0777);
  BaseStarter starter;
  EXPECT_EQ(starter.start(socket).error, folder + "/run: others may write there");
}

TEST_F(StartingABase, DoesNotTrustALinkInPlaceOfTheFolder) {
  write_program("echo end\n");
  std::filesystem::create_directories(folder + "/elsewhere/vmlan");
  std::filesystem::create_symlink(folder + "/elsewhere", folder + "/run");
  BaseStarter starter;
  EXPECT_EQ(starter.start(socket).error, folder + "/run: not a folder");
}

TEST_F(StartingABase, WithoutAProgramThereIsAnError) {
  BaseStarter starter;
  const auto result = starter.start(socket);
  EXPECT_EQ(result.error, program + ": No such file or directory");
  EXPECT_EQ(result.program, "");
}

}  // namespace
}  // namespace vmlan::hercules
