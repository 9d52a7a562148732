// For the tests of the link desk: the desk in front of a real control program, under a clock of the test's
// own, with wires in place of sockets, and guests of which only the messages exist.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "apps/serve/link_desk.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"
#include "cp/virtual_nic.h"
#include "guestlan/nic.h"
#include "link/protocol.h"

namespace vmlan::apps {

using WireBytes = std::vector<std::byte>;

// What the desk has said to each connection, message by message, and what it has done to it.
class TestWires final : public host::Connections {
 public:
  struct Heard {
    link::MessageType type{};
    unsigned device = 0;
    WireBytes body;
  };
  struct Wire {
    std::size_t room = std::size_t{4} << 20U;
    std::size_t owed = 0;  // as the test says
    bool paused = false;
    bool closing = false;
    unsigned flushed = 0;
    std::vector<Heard> heard;
  };

  bool send(host::ConnectionId id, std::span<const std::span<const std::byte>> pieces) override {
    WireBytes all;
    for (const auto& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
    Wire& wire = wires[id];
    if (wire.closing || all.size() > wire.room) return false;
    wire.room -= all.size();
    link::Header header;
    std::memcpy(static_cast<void*>(&header), all.data(), sizeof(header));
    EXPECT_EQ(all.size(), sizeof(header) + header.length) << "one whole message each time";
    wire.heard.push_back({static_cast<link::MessageType>(header.type.value()), header.device_index,
                          WireBytes(all.begin() + sizeof(header), all.end())});
    return true;
  }
  void flush(host::ConnectionId id) override { ++wires[id].flushed; }
  void pause(host::ConnectionId id, bool paused) override { wires[id].paused = paused; }
  void close(host::ConnectionId id) override { wires[id].closing = true; }
  std::size_t owed(host::ConnectionId id) const noexcept override {
    const auto found = wires.find(id);
    return found == wires.end() ? 0 : found->second.owed;
  }

  std::map<host::ConnectionId, Wire> wires;
};

class TestDesk : public ::testing::Test {
 protected:
  static constexpr arch::DeviceNumber nic_number{0x0600};
  static constexpr unsigned data_device = 2;

  explicit TestDesk(LinkDefaults defaults = {})
      : system({clock, consoles, {}, {}}), desk(system, clock, std::move(defaults)) {
    desk.attach(wires);
  }
  ~TestDesk() override {
    for (const auto id : open_) desk.closed(id);
  }

