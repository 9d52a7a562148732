#include "apps/system/uplink_maker.h"

#include <utility>

#include "cp/words.h"
#include "host/uplink/group_device.h"
#include "host/uplink/nat_device.h"
#include "host/uplink/packet_socket.h"
#include "host/uplink/qemu_stream.h"
#include "host/uplink/tap.h"
#include "host/uplink/uplink_port.h"
#include "host/uplink/vde.h"

namespace vmlan::apps {
namespace {

using Definition = cp::UplinkDefinition;
struct Opened {
  std::unique_ptr<host::EthernetDevice> device;
  std::unique_ptr<cp::PortForwarder> forwarder;
  std::string trouble;  // instead of both
};

template <class Device>
Opened as_opened(std::variant<std::unique_ptr<Device>, std::string> opened) {
  Opened result;
  if (auto* trouble = std::get_if<std::string>(&opened)) {
    result.trouble = std::move(*trouble);
  } else {
    result.device = std::get<0>(std::move(opened));
  }
  return result;
}

// "10.0.2.0/24"; false: it is none.
bool take_network(std::string_view text, host::NatSettings& settings) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const auto address = wire::parse_ip_address(text.substr(0, slash));
  const auto length = cp::parse_decimal(text.substr(slash + 1));
  if (!address || !address->is_v4() || !length || *length > 32) return false;
  settings.network = *address;
  settings.prefix_length = *length;
  return true;
}

host::ForwardedPort forwarded_port(const Definition::Forward& forward) {
  host::ForwardedPort port;
  port.protocol = forward.udp ? host::ForwardedPort::Protocol::udp : host::ForwardedPort::Protocol::tcp;
  if (!forward.guest_address.empty()) port.guest_address = *wire::parse_ip_address(forward.guest_address);
  if (!port.guest_address.is_v4()) port.host_address = *wire::parse_ip_address("::1");
  if (!forward.host_address.empty()) port.host_address = *wire::parse_ip_address(forward.host_address);
  port.host_port = forward.host_port;
  port.guest_port = forward.guest_port;
  return port;
}

class NatForwarder final : public cp::PortForwarder {
 public:
  explicit NatForwarder(host::NatDevice& device) : device_(device) {}
  std::string add(const Definition::Forward& forward) override {
    return device_.add_forward(forwarded_port(forward)).value_or("");
  }
  std::string remove(const Definition::Forward& forward) override {
    return device_.remove_forward(forwarded_port(forward)).value_or("");
  }

 private:
  host::NatDevice& device_;
};

// Every uplink of this system is a host::UplinkPort.
class DevicesOfGroup final : public cp::GroupMembers {
 public:
  explicit DevicesOfGroup(host::GroupDevice& group) : group_(group) {}
  void join(guestlan::Uplink& uplink) override { group_.join(static_cast<host::UplinkPort&>(uplink)); }
  void leave(guestlan::Uplink& uplink) override { group_.leave(static_cast<host::UplinkPort&>(uplink)); }
  void set_lacp(bool active) override { group_.set_lacp(active); }
  std::vector<View> views() const override {
    std::vector<View> views;
    for (const auto& member : group_.members()) {
      views.push_back({member.port, member.carries, member.state, member.sent, member.received});
    }
    return views;
  }

 private:
  host::GroupDevice& group_;
};

Opened open_nat(const Definition& definition) {
  host::NatSettings settings;
  if (!definition.network.empty() && !take_network(definition.network, settings)) {
    return {nullptr, nullptr, definition.network + " is no network such as 10.0.2.0/24"};
  }
  settings.ipv6 = definition.ipv6;
  settings.host_is_open = definition.host_is_open;
  if (definition.mtu) settings.mtu = *definition.mtu;
  for (const auto& forward : definition.forwards) settings.forwarded.push_back(forwarded_port(forward));
  auto made = host::NatDevice::make(settings);
  std::unique_ptr<cp::PortForwarder> forwarder;
  if (const auto* nat = std::get_if<0>(&made)) forwarder = std::make_unique<NatForwarder>(**nat);
  auto opened = as_opened(std::move(made));
  opened.forwarder = std::move(forwarder);
  return opened;
}

Opened open(const Definition& definition) {
  using Role = host::StreamDevice::Role;
  switch (definition.kind) {
    case Definition::Kind::nat:
      return open_nat(definition);
    case Definition::Kind::tap:
      return as_opened(host::TapDevice::open(definition.place));
    case Definition::Kind::interface:
      return as_opened(host::PacketDevice::open(definition.place));
    case Definition::Kind::vde:
      return as_opened(host::VdeDevice::open(definition.place));
    case Definition::Kind::stream:
      break;
  }
  return as_opened(
      host::StreamDevice::open(definition.place, definition.listen ? Role::listens : Role::connects));
}

}  // namespace

cp::Uplinks::Maker uplink_maker(host::EventLoop& loop, bool real_clock) {
  return [&loop, real_clock](const Definition& definition, const wire::MacAddress& mac,
                             cp::Uplinks::Changed changed) -> cp::Uplinks::Made {
    if (!real_clock) return std::string("time passes by itself out there; use --clock real");
    auto opened = open(definition);
    if (!opened.trouble.empty()) return std::move(opened.trouble);
    return cp::Uplinks::Device{
        std::make_unique<host::UplinkPort>(definition.device, mac, loop, std::move(opened.device),
                                           std::move(changed)),
        std::move(opened.forwarder)};
  };
}

cp::PortGroups::Maker group_maker(host::EventLoop& loop, const arch::Clock& clock) {
  return [&loop, &clock](const std::string& name, arch::DeviceNumber number, const wire::MacAddress& mac,
                         cp::Uplinks::Changed changed) {
    auto device = std::make_unique<host::GroupDevice>(name, mac, clock);
    auto members = std::make_unique<DevicesOfGroup>(*device);
    auto uplink =
        std::make_unique<host::UplinkPort>(number, mac, loop, std::move(device), std::move(changed));
    return cp::PortGroups::Made{std::move(uplink), std::move(members)};
  };
}

}  // namespace vmlan::apps
