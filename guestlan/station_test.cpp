// The MAC addresses of a NIC with more than one data device.
#include <gtest/gtest.h>

#include <set>

#include "guestlan/lan.h"
#include "guestlan/nic.h"

namespace vmlan::guestlan {
namespace {

NicSettings settings(std::uint8_t last_byte, unsigned devices) {
  NicSettings settings;
  settings.owner = "LINUX1";
  settings.devices = devices;
  settings.mac = {{0x02, 0, 0, 0, 0, last_byte}};
  return settings;
}

TEST(Stations, TheFirstThreeDevicesHaveTheAddressOfTheNic) {
  Nic nic(settings(1, 3));
  for (unsigned device = 0; device < 3; ++device) {
    EXPECT_EQ(nic.port_of_data_device(device).mac(), nic.settings().mac);
  }
}

TEST(Stations, EachFurtherGroupOfThreeHasAnAddressThatNobodyElseHas) {
  std::set<wire::MacAddress> macs;
  constexpr unsigned devices = 3072;  // the most a HiperSockets NIC may have
  Nic first(settings(1, devices));
  Nic second(settings(2, devices));
  for (unsigned device = 2; device < devices; device += 3) {
    macs.insert(first.port_of_data_device(device).mac());
    macs.insert(second.port_of_data_device(device).mac());
  }
  EXPECT_EQ(macs.size(), 2U * devices / 3);
  for (const wire::MacAddress& mac : macs) EXPECT_FALSE(mac.is_group());
}

TEST(Stations, ADeviceHasTheSameAddressWhenItComesBack) {
  wire::MacAddress before;
  for (const bool first_time : {true, false}) {
    Nic nic(settings(1, 6));
    if (!first_time) nic.port_of_data_device(2);  // in another order
    const auto mac = nic.port_of_data_device(5).mac();
    if (first_time) before = mac;
    EXPECT_EQ(mac, before);
  }
}

}  // namespace
}  // namespace vmlan::guestlan
