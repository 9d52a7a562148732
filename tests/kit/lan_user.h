// Users reduced to storage, queues laid out by hand and a place on a LAN: what the path between them is
// tested with.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

#include "guestlan/data_port.h"
#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::kit {

using Bytes = std::array<std::uint8_t, 4>;

// A user reduced to its storage, its queues and its place on the LAN.
class LanUser final : public qdio::QueueInterrupt {
 public:
  LanUser(guestlan::Lan& lan, std::string name, Bytes ip, unsigned buffers = 128,
          qdio::AdapterKind kind = qdio::AdapterKind::osd)
      : address(ip),
        input_buffers(buffers),
        nic(settings(std::move(name), kind, ip[3])),
        queues(memory.storage(), kind, 2, *this) {
    nic.couple(lan, true);
    nic.queues_started(2, queues);
    auto qdr = memory.qdr();
    if (kind == qdio::AdapterKind::iqd) qdr.queue_format = 2;
    EXPECT_EQ(queues.establish(qdr), qdio::EstablishResult::established);
    queues.activate();
    queues.set_packing(false);
    memory.empty_input(buffers);
    port().session_established(qdio::Transport::ip, "TEST", "");
    EXPECT_EQ(port().start_lan(), qdio::IpaCode::success);
    EXPECT_EQ(port().set_ip(wire::IpAddress::v4(ip.data()), 24, 0), qdio::IpaCode::success);
  }
  ~LanUser() override { nic.uncouple(); }

  void post(unsigned) override { ++interrupts; }
  guestlan::DataPort& port() { return *nic.ports().front(); }

  void send(Bytes to, std::uint8_t fill = 0x5a) { send_bytes(ipv4_packet(address, to, 64, fill)); }
  void send_bytes(std::span<const std::byte> header_and_packet) {
    memory.prime_output(1, next_output, header_and_packet);
    next_output = (next_output + 1) % 128;
    nic.transmit(2, queues, 0x80000000U);
  }
  // Fill byte of the next received packet, 0 = none came.
  std::uint8_t receive() {
    if (memory.state(0, next_input) != 0x82) return 0;
    const std::byte* data = memory.at(memory.data(0, next_input));
    last_cast = std::to_integer<unsigned>(data[1]) & 7U;
    const auto fill = std::to_integer<std::uint8_t>(data[32 + 40]);
    memory.reset_input((next_input + input_buffers) % 128);  // as a driver that owns `input_buffers` of them
    next_input = (next_input + 1) % 128;
    return fill;
  }

  Bytes address;
  unsigned input_buffers;
  QueueMemory memory;
  guestlan::Nic nic;
  qdio::DataQueues queues;
  unsigned next_output = 0;
  unsigned next_input = 0;
  unsigned interrupts = 0;
  unsigned last_cast = 0;

 private:
  static guestlan::NicSettings settings(std::string name, qdio::AdapterKind kind, std::uint8_t id) {
    guestlan::NicSettings result;
    result.owner = std::move(name);
    result.kind = kind;
    result.base_device = {0x600};
    result.mac = {{2, 0, 0, 0, 0, id}};
    return result;
  }
};

constexpr Bytes alice_ip{10, 0, 0, 1};
constexpr Bytes bob_ip{10, 0, 0, 2};
constexpr Bytes carol_ip{10, 0, 0, 3};

inline guestlan::LanAttributes lan_attributes(guestlan::LanType type = guestlan::LanType::qdio) {
  guestlan::LanAttributes result;
  result.owner = "SYSTEM";
  result.name = "LAN1";
  result.type = type;
  return result;
}

// Three of them on one LAN.
class ThreeLanUsers : public ::testing::Test {
 protected:
  std::uint64_t dropped(LanUser& user, guestlan::Drop reason) {
    return user.port().counters().dropped[static_cast<std::size_t>(reason)];
  }
  // What was copied arrived.
  void expect_balance() {
    const guestlan::Counters sum = lan.total();
    EXPECT_EQ(sum.tx_copies, sum.rx_packets);
  }

  guestlan::Lan lan{lan_attributes()};
  LanUser alice{lan, "ALICE", alice_ip};
  LanUser bob{lan, "BOB", bob_ip};
  LanUser carol{lan, "CAROL", carol_ip};
};

}  // namespace vmlan::kit
