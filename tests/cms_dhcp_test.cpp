// CMS users that get their addresses by DHCP, over LANs of either transport, from a server inside the test.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "cms/driver/qdio_driver.h"
#include "cms/shell/cms.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"
#include "tests/kit/hex.h"
#include "wire/ethernet.h"

namespace vmlan {
namespace {

using kit::from_hex;
using testing::Contains;
using testing::HasSubstr;
using Bytes = std::vector<std::byte>;
using namespace std::chrono_literals;

class DhcpConsoles final : public cp::ConsoleSink {
 public:
  void line(std::string_view console, std::string_view text) override {
    lines.push_back(fmt::format("{}: {}", console, text));
  }
  std::vector<std::string> lines;
};

// 10.0.2.2, with one address to give, for an hour. Answers ARP for itself.
class DhcpServer {
 public:
  explicit DhcpServer(cp::VirtualMachine& machine) : machine_(machine), driver_(machine, options()) {
    EXPECT_EQ(driver_.start(), cms::DriverError::none);
    EXPECT_EQ(driver_.set_ip(wire::IpAddress::v4(10, 0, 2, 2), 24), qdio::IpaCode::success);
  }

  bool poll() {
    while (const auto subchannel = machine_.test_pending_interruption())
      driver_.handle_interruption(*subchannel);
    std::vector<Bytes> packets;
    driver_.poll([&](const cms::ReceivedPacket& packet) {
      packets.emplace_back(packet.payload.begin(), packet.payload.end());
    });
    for (const auto& packet : packets) receive(packet);
    driver_.flush();
    return !packets.empty();
  }

  bool silent = false;
  std::vector<unsigned> heard;  // message types

 private:
  static cms::QdioDriver::Options options() {
    cms::QdioDriver::Options options;
    options.base_device = {0x0600};
    options.area = 0x10000;
    return options;
  }

  void receive(Bytes packet) {
    const std::size_t skip = driver_.is_layer2() ? sizeof(wire::EthernetHeader) : 0;
    if (skip != 0 && kit::to_hex(std::span(packet).subspan(12, 2)) == "0806")
      return answer_arp(std::move(packet));
    constexpr std::size_t dhcp = 28;
    if (packet.size() < skip + dhcp + 243 || packet[skip + 9] != std::byte{17}) return;
    const auto message = std::span(packet).subspan(skip + dhcp);
    heard.push_back(std::to_integer<unsigned>(message[242]));
    if (!silent && heard.back() != 7) answer(message, heard.back() == 1 ? "02" : "05");
  }

  void answer_arp(Bytes request) {
    if (kit::to_hex(std::span(request).subspan(38, 4)) != "0A000202") return;
    auto reply = from_hex("000000000000 000000000000 0806 0001 0800 06 04 0002 000000000000 0A000202");
    std::copy_n(request.begin() + 6, 6, reply.begin());
    std::ranges::copy(std::as_bytes(std::span(driver_.mac().bytes)), reply.begin() + 6);
    std::ranges::copy(std::as_bytes(std::span(driver_.mac().bytes)), reply.begin() + 22);
    reply.insert(reply.end(), request.begin() + 22, request.begin() + 32);
    driver_.send(cms::layer2_header(reply), reply);
  }

