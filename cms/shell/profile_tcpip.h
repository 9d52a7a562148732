// PROFILE TCPIP: what a user's stack consists of.
//
// Source: z/VM TCP/IP Planning and Customization, as far as known; the shape is that of a file written by
// IPWIZARD. Statements take one line; the lists of HOME and GATEWAY go on to the next statement. A comment
// runs from ";" to the end of its line.
//
//   DEVICE name OSD|HIPERS vdev [PORTNAME pn] [NONROUTER|PRIROUTER|SECROUTER] [AUTORESTART|NOAUTORESTART]
//   LINK name QDIOETHERNET|QDIOIP device [MTU n] [IP|ETHERNET]
//   HOME      address [mask] link ...      (address/64 link for IPv6)
//   GATEWAY   network mask firsthop|= link mtu ...      DEFAULTNET firsthop link mtu
//   START device ...   STOP device ...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/types.h"
#include "qdio/adapter/adapter_port.h"
#include "qdio/adapter/ipa_codes.h"
#include "wire/ip_address.h"

namespace vmlan::cms {

struct TcpipProfile {
  struct Device {
    std::string name;
    qdio::AdapterKind kind = qdio::AdapterKind::osd;
    arch::DeviceNumber number;
    std::string port_name;
    qdio::RouterType router = qdio::RouterType::none;
    bool restart_stated = false;  // AUTORESTART or NOAUTORESTART was written
    bool start = false;
  };
  struct LinkStatement {
    std::string name;
    std::string device;
    std::uint32_t mtu = 0;                     // 0 = the adapter's
    std::optional<qdio::Transport> transport;  // nothing: the LAN's
  };
  struct Home {
    wire::IpAddress address;
    std::uint32_t mask = 0;  // IPv4
    std::string link;
  };
  struct Gateway {
    std::uint32_t network = 0;
    std::uint32_t mask = 0;
    std::uint32_t first_hop = 0;  // 0 = direct
    std::string link;
    std::uint32_t mtu = 0;
  };

  std::vector<Device> devices;
  std::vector<LinkStatement> links;
  std::vector<Home> homes;
  std::vector<Gateway> gateways;

  const Device* device(std::string_view name) const noexcept;
  const LinkStatement* link(std::string_view name) const noexcept;
};

struct ProfileError {
  unsigned line = 0;
  std::string statement;
  std::string reason;
};

// What is right is taken, what is wrong is told; the first error in a statement ends that statement, in a
// list (HOME, GATEWAY) only the entry.
TcpipProfile parse_profile(std::string_view text, std::vector<ProfileError>& errors);

}  // namespace vmlan::cms
