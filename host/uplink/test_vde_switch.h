// A vde_switch for tests: stopped, continued, ended and begun anew at the same place. It ends with the test,
// whose end closes its standard input.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <csignal>
#include <optional>
#include <string>

#include "host/child_process.h"
#include "host/programs.h"
#include "host/temporary_folder.h"
#include "host/uplink/test_receiver.h"
#include "host/uplink/vde.h"
#include "host/waiting.h"

namespace vmlan::host {

class VdeSwitchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!VdeConnection::is_built_in()) GTEST_SKIP() << "built without libvdeplug-dev";
    if (find_program("vde_switch").empty()) GTEST_SKIP() << "needs vde_switch (package vde-switch)";
    // The library writes to a switch that may just have ended.
    ignore_closed_readers();
  }
  void begin() {
    running_.emplace(std::get<ChildProcess>(
        ChildProcess::start({"sh", "-c", "echo $$; exec vde_switch -s " + path}, folder_.path())));
    const auto said = [](std::string_view text) { return text.find('\n') != text.npos; };
    ASSERT_TRUE(running_->read_until(said, std::chrono::seconds(10)));
    const auto& number = running_->output();
    std::from_chars(number.data(), number.data() + number.size(), process_);
    for (int count = 0; count < 1000 && !std::filesystem::exists(path + "/ctl"); ++count)
      sleep_for(std::chrono::milliseconds(10));
  }
  void send_signal(int signal) const { ASSERT_EQ(::kill(process_, signal), 0); }
  void end() { running_.reset(); }
  std::unique_ptr<VdeDevice> device() const { return opened(VdeDevice::open(path)); }

 private:
  TemporaryFolder folder_ = *TemporaryFolder::make();
  std::optional<ChildProcess> running_;
  pid_t process_ = 0;

 protected:
  std::string path = (folder_.path() / "switch").string();
};

}  // namespace vmlan::host
