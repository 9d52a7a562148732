// A CMS user and the kit's Linux driver, both in layer 2, on one LAN with ETHERNET transport.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cms/shell/cms.h"
#include "cp/control_program.h"
#include "guestlan/nic.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/hex.h"
#include "tests/kit/linux_driver.h"

namespace vmlan {
namespace {

using kit::Bytes;
using kit::from_hex;
using kit::to_hex;
using testing::Contains;
using testing::HasSubstr;

class LinesShown final : public cp::ConsoleSink {
 public:
  void line(std::string_view, std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

// 10.1.1.2: answers ARP and echo requests as Linux' stack does over its qeth driver.
class LinuxGuest {
 public:
  explicit LinuxGuest(guestlan::Lan& lan) {
    EXPECT_EQ(nic_.couple(lan, true), guestlan::CoupleResult::coupled);
    EXPECT_TRUE(driver_.bring_up()) << driver_.failure();
  }
  bool answer() {
    bool any = false;
    for (; driver_.input_state(next_) == 0x82; ++next_, any = true) {
      const Bytes buffer = driver_.take_input(next_);
      for (std::size_t at = 0; at + 32 <= buffer.size();) {
        EXPECT_EQ(buffer[at], std::byte{2}) << "a header of layer 2";
        const auto length =
            std::to_integer<std::size_t>(buffer[at + 6]) * 256 + std::to_integer<std::size_t>(buffer[at + 7]);
        answer(Bytes(buffer.begin() + static_cast<std::ptrdiff_t>(at + 32),
                     buffer.begin() + static_cast<std::ptrdiff_t>(at + 32 + length)));
        at += 32 + length;
      }
    }
    return any;
  }

  unsigned arp_requests = 0;
  unsigned echo_requests = 0;

 private:
  static guestlan::NicSettings nic_settings() {
    guestlan::NicSettings settings;
    settings.owner = "LINUX";
    settings.kind = qdio::AdapterKind::osd;
    settings.base_device = {0x0800};
    settings.channel_path = 0x08;
    settings.mac = {{2, 0, 0, 0, 0, 9}};
    return settings;
  }
  static qdio::Device::Settings device_settings(const guestlan::NicSettings& nic) {
    qdio::Device::Settings settings;
    settings.kind = nic.kind;
    settings.base_device = nic.base_device;
    settings.channel_path = nic.channel_path;
    settings.devices = nic.devices;
    return settings;
  }
  static kit::LinuxDriver::Options options() {
    kit::LinuxDriver::Options options;
    options.layer2 = true;
    return options;
  }
  static std::string hex(const Bytes& bytes, std::size_t at, std::size_t length) {
    return to_hex(std::span(bytes).subspan(at, length));
  }

  void answer(Bytes frame) {
    if (frame.size() >= 42 && hex(frame, 12, 2) == "0806" && hex(frame, 38, 4) == "0A010102" &&
        hex(frame, 20, 2) == "0001") {
      ++arp_requests;
      const auto asker = hex(frame, 6, 6);
      return send(from_hex(asker + "020000000009 0806 0001 0800 06 04 0002 020000000009 0A010102" + asker +
                           hex(frame, 28, 4)));
    }
    if (frame.size() < 42 || hex(frame, 12, 2) != "0800" || hex(frame, 23, 1) != "01" ||
        hex(frame, 34, 1) != "08")
      return;
    ++echo_requests;
    EXPECT_EQ(hex(frame, 0, 6), "020000000009");
    std::swap_ranges(frame.begin(), frame.begin() + 6, frame.begin() + 6);
    std::swap_ranges(frame.begin() + 26, frame.begin() + 30, frame.begin() + 30);
    frame[34] = std::byte{0};
    // The type went from 8 to 0: the checksum grows by as much.
    unsigned sum = std::to_integer<unsigned>(frame[36]) * 256 + std::to_integer<unsigned>(frame[37]) + 0x0800;
    sum = (sum & 0xffffU) + (sum >> 16U);
    frame[36] = std::byte(sum >> 8U);
    frame[37] = std::byte(sum & 0xffU);
    send(frame);
  }

  void send(const Bytes& frame) {
    Bytes packet = from_hex("02000004 0000 0000" + std::string(48, '0'));
    packet[6] = std::byte(frame.size() >> 8U);
    packet[7] = std::byte(frame.size() & 0xffU);
    packet.insert(packet.end(), frame.begin(), frame.end());
    driver_.prime(0, packet);
    EXPECT_EQ(driver_.signal_output(0), arch::ConditionCode::zero);
  }

  guestlan::Nic nic_{nic_settings()};
  kit::BareMachine machine_{device_settings(nic_settings()), nic_};
  // Before the driver, which speaks through it.
  const bool attached_ = (nic_.attach(machine_.device()), true);
  kit::LinuxDriver driver_{machine_, options()};
  unsigned next_ = 0;
};

TEST(CmsAndLinux, PingOverEthernet) {
  arch::VirtualClock clock;
  LinesShown console;
  cp::ControlProgram system(
      {clock, console,
       [](std::string_view, std::string_view, arch::Machine& machine) { return cms::make_cms(machine); },
       nullptr});
  ASSERT_TRUE(system.load_directory("USER ALICE NOPASS 16M 32M G\n", "USER DIRECT").empty());
  system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET");
  LinuxGuest linux_guest(*system.vmlan().find("SYSTEM", "LAN1"));
  for (const char* line :
       {"LOGON ALICE", "DEFINE NIC 0600 TYPE QDIO", "COUPLE 0600 TO SYSTEM LAN1", "IPL CMS",
        "IFCONFIG 600 10.1.1.1/24", "PING 10.1.1.2 (COUNT 3 LENGTH 1400", "NETSTAT ARP"}) {
    system.type("ALICE", line);
    for (int round = 0; round < 100; ++round) {
      system.run_until_idle(10'000);
      if (linux_guest.answer()) continue;
      if (system.can_read("ALICE")) break;
      if (const auto next = system.next_deadline()) clock.advance_to(*next);
    }
  }
  EXPECT_EQ(linux_guest.arp_requests, 1U);
  EXPECT_EQ(linux_guest.echo_requests, 3U);
  EXPECT_THAT(console.lines, Contains(HasSubstr("Ping #3 response took 0.000 seconds. Successes so far 3.")));
  EXPECT_THAT(console.lines, Contains(HasSubstr("02-00-00-00-00-09")));
}

}  // namespace
}  // namespace vmlan
