#include "host/settings_folder.h"

#include <gtest/gtest.h>

namespace vmlan::host {
namespace {

TEST(SettingsFolder, IsWhereXdgHasIt) {
  EXPECT_EQ(settings_folder("/etc/xdg", "/h/me"), "/etc/xdg/vmlan");
  EXPECT_EQ(settings_folder("", "/h/me"), "/h/me/.config/vmlan");
  EXPECT_EQ(settings_folder(nullptr, "/h/me"), "/h/me/.config/vmlan");
}

TEST(SettingsFolder, IsNowhereRelative) {
  EXPECT_EQ(settings_folder("config", "/h/me"), "/h/me/.config/vmlan");
  EXPECT_EQ(settings_folder(nullptr, "home"), "");
  EXPECT_EQ(settings_folder(nullptr, nullptr), "");
}

}  // namespace
}  // namespace vmlan::host
