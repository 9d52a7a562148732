// Users with room for super-frames on one guest LAN, reduced to storage, queues and a place on the LAN; and
// packets as a driver with checksum and segmentation offload hands them over.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "guestlan/data_port.h"
#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/offloaded_packets.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::kit {

struct Received {
  PacketBytes packet;
  bool verified = false;
};

// A user with room for super-frames, reduced to its storage, its queues and its place on the LAN.
class Station final : public qdio::QueueInterrupt {
 public:
  Station(guestlan::Lan& lan, unsigned host, bool whole_super_frames = false,
          qdio::AdapterKind kind = qdio::AdapterKind::osd)
      : memory(1, 16, 4096),
        nic(settings(host, whole_super_frames, kind)),
        queues(memory.storage(), kind, 2, *this) {
    nic.couple(lan, true);
    nic.queues_started(2, queues);
    auto qdr = memory.qdr();
    if (kind == qdio::AdapterKind::iqd) qdr.queue_format = 2;
    EXPECT_EQ(queues.establish(qdr), qdio::EstablishResult::established);
    queues.activate();
    const qdio::Transport transport = lan.attributes().transport;
    port().session_established(transport, "TEST", "");
    EXPECT_EQ(port().start_lan(), qdio::IpaCode::success);
    if (transport == qdio::Transport::ethernet) {
      EXPECT_EQ(port().set_mac(nic.settings().mac), qdio::IpaCode::success);
      return;
    }
    const std::array<std::uint8_t, 4> v4{10, 0, 0, static_cast<std::uint8_t>(host)};
    std::array<std::uint8_t, 16> v6{0xfd};
    v6[15] = static_cast<std::uint8_t>(host);
    EXPECT_EQ(port().set_ip(wire::IpAddress::v4(v4.data()), 24, 0), qdio::IpaCode::success);
    EXPECT_EQ(port().set_ip(wire::IpAddress::v6(v6.data()), 64, 0), qdio::IpaCode::success);
  }
  ~Station() override { nic.uncouple(); }

  void post(unsigned) override {}
  guestlan::DataPort& port() { return *nic.ports().front(); }
  const guestlan::Counters& counters() { return port().counters(); }
  void rely_on_adapter(bool on) {
    port().enable_inbound_checksum(wire::IpVersion::v4, on);
    port().enable_inbound_checksum(wire::IpVersion::v6, on);
  }

  void send(const PacketBytes& header_and_packet) {
    std::memcpy(memory.at(memory.data(1, next_output)), header_and_packet.data(), header_and_packet.size());
    constexpr std::uint32_t page = 4096;
    auto left = static_cast<std::uint32_t>(header_and_packet.size());
    for (unsigned index = 0; left > 0; ++index) {
      const std::uint32_t part = std::min(left, page);
      left -= part;
      const unsigned fragment = left == 0 ? (index == 0 ? 0U : 0x0cU) : (index == 0 ? 0x04U : 0x08U);
      memory.set_element(1, next_output, index, fragment | (left == 0 ? 0x40U : 0U), part,
                         memory.data(1, next_output, index));
    }
    memory.set_state(1, next_output, 0x62);
    nic.transmit(2, queues, 0x80000000U);
    result = memory.state(1, next_output);
    next_output = (next_output + 1) % 128;
  }

  // Everything in the primed input buffers, in order.
  std::vector<Received> receive() {
    std::vector<Received> all;
    for (; memory.state(0, next_input) == 0x82; next_input = (next_input + 1) % 128) {
      PacketBytes bytes;
      for (unsigned index = 0; index < 16; ++index) {
        const std::byte* element = memory.element(0, next_input, index);
        const std::byte* data = memory.at(memory.data(0, next_input, index));
        bytes.insert(bytes.end(), data, data + get32(element + 4));
        if ((element[0] & std::byte{0x40}) != std::byte{0}) break;
      }
      unpack(bytes, all);
      memory.reset_input(next_input);
    }
    return all;
  }

  QueueMemory memory;
  guestlan::Nic nic;
  qdio::DataQueues queues;
  unsigned next_output = 0;
  unsigned next_input = 0;
  unsigned result = 0;

 private:
  static guestlan::NicSettings settings(unsigned host, bool whole, qdio::AdapterKind kind) {
    guestlan::NicSettings result;
    result.owner = "USER" + std::to_string(host);
    result.kind = kind;
    result.base_device = {0x600};
    result.mac = {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(host)}};
    result.whole_super_frames = whole;
    return result;
  }
  static void unpack(const PacketBytes& bytes, std::vector<Received>& all) {
    for (std::size_t at = 0; at < bytes.size();) {
      const bool ethernet = bytes[at] == std::byte{2};
      EXPECT_TRUE(ethernet || bytes[at] == std::byte{1}) << "no receiver knows other identifiers";
      const std::size_t length = read16(bytes, at + (ethernet ? 6 : 8));
      const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at + 32);
      ASSERT_LE(at + 32 + length, bytes.size());
      all.push_back({PacketBytes(begin, begin + static_cast<std::ptrdiff_t>(length)),
                     (bytes[at + (ethernet ? 2 : 0x0b)] & std::byte{0x20}) != std::byte{0}});
      at += 32 + length;
    }
  }
};

inline guestlan::LanAttributes attributes(qdio::Transport transport,
                                          guestlan::LanType type = guestlan::LanType::qdio) {
  guestlan::LanAttributes result;
  result.owner = "SYSTEM";
  result.name = "LAN1";
  result.type = type;
  result.transport = transport;
  return result;
}

inline std::uint64_t drops(const guestlan::Counters& counters, guestlan::Drop reason) {
  return counters.dropped[static_cast<std::size_t>(reason)];
}

inline void expect_balance(Station& sender) {
  const guestlan::Counters& sent = sender.counters();
  EXPECT_EQ(sent.tx_packets, sent.tx_copies + sent.tx_discarded());
}

}  // namespace vmlan::kit