  void answer(std::span<const std::byte> request, const std::string& type) {
    Bytes message(request.begin(), request.begin() + 240);
    message[0] = std::byte{2};
    std::ranges::copy(from_hex("0A00020F"), message.begin() + 16);
    for (const auto byte : from_hex("3501" + type +
                                    "3604 0A000202 3304 00000E10 0104 FFFFFF00 0304 0A000202"
                                    "0604 0A000203 FF"))
      message.push_back(byte);
    Bytes packet = from_hex("45000000 00000000 40110000 0A000202 FFFFFFFF 0043 0044 0000 0000");
    packet[25] = std::byte((message.size() + 8) & 0xffU);
    packet[24] = std::byte((message.size() + 8) >> 8U);
    packet.insert(packet.end(), message.begin(), message.end());
    packet[2] = std::byte(packet.size() >> 8U);
    packet[3] = std::byte(packet.size() & 0xffU);
    const auto everybody = wire::IpAddress::v4(255, 255, 255, 255);
    if (!driver_.is_layer2()) {
      driver_.send(cms::layer3_header(everybody, everybody, true), packet);
      return;
    }
    Bytes frame = from_hex("FFFFFFFFFFFF 000000000000 0800");
    std::ranges::copy(std::as_bytes(std::span(driver_.mac().bytes)), frame.begin() + 6);
    frame.insert(frame.end(), packet.begin(), packet.end());
    driver_.send(cms::layer2_header(frame), frame);
  }

  cp::VirtualMachine& machine_;
  cms::QdioDriver driver_;
};

class DhcpWorld {
 public:
  explicit DhcpWorld(const std::string& transport)
      : system_({clock, consoles,
                 [](std::string_view, std::string_view, arch::Machine& machine) {
                   return cms::make_cms(machine);
                 },
                 nullptr}) {
    EXPECT_TRUE(system_.load_directory("USER ALICE NOPASS 16M 32M G\n", "USER DIRECT").empty());
    system_.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO " + transport);
    cp::UserEntry entry;
    entry.userid = "SERVER";
    cp::NicDefinition nic;
    nic.device = {0x0600};
    nic.kind = qdio::AdapterKind::osd;
    nic.lan_owner = "SYSTEM";
    nic.lan_name = "LAN1";
    entry.nics.push_back(nic);
    server.emplace(*system_.logon(std::move(entry)));
    for (const char* line :
         {"LOGON ALICE", "DEFINE NIC 0600 TYPE QDIO", "COUPLE 0600 TO SYSTEM LAN1", "IPL CMS"})
      command(line);
  }

