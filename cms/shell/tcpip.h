// TCP/IP as a CMS user has it: devices (a driver each), their interfaces, one stack. Started from PROFILE
// TCPIP or piece by piece with IFCONFIG; nothing exists and nothing costs anything before.
//
// Owns: drivers and stack. Threads: the program's own turn.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/machine.h"
#include "cms/shell/qdio_link.h"
#include "cms/stack/stack.h"

namespace vmlan::cms {

class DhcpUser;

class TcpIp {
 public:
  struct Device {
    std::string name;  // DEV@0600
    arch::DeviceNumber number;
    qdio::AdapterKind kind = qdio::AdapterKind::osd;
    std::string port_name;  // empty = UNASSIGNED
    qdio::RouterType router = qdio::RouterType::none;
    std::string link_name;                     // ETH0
    std::uint32_t mtu = 0;                     // as stated; 0 = the adapter's usual one
    std::optional<qdio::Transport> transport;  // as stated; nothing: the LAN's
    std::unique_ptr<QdioLink> link;            // nullptr: not started
    Interface* interface = nullptr;

    // Its driver runs; false also after the NIC was taken away.
    bool started() const noexcept { return link != nullptr && link->driver().started(); }
    std::string_view status() const noexcept;      // as NETSTAT shows it
    std::string_view shown_port() const noexcept;  // the port's name, or UNASSIGNED
  };

  explicit TcpIp(arch::Machine& machine);
  ~TcpIp();
  TcpIp(const TcpIp&) = delete;
  TcpIp& operator=(const TcpIp&) = delete;

  // nullptr until started.
  Stack* stack() noexcept { return stack_.get(); }
  // Creates the stack if there is none; false: `error` says why.
  bool start(std::string& error);

  const std::vector<std::unique_ptr<Device>>& devices() const noexcept { return devices_; }
  Device& add_device(Device device);
  Device* find_link(std::string_view link_name) noexcept;
  Device* find_number(arch::DeviceNumber number) noexcept;
  void remove_device(const Device& device);
  // Brings the adapter up, again if it was lost, and gives it an interface; requires start(). An adapter
  // without a LAN is up all the same (DriverError::lan_offline). DriverError::storage_too_small also if lwIP
  // has no memory.
  DriverError start_device(Device& device);

  // Ends the driver's session; the interface keeps its addresses for the next start_device().
  void stop_device(Device& device);

  // The DHCP client of a device; nullptr: its address comes from elsewhere.
  DhcpUser* dhcp_of(const Device& device) const noexcept;
  // A new client takes the place of the one there was. Requires an interface.
  void start_dhcp(Device& device);
  // Gives the lease back, takes the address away.
  void end_dhcp(const Device& device);
  // The address, if there is one, stays.
  void forget_dhcp(const Device& device);

  // A NIC may have been detached without a word: asks every adapter that should run, and stops the drivers of
  // those that don't answer.
  void check_devices();

  void handle_interruption(arch::SubchannelNumber subchannel);
  void poll();
  void flush();
  bool more() const { return stack_ != nullptr && stack_->more(); }
  std::optional<arch::Time> next_timer();

 private:
  arch::Address free_storage() const noexcept;

  arch::Machine& machine_;
  // The stack goes before the drivers its interfaces stand on.
  std::vector<std::unique_ptr<Device>> devices_;
  std::unique_ptr<Stack> stack_;
  std::vector<std::unique_ptr<DhcpUser>> dhcp_;
};

}  // namespace vmlan::cms
