// How the engine is set up, and what it is asked between frames.
#include "host/uplink/nat_slirp.h"

#include <fmt/format.h>
#include <libslirp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "host/uplink/nat_host.h"
#include "host/waiting.h"

static_assert(SLIRP_MAJOR_VERSION > 4 || SLIRP_MINOR_VERSION >= 7, "libslirp 4.7 or later is needed");

namespace vmlan::host {

namespace {

constexpr int most_waiting = 128;  // connections at a forwarded port that nobody has taken yet

in_addr nat_in_addr(const wire::IpAddress& address) {
  in_addr result{};
  std::memcpy(&result, address.v4_bytes(), sizeof(result));
  return result;
}

in6_addr nat_in6_addr(const wire::IpAddress& address) {
  in6_addr result{};
  std::memcpy(&result, address.bytes.data(), sizeof(result));
  return result;
}

int nat_forward_flags(const ForwardedPort& port) {
  return (port.protocol == ForwardedPort::Protocol::udp ? SLIRP_HOSTFWD_UDP : 0) |
         (port.host_address.is_v4() ? 0 : SLIRP_HOSTFWD_V6ONLY);
}

std::string nat_reason(const ForwardedPort& port, int error) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format("{} is in use", listener_text(port));
    case EADDRNOTAVAIL:
      return fmt::format("{}: not an address of this host", listener_text(port));
    case EACCES:
      return fmt::format("{}: only the host's administrator may listen there", listener_text(port));
    default:
      return fmt::format("{}: {}", listener_text(port), std::generic_category().message(error));
  }
}

}  // namespace

// libslirp's calls of us.
struct SlirpNat::Callbacks {
  static SlirpNat& self(void* opaque) { return *static_cast<SlirpNat*>(opaque); }
  static ssize_t send_packet(const void* bytes, std::size_t length, void* opaque) {
    self(opaque).output({static_cast<const std::byte*>(bytes), length});
    return static_cast<ssize_t>(length);
  }
  static void guest_error(const char*, void*) {}
  static std::int64_t clock_get_ns(void*) { return nat_time().count(); }
  // There is one timer only, that of router advertisements.
  static void* timer_new(SlirpTimerId, void*, void* opaque) { return opaque; }
  static void timer_free(void*, void* opaque) { self(opaque).advertise_at_.reset(); }
  static void timer_mod(void*, std::int64_t time_ms, void* opaque) {
    self(opaque).advertise_at_ = std::chrono::milliseconds(time_ms);
  }
  static void register_descriptor(int descriptor, void* opaque) {
    self(opaque).register_descriptor(descriptor);
  }
  static void unregister_descriptor(int descriptor, void* opaque) {
    self(opaque).unregister_descriptor(descriptor);
  }
  static void notify(void*) {}

  static const SlirpCb table;
};

const SlirpCb SlirpNat::Callbacks::table = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = clock_get_ns,
    .timer_new = nullptr,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = register_descriptor,
    .unregister_poll_fd = unregister_descriptor,
    .notify = notify,
    .init_completed = nullptr,
    .timer_new_opaque = timer_new,
};

SlirpNat::SlirpNat(const NatSettings& settings, const NatPlan& plan)
    : plan_(plan),
      mtu_(settings.mtu),
      prefix_length_(settings.prefix_length),
      dhcp_(settings.dhcp),
      most_connections_(nat_connection_limit(settings.most_connections)),
      filter_(plan, settings.host_is_open) {
  ignore_closed_readers();
  SlirpConfig config{};
  config.version = 4;
  config.restricted = settings.restricted ? 1 : 0;
  config.in_enabled = true;
  config.vnetwork = nat_in_addr(plan.network);
  config.vnetmask.s_addr = htonl(plan.mask);
  config.vhost = nat_in_addr(plan.host);
  config.vnameserver = nat_in_addr(plan.name_server);
  config.vdhcp_start = nat_in_addr(plan.first_lease);
  config.in6_enabled = plan.ipv6;
  config.vprefix_addr6 = nat_in6_addr(plan.prefix6);
  config.vprefix_len = 64;
  config.vhost6 = nat_in6_addr(plan.host6);
  config.vnameserver6 = nat_in6_addr(plan.name_server6);
  config.vhostname = settings.hostname.empty() ? nullptr : settings.hostname.c_str();
  config.vdomainname = settings.domain.empty() ? nullptr : settings.domain.c_str();
  config.if_mtu = mtu_;
  config.if_mru = longest_packet;  // super-frames; what is none is judged by its length before
  config.disable_dhcp = !settings.dhcp;
  slirp_ = slirp_new(&config, &Callbacks::table, this);
  filter_.set_host_addresses(nat_addresses_of_host());
  if (slirp_ != nullptr) run_timers();
}

