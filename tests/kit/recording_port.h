// An adapter's port that writes down what it is asked and answers as told, and a link with one adapter
// behind it: everything a qdio::Device needs, without a LAN.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "qdio/adapter/adapter.h"
#include "qdio/device/device.h"

namespace vmlan::kit {

class RecordingPort final : public qdio::AdapterPort {
 public:
  using Code = qdio::IpaCode;

  // What it answers.
  wire::MacAddress address{{0x02, 0x00, 0x5e, 0xab, 0x64, 0xb9}};
  bool online = true;
  std::vector<qdio::Transport> accepted = {qdio::Transport::ip, qdio::Transport::ethernet};
  std::uint32_t mtu = 1500;
  std::uint32_t frame_size = 16384;
  std::map<std::string, Code> answers;  // by the name of the call, where not success

  // What it was asked, one line each.
  std::vector<std::string> calls;

  wire::MacAddress mac() const override { return address; }
  bool lan_online() const override { return online; }
  bool accepts(qdio::Transport transport) const override {
    for (const auto one : accepted) {
      if (one == transport) return true;
    }
    return false;
  }
  std::uint32_t max_mtu() const override { return mtu; }
  std::uint32_t max_frame_size() const override { return frame_size; }

  std::vector<Neighbour> known;
  std::vector<Neighbour> neighbours(wire::IpVersion version) const override {
    std::vector<Neighbour> found;
    for (const auto& one : known) {
      if (one.address.version() == version) found.push_back(one);
    }
    return found;
  }

  void session_established(qdio::Transport transport, std::string_view ulp_name,
                           std::string_view port_name) override {
    note("session_established", std::string(transport == qdio::Transport::ip ? "ip" : "ethernet") + " " +
                                    std::string(ulp_name) + " " + std::string(port_name));
  }
  Code start_lan() override { return note("start_lan"); }
  Code stop_lan() override { return note("stop_lan"); }
  Code set_ip(const wire::IpAddress& ip, unsigned prefix_length, std::uint32_t flags) override {
    return note("set_ip",
                wire::to_string(ip) + "/" + std::to_string(prefix_length) + " " + std::to_string(flags));
  }
  Code delete_ip(const wire::IpAddress& ip) override { return note("delete_ip", wire::to_string(ip)); }
  Code set_multicast(const wire::IpAddress& group, const wire::MacAddress& mac) override {
    return note("set_multicast", wire::to_string(group) + " " + wire::to_string(mac));
  }
  Code delete_multicast(const wire::IpAddress& group) override {
    return note("delete_multicast", wire::to_string(group));
  }
  Code set_router(wire::IpVersion version, qdio::RouterType type) override {
    return note("set_router",
                std::to_string(static_cast<int>(version)) + " " + std::to_string(static_cast<int>(type)));
  }
  void enable_broadcast(bool on) override { note("enable_broadcast", on ? "on" : "off"); }
  void enable_inbound_checksum(wire::IpVersion version, bool on) override {
    note("enable_inbound_checksum", std::to_string(static_cast<int>(version)) + (on ? " on" : " off"));
  }
  Code set_mac(const wire::MacAddress& mac) override { return note("set_mac", wire::to_string(mac)); }
  Code delete_mac(const wire::MacAddress& mac) override { return note("delete_mac", wire::to_string(mac)); }
  Code set_group_mac(const wire::MacAddress& mac) override {
    return note("set_group_mac", wire::to_string(mac));
  }
  Code delete_group_mac(const wire::MacAddress& mac) override {
    return note("delete_group_mac", wire::to_string(mac));
  }
  Code set_vlan(std::uint16_t vlan) override { return note("set_vlan", std::to_string(vlan)); }
  Code delete_vlan(std::uint16_t vlan) override { return note("delete_vlan", std::to_string(vlan)); }
  Code set_promiscuous(bool on) override { return note("set_promiscuous", on ? "on" : "off"); }
  void reset() override { note("reset"); }

 private:
  Code note(const std::string& call, const std::string& operands = {}) {
    // A fuzzer calls without end.
    if (calls.size() < 1000) calls.push_back(operands.empty() ? call : call + " " + operands);
    const auto answer = answers.find(call);
    return answer == answers.end() ? Code::success : answer->second;
  }
};

// One session: whatever the guest activates, it talks to this adapter.
class SingleAdapter final : public qdio::AdapterLink, qdio::ControlReplies, qdio::AdapterPorts {
 public:
  explicit SingleAdapter(RecordingPort& port, qdio::AdapterKind kind = qdio::AdapterKind::osd)
      : port_(port), adapter_(identity(kind), *this, *this) {}

  // Before the guest uses the device.
  void attach(qdio::ControlReplies& device) { device_ = &device; }
  qdio::Adapter& adapter() { return adapter_; }
  // nullptr while no queues are active.
  qdio::DataQueues* queues = nullptr;
  std::vector<unsigned> resets;
  // What SIGA-w does; takes and forgets everything by default.
  std::function<std::uint8_t(const qdio::Frame&)> receive = [](const qdio::Frame&) {
    return std::uint8_t{0};
  };

  void send(unsigned device_index, std::span<const std::byte> message) override {
    adapter_.receive(device_index, message);
  }
  void queues_started(unsigned, qdio::DataQueues& started) override { queues = &started; }
  void queues_stopped(unsigned) override { queues = nullptr; }
  void transmit(unsigned, qdio::DataQueues& from, std::uint32_t mask) override {
    for (unsigned queue = 0; queue < from.output_queues(); ++queue) {
      if ((mask & 0x8000'0000U >> queue) != 0) from.take(queue, receive);
    }
  }
  void reset(unsigned device_index) override {
    if (resets.size() < 1000) resets.push_back(device_index);
    adapter_.reset();
  }

 private:
  static qdio::AdapterIdentity identity(qdio::AdapterKind kind) {
    qdio::AdapterIdentity identity;
    identity.kind = kind;
    identity.base_device = {0x0800};
    identity.channel_path = 0x08;
    return identity;
  }
  qdio::AdapterPort* port_of(const qdio::DataPathName&, unsigned) override { return &port_; }
  void reply(unsigned device_index, qdio::Message message) override {
    if (device_ != nullptr) device_->reply(device_index, std::move(message));
  }

  RecordingPort& port_;
  qdio::ControlReplies* device_ = nullptr;
  qdio::Adapter adapter_;
};

}  // namespace vmlan::kit
