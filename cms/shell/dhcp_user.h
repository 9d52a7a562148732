// An interface whose address comes from a DHCP server: the client, what it sends and hears, what becomes of
// the lease.
//
// Owns: the client. Device and interface outlive it. Threads: the program's own turn.
#pragma once

#include <memory>
#include <optional>

#include "cms/shell/session.h"
#include "cms/stack/dhcp_client.h"

namespace vmlan::cms {

class DhcpUser final : private DhcpReceiver {
 public:
  // The device has an interface.
  DhcpUser(TcpIp::Device& device, const arch::Clock& clock, std::uint32_t transaction);
  ~DhcpUser() override;
  DhcpUser(const DhcpUser&) = delete;
  DhcpUser& operator=(const DhcpUser&) = delete;

  const TcpIp::Device& device() const noexcept { return device_; }
  const DhcpClient& client() const noexcept { return client_; }
  // The address is the interface's.
  bool has_address() const noexcept { return assigned_.has_value(); }

  // Sends what is due; gives the interface what there is, with messages. false: there is no more to come.
  bool poll(Session& session);
  // Gives the lease back and takes the address away.
  void release();

 private:
  void receive_dhcp(std::span<const std::byte> message) override;
  bool assign(Session& session, const DhcpClient::Lease& lease);

  TcpIp::Device& device_;
  const arch::Clock& clock_;
  DhcpClient client_;
  unsigned link_session_;
  std::optional<DhcpClient::Lease> assigned_;
};

// What all interfaces' clients have to do in this turn.
void follow_leases(Session& session);
// Asks a server for the interface's address; ends with the answer.
Outcome ask_for_address(Session& session, TcpIp::Device& device);

}  // namespace vmlan::cms
