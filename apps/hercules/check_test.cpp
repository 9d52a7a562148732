#include "apps/hercules/check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "apps/hercules/trial.h"
#include "host/temporary_folder.h"

namespace vmlan::apps {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

// observed: hercules --version of Debian's Hercules 3.13
constexpr const char* says_3_13 = R"(Hercules Version 3.13
(c)Copyright 1999-2015 by Roger Bowler, Jan Jaeger, and others
Build information:
  Dynamic loading support
)";

TEST(HerculesVersion, IsReadFromBothEmulators) {
  const auto debian = version_in(says_3_13);
  ASSERT_TRUE(debian);
  EXPECT_EQ(debian->number, "3.13");
  EXPECT_TRUE(debian->loads_modules);
  // observed: SDL Hyperion 4.9
  const auto hyperion = version_in(
      "HHC01413I Hercules version 4.9.0.11581-SDL-g2d2c4054\nHHC01417I ** The SDL 4.x Hyperion version of "
      "Hercules **\n");
  ASSERT_TRUE(hyperion);
  EXPECT_EQ(hyperion->number, "4.9.0.11581-SDL-g2d2c4054");
  EXPECT_TRUE(hyperion->loads_modules);
  const auto without = version_in("Hercules Version 3.13\n  No Dynamic loading support\n");
  ASSERT_TRUE(without);
  EXPECT_FALSE(without->loads_modules);
  EXPECT_EQ(version_in("ls (GNU coreutils) 9.1"), std::nullopt);
}

TEST(ModuleIdentity, IsFoundInALogAndInAFile) {
  using namespace std::string_view_literals;
  const auto logged = identity_in("x\nHHC03819I 0A00 VNIC of vmlan 0.1.0 for Hercules 3.13\ny");
  ASSERT_TRUE(logged);
  EXPECT_EQ(logged->version, "0.1.0");
  EXPECT_EQ(logged->emulator, "3.13");
  const auto filed = identity_in(
      "\x7f"
      "ELF\0HHC03819I VNIC of vmlan 1.2 for Hercules 4.9.0\0more"sv);
  ASSERT_TRUE(filed);
  EXPECT_EQ(filed->version, "1.2");
  EXPECT_EQ(filed->emulator, "4.9.0");
  EXPECT_FALSE(identity_in("VNIC of vmlan "));
  EXPECT_FALSE(identity_in("VNIC of vmlan 0.1.0 for"));
}

TEST(ModuleIdentity, FitsTheEmulatorWhoseNumberGoesOn) {
  EXPECT_TRUE(same_emulator("3.13", "3.13"));
  EXPECT_TRUE(same_emulator("4.9.0", "4.9.0.11581-SDL"));
  EXPECT_FALSE(same_emulator("3.13", "4.9.0"));
  EXPECT_FALSE(same_emulator("4.9", "4.91"));
  EXPECT_FALSE(same_emulator("", "3.13"));
}

// A machine with an emulator that is a shell script.
class HerculesCheck : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_);
    fs::create_directory(modules());
  }

  fs::path path(const char* name) const { return folder_->path() / name; }
  fs::path modules() const { return path("modules"); }

  void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

  // `start`: what it does with a configuration, named by $2.
  void emulator(const std::string& version, const std::string& start) {
    write(path("hercules"), fmt::format(R"(#!/bin/sh
if [ "$1" = --version ]; then
  cat <<'END'
{}END
  exit
fi
echo "HHCHD018I Loadable module directory is /before/MODPATH"
echo "HHCHD018I Loadable module directory is {}"
{}
read quit
)",
                                        version, modules().string(), start));
    ::chmod(path("hercules").c_str(), S_IRWXU);
  }

  void module(const fs::path& file, const char* version, const char* emulator) {
    write(file, fmt::format("binary HHC03819I VNIC of vmlan {} for Hercules {} binary", version, emulator));
  }

  ExitCode check(const std::string& module_file = {}) {
    found_.clear();
    wrong_.clear();
    const Output output = {[this](std::string_view line) { found_.emplace_back(line); },
                           [this](std::string_view line) { wrong_.emplace_back(line); }};
    return check_hercules({path("hercules"), module_file, socket_, std::chrono::milliseconds(300)}, output);
  }

  std::optional<host::TemporaryFolder> folder_ = host::TemporaryFolder::make();
  std::string socket_ = folder_ ? (folder_->path() / "system.sock").string() : std::string();
  std::vector<std::string> found_;
  std::vector<std::string> wrong_;
};

constexpr const char* takes_it = "echo 'HHC03819I 0A00 VNIC of vmlan " VMLAN_VERSION " for Hercules 3.13'";
constexpr const char* knows_no_vnic =
    "grep -q LDMOD \"$2\" || { echo 'HHCCF042E Device type VNIC not recognized'; exit; }\n";

TEST_F(HerculesCheck, FitsWhereTheModuleIsFoundByItsName) {
  emulator(says_3_13, takes_it);
  EXPECT_EQ(check(), ExitCode::success);
  EXPECT_THAT(found_, Contains(HasSubstr("VMLHRC701I")));
  EXPECT_THAT(found_, Contains(AllOf(HasSubstr("VMLHRC705I"), HasSubstr(modules().string()))));
  EXPECT_THAT(found_, Contains("    0A00.3 VNIC user LINUX2 system " + socket_));
  EXPECT_THAT(found_, Not(Contains(HasSubstr("    LDMOD"))));
  EXPECT_THAT(wrong_, ElementsAre(HasSubstr("VMLHRC718W")));
}

