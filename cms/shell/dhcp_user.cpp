#include "cms/shell/dhcp_user.h"

#include <string>

#include "cms/shell/console_log.h"
#include "cms/shell/tcpip_start.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

constexpr unsigned messages_per_turn = 4;

std::string list_of(const std::vector<wire::IpAddress>& addresses) {
  std::string text;
  for (const auto& address : addresses) text += (text.empty() ? "" : " ") + to_string(address);
  return text;
}

// IFCONFIG waits for the first answer only; the client goes on.
class DhcpWait final : public Activity {
 public:
  DhcpWait(Session& session, TcpIp::Device& device) : session_(session), device_(device) {}
  std::optional<int> poll() override {
    const DhcpUser* user = session_.tcpip.dhcp_of(device_);
    if (user == nullptr) return failed;
    if (interrupted_) {
      session_.tcpip.end_dhcp(device_);
      return failed;
    }
    return user->has_address() ? std::optional(0) : std::nullopt;
  }
  std::optional<arch::Time> deadline() const override {
    return interrupted_ ? std::optional(session_.machine.clock().now()) : std::nullopt;
  }
  void interrupt() override { interrupted_ = true; }

 private:
  Session& session_;
  TcpIp::Device& device_;
  bool interrupted_ = false;
};

}  // namespace

DhcpUser::DhcpUser(TcpIp::Device& device, const arch::Clock& clock, std::uint32_t transaction)
    : device_(device),
      clock_(clock),
      client_(device.link->mac(), transaction, clock.now()),
      link_session_(device.link->state().session) {
  device_.interface->set_dhcp(this);
}

DhcpUser::~DhcpUser() { device_.interface->set_dhcp(nullptr); }

void DhcpUser::receive_dhcp(std::span<const std::byte> message) { client_.receive(message, clock_.now()); }

bool DhcpUser::poll(Session& session) {
  const LinkState link = device_.link->state();
  if (link.online && link.session != link_session_) {
    link_session_ = link.session;
    client_.link_restarted(clock_.now());
  }
  for (unsigned sent = 0; sent < messages_per_turn; ++sent) {
    const auto message = client_.poll(clock_.now());
    if (!message) break;
    device_.interface->send_dhcp(*message);
  }
  const auto& lease = client_.lease();
  if (assigned_ && !lease) {
    log(session, "DTCDHC9004W DHCP: the lease of {} for {} has ended", to_string(assigned_->address),
        device_.link_name);
    device_.interface->clear_ipv4();
    assigned_.reset();
  }
  if (lease && !assign(session, *lease)) return false;
  if (client_.state() != DhcpClient::State::over) return true;
  if (!lease) log(session, "DTCDHC9003E DHCP: no server gives {} an address", device_.link_name);
  return false;
}

// A lease that was renewed changes nothing, unless it says other things than the last one.
bool DhcpUser::assign(Session& session, const DhcpClient::Lease& lease) {
  if (assigned_ == lease) return true;
  const bool same = assigned_ && assigned_->address == lease.address && assigned_->mask == lease.mask &&
                    assigned_->router == lease.router;
  assigned_ = lease;
  if (same) return true;
  if (!assign_address(session, device_, lease.address, lease.mask)) {
    assigned_.reset();
    release();
    return false;
  }
  if (lease.router) {
    session.tcpip.stack()->routes().add({0, 0, v4_integer(*lease.router), device_.interface, 0});
  }
  log(session, "DTCDHC9001I DHCP: {} has its address from server {}, {}", device_.link_name,
      to_string(lease.server),
      lease.length ? fmt::format("for {} seconds", lease.length->count()) : std::string("for ever"));
  log(session, "DTCDHC9002I DHCP: router {}, name servers {}",
      lease.router ? to_string(*lease.router) : std::string("<none>"),
      lease.name_servers.empty() ? std::string("<none>") : list_of(lease.name_servers));
  return true;
}

void DhcpUser::release() {
  if (auto message = client_.release()) {
    // Its MAC address may be unknown, and there is no time to ask; the message names the server.
    if (device_.interface->is_layer2()) message->destination.reset();
    device_.interface->send_dhcp(*message);
    device_.interface->flush();
  }
  if (assigned_) device_.interface->clear_ipv4();
  assigned_.reset();
}

void follow_leases(Session& session) {
  for (const auto& device : session.tcpip.devices()) {
    DhcpUser* user = session.tcpip.dhcp_of(*device);
    if (user != nullptr && !user->poll(session)) session.tcpip.forget_dhcp(*device);
  }
}

Outcome ask_for_address(Session& session, TcpIp::Device& device) {
  session.tcpip.start_dhcp(device);
  return Outcome(std::make_unique<DhcpWait>(session, device));
}

}  // namespace vmlan::cms