  void settle() {
    for (int round = 0; round < 100; ++round) {
      system_.run_until_idle(10'000);
      if (!server->poll()) return;
    }
    FAIL() << "the system does not come to rest";
  }
  // What was shown until the console can be typed at again.
  std::string command(const std::string& line) {
    const auto before = consoles.lines.size();
    system_.type("ALICE", line);
    settle();
    const auto limit = clock.now() + 10min;
    while (!system_.can_read("ALICE") && clock.now() < limit) pass(clock.now() + 1s);
    return since(before);
  }
  // Everything that is due until then.
  void pass(arch::Time until) {
    for (auto next = system_.next_deadline(); next && *next < until; next = system_.next_deadline()) {
      clock.advance_to(*next);
      settle();
    }
    clock.advance_to(until);
    settle();
  }
  std::string since(std::size_t first) const {
    std::string text;
    for (std::size_t index = first; index < consoles.lines.size(); ++index)
      text += consoles.lines[index] + "\n";
    return text;
  }

  arch::VirtualClock clock;
  DhcpConsoles consoles;
  std::optional<DhcpServer> server;

 private:
  cp::ControlProgram system_;
};

class CmsDhcp : public testing::TestWithParam<const char*> {
 protected:
  std::string shown() { return world.command("IFCONFIG ETH0"); }
  DhcpWorld world{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Transports, CmsDhcp, testing::Values("IP", "ETHERNET"),
                         [](const auto& transport) { return std::string(transport.param); });

TEST_P(CmsDhcp, AUserGetsItsAddressRouterAndNameServer) {
  const auto said = world.command("IFCONFIG 600 DHCP");
  EXPECT_THAT(said, HasSubstr("Assigned IPv4 address 10.0.2.15"));
  EXPECT_THAT(said,
              HasSubstr("DTCDHC9001I DHCP: ETH0 has its address from server 10.0.2.2, for 3600 seconds"));
  EXPECT_THAT(said, HasSubstr("DTCDHC9002I DHCP: router 10.0.2.2, name servers 10.0.2.3"));
  EXPECT_THAT(said, HasSubstr("Ready;"));
  EXPECT_EQ(world.server->heard, (std::vector<unsigned>{1, 3}));
  EXPECT_THAT(shown(), HasSubstr("inet addr: 10.0.2.15 mask: 255.255.255.0"));
  EXPECT_THAT(shown(), HasSubstr("dhcp server: 10.0.2.2 name servers: 10.0.2.3"));
  EXPECT_THAT(world.command("NETSTAT GATE"), HasSubstr("Default          <none>           10.0.2.2"));
}

TEST_P(CmsDhcp, ALeaseIsRenewedInTime) {
  world.command("IFCONFIG 600 DHCP");
  world.pass(world.clock.now() + 3h);
  EXPECT_GE(world.server->heard.size(), 7U) << "every half hour";
  EXPECT_LE(world.server->heard.size(), 9U);
  EXPECT_THAT(shown(), HasSubstr("inet addr: 10.0.2.15"));
}

TEST_P(CmsDhcp, ALeaseThatNobodyRenewsEnds) {
  world.command("IFCONFIG 600 DHCP");
  world.server->silent = true;
  const auto before = world.consoles.lines.size();
  world.pass(world.clock.now() + 2h);
  EXPECT_THAT(world.since(before), HasSubstr("DTCDHC9004W DHCP: the lease of 10.0.2.15 for ETH0 has ended"));
  EXPECT_THAT(shown(), testing::Not(HasSubstr("inet addr")));
  EXPECT_THAT(world.command("NETSTAT GATE"), testing::Not(HasSubstr("10.0.2.2")));
}

TEST_P(CmsDhcp, WithoutAServerItSaysSo) {
  world.server->silent = true;
  const auto said = world.command("IFCONFIG 600 DHCP");
  EXPECT_THAT(said, HasSubstr("DTCDHC9003E DHCP: no server gives ETH0 an address"));
  EXPECT_THAT(said, HasSubstr("Ready(00008);"));
  EXPECT_EQ(world.server->heard.size(), 4U);
}

TEST_P(CmsDhcp, DownGivesTheLeaseBackAndUpBringsTheInterfaceBack) {
  world.command("IFCONFIG 600 DHCP");
  EXPECT_THAT(world.command("IFCONFIG ETH0 DOWN"), HasSubstr("Ready;"));
  EXPECT_EQ(world.server->heard.back(), 7U);
  EXPECT_THAT(world.command("IFCONFIG"), testing::Not(HasSubstr("ETH0")));
  EXPECT_THAT(world.command("IFCONFIG -ALL"), HasSubstr("DOWN BROADCAST"));
  EXPECT_THAT(world.command("PING 10.0.2.2"), HasSubstr("could not be sent"));
  EXPECT_THAT(world.command("IFCONFIG ETH0 UP"), HasSubstr("Ready;"));
  EXPECT_THAT(world.command("IFCONFIG ETH0 DHCP"), HasSubstr("Assigned IPv4 address 10.0.2.15"));
}

TEST_P(CmsDhcp, AnAddressOfOnesOwnEndsIt) {
  world.command("IFCONFIG 600 DHCP");
  EXPECT_THAT(world.command("IFCONFIG ETH0 10.0.2.77/24"), HasSubstr("Ready;"));
  EXPECT_EQ(world.server->heard.back(), 7U);
  world.pass(world.clock.now() + 2h);
  EXPECT_THAT(shown(), HasSubstr("inet addr: 10.0.2.77"));
}

TEST_P(CmsDhcp, TheSameCommandsGiveTheSameLines) {
  DhcpWorld other{GetParam()};
  for (DhcpWorld* one : {&world, &other}) {
    one->command("IFCONFIG 600 DHCP");
    one->pass(one->clock.now() + 1h);
    one->command("NETSTAT DEVLINKS");
  }
  EXPECT_EQ(world.consoles.lines, other.consoles.lines);
}

}  // namespace
}  // namespace vmlan
