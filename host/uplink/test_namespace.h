// Tests that make interfaces of the kernel's, in a network namespace of their own: the test runs itself again
// inside one, bounded in time, and nothing of it survives. Without rights it is skipped, by name.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "host/child_process.h"
#include "host/descriptor.h"
#include "host/programs.h"

namespace vmlan::host {

constexpr const char* namespace_mark = "VMLAN_TEST_IN_NAMESPACE";

// A program that must do what it is for; what it said.
inline std::string must_run(const std::string& line) {
  auto started = ChildProcess::start({"sh", "-c", line}, "/");
  auto& child = std::get<ChildProcess>(started);
  child.read_until([](std::string_view) { return false; }, std::chrono::seconds(30));
  const auto code = child.wait(std::chrono::seconds(5));
  if (code != 0) throw std::runtime_error(line + ": " + child.output());
  return child.output();
}

// One that runs beside the test, until this object ends.
inline ChildProcess beside(const std::string& line) {
  return std::get<ChildProcess>(ChildProcess::start({"sh", "-c", line}, "/"));
}

inline bool has_program(const std::string& name) { return !find_program(name).empty(); }

// Another network namespace for commands, which ends with this object.
class OtherNamespace {
 public:
  OtherNamespace() : process_(beside("exec unshare -n sh -c 'echo $$; exec sleep 1000'")) {
    process_.read_until([](std::string_view said) { return said.find('\n') != said.npos; },
                        std::chrono::seconds(10));
    number_ = process_.output().substr(0, process_.output().find('\n'));
    run("ip link set lo up");
  }
  // What `ip link set DEVICE netns` takes.
  const std::string& number() const { return number_; }
  std::string in(const std::string& line) const { return "nsenter -t " + number_ + " -n " + line; }
  std::string run(const std::string& line) const { return must_run(in(line)); }
  // What `make` makes there, sockets and devices, stays there.
  template <typename Make>
  auto made_there(const Make& make) const {
    const Descriptor here(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    const Descriptor there(::open(("/proc/" + number_ + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
    if (::setns(there.number(), CLONE_NEWNET) != 0) throw std::runtime_error("setns");
    auto made = make();
    if (::setns(here.number(), CLONE_NEWNET) != 0) throw std::runtime_error("setns");
    return made;
  }

 private:
  ChildProcess process_;
  std::string number_;
};

// `body` inside a namespace: of this program's second run. Needs: programs it calls. Rights: as root of a
// user namespace unless `real_root` says that this is not enough.
inline void in_namespace(const std::function<void()>& body, const std::vector<std::string>& needs = {},
                         bool real_root = false) {
  if (std::getenv(namespace_mark) != nullptr) return body();
  const bool is_root = ::geteuid() == 0;
  if (real_root && !is_root) GTEST_SKIP() << "needs root";
  for (const auto& program : needs) {
    if (!has_program(program)) GTEST_SKIP() << "needs the program " << program;
  }
  const std::string isolate =
      std::string("unshare ") + (is_root ? "" : "-Ur ") + "-n --fork --pid --mount-proc --kill-child ";
  const auto bounded = [&](const std::string& line) {
    return beside("exec timeout -k 2 120 " + isolate + line);
  };
  auto trial = bounded("true");
  trial.read_until([](std::string_view) { return false; }, std::chrono::seconds(10));
  if (trial.wait(std::chrono::seconds(10)) != 0) GTEST_SKIP() << "no namespaces here: " << trial.output();

  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
  auto inside = bounded("env -u GTEST_OUTPUT " + std::string(namespace_mark) + "=1 " + program +
                        " --gtest_filter=" + test->test_suite_name() + "." + test->name());
  inside.read_until([](std::string_view) { return false; }, std::chrono::seconds(130));
  EXPECT_EQ(inside.wait(std::chrono::seconds(5)), 0) << inside.output();
  if (inside.output().find("[  SKIPPED ]") != std::string::npos) GTEST_SKIP() << inside.output();
}

}  // namespace vmlan::host