  host::ConnectionId connect() {
    const host::ConnectionId id = ++last_id_;
    open_.push_back(id);
    desk.connected(id);
    return id;
  }
  void hang_up(host::ConnectionId id) {
    std::erase(open_, id);
    desk.closed(id);
  }
  static link::Hello hello_of(const std::string& user, std::uint64_t instance = 1) {
    link::Hello hello;
    hello.instance = instance;
    hello.user = user;
    hello.base_device = nic_number;
    hello.channel_path = 0x0a;
    return hello;
  }
  static link::Hello hipersockets_of(const std::string& user) {
    link::Hello hello = hello_of(user);
    hello.kind = qdio::AdapterKind::iqd;
    return hello;
  }
  static WireBytes message(link::MessageType type, unsigned device, std::span<const std::byte> body) {
    const link::Header header{static_cast<std::uint32_t>(body.size()), static_cast<std::uint16_t>(type),
                              static_cast<std::uint16_t>(device)};
    WireBytes bytes(sizeof(header));
    std::memcpy(bytes.data(), &header, sizeof(header));
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
  }
  // false: the desk ends the connection.
  bool say(host::ConnectionId id, link::MessageType type, unsigned device = 0,
           std::span<const std::byte> body = {}) {
    return desk.received(id, message(type, device, body));
  }
  bool say_hello(host::ConnectionId id, const link::Hello& hello) {
    const link::HelloBody body = link::to_body(hello);
    return say(id, link::MessageType::hello, 0, std::as_bytes(std::span(&body, 1)));
  }
  // Connected and joined, and its ACCEPT read.
  host::ConnectionId join(const link::Hello& hello) {
    const auto id = connect();
    EXPECT_TRUE(say_hello(id, hello));
    EXPECT_EQ(types(id), "ACCEPT");
    heard(id);
    return id;
  }
  // Its NIC on the base's side, nullptr if there is none.
  guestlan::Nic* nic(const std::string& user, arch::DeviceNumber number = nic_number) {
    auto* machine = system.find(user);
    auto* found = machine != nullptr ? machine->find_nic(number) : nullptr;
    return found != nullptr ? &found->base() : nullptr;
  }
  guestlan::DataPort& port(const std::string& user) { return nic(user)->port_of_data_device(data_device); }
  // Joined, its queues started, with the address 10.0.0.`host` on a LAN that carries IP.
  host::ConnectionId online(const link::Hello& hello, std::uint8_t host) {
    const auto id = join(hello);
    auto& its = port(hello.user);
    its.session_established(qdio::Transport::ip, "TEST", "");
    EXPECT_EQ(its.start_lan(), qdio::IpaCode::success);
    const std::array<std::uint8_t, 4> address{10, 0, 0, host};
    EXPECT_EQ(its.set_ip(wire::IpAddress::v4(address.data()), 24, 0), qdio::IpaCode::success);
    EXPECT_TRUE(say(id, link::MessageType::queues_started, data_device));
    heard(id);
    return id;
  }
  // A transport header of layer 3 and a UDP datagram from 10.0.0.`from` to `to`.
  static WireBytes packet_to(std::uint8_t from, std::array<std::uint8_t, 4> to) {
    constexpr std::size_t length = 100;
    const std::array<std::uint8_t, 4> source{10, 0, 0, from};
    WireBytes bytes(32 + length);
    bytes[0] = std::byte{0x01};
    bytes[1] = std::byte{0x06};
    bytes[9] = bytes[35] = std::byte{length};
    bytes[32] = std::byte{0x45};
    bytes[40] = std::byte{64};
    bytes[41] = std::byte{17};
    std::memcpy(bytes.data() + 28, to.data(), 4);
    std::memcpy(bytes.data() + 44, source.data(), 4);
    std::memcpy(bytes.data() + 48, to.data(), 4);
    return bytes;
  }
  static WireBytes packet(std::uint8_t from, std::uint8_t to) { return packet_to(from, {10, 0, 0, to}); }
  bool send_frame(host::ConnectionId id, std::uint8_t from, std::uint8_t to) {
    return say(id, link::MessageType::frame, data_device, packet(from, to));
  }

  std::vector<TestWires::Heard> heard(host::ConnectionId id) {
    return std::exchange(wires.wires[id].heard, {});
  }
  // What it has heard and not taken yet, by name.
  std::string types(host::ConnectionId id) {
    std::string names;
    for (const auto& entry : wires.wires[id].heard) {
      if (!names.empty()) names += ' ';
      names += to_string(entry.type);
    }
    return names;
  }
  // The text of the only message that it has heard.
  std::string refusal(host::ConnectionId id) {
    const auto messages = heard(id);
    if (messages.size() != 1 || messages[0].type != link::MessageType::refuse) return "no refusal";
    return link::text_of(messages[0].body);
  }
  std::string answer(const std::string& command) {
    std::string text;
    for (const std::string& line : system.command(command).lines) text += line + "\n";
    return text;
  }
  void pass(arch::Time time) { clock.advance_to(clock.now() + time); }
  TestWires::Wire& wire(host::ConnectionId id) { return wires.wires[id]; }

 private:
  class Silent final : public cp::ConsoleSink {
   public:
    void line(std::string_view, std::string_view) override {}
  };

 protected:
  arch::VirtualClock clock;
  Silent consoles;
  cp::ControlProgram system;
  TestWires wires;
  LinkDesk desk;

 private:
  host::ConnectionId last_id_ = 0;
  std::vector<host::ConnectionId> open_;
};

}  // namespace vmlan::apps
