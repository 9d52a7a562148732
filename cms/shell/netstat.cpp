#include "cms/shell/netstat.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "cms/shell/dhcp_user.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

std::string_view router_name(qdio::RouterType type) {
  if (type == qdio::RouterType::primary) return "PriRouter";
  return type == qdio::RouterType::secondary ? "SecRouter" : "NonRouter";
}

std::string_view link_type(const TcpIp::Device& device) {
  return device.kind == qdio::AdapterKind::osd ? "QDIOETHERNET" : "QDIOIP";
}

std::string_view device_type(const TcpIp::Device& device) {
  return device.kind == qdio::AdapterKind::osd ? "OSD" : "HIPERS";
}

void show_link(Session& session, const TcpIp::Device& device) {
  const Interface& interface = *device.interface;
  const Interface::Counters& counters = interface.counters();
  session.say("    Link {:<18} Type: {:<14} Net number: 0", device.link_name, link_type(device));
  session.say("      BytesIn: {:<13} BytesOut: {}", counters.bytes_in, counters.bytes_out);
  session.say("      Forwarding: Enabled    MTU: {}", interface.mtu());
  if (interface.is_layer2())
    session.say("      Transport: ETHERNET    MAC: {}", to_string(device.link->mac()));
  session.say("      Broadcast Capability: Yes");
  session.say("      Multicast Capability: Yes");
  session.say("      Multicast Group            Members");
  session.say("      ---------------            -------");
  for (const auto& group : interface.groups()) session.say("      {:<33} 1", to_string(group));
}

void devlinks(Session& session) {
  for (const auto& device : session.tcpip.devices()) {
    session.say("Device {:<18} Type: {:<15} Status: {}", device->name, device_type(*device),
                device->status());
    session.say("  Queue size: 0     CPU: 0     Address: {}      Port name: {}", to_string(device->number),
                device->shown_port());
    session.say("  IPv4 Router Type: {}  Arp Query Support: No", router_name(device->router));
    if (device->interface != nullptr) show_link(session, *device);
  }
}

void home(Session& session) {
  session.say("IPv4 Home address entries:");
  session.say("");
  session.say("Address          Subnet Mask      Link");
  session.say("-------          -----------      ----");
  for (const auto& interface : session.tcpip.stack()->interfaces()) {
    if (!interface->ipv4()) continue;
    session.say("{:<16} {:<16} {}", to_string(interface->ipv4()->address),
                to_string(v4_address(interface->ipv4()->mask)), interface->name());
  }
  session.say("");
  session.say("IPv6 Home address entries:");
  session.say("");
  for (const auto& interface : session.tcpip.stack()->interfaces()) {
    for (const auto& address : interface->ipv6())
      session.say("{:<39} {}", to_string(address), interface->name());
  }
}

void gate(Session& session) {
  session.say("Known IPv4 gateways:");
  session.say("");
  session.say("Subnet Address   Subnet Mask      FirstHop         Flgs PktSz Metric Link");
  session.say("--------------   -----------      --------         ---- ----- ------ ----");
  for (const Route& route : session.tcpip.stack()->routes().all()) {
    const bool direct = route.first_hop == 0;
    session.say("{:<16} {:<16} {:<16} {:<4} {:<5} {:<6} {}",
                route.mask == 0 ? "Default" : to_string(v4_address(route.network)),
                route.mask == 0 ? "<none>" : to_string(v4_address(route.mask)),
                direct ? "<direct>" : to_string(v4_address(route.first_hop)), direct ? "UT" : "UGS",
                route.mtu == 0 ? route.interface->mtu() : route.mtu, "<none>", route.interface->name());
  }
}

std::string_view state_name(tcp_state state) {
  static constexpr std::array<std::string_view, 11> names{
      "Closed",   "Listen",    "SynSent", "SynReceived", "Established", "FinWait1",
      "FinWait2", "CloseWait", "Closing", "LastAck",     "TimeWait"};
  const auto index = static_cast<std::size_t>(state);
  return index < names.size() ? names[index] : "Unknown";
}

std::string socket_text(const ip_addr_t& address, std::uint16_t port) {
  const bool any = address.type == IPADDR_TYPE_ANY || from_lwip(address).is_unspecified();
  return fmt::format("{}..{}", any ? "*" : to_string(from_lwip(address)),
                     port == 0 ? "*" : std::to_string(port));
}

void show_connections(Session& session, const tcp_pcb* first) {
  for (const tcp_pcb* pcb = first; pcb != nullptr; pcb = pcb->next) {
    session.say("{:<30} {:<30} {}", socket_text(pcb->local_ip, pcb->local_port),
                socket_text(pcb->remote_ip, pcb->remote_port), state_name(pcb->state));
  }
}

