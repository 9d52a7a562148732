#include "tests/isolation/world.h"

#include <cstring>

#include "wire/transport_header.h"

namespace vmlan::isolation {
namespace {

// What the model is told of in isolation_test.cpp.
constexpr std::string_view directory =
    "USER U0 NOPASS 1M 1M G\n NICDEF 600 TYPE QDIO\n"
    "USER U1 NOPASS 1M 1M G\n NICDEF 600 TYPE QDIO\n"
    "USER U2 NOPASS 1M 1M G\n NICDEF 600 TYPE QDIO LAN SYSTEM VSW1\n"
    "USER U3 NOPASS 1M 1M G\n NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 VLAN 2 PROMISCUOUS\n"
    "USER U4 NOPASS 1M 1M G\n NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 VLAN 2 3 PORTTYPE TRUNK NOPROMISCUOUS\n"
    "USER U5 NOPASS 1M 1M G\n NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 PORTNUMBER 70 VLAN 3 PROMISCUOUS\n";

constexpr std::uint16_t tag_type = 0x8100;

void put(std::vector<std::byte>& to, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) to.push_back(static_cast<std::byte>(value >> (8 * bytes)));
}

unsigned get16(const std::vector<std::byte>& from, std::size_t at) {
  return std::to_integer<unsigned>(from[at]) << 8U | std::to_integer<unsigned>(from[at + 1]);
}

wire::IpAddress ip(Address address) {
  return wire::IpAddress::v4(static_cast<std::uint8_t>(address >> 24U),
                             static_cast<std::uint8_t>(address >> 16U),
                             static_cast<std::uint8_t>(address >> 8U), static_cast<std::uint8_t>(address));
}

wire::MacAddress mac(Address address) {
  wire::MacAddress result;
  for (unsigned i = 0; i < 6; ++i) result.bytes[i] = static_cast<std::uint8_t>(address >> (8 * (5 - i)));
  return result;
}

}  // namespace

qdio::GiveResult Inbox::give(const qdio::ReceiveHeader& header, const qdio::Frame& sent, guestlan::WhenFull) {
  Got frame;
  for (unsigned index = 0; index < sent.segments; ++index) {
    const auto& segment = sent.segment[index];
    frame.bytes.insert(frame.bytes.end(), segment.data, segment.data + segment.length);
  }
  const bool ethernet = static_cast<wire::TransportId>(header.pattern->id) == wire::TransportId::layer2;
  if (!ethernet) {
    frame.form.tagged = (header.pattern->extended_flags & wire::layer3_extended::vlan_id) != 0;
    if (frame.form.tagged) frame.form.vlan = header.pattern->vlan_id & 0xfffU;
  } else if (get16(frame.bytes, 12) == tag_type) {
    frame.form = {true, get16(frame.bytes, 14) & 0xfffU};
    frame.bytes.erase(frame.bytes.begin() + 12, frame.bytes.begin() + 16);
  }
  got.push_back(std::move(frame));
  return qdio::GiveResult::given;
}

World::World(bool ethernet)
    : ethernet_(ethernet),
      system_({.clock = clock_,
               .consoles = consoles_,
               .load_system = nullptr,
               .host_disk = nullptr,
               .make_uplink = [this](const auto& definition, const auto& address, auto changed) {
                 auto made = std::make_unique<TestUplink>(definition, address, std::move(changed));
                 uplink_ = made.get();
                 return cp::Uplinks::Made(cp::Uplinks::Device{std::move(made), nullptr});
               }}) {
  EXPECT_TRUE(system_.load_directory(directory, "USER DIRECT").empty());
  EXPECT_TRUE(command("DEFINE UPLINK 0A00 NAT"));
}

bool World::user_command(unsigned user, const std::string& line) {
  system_.type(name(user), line);
  return system_.last_return_code(name(user)) == 0;
}

void World::log_on(unsigned user) {
  system_.type(name(user), "LOGON " + name(user));
  auto& data = port(user);
  data.remote_queues(&inboxes_[user]);
  data.session_established(ethernet_ ? qdio::Transport::ethernet : qdio::Transport::ip, "TEST", "");
  data.enable_broadcast(true);
}

bool World::take(unsigned user, Address address, bool takeover) {
  const auto code = ethernet_
                        ? port(user).set_mac(mac(address))
                        : port(user).set_ip(ip(address), 32, takeover ? qdio::set_ip_flag::takeover : 0);
  return code == qdio::IpaCode::success;
}

bool World::give_up(unsigned user, Address address) {
  const auto code = ethernet_ ? port(user).delete_mac(mac(address)) : port(user).delete_ip(ip(address));
  return code == qdio::IpaCode::success;
}

std::vector<std::byte> World::plain(const Sent& frame, unsigned number) const {
  std::vector<std::byte> bytes;
  if (ethernet_) {
    put(bytes, frame.to, 6);
    put(bytes, frame.source, 6);
    put(bytes, 0x88b5, 2);
  } else {
    put(bytes, 0x4500, 2);
    put(bytes, 24, 2);
    put(bytes, 0, 4);
    put(bytes, 0x40fd0000, 4);
    put(bytes, frame.source, 4);
    put(bytes, frame.to, 4);
  }
  put(bytes, number, 4);
  return bytes;
}

void World::send(const Sent& sent, unsigned number) {
  auto bytes = plain(sent, number);
  qdio::Frame frame;
  if (ethernet_) {
    std::vector<std::byte> tag;
    put(tag, tag_type, 2);
    put(tag, 0xa000U | sent.vlan, 2);
    if (sent.tagged) bytes.insert(bytes.begin() + 12, tag.begin(), tag.end());
    frame.layer2 = wire::Layer2Header{};
    frame.layer2.length = static_cast<std::uint16_t>(bytes.size());
  } else {
    frame.layer3 = wire::Layer3Header{};
    frame.layer3.length = static_cast<std::uint16_t>(bytes.size());
    if (sent.tagged) {
      frame.layer3.extended_flags = wire::layer3_extended::vlan_id;
      frame.layer3.vlan_id = static_cast<std::uint16_t>(sent.vlan);
    }
  }
  frame.length = static_cast<std::uint32_t>(bytes.size());
  frame.segments = 1;
  frame.segment[0] = {bytes.data(), frame.length};
  guestlan::Port& from = sent.from == outside ? static_cast<guestlan::Port&>(*uplink_) : port(sent.from);
  from.transmit(frame);
  from.publish();
}

}  // namespace vmlan::isolation
