#include "apps/cli/capture_forms.h"

#include <algorithm>

#include "apps/cli/command_forms.h"
#include "apps/system/messages.h"
#include "cp/words.h"

namespace vmlan::apps {

namespace {

constexpr unsigned width_of_help = 100;
constexpr std::string_view interface_prefix = "vmlan-";
constexpr const char* lan_form = "LAN or OWNER.LAN";

// As the user said, or why not.
std::optional<UsageError> take_lan(std::string_view text, const char* option, CaptureOptions& options) {
  if (parse_lan_name(text, options.lan_owner, options.lan_name)) return std::nullopt;
  return bad_value(text, option, lan_form);
}

std::optional<UsageError> take_frames(const po::variables_map& values, CaptureOptions& options) {
  options.socket = text_of(values, "socket");
  options.user = cp::to_upper(text_of(values, "user"));
  options.dropped = values.count("dropped") != 0;
  options.control = values.count("control") != 0;
  if (options.user.empty() || cp::valid_userid(options.user)) return std::nullopt;
  return bad_value(options.user, "--user", "a user id");
}

}  // namespace

po::options_description capture_options() {
  po::options_description options("Options of vmlan capture", width_of_help);
  auto add = options.add_options();
  add("user", po::value<std::string>()->value_name("USERID"),
      "what this user's adapters send and receive; with --dropped, what of the user's was dropped");
  add("dropped", "only frames of which a copy went nowhere; the reason stands in the frame's comment");
  add("control", "also what guests and their adapters say to each other, for Wireshark with vmlan.lua");
  add("write,w", po::value<std::string>()->default_value("-")->value_name("FILE"),
      "pcapng; - is standard output");
  add("length", po::value<std::string>()->default_value("0")->value_name("BYTES"),
      "kept of a frame, 64 to 65535; 0: all");
  add("socket", po::value<std::string>()->value_name("PATH"),
      "of the system; the default is that of vmlan serve");
  add("help,h", "this help");
  return options;
}

Request capture_request(const po::variables_map& values) {
  constexpr unsigned least = 64;
  constexpr unsigned most = 65535;
  CaptureOptions options;
  const std::vector<std::string> operands = operands_of(values);
  if (operands.empty()) return missing("The LAN's name", "capture");
  if (auto error = take_lan(operands.front(), "the LAN", options)) return *error;
  for (std::size_t index = 1; index < operands.size(); ++index)
    options.filter += (options.filter.empty() ? "" : " ") + operands[index];
  if (auto error = take_frames(values, options)) return *error;
  options.output = text_of(values, "write");
  const auto length = number<std::uint32_t>(text_of(values, "length"));
  if (!length || (*length != 0 && (*length < least || *length > most)))
    return bad_value(text_of(values, "length"), "--length", "64 to 65535, or 0");
  options.length = *length;
  return options;
}

po::options_description extcap_options() {
  po::options_description options("Options of vmlan extcap, as Wireshark gives them", width_of_help);
  auto add = options.add_options();
  add("extcap-interfaces", "list the LANs of the running system");
  add("extcap-version", po::value<std::string>()->implicit_value("")->value_name("VERSION"), "Wireshark's");
  add("extcap-interface", po::value<std::string>()->value_name("NAME"), "the LAN that is meant");
  add("extcap-dlts", "list its link types");
  add("extcap-config", "list the options of a capture");
  add("extcap-capture-filter", po::value<std::string>()->value_name("FILTER"),
      "tcpdump's language; without --capture it is judged");
  add("capture", "capture");
  add("fifo", po::value<std::string>()->value_name("FILE"), "where to");
  add("user", po::value<std::string>()->value_name("USERID"), "as with vmlan capture");
  add("dropped", "as with vmlan capture");
  add("control", "as with vmlan capture");
  add("socket", po::value<std::string>()->value_name("PATH"),
      "of the system; the default is that of vmlan serve");
  add("help,h", "this help");
  return options;
}

Request extcap_request(const po::variables_map& values) {
  using Wish = ExtcapOptions::Wish;
  const auto wished = [&](const char* name) { return values.count(name) != 0; };
  if (wished("capture")) {
    CaptureOptions options;
    std::string interface = text_of(values, "extcap-interface");
    if (interface.starts_with(interface_prefix)) interface.erase(0, interface_prefix.size());
    if (auto error = take_lan(interface, "--extcap-interface", options)) return *error;
    if (auto error = take_frames(values, options)) return *error;
    options.filter = text_of(values, "extcap-capture-filter");
    options.output = text_of(values, "fifo");
    options.quiet = true;
    if (options.output.empty()) return missing("--fifo", "extcap");
    return options;
  }
  ExtcapOptions options;
  options.version = VMLAN_VERSION;
  options.socket = text_of(values, "socket");
  options.filter = text_of(values, "extcap-capture-filter");
  if (wished("extcap-interfaces")) {
    options.wish = Wish::interfaces;
  } else if (wished("extcap-dlts")) {
    options.wish = Wish::link_types;
  } else if (wished("extcap-config")) {
    options.wish = Wish::configuration;
  } else if (wished("extcap-capture-filter")) {
    options.wish = Wish::check_filter;
  } else {
    return missing("--extcap-interfaces or another wish", "extcap");
  }
  return options;
}

bool is_extcap(const std::vector<std::string>& arguments) {
  return std::ranges::any_of(arguments,
                             [](const std::string& argument) { return argument.starts_with("--extcap-"); });
}

}  // namespace vmlan::apps
