#include "host/child_process.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>

#include "host/temporary_folder.h"

namespace vmlan::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr arch::Time plenty = seconds(20);

ChildProcess shell(const std::string& script, const std::string& folder = "/") {
  auto started = ChildProcess::start({"sh", "-c", script}, folder);
  EXPECT_TRUE(std::holds_alternative<ChildProcess>(started));
  return std::get<ChildProcess>(std::move(started));
}

auto has(const std::string& text) {
  return [text](std::string_view output) { return output.find(text) != std::string_view::npos; };
}

TEST(ChildProcess, WhatItSaysOnEitherStreamIsHeardAndItsExitCodeToo) {
  auto child = shell("echo one; echo two >&2; exit 3");
  EXPECT_TRUE(child.read_until(has("two"), plenty));
  EXPECT_EQ(child.output(), "one\ntwo\n");
  EXPECT_EQ(child.wait(plenty), 3);
}

TEST(ChildProcess, ItReadsWhatIsWrittenAndBeginsInItsFolder) {
  const auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  auto child = shell("read word; pwd; echo got $word", folder->path());
  child.write("bread\n");
  EXPECT_TRUE(child.read_until(has("got bread"), plenty));
  EXPECT_TRUE(has(folder->path().string())(child.output()));
}

TEST(ChildProcess, ReadingEndsWhenItEndsOrTheLimitHasPassed) {
  auto brief = shell("echo x");
  EXPECT_FALSE(brief.read_until(has("y"), plenty));
  auto silent = shell("exec sleep 1000");
  EXPECT_FALSE(silent.read_until(has("y"), milliseconds(50)));
  EXPECT_EQ(silent.wait(milliseconds(50)), std::nullopt);
}

TEST(ChildProcess, ItAndItsChildrenEndWithTheObject) {
  pid_t grandchild = 0;
  {
    auto child = shell("sleep 1000 & echo \"<$!>\"; wait");
    ASSERT_TRUE(child.read_until(has(">"), plenty));
    grandchild = std::stoi(child.output().substr(1));
    EXPECT_EQ(::kill(grandchild, 0), 0);
  }
  // Somebody else takes note of its end; until then it may be seen as a zombie.
  for (int patience = 0; patience < 500 && ::kill(grandchild, 0) == 0; patience++) {
    const auto state = "/proc/" + std::to_string(grandchild) + "/exe";
    std::error_code gone;
    if (std::filesystem::read_symlink(state, gone).empty()) break;
    ::usleep(10'000);
  }
  std::error_code gone;
  EXPECT_TRUE(std::filesystem::read_symlink("/proc/" + std::to_string(grandchild) + "/exe", gone).empty());
}

TEST(ChildProcess, ASignalIsTheExitCodeOfAShell) {
  EXPECT_EQ(shell("kill -TERM $$").wait(plenty), 128 + SIGTERM);
}

TEST(ChildProcess, AProgramThatIsNotThereIsNamed) {
  const auto started = ChildProcess::start({"/no/such/program"}, "/");
  ASSERT_TRUE(std::holds_alternative<std::string>(started));
  EXPECT_EQ(std::get<std::string>(started), "/no/such/program: No such file or directory");
}

TEST(ChildProcess, EndlessOutputIsBounded) {
  // Several speakers: there is always something to read.
  auto child = shell("yes & yes & yes & yes");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(child.read_until([](std::string_view) { return false; }, milliseconds(500)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_LE(child.output().size(), ChildProcess::usual_output);
}

TEST(TemporaryFolder, IsOursAloneAndGoesWithItsContents) {
  std::filesystem::path path;
  {
    const auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder);
    path = folder->path();
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    std::filesystem::create_directories(path / "a" / "b");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace vmlan::host