void conn(Session& session) {
  const LwipFunctions& data = session.tcpip.stack()->lwip().data();
  session.say("Active IPv4 Transmission Blocks:");
  session.say("");
  session.say("{:<30} {:<30} {}", "Local Socket", "Foreign Socket", "State");
  session.say("{:<30} {:<30} {}", "------------", "--------------", "-----");
  show_connections(session, *data.tcp_active_pcbs);
  show_connections(session, *data.tcp_tw_pcbs);
  for (const tcp_pcb_listen* pcb = data.tcp_listen_pcbs->listen_pcbs; pcb != nullptr; pcb = pcb->next) {
    session.say("{:<30} {:<30} {}", socket_text(pcb->local_ip, pcb->local_port), "*..*",
                state_name(pcb->state));
  }
  for (const udp_pcb* pcb = *data.udp_pcbs; pcb != nullptr; pcb = pcb->next) {
    session.say("{:<30} {:<30} UDP", socket_text(pcb->local_ip, pcb->local_port), "*..*");
  }
}

wire::MacAddress mac_of(const std::uint8_t* bytes) {
  wire::MacAddress mac;
  std::copy_n(bytes, mac.bytes.size(), mac.bytes.begin());
  return mac;
}

// A layer-3 guest resolves no IPv4 addresses; its adapter does.
void ipv4_neighbors(Session& session) {
  const auto& interfaces = session.tcpip.stack()->interfaces();
  if (!std::ranges::all_of(interfaces, [](const auto& entry) { return entry->is_layer2(); }))
    session.say("IPv4 addresses are resolved by the adapter.");
  if (std::ranges::none_of(interfaces, [](const auto& entry) { return entry->is_layer2(); })) return;
  session.say("IPv4 neighbors:");
  LwipInstance& lwip = session.tcpip.stack()->lwip();
  for (std::size_t index = 0; index < ARP_TABLE_SIZE; ++index) {
    ip4_addr_t* address = nullptr;
    netif* interface = nullptr;
    eth_addr* mac = nullptr;
    if (lwip->etharp_get_entry(index, &address, &interface, &mac) == 0) continue;
    session.say("{:<39} {}", to_string(from_lwip(*address)), to_string(mac_of(mac->addr)));
  }
}

void arp(Session& session) {
  ipv4_neighbors(session);
  session.say("IPv6 neighbors:");
  const LwipFunctions& data = session.tcpip.stack()->lwip().data();
  for (const auto& entry : std::span(data.neighbor_cache, LWIP_ND6_NUM_NEIGHBORS)) {
    if (entry.state == ND6_NO_ENTRY) continue;
    session.say(
        "{:<39} {}", to_string(from_lwip(entry.next_hop_address)),
        entry.state == ND6_INCOMPLETE ? std::string("(incomplete)") : to_string(mac_of(entry.lladdr)));
  }
}

struct Report {
  std::string_view name;
  void (*show)(Session&);
};

constexpr std::array<Report, 5> reports{{
    {"DEvlinks", devlinks},
    {"HOme", home},
    {"GAte", gate},
    {"CONn", conn},
    {"ARp", arp},
}};

}  // namespace

Outcome netstat(Session& session, std::string_view text) {
  Operands operands(text);
  const std::string word = operands.empty() ? "CONN" : operands.take();
  for (const Report& report : reports) {
    if (!matches(word, report.name)) continue;
    session.say("VM TCP/IP Netstat Level 630         TCP/IP Server Name: {}", session.machine.userid());
    session.say("");
    session.tcpip.check_devices();
    report.show(session);
    return 0;
  }
  return session.fail(24, "DTCNET9005E Invalid operand - {}", word);
}

void show_interface(Session& session, const TcpIp::Device& device) {
  session.say("{:<9} vdev: {} type: {} portname: {}", device.link_name, to_string(device.number),
              device.kind == qdio::AdapterKind::osd ? "QDIO ETHERNET" : "HIPERS", device.shown_port());
  if (device.interface == nullptr) {
    session.say("          DOWN");
    return;
  }
  const Interface& interface = *device.interface;
  if (interface.ipv4()) {
    session.say("          inet addr: {} mask: {}", to_string(interface.ipv4()->address),
                to_string(v4_address(interface.ipv4()->mask)));
  }
  for (const auto& address : interface.ipv6()) session.say("          inet6 addr: {}/64", to_string(address));
  if (interface.is_layer2()) {
    session.say("          transport: ETHERNET mac: {}", to_string(device.link->mac()));
  }
  session.say("          {} BROADCAST MULTICAST MTU: {}", device.status() == "Ready" ? "UP" : "DOWN",
              interface.mtu());
  if (const DhcpUser* user = session.tcpip.dhcp_of(device); user != nullptr && user->client().lease()) {
    const DhcpClient::Lease& lease = *user->client().lease();
    std::string names;
    for (const auto& server : lease.name_servers) names += " " + to_string(server);
    session.say("          dhcp server: {} name servers:{}", to_string(lease.server),
                names.empty() ? " <none>" : names);
  }
  session.say("          ipv4 router type: {} ipv6: {}", to_upper(router_name(device.router)),
              interface.ipv6().empty() ? "DISABLED" : "ENABLED");
  session.say("          RX bytes: {} TX bytes: {}", interface.counters().bytes_in,
              interface.counters().bytes_out);
}

}  // namespace vmlan::cms
