// For tests: a wire without a base. Every packet sent reaches every other link that has registered its
// destination, after flush(); a table of addresses refuses duplicates as a LAN does.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <vector>

#include "cms/stack/ip_conversion.h"
#include "cms/stack/ip_link.h"
#include "wire/ethernet.h"

namespace vmlan::cms {

struct TestPacket {
  wire::Layer3Header header;
  std::vector<std::byte> payload;
};

class TestLink;

struct TestWire {
  std::vector<TestLink*> links;
  std::vector<TestPacket> log;
  unsigned drop_every = 0;  // n: every n-th packet is lost
  unsigned sent = 0;
};

class TestLink final : public IpLink {
 public:
  TestLink(TestWire& net, bool ethernet_for_ipv6 = true, std::uint32_t mtu = 1492)
      : net_(net), ethernet_for_ipv6_(ethernet_for_ipv6), mtu_(mtu) {
    net_.links.push_back(this);
    mac_.bytes = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(net_.links.size())};
  }
  ~TestLink() override { std::erase(net_.links, this); }

  LinkState state() const override { return link_state; }
  bool ipv6_in_ethernet() const override { return ethernet_for_ipv6_; }
  wire::MacAddress mac() const override { return mac_; }
  std::uint32_t mtu() const override { return mtu_; }
  std::uint32_t usual_mtu() const override { return mtu_; }
  std::byte* reserve(std::uint32_t length) override {
    if (length > buffer_.size() || pending_.size() >= room) return nullptr;
    return buffer_.data();
  }
  void commit(const wire::Layer3Header& header, std::uint32_t length) override {
    pending_.push_back({header, {buffer_.begin(), buffer_.begin() + length}});
  }
  void commit(const wire::Layer2Header& header, std::uint32_t length) override {
    pending_frames_.emplace_back(buffer_.begin(), buffer_.begin() + length);
    header_flags = header.flags[2];
  }
  void flush() override {
    ++flushes;
    for (auto& packet : pending_) send(packet);
    pending_.clear();
    for (auto& frame : pending_frames_) send(frame);
    pending_frames_.clear();
  }
  bool busy() const override { return is_busy; }
  void poll(PacketReceiver& receiver) override {
    const std::size_t bound = arrived_.size();
    for (std::size_t i = 0; i < bound; ++i) {
      const TestPacket packet = std::move(arrived_.front());
      arrived_.pop_front();
      receiver.receive(packet.header, packet.payload);
    }
    for (std::size_t left = arrived_frames_.size(); left > 0; --left) {
      const auto frame = std::move(arrived_frames_.front());
      arrived_frames_.pop_front();
      receiver.receive_frame(frame);
    }
  }
  bool more() const override { return !arrived_.empty() || !arrived_frames_.empty(); }

  qdio::IpaCode set_ip(const wire::IpAddress& address, unsigned) override {
    for (const TestLink* link : net_.links) {
      if (std::ranges::count(link->addresses, address) != 0) return qdio::IpaCode::duplicate_ip_address;
    }
    addresses.push_back(address);
    return qdio::IpaCode::success;
  }
  qdio::IpaCode delete_ip(const wire::IpAddress& address) override {
    std::erase(addresses, address);
    return qdio::IpaCode::success;
  }
  qdio::IpaCode join(const wire::IpAddress& group) override {
    groups.push_back(group);
    return qdio::IpaCode::success;
  }
  qdio::IpaCode leave(const wire::IpAddress& group) override {
    std::erase(groups, group);
    return qdio::IpaCode::success;
  }

  void deliver(const wire::Layer3Header& header, std::vector<std::byte> payload) {
    arrived_.push_back({header, std::move(payload)});
  }

  void deliver_frame(std::vector<std::byte> frame) { arrived_frames_.push_back(std::move(frame)); }

  std::vector<wire::IpAddress> addresses;
  std::vector<wire::IpAddress> groups;
  std::vector<std::vector<std::byte>> frames;  // sent in layer 2; every other link gets them
  unsigned header_flags = 0;                   // of the last one's transport header
  LinkState link_state{true, true, false, 1};
  std::size_t room = 10000;
  int flushes = 0;
  bool is_busy = false;

 private:
  void send(const std::vector<std::byte>& frame) {
    frames.push_back(frame);
    for (TestLink* link : net_.links) {
      if (link != this && link->link_state.layer2) link->arrived_frames_.push_back(frame);
    }
  }
  void send(const TestPacket& packet) {
    net_.log.push_back(packet);
    if (net_.drop_every != 0 && ++net_.sent % net_.drop_every == 0) return;
    for (TestLink* link : net_.links) {
      if (link != this && link->wants(packet)) link->arrived_.push_back(packet);
    }
  }

  bool wants(const TestPacket& packet) const {
    const bool frame = (packet.header.flags & wire::layer3_flag::passthru) != 0;
    const std::byte* ip = packet.payload.data() + (frame ? sizeof(wire::EthernetHeader) : 0);
    const bool v6 = (packet.header.flags & wire::layer3_flag::ipv6) != 0;
    if (static_cast<wire::Cast>(packet.header.flags & wire::layer3_flag::cast_mask) == wire::Cast::broadcast)
      return true;
    std::uint8_t bytes[16] = {};
    if (v6) {
      std::memcpy(bytes, ip + offsetof(wire::Ipv6Header, destination), 16);
    } else {
      std::memcpy(bytes, packet.header.next_hop.data() + 12, 4);
    }
    const auto target = v6 ? wire::IpAddress::v6(bytes) : wire::IpAddress::v4(bytes);
    return std::ranges::count(addresses, target) != 0 || std::ranges::count(groups, target) != 0;
  }

  TestWire& net_;
  bool ethernet_for_ipv6_;
  std::uint32_t mtu_;
  wire::MacAddress mac_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(65536);
  std::vector<TestPacket> pending_;
  std::deque<TestPacket> arrived_;
  std::vector<std::vector<std::byte>> pending_frames_;
  std::deque<std::vector<std::byte>> arrived_frames_;
};

}  // namespace vmlan::cms
