#include "host/socket_path.h"

#include <gtest/gtest.h>

namespace vmlan::host {
namespace {

TEST(SocketPath, TheSocketHasOnePlaceForBothSides) {
  EXPECT_EQ(default_socket_path("/run/user/1000", 1000), "/run/user/1000/vmlan/system.sock");
  EXPECT_EQ(default_socket_path("", 1000), "/tmp/vmlan-1000/vmlan/system.sock");
  EXPECT_EQ(default_socket_path(nullptr, 7), "/tmp/vmlan-7/vmlan/system.sock");
}

}  // namespace
}  // namespace vmlan::host
