// Messages: the shape of the stack console of TCP/IP for z/VM level 630. Numbers from 9000 are ours: TCP/IP
// has such messages, their numbers and texts were not to be found.
#include "cms/shell/tcpip_start.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "cms/shell/console_log.h"
#include "cms/shell/profile_tcpip.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

std::string_view kind_name(qdio::AdapterKind kind) {
  return kind == qdio::AdapterKind::osd ? "OSD" : "HIPERS";
}

void set_router(Session& session, TcpIp::Device& device) {
  QdioDriver& driver = device.link->driver();
  if (device.router == qdio::RouterType::none) {
    log(session, "DTCOSD234I ToOsd: TCPIP host is not set as a router for port {} for IPv4",
        device.shown_port());
    return;
  }
  const auto code = driver.set_router(wire::IpVersion::v4, device.router);
  if (code == qdio::IpaCode::success) {
    log(session, "DTCOSD9003I TCPIP host is set as a router for port {} for IPv4", device.shown_port());
  } else {
    log(session, "DTCOSD9004E Router setting refused for device {}, code {:04X}", device.name,
        static_cast<unsigned>(code));
  }
}

std::string mac_digits(const wire::MacAddress& mac) { return fmt::format("{:012X}", mac.as_integer()); }

TcpIp::Device& define_device(Session& session, const TcpipProfile& profile,
                             const TcpipProfile::LinkStatement& link) {
  const TcpipProfile::Device& stated = *profile.device(link.device);
  TcpIp::Device device;
  device.name = stated.name;
  device.number = stated.number;
  device.kind = stated.kind;
  device.port_name = stated.port_name;
  device.router = stated.router;
  device.link_name = link.name;
  device.mtu = link.mtu;
  device.transport = link.transport;
  if (!stated.restart_stated)
    log(session, "DTCPRS354I AutoRestart is the default for device {}", stated.name);
  return session.tcpip.add_device(std::move(device));
}

bool assign_homes(Session& session, const TcpipProfile& profile, TcpIp::Device& device) {
  bool complete = true;
  for (const auto& home : profile.homes) {
    if (home.link == device.link_name) complete &= assign_address(session, device, home.address, home.mask);
  }
  return complete;
}

void add_gateways(Session& session, const TcpipProfile& profile) {
  for (const auto& gateway : profile.gateways) {
    const TcpIp::Device* device = session.tcpip.find_link(gateway.link);
    if (device == nullptr || device->interface == nullptr) continue;
    session.tcpip.stack()->routes().add(
        {gateway.network, gateway.mask, gateway.first_hop, device->interface, gateway.mtu});
  }
}

// One device has one link here; the first LINK statement that names it counts.
bool start_links(Session& session, const TcpipProfile& profile) {
  bool complete = true;
  for (const auto& link : profile.links) {
    const TcpipProfile::Device& stated = *profile.device(link.device);
    if (session.tcpip.find_number(stated.number) != nullptr) {
      log(session, "DTCPRS9002W Device number {} is in use; link {} is ignored", to_string(stated.number),
          link.name);
      complete = false;
      continue;
    }
    TcpIp::Device& device = define_device(session, profile, link);
    log(session, "DTC{0}080I {0} initializing:", kind_name(device.kind));
    log(session, "DTCPRI385I  Device {}:", device.name);
    log(session, "DTCPRI386I     Type: {}, Status: Not started", kind_name(device.kind));
    if (!stated.start) continue;
    complete &= start_device(session, device) && assign_homes(session, profile, device);
    if (device.started()) set_router(session, device);
  }
  return complete;
}

}  // namespace

std::optional<FileId> profile_file(const Session& session) {
  if (const auto own = session.disks.find({to_upper(session.machine.userid()), "TCPIP", '*'}); own)
    return own;
  return session.disks.find({"PROFILE", "TCPIP", '*'});
}

bool start_device(Session& session, TcpIp::Device& device) {
  const DriverError error = session.tcpip.start_device(device);
  if (!device.started()) {
    log(session, "DTCQDI9001E QDIO device {} device number {}: {}", device.name, to_string(device.number),
        to_string(error));
    return false;
  }
  log(session, "DTCQDI001I QDIO device {} device number {}:", device.name, to_string(device.number));
  log(session, "DTCQDI007I   Enabled for QDIO data transfers");
  if (error == DriverError::lan_offline) {
    log(session, "DTCQDI9002W QDIO device {}: not coupled to a LAN", device.name);
  }
  if (device.link->driver().is_layer2())
    log(session, "DTCOSD9007I {} device {}: transport is ETHERNET", kind_name(device.kind), device.name);
  log(session, "DTCOSD238I ToOsd: IPv4 multicast support enabled for {}", device.name);
  log(session, "DTCOSD341I Obtained MAC address {} for device {}", mac_digits(device.link->mac()),
      device.name);
  return true;
}

bool assign_address(Session& session, TcpIp::Device& device, const wire::IpAddress& address,
                    std::uint32_t mask) {
  const auto code =
      address.is_v4() ? device.interface->set_ipv4(address, mask) : device.interface->add_ipv6(address);
  if (code == qdio::IpaCode::success) {
    log(session, "DTCOSD246I {} device {}: Assigned IPv{} address {}", kind_name(device.kind), device.name,
        address.is_v4() ? 4 : 6, to_string(address));
    return true;
  }
  if (code == qdio::IpaCode::lan_offline) {
    log(session, "DTCOSD9006W {} device {}: address {} is assigned when there is a LAN",
        kind_name(device.kind), device.name, to_string(address));
    return true;
  }
  log(session, "DTCOSD9005E {} device {}: address {} refused, code {:04X}{}", kind_name(device.kind),
      device.name, to_string(address), static_cast<unsigned>(code),
      code == qdio::IpaCode::duplicate_ip_address ? " (in use on the LAN)" : "");
  return false;
}

int start_from_profile(Session& session, const FileId& file) {
  const auto contents = session.disks.read(file, largest_settings);
  if (!contents)
    return session.fail(100, "DMSTCP104S Error reading file {} from disk", file.text()).return_code;
  std::string error;
  session.say("DTCTCP001I vmlan TCP/IP Level 630");
  if (!session.tcpip.start(error)) {
    session.say("DTCTCP9001E The TCP/IP stack can't be started: {}", error);
    return 8;
  }
  log(session, "DTCIPI006I Using profile file {}", file.text());
  std::vector<ProfileError> errors;
  const auto* characters = reinterpret_cast<const char*>(contents->data());
  const TcpipProfile profile = parse_profile({characters, contents->size()}, errors);
  constexpr std::size_t most_errors = 20;
  for (const ProfileError& wrong : std::span(errors).first(std::min(errors.size(), most_errors))) {
    log(session, "DTCPRS9001E {} line {}: {}: {}", file.text(), wrong.line, wrong.statement, wrong.reason);
  }
  if (errors.size() > most_errors) {
    log(session, "DTCPRS9001E {}: {} more errors", file.text(), errors.size() - most_errors);
  }
  const bool complete = start_links(session, profile);
  add_gateways(session, profile);
  return complete && errors.empty() ? 0 : 8;
}

int start_if_configured(Session& session) {
  const auto file = profile_file(session);
  return file ? start_from_profile(session, *file) : 0;
}

}  // namespace vmlan::cms