SlirpNat::~SlirpNat() {
  if (slirp_ != nullptr) slirp_cleanup(slirp_);
}

std::variant<std::unique_ptr<NatDevice>, std::string> NatDevice::make(const NatSettings& settings) {
  const auto plan = plan_nat(settings);
  if (const auto* wrong = std::get_if<std::string>(&plan)) return *wrong;
  auto device = std::make_unique<SlirpNat>(settings, std::get<NatPlan>(plan));
  if (!device->is_made()) return "libslirp does not take these settings";
  for (const auto& port : settings.forwarded) {
    if (auto wrong = device->add_forward(port)) return *wrong;
  }
  return device;
}

std::optional<std::string> SlirpNat::add_forward(const ForwardedPort& port) {
  const auto planned = plan_forward(plan_, port);
  if (const auto* wrong = std::get_if<std::string>(&planned)) return *wrong;
  const auto& forward = std::get<ForwardedPort>(planned);
  const auto same = [&](const ForwardedPort& other) { return other.listens_as(forward); };
  if (std::ranges::any_of(filter_.forwards(), same)) {
    return fmt::format("{} is forwarded already", listener_text(forward));
  }
  if (filter_.forwards().size() >= most_forwards) {
    return fmt::format("more than {} forwarded ports are not possible", most_forwards);
  }
  const auto at_host = nat_socket_address(forward.host_address, forward.host_port);
  const auto at_guest = nat_socket_address(forward.guest_address, forward.guest_port);
  if (slirp_add_hostxfwd(slirp_, at_host.get(), at_host.length, at_guest.get(), at_guest.length,
                         nat_forward_flags(forward)) != 0) {
    return nat_reason(forward, errno);
  }
  // libslirp lets one connection wait.
  std::uint32_t timeout = 0;
  const auto prepare = [](int descriptor, int, void* opaque) {
    if (Callbacks::self(opaque).is_registered(descriptor)) return -1;
    make_quiet(descriptor);
    ::listen(descriptor, most_waiting);
    return -1;
  };
  slirp_pollfds_fill(slirp_, &timeout, prepare, this);
  filter_.add_forward(forward);
  return std::nullopt;
}

std::optional<std::string> SlirpNat::remove_forward(const ForwardedPort& port) {
  const auto& forwards = filter_.forwards();
  const auto found =
      std::ranges::find_if(forwards, [&](const ForwardedPort& one) { return one.listens_as(port); });
  if (found == forwards.end()) return fmt::format("{} is not forwarded", listener_text(port));
  const auto forward = *found;
  const auto at_host = nat_socket_address(forward.host_address, forward.host_port);
  if (slirp_remove_hostxfwd(slirp_, at_host.get(), at_host.length, nat_forward_flags(forward)) != 0) {
    return fmt::format("{}: libslirp does not know it", listener_text(port));
  }
  filter_.remove_forward(forward);
  return std::nullopt;
}

std::size_t SlirpNat::frame_limit() const {
  constexpr std::size_t ethernet_header = 14;
  return mtu_ + ethernet_header;
}

std::string SlirpNat::name() const {
  return fmt::format("NAT {}/{}", wire::to_string(plan_.network), prefix_length_);
}

std::vector<std::string> SlirpNat::details() const {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("host {}, name server {}, MTU {}", wire::to_string(plan_.host),
                              wire::to_string(plan_.name_server), mtu_));
  if (plan_.ipv6) {
    lines.push_back(fmt::format("host {}, name server {}", wire::to_string(plan_.host6),
                                wire::to_string(plan_.name_server6)));
  }
  if (dhcp_) {
    const auto last = v4_address(v4_number(plan_.first_lease) + NatPlan::leases - 1);
    lines.push_back(fmt::format("leases {} to {}: {} of {} given", wire::to_string(plan_.first_lease),
                                wire::to_string(last), leases_.size(), NatPlan::leases));
  }
  for (const auto& [address, mac] : leases_) {
    lines.push_back(fmt::format("lease {} {}", wire::to_string(address), wire::to_string(mac)));
  }
  for (const auto& port : filter_.forwards()) lines.push_back("forwarded " + to_string(port));
  lines.push_back(fmt::format("connections {} of {}", connections_, most_connections_));
  if (merged_ != 0) lines.push_back(fmt::format("acknowledgments merged {}", merged_));
  for (std::size_t reason = 0; reason < nat_drops; ++reason) {
    if (drops_[reason] == 0) continue;
    lines.push_back(fmt::format("dropped {}: {}", drops_[reason], to_string(static_cast<NatDrop>(reason))));
  }
  return lines;
}

}  // namespace vmlan::host
