// TCPIP, IFCONFIG, NETSTAT, PING, TCPSEND, TCPRECV. PING, NETSTAT and IFCONFIG as in TCP/IP for z/VM, as far
// as known; TCPSEND and TCPRECV are ours.
#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "cms/shell/command.h"
#include "cms/shell/netstat.h"
#include "cms/shell/ping.h"
#include "cms/shell/tcp_transfer.h"
#include "cms/shell/tcpip_start.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

constexpr std::uint32_t longest_echo = 65'500;

Outcome fail_no_stack(Session& session, std::string_view module) {
  return session.fail(failed, "DTC{}9001E TCP/IP is not started; use TCPIP or IFCONFIG", module);
}

Outcome fail_network_operand(Session& session, std::string_view module, std::string_view operand) {
  if (operand.empty()) return session.fail(wrong_operand, "DTC{}9004E Operand missing", module);
  return session.fail(wrong_operand, "DTC{}9005E Invalid operand - {}", module, operand);
}

// A numeric option, "COUNT 5": takes the word after options[index].
struct NumberOption {
  std::string_view keyword;
  std::uint32_t least;
  std::uint32_t most;
  std::uint32_t& value;
};

// The first word that is wrong, or nothing.
std::optional<std::string> take_options(const std::vector<std::string>& words,
                                        std::span<const NumberOption> options) {
  for (std::size_t index = 0; index < words.size(); index += 2) {
    const auto option = std::ranges::find_if(
        options, [&](const auto& entry) { return matches(words[index], entry.keyword); });
    if (option == options.end()) return words[index];
    const std::string_view text =
        index + 1 < words.size() ? std::string_view(words[index + 1]) : std::string_view{};
    const auto number = parse_decimal(text);
    if (!number || *number < option->least || *number > option->most)
      return std::string(text.empty() ? words[index] : text);
    option->value = *number;
  }
  return std::nullopt;
}

// Options stand behind "(" or, for ours, as plain words.
std::vector<std::string> rest_and_options(Operands& operands) {
  std::vector<std::string> words;
  while (!operands.empty()) words.push_back(operands.take());
  words.insert(words.end(), operands.options().begin(), operands.options().end());
  return words;
}

// A host is an address, or a name in ETC HOSTS ("address name ...") on an accessed disk.
std::optional<wire::IpAddress> resolve(Session& session, std::string_view host) {
  if (const auto address = wire::parse_ip_address(host); address) return address;
  const auto contents = session.disks.read({"ETC", "HOSTS", '*'}, largest_settings);
  if (!contents) return std::nullopt;
  std::string_view rest(reinterpret_cast<const char*>(contents->data()), contents->size());
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    Operands words(rest.substr(0, std::min(end, rest.find('#'))));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto address = wire::parse_ip_address(words.take());
    while (address && !words.empty()) {
      if (words.take() == host) return address;
    }
  }
  return std::nullopt;
}

Outcome fail_host(Session& session, std::string_view module, std::string_view host) {
  return session.fail(failed, "DTC{}9006E Host {} is unknown", module, host);
}

