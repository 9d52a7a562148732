// The IpLink of a CMS user: a NIC under its QDIO driver.
#pragma once

#include "cms/driver/qdio_driver.h"
#include "cms/stack/ip_link.h"

namespace vmlan::cms {

class QdioLink final : public IpLink {
 public:
  QdioLink(arch::Machine& machine, const QdioDriver::Options& options)
      : options_(options), driver_(machine, options) {}

  QdioDriver& driver() noexcept { return driver_; }
  const QdioDriver& driver() const noexcept { return driver_; }
  // First storage address the started driver does not use.
  arch::Address storage_end() const noexcept;

  LinkState state() const override {
    return {driver_.started(), driver_.online(), driver_.is_layer2(), driver_.sessions()};
  }
  bool ipv6_in_ethernet() const override { return !driver_.is_iqd(); }
  wire::MacAddress mac() const override { return driver_.mac(); }
  std::uint32_t mtu() const override { return driver_.mtu(); }
  std::uint32_t usual_mtu() const override;
  std::byte* reserve(std::uint32_t length) override { return driver_.reserve(length); }
  void commit(const wire::Layer3Header& header, std::uint32_t length) override {
    driver_.commit(header, length);
  }
  void commit(const wire::Layer2Header& header, std::uint32_t length) override {
    driver_.commit(header, length);
  }
  void flush() override { busy_ = driver_.flush() == arch::ConditionCode::two; }
  bool busy() const override { return busy_; }
  void poll(PacketReceiver& receiver) override {
    if (driver_.is_layer2()) {
      driver_.poll([&](const ReceivedPacket& packet) { receiver.receive_frame(packet.payload); });
    } else {
      driver_.poll([&](const ReceivedPacket& packet) { receiver.receive(packet.layer3(), packet.payload); });
    }
  }
  bool more() const override { return driver_.more_data(); }
  qdio::IpaCode set_ip(const wire::IpAddress& address, unsigned prefix_length) override {
    return driver_.set_ip(address, prefix_length);
  }
  qdio::IpaCode delete_ip(const wire::IpAddress& address) override { return driver_.delete_ip(address); }
  qdio::IpaCode join(const wire::IpAddress& group) override { return driver_.set_multicast(group); }
  qdio::IpaCode leave(const wire::IpAddress& group) override { return driver_.delete_multicast(group); }

 private:
  QdioDriver::Options options_;
  QdioDriver driver_;
  bool busy_ = false;
};

}  // namespace vmlan::cms
