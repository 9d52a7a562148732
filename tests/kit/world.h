// Users without a TCP/IP stack on one guest LAN: what benchmarks and tests run on.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "arch/clock.h"
#include "cms/driver/qdio_driver.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"
#include "wire/ethernet.h"

namespace vmlan::kit {

class NoConsole final : public cp::ConsoleSink {
 public:
  void line(std::string_view, std::string_view) override {}
};

// One logged-on user: a virtual machine, its NIC 0600, the driver in it, an IPv4 address.
struct User {
  cp::VirtualMachine* machine = nullptr;
  std::unique_ptr<cms::QdioDriver> driver;
  wire::IpAddress address;
};

class World {
 public:
  struct Settings {
    unsigned users = 2;
    unsigned buffers = 128;  // of each queue
    guestlan::LanType type = guestlan::LanType::qdio;
    qdio::Transport transport = qdio::Transport::ip;
    std::uint32_t frame_size = 65536;  // HIPERS
    std::uint32_t buffer_size = 0;     // 0 = the driver's choice
    bool one_datagram_per_buffer = true;
    bool vlan_switch = false;  // instead of a LAN: all are ACCESS ports of one VLAN
  };

  explicit World(const Settings& settings) : settings_(settings) {
    guestlan::LanAttributes lan;
    lan.owner = "SYSTEM";
    lan.name = "LAN1";
    lan.type = settings.type;
    lan.transport = settings.transport;
    lan.max_frame_size = settings.frame_size;
    if (settings.vlan_switch) lan.vswitch.emplace().default_vlan = 10;
    system_.vmlan().create(lan);
    guestlan::LanRules rules;
    rules.vlan_aware = settings.vlan_switch;
    this->lan().set_rules(rules);
    for (unsigned number = 0; number < settings.users; ++number) users_.push_back(log_on(number));
  }

  User& user(unsigned number) { return users_[number]; }
  cp::ControlProgram& system() { return system_; }
  guestlan::Lan& lan() { return *system_.vmlan().find("SYSTEM", "LAN1"); }

 private:
  User log_on(unsigned number) {
    cp::UserEntry entry;
    entry.userid = fmt::format("U{:07}", number);
    cp::NicDefinition nic;
    nic.device = {0x600};
    nic.kind = settings_.type == guestlan::LanType::hipers ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    nic.lan_owner = "SYSTEM";
    nic.lan_name = "LAN1";
    entry.nics.push_back(nic);

    cms::QdioDriver::Options options;
    options.base_device = {0x600};
    options.area = arch::page_size;
    options.input_buffers = settings_.buffers;
    options.output_buffers = settings_.buffers;
    options.input_buffer_size = settings_.buffer_size;
    options.output_buffer_size = settings_.buffer_size;
    options.ipv6 = false;
    entry.storage = options.area + cms::QdioDriver::storage_needed(options);
    User user;
    user.machine = system_.logon(std::move(entry));
    require(user.machine != nullptr, "logon");
    user.driver = std::make_unique<cms::QdioDriver>(*user.machine, options);
    require(user.driver->start() == cms::DriverError::none, "driver start");
    user.address =
        wire::IpAddress::v4(10, static_cast<std::uint8_t>(number >> 16U),
                            static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number));
    require(user.driver->set_ip(user.address, 8) == qdio::IpaCode::success, "SETIP");
    if (settings_.one_datagram_per_buffer) {
      user.machine->nic({0x600})->ports().front()->queues()->set_packing(false);
    }
    return user;
  }

  static void require(bool condition, std::string_view what) {
    if (condition) return;
    fmt::print(stderr, "set-up failed: {}\n", what);
    std::abort();
  }

  Settings settings_;
  arch::VirtualClock clock_;
  NoConsole console_;
  cp::ControlProgram system_{{.clock = clock_, .consoles = console_, .load_system = {}, .host_disk = {}}};
  std::vector<User> users_;
};

// An IPv4 packet of `length` bytes from one user to another.
inline std::vector<std::byte> packet(const User& from, const User& to, std::size_t length) {
  std::vector<std::byte> bytes(length, std::byte{0x5a});
  wire::Ipv4Header header;
  header.total_length = static_cast<std::uint16_t>(length);
  header.protocol = 17;
  std::memcpy(header.source.data(), from.address.v4_bytes(), 4);
  std::memcpy(header.destination.data(), to.address.v4_bytes(), 4);
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

// The same in an Ethernet frame.
inline std::vector<std::byte> frame(const User& from, const User& to, std::size_t length) {
  const wire::EthernetHeader header{to.driver->mac(), from.driver->mac(), wire::ether_type::ipv4};
  auto bytes = packet(from, to, length);
  const auto head = std::as_bytes(std::span(&header, 1));
  bytes.insert(bytes.begin(), head.begin(), head.end());
  return bytes;
}

// What a receiver reads of every packet, so that nothing can be optimized away.
struct Reader {
  std::uint64_t packets = 0;
  std::uint64_t sum = 0;
  void operator()(const cms::ReceivedPacket& received) noexcept {
    ++packets;
    sum += received.payload.size() + std::to_integer<std::uint64_t>(received.payload.front()) +
           std::to_integer<std::uint64_t>(received.payload.back());
  }
};

// A SIGA with `count` of the same frame, and the receiver reads them. false: one was lost.
inline bool send_and_read(User& from, User& to, const std::vector<std::byte>& sent, unsigned count,
                          Reader& reader) {
  const auto size = static_cast<std::uint32_t>(sent.size());
  for (unsigned number = 0; number < count; ++number) {
    std::byte* payload = from.driver->reserve(size);
    if (payload == nullptr) return false;
    std::memcpy(payload, sent.data(), size);
    from.driver->commit(cms::layer2_header(sent), size);
  }
  return from.driver->flush() == arch::ConditionCode::zero && to.driver->poll(reader) == count;
}

}  // namespace vmlan::kit