Outcome ping(Session& session, std::string_view text) {
  Operands operands(text);
  Ping::Request request;
  request.host = operands.take();
  if (request.host.empty()) return fail_network_operand(session, "PNG", "");
  if (!operands.empty()) return fail_network_operand(session, "PNG", operands.peek());
  std::uint32_t seconds = 10;
  const std::array<NumberOption, 4> options{{{"Count", 0, 999'999, request.count},
                                             {"Length", 0, longest_echo, request.length},
                                             {"Size", 0, longest_echo, request.length},
                                             {"Timeout", 1, 3600, seconds}}};
  if (const auto wrong = take_options(operands.options(), options))
    return fail_network_operand(session, "PNG", *wrong);
  request.timeout = std::chrono::seconds(seconds);
  if (session.tcpip.stack() == nullptr) return fail_no_stack(session, "PNG");
  const auto address = resolve(session, request.host);
  if (!address) return fail_host(session, "PNG", request.host);
  request.address = *address;
  if (to_upper(to_string(*address)) == request.host) {
    session.say("Ping Level 630: Pinging host {}.", to_string(*address));
  } else {
    session.say("Ping Level 630: Pinging host {} ({}).", request.host, to_string(*address));
  }
  session.say("                Enter #CP EXT to interrupt.");
  return Outcome(std::make_unique<Ping>(session, std::move(request)));
}

Outcome tcp_send(Session& session, std::string_view text) {
  Operands operands(text);
  FileIdError error;
  const auto file = take_file_id(operands, error);
  if (!file) return session.fail(error.return_code, "DMSSND{}", error.number_and_text);
  if (!operands.take_keyword("TO")) return fail_network_operand(session, "SND", operands.peek());
  const std::string host = operands.take();
  if (host.empty()) return fail_network_operand(session, "SND", "");
  std::uint32_t port = default_transfer_port;
  const std::array<NumberOption, 1> options{{{"PORT", 1, 65535, port}}};
  if (const auto wrong = take_options(rest_and_options(operands), options))
    return fail_network_operand(session, "SND", *wrong);
  if (session.tcpip.stack() == nullptr) return fail_no_stack(session, "SND");
  const auto address = resolve(session, host);
  if (!address) return fail_host(session, "SND", host);
  auto contents = session.disks.open(*file);
  if (contents == nullptr) {
    return session.fail(28, "DMSSND002E File {} {} {} not found", file->name, file->type, file->mode);
  }
  return Outcome(
      std::make_unique<TcpSend>(session, std::move(contents), *address, static_cast<std::uint16_t>(port)));
}

Outcome tcp_receive(Session& session, std::string_view text) {
  Operands operands(text);
  FileIdError error;
  const auto file = take_file_id(operands, error);
  if (!file) return session.fail(error.return_code, "DMSRCV{}", error.number_and_text);
  std::uint32_t port = default_transfer_port;
  std::uint32_t seconds = 3600;
  const std::array<NumberOption, 2> options{{{"PORT", 1, 65535, port}, {"Timeout", 1, 999'999, seconds}}};
  if (const auto wrong = take_options(rest_and_options(operands), options))
    return fail_network_operand(session, "RCV", *wrong);
  if (session.tcpip.stack() == nullptr) return fail_no_stack(session, "RCV");
  if (session.disks.disk(file->mode) == nullptr) {
    return session.fail(36, "DMSRCV069E Filemode {} not accessed", file->mode);
  }
  return Outcome(std::make_unique<TcpReceive>(session, *file, static_cast<std::uint16_t>(port),
                                              std::chrono::seconds(seconds)));
}

Outcome run_netstat(Session& session, std::string_view text) {
  if (session.tcpip.stack() == nullptr) return fail_no_stack(session, "NET");
  return netstat(session, text);
}

Outcome tcpip(Session& session, std::string_view text) {
  if (!trim(text).empty()) return fail_network_operand(session, "TCP", to_upper(trim(text)));
  if (session.tcpip.stack() != nullptr) {
    return session.fail(failed, "DTCTCP9002E TCP/IP is started already");
  }
  const auto file = profile_file(session);
  if (!file) return session.fail(28, "DMSTCP002E File PROFILE TCPIP * not found");
  return start_from_profile(session, *file);
}

constexpr std::array<Command, 5> commands_for_networks{{
    {"NETSTAT", "[DEvlinks|HOme|GAte|CONn|ARp]", "shows the TCP/IP stack", run_netstat},
    {"PING", "host [( Count n Length n Timeout seconds]", "asks a host for echoes", ping},
    {"TCPIP", "", "starts TCP/IP from PROFILE TCPIP", tcpip},
    {"TCPRECV", "fn ft [fm] [PORT n] [Timeout seconds]", "stores a file somebody sends over TCP",
     tcp_receive},
    {"TCPSEND", "fn ft [fm] TO host [PORT n]", "sends a file over TCP", tcp_send},
}};

}  // namespace

std::span<const Command> network_commands() { return commands_for_networks; }

}  // namespace vmlan::cms
