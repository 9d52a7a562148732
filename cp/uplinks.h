// The uplinks of a system: the real devices somebody has defined, which LAN each serves, and which of a
// LAN's carries its traffic.
//
// A LAN may have several, in an order of preference; the first that is ready carries, the others stand by.
// When one goes or comes, the choice is made again and the operator is told.
//
// Owns: the uplinks. Threads: the base's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "guestlan/lan.h"
#include "guestlan/uplink.h"

namespace vmlan::cp {

// DEFINE UPLINK: what a real device is to be connected to. Texts are as they were typed.
struct UplinkDefinition {
  enum class Kind : std::uint8_t { nat, tap, interface, vde, stream };
  // A port of the host whose connections, or datagrams, go to a guest.
  struct Forward {
    bool udp = false;
    std::string host_address;  // empty: 127.0.0.1
    std::uint16_t host_port = 0;
    std::string guest_address;
    std::uint16_t guest_port = 0;
  };

  arch::DeviceNumber device;
  Kind kind = Kind::nat;
  std::string place;    // name of an interface, URL, path
  bool listen = false;  // STREAM: the other end connects
  // NAT:
  std::string network;  // "10.0.2.0/24"; empty: that
  std::optional<std::uint32_t> mtu;
  bool ipv6 = true;
  bool host_is_open = false;  // guests reach what listens on the host itself
  std::vector<Forward> forwards;
};

// What an uplink can that forwards ports of the host: NAT. Empty: done; else one sentence, why not.
class PortForwarder {
 public:
  virtual ~PortForwarder() = default;
  virtual std::string add(const UplinkDefinition::Forward& forward) = 0;
  // The guest's end does not matter. Connections through it go on.
  virtual std::string remove(const UplinkDefinition::Forward& forward) = 0;
};

// "0A00.P00", "GROUP BOND1"
std::string label_of(const guestlan::Uplink& uplink);

class Uplinks {
 public:
  struct Device {
    std::unique_ptr<guestlan::Uplink> uplink;
    std::unique_ptr<PortForwarder> forwarder;  // nullptr: it forwards none; goes before the uplink
  };
  using Changed = std::function<void(guestlan::Uplink&)>;
  // The uplink, or one sentence: why there can be none, and what to do about it.
  using Made = std::variant<Device, std::string>;
  using Maker = std::function<Made(const UplinkDefinition&, const wire::MacAddress&, Changed)>;
  // A line for the operator.
  using Tell = std::function<void(const std::string&)>;

  static constexpr std::size_t most = 64;  // of a system
  // Of one LAN or switch (CP Commands, DEFINE VSWITCH: up to three RDEVs).
  static constexpr std::size_t most_of_a_lan = 3;

  Uplinks(Maker maker, Tell tell) : maker_(std::move(maker)), tell_(std::move(tell)) {}

  struct Entry {
    UplinkDefinition definition;
    Device device;
  };
  const std::map<arch::DeviceNumber, Entry>& all() const noexcept { return entries_; }
  guestlan::Uplink* find(arch::DeviceNumber device) const;
  // nullptr: there is no such uplink, or it forwards no ports.
  PortForwarder* find_forwarder(arch::DeviceNumber device) const;
  // Empty: it is there. Nobody has the device number.
  std::string define(const UplinkDefinition& definition, const wire::MacAddress& mac);
  // Its LAN goes on without it.
  void detach(arch::DeviceNumber device);

  // In this order of preference; the LAN's former ones are free again. Each is free or the LAN's.
  void serve(guestlan::Lan& lan, const std::vector<guestlan::Uplink*>& uplinks);
  // Chooses the one that carries, and tells if it is another than before.
  void choose(guestlan::Lan& lan);
  // One has come or gone: its LAN chooses again.
  void changed(guestlan::Uplink& uplink);

 private:
  Maker maker_;
  Tell tell_;
  std::map<arch::DeviceNumber, Entry> entries_;
};

}  // namespace vmlan::cp
