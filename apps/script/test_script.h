// For the tests of scripts: a folder of its own, and what a script that runs there shows and complains of.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "apps/script/script_runner.h"

namespace vmlan::apps {

// Two users with TCP/IP; ALICE's command TCPRECV waits for somebody who sends.
inline constexpr const char* receiver =
    ".DIRECTORY\nUSER ALICE NOPASS 32M 64M G\n MDISK 191 3390 T-DISK 10 MR\n.END\n"
    "OPERATOR> DEFINE LAN L OWNERID SYSTEM TYPE QDIO\n"
    "ALICE> LOGON ALICE\nALICE> DEFINE NIC 600 TYPE QDIO\nALICE> COUPLE 600 TO SYSTEM L\nALICE> IPL CMS\n"
    "ALICE> IFCONFIG 600 10.1.1.1 255.255.255.0\n";

inline constexpr const char* one_user =
    ".DIRECTORY\nUSER ALICE NOPASS 32M 64M G\n MDISK 191 3390 T-DISK 10 MR\n.END\n";

class ScriptRunner : public testing::Test {
 protected:
  ScriptRunner() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~ScriptRunner() override { std::filesystem::remove_all(folder); }
  ScriptRunner(const ScriptRunner&) = delete;
  ScriptRunner& operator=(const ScriptRunner&) = delete;

  std::filesystem::path file(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }

  ExitCode run(const std::string& text) {
    options.script = file("test.vm", text).string();
    transcript.clear();
    errors.clear();
    return run_script(options, {[this](std::string_view line) { (transcript += line) += '\n'; },
                                [this](std::string_view line) { errors.emplace_back(line); }});
  }

  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) /
      ("vmlan_run_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  RunOptions options;
  std::string transcript;
  std::vector<std::string> errors;
};

}  // namespace vmlan::apps
