// Wireshark's extcap: one line of braces for each thing it asks for.
#include <fmt/format.h>

#include <vector>

#include "apps/serve/capture.h"
#include "apps/serve/system_client.h"
#include "apps/system/output.h"
#include "cp/words.h"
#include "host/trace/packet_filter.h"

namespace vmlan::apps {

namespace {

// "LAN SYSTEM LAN1          Type: QDIO ...": the first line of each LAN in the answer of QUERY.
void take_lan(std::string_view line, std::string_view kind, std::vector<std::string>& lans) {
  cp::Words words(line);
  if (words.next() != kind) return;
  const auto owner = words.next();
  const auto name = words.next();
  if (!cp::valid_name(owner) || !cp::valid_name(name)) return;
  lans.push_back(fmt::format("{}.{}", owner, name));
}

// Of the running system; none: there is none.
std::vector<std::string> lans_of_system(const std::string& socket) {
  std::vector<std::string> lans;
  for (const std::string_view kind : {"LAN", "VSWITCH"}) {
    auto client = SystemClient::connect(socket);
    if (std::holds_alternative<std::string>(client)) return {};
    std::get<SystemClient>(client).command(fmt::format("QUERY {}", kind),
                                           [&](std::string_view line) { take_lan(line, kind, lans); });
  }
  return lans;
}

void print_interfaces(const ExtcapOptions& options) {
  print_line(fmt::format("extcap {{version={}}}{{help=man:vmlan}}{{display=vmlan LANs}}", options.version));
  for (const std::string& lan : lans_of_system(options.socket))
    print_line(fmt::format("interface {{value=vmlan-{}}}{{display=vmlan LAN {}}}", lan, lan));
}

void print_configuration() {
  print_line(
      "arg {number=0}{call=--user}{display=User ID}{type=string}{tooltip=Only what this user sends and "
      "receives}");
  print_line(
      "arg {number=1}{call=--dropped}{display=Dropped frames only}{type=boolflag}{default=false}"
      "{tooltip=Only frames of which a copy went nowhere; the reason is a comment}");
  print_line(
      "arg {number=2}{call=--control}{display=Control dialogues too}{type=boolflag}{default=false}"
      "{tooltip=What guests and their adapters say to each other; load vmlan.lua}");
  print_line(
      "arg {number=3}{call=--socket}{display=Socket of the system}{type=string}"
      "{tooltip=Default: that of vmlan serve}");
}

}  // namespace

ExitCode answer_extcap(const ExtcapOptions& options) {
  switch (options.wish) {
    case ExtcapOptions::Wish::interfaces:
      print_interfaces(options);
      break;
    case ExtcapOptions::Wish::link_types:
      print_line("dlt {number=1}{name=EN10MB}{display=Ethernet}");
      break;
    case ExtcapOptions::Wish::configuration:
      print_configuration();
      break;
    case ExtcapOptions::Wish::check_filter: {
      // Wireshark takes what is printed for what is wrong with the filter.
      const auto filter = host::PacketFilter::compile(options.filter);
      if (const auto* error = std::get_if<std::string>(&filter)) print_line(*error);
      break;
    }
  }
  return ExitCode::success;
}

}  // namespace vmlan::apps