TEST_F(HerculesCheck, NamesTheFileWhereItIsNot) {
  module(path("own.so"), VMLAN_VERSION, "3.13");
  emulator(says_3_13, std::string(knows_no_vnic) + takes_it);
  EXPECT_EQ(check(path("own.so")), ExitCode::success);
  EXPECT_THAT(found_, Contains(HasSubstr("VMLHRC706I")));
  EXPECT_THAT(found_, Contains("    LDMOD " + path("own.so").string()));
}

TEST_F(HerculesCheck, AModuleForAnotherHerculesIsToldFromItsFile) {
  module(modules() / "hdtvnic.so", VMLAN_VERSION, "4.9.0");
  emulator(says_3_13,
           "echo 'HHCHD010I Dependency check failed for HERCULES'; echo 'HHCCF042E Device type VNIC'");
  EXPECT_EQ(check(), ExitCode::failure);
  EXPECT_THAT(wrong_, ElementsAre(HasSubstr("HHCHD010I"), HasSubstr("HHCCF042E"),
                                  AllOf(HasSubstr("VMLHRC709E"), HasSubstr("4.9.0, this is 3.13")),
                                  HasSubstr("VMLHRC718W")));
}

TEST_F(HerculesCheck, WhatTheEmulatorSaysOfAModuleItRefusesIsShown) {
  module(path("own.so"), VMLAN_VERSION, "3.13");
  emulator(says_3_13, "echo 'HHCHD007E unable to open DLL: undefined symbol'; exit 1");
  EXPECT_EQ(check(path("own.so")), ExitCode::failure);
  EXPECT_THAT(wrong_, Contains(HasSubstr("undefined symbol")));
  EXPECT_THAT(wrong_, Contains(HasSubstr("VMLHRC711E")));
}

TEST_F(HerculesCheck, AnotherVersionOfVmlanIsAWarning) {
  emulator(says_3_13, "echo 'HHC03819I 0A00 VNIC of vmlan 0.0.1 for Hercules 3.13'");
  EXPECT_EQ(check(), ExitCode::success);
  EXPECT_THAT(wrong_, Contains(AllOf(HasSubstr("VMLHRC710W"), HasSubstr("0.0.1"))));
}

TEST_F(HerculesCheck, AnEmulatorThatHangsIsEnded) {
  module(path("own.so"), VMLAN_VERSION, "3.13");
  emulator(says_3_13, "exec sleep 1000");
  EXPECT_EQ(check(path("own.so")), ExitCode::failure);
  EXPECT_THAT(wrong_, Contains(HasSubstr("VMLHRC712E")));
}

TEST_F(HerculesCheck, ProgramsThatAreNotHerculesAreNamed) {
  EXPECT_EQ(check(), ExitCode::failure);
  EXPECT_THAT(wrong_, Contains(HasSubstr("VMLHRC702E")));
  emulator("Something else 1.0\n", "");
  EXPECT_EQ(check(), ExitCode::failure);
  EXPECT_THAT(wrong_, Contains(HasSubstr("VMLHRC703E")));
  emulator("Hercules Version 3.13\n  No Dynamic loading support\n", "");
  EXPECT_EQ(check(), ExitCode::failure);
  EXPECT_THAT(wrong_, Contains(HasSubstr("VMLHRC704E")));
}

TEST_F(HerculesCheck, FilesThatAreNoModuleAreNamed) {
  emulator(says_3_13, std::string(knows_no_vnic) + takes_it);
  write(path("own.so"), "something");
  EXPECT_EQ(check(path("own.so")), ExitCode::failure);
  EXPECT_THAT(wrong_, Contains(HasSubstr("VMLHRC708E")));
  EXPECT_EQ(check(path("none.so")), ExitCode::failure);
  EXPECT_THAT(wrong_, Contains(HasSubstr("VMLFIL011E")));
}

TEST_F(HerculesCheck, APathWhereNobodyCanListenIsWrong) {
  emulator(says_3_13, takes_it);
  socket_ = (path("deep") / std::string(120, 'x')).string();
  EXPECT_EQ(check(), ExitCode::failure);
  EXPECT_THAT(wrong_, ElementsAre(AllOf(HasSubstr("VMLHRC715E"), HasSubstr("longer than 107"))));
  fs::create_directory(path("open"));
  ::chmod(path("open").c_str(), S_IRWXU | S_IRWXG | S_IRWXO);
  socket_ = path("open") / "system.sock";
  EXPECT_EQ(check(), ExitCode::failure);
  EXPECT_THAT(wrong_, ElementsAre(HasSubstr("others may write")));
  write(path("file"), "");
  socket_ = path("file") / "system.sock";
  EXPECT_EQ(check(), ExitCode::failure);
  EXPECT_THAT(wrong_, ElementsAre(HasSubstr("VMLHRC715E")));
}

}  // namespace
}  // namespace vmlan::apps
