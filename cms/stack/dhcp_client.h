// A DHCP client for IPv4 (RFC 2131): asks for an address, keeps it as long as a server allows, and says when
// it is over. It makes and reads messages and is told the time; who carries them is not its business.
//
// Asking ends: four times without an answer, after 2, 4, 8 and 16 seconds, is no server.
//
// Owns: the lease. Threads: the program's own turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arch/clock.h"
#include "cms/stack/dhcp_message.h"

namespace vmlan::cms {

class DhcpClient {
 public:
  struct Lease {
    wire::IpAddress address;
    std::uint32_t mask = 0;  // most significant byte first
    std::optional<wire::IpAddress> router;
    std::vector<wire::IpAddress> name_servers;
    wire::IpAddress server;
    std::optional<std::chrono::seconds> length;  // nothing: for ever

    bool operator==(const Lease&) const = default;
  };
  enum class State : std::uint8_t {
    selecting,   // who has an address for me?
    requesting,  // a server has made an offer: I take it
    rebooting,   // there is a lease: is it good on the LAN there is now?
    bound,
    renewing,   // the server that gave the lease is asked for more
    rebinding,  // anybody is
    over,       // no server, or the lease has ended
  };
  // UDP from the client's port to the server's. Without an address of one's own: a broadcast from 0.0.0.0.
  struct Message {
    std::vector<std::byte> bytes;
    std::optional<wire::IpAddress> source;
    std::optional<wire::IpAddress> destination;  // nothing: 255.255.255.255
  };

  DhcpClient(const wire::MacAddress& mac, std::uint32_t transaction, arch::Time now)
      : mac_(mac), transaction_(transaction), due_(now) {}

  // The message that is due, if one is; call again until there is none.
  std::optional<Message> poll(arch::Time now);
  // UDP payload from a server's port, whoever sent it.
  void receive(std::span<const std::byte> message, arch::Time now);
  // Another LAN may be there now.
  void link_restarted(arch::Time now) noexcept;
  // Gives the lease back, if there is one. The client is over.
  std::optional<Message> release();

  // When poll() has something to do; nothing: never again.
  std::optional<arch::Time> deadline() const noexcept;
  State state() const noexcept { return state_; }
  const std::optional<Lease>& lease() const noexcept { return lease_; }

 private:
  void enter(State state, arch::Time due) noexcept;
  void start_over(arch::Time now) noexcept;
  void silence(arch::Time now) noexcept;
  void take_lease(const DhcpReply& reply, arch::Time now);
  Message question() const;

  wire::MacAddress mac_;
  std::uint32_t transaction_;
  State state_ = State::selecting;
  arch::Time due_;
  unsigned tries_ = 0;     // of this state's question
  unsigned refusals_ = 0;  // and offers that led to nothing, since the last lease
  std::optional<Lease> offer_;
  std::optional<Lease> lease_;
  arch::Time renew_at_{};
  arch::Time rebind_at_{};
  arch::Time ends_at_{};
};

}  // namespace vmlan::cms
