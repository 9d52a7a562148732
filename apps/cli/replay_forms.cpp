#include "apps/cli/replay_forms.h"

#include <fmt/format.h>

#include <chrono>

#include "apps/replay/anonymiser.h"
#include "apps/replay/report_page.h"
#include "apps/system/quantities.h"

namespace vmlan::apps {

namespace {

constexpr unsigned replay_help_width = 100;

std::optional<UsageError> take_optional_duration(const po::variables_map& values, const char* name,
                                                 std::optional<arch::Time>& result) {
  if (values.count(name) == 0) return std::nullopt;
  arch::Time time{0};
  auto error = take_duration(values, name, time);
  if (!error) result = time;
  return error;
}

std::optional<UsageError> take_link(const po::variables_map& values, const char* name, LinkSettings& result) {
  if (values.count(name) == 0) return std::nullopt;
  const auto parsed = parse_link_settings(text_of(values, name));
  if (const auto* wrong = std::get_if<std::string>(&parsed))
    return UsageError{fmt::format("--{}: {}", name, *wrong)};
  result = std::get<LinkSettings>(parsed);
  return std::nullopt;
}

// "max", or a factor.
std::optional<UsageError> take_speed(const po::variables_map& values, Pace& pace) {
  const std::string text = text_of(values, "speed");
  if (text == "max") {
    pace.by = Pace::By::at_once;
    return std::nullopt;
  }
  constexpr double slowest = 1e-6;
  constexpr double fastest = 1e9;
  const auto speed = number<double>(text);
  if (!speed || !(*speed >= slowest && *speed <= fastest))
    return bad_value(text, "--speed", "a factor, such as 0.5 or 10, or max");
  pace.speed = *speed;
  return std::nullopt;
}

// "100M" bits a second, "5kpps" packets.
std::optional<UsageError> take_rate(const po::variables_map& values, Pace& pace) {
  if (values.count("rate") == 0) return std::nullopt;
  const std::string text = text_of(values, "rate");
  constexpr std::string_view packets = "pps";
  const bool by_packets = text.ends_with(packets);
  const auto rate =
      parse_rate(std::string_view(text).substr(0, text.size() - (by_packets ? packets.size() : 0)));
  if (!rate) return bad_value(text, "--rate", "bits a second, such as 100M, or packets, such as 5kpps");
  pace.by = by_packets ? Pace::By::packets : Pace::By::bits;
  pace.rate = *rate;
  return std::nullopt;
}

void add_reading_options(po::options_description& options) {
  auto add = options.add_options();
  add("follow", "the trace still grows: wait for more at its end, until Ctrl-C");
  add("filter", po::value<std::string>()->value_name("TEXT"),
      "only records that pass this filter in tcpdump's language");
  add("from", po::value<std::string>()->value_name("TIME"),
      "leave out what comes earlier, counted from the first record");
  add("to", po::value<std::string>()->value_name("TIME"), "leave out what comes then or later");
  add("first", po::value<std::string>()->value_name("NUMBER"), "read so many records");
  add("inner", "send the packets inside of tunnels: GRE, VXLAN, Geneve, GTP, IP in IP");
  add("pad", "fill what the trace has cut off with zeros");
  add("mtu", po::value<std::string>()->value_name("BYTES"),
      "cut longer TCP packets into segments, as an adapter does");
}

void add_mapping_options(po::options_description& options) {
  auto add = options.add_options();
  add("max-users", po::value<std::string>()->value_name("NUMBER"),
      "addresses beyond that get no user; by default as many as memory allows");
  add("survey",
      "read the trace twice: all users log on before the first packet, in the order of their addresses");
  add("senders-only",
      "with --survey: whoever sends nothing is no user; what is for it ends as unknown address");
  add("by-vlan", "keep VLANs apart: each is a LAN of its own, an address in two of them two users");
  add("frames", "send whole Ethernet frames, as they are, from a user for each MAC address");
  add("map", po::value<std::string>()->value_name("FILE"), "which addresses are which users, on which LANs");
  add("with", po::value<std::string>()->value_name("FILE"),
      "CP commands before the first packet: LANs, switches, policies");
}

void add_time_options(po::options_description& options) {
  auto add = options.add_options();
  add("clock", po::value<std::string>()->default_value("virtual")->value_name("real|virtual"),
      "virtual: as fast as it goes, and each packet exactly at its time; real: in real time");
  add("speed", po::value<std::string>()->default_value("1")->value_name("FACTOR|max"),
      "times as fast as the trace; max: no time between packets");
  add("rate", po::value<std::string>()->value_name("RATE"),
      "evenly, so many bits (100M) or packets (5kpps) a second");
  add("loop", po::value<std::string>()->default_value("1")->value_name("NUMBER"),
      "the trace so many times, one after the other");
  add("rewrite", "with --loop: other addresses each time");
  add("sort", po::value<std::string>()->value_name("TIME"),
      "put records in order whose times go back by no more than this");
  add("link", po::value<std::string>()->value_name("SETTINGS"),
      "of each user's way to its LAN: rate=100M delay=5ms queue=50 loss=0.1% duplicate=0 reorder=0 "
      "reorder-by=1ms");
  add("lan-link", po::value<std::string>()->value_name("SETTINGS"), "the same for each LAN as a whole");
  add("closed",
      "users' own TCP/IP stacks play the TCP connections, so that loss and delay have consequences");
  add("service-time", po::value<std::string>()->value_name("TIME"), "that a receiver takes for each packet");
  add("buffers", po::value<std::string>()->default_value("8")->value_name("NUMBER"),
      "of each user that has a --service-time or is --closed: 8, 16, 32, 64 or 128 for input");
  add("seed", po::value<std::string>()->default_value("1")->value_name("NUMBER"),
      "of everything that happens by chance");
  add("batch", po::value<std::string>()->default_value("1")->value_name("NUMBER"),
      "packets in a row from one source and of one time that may go out together, with one SIGA: 1 to 128");
}

void add_report_options(po::options_description& options) {
  auto add = options.add_options();
  add("tables", "by user, LAN, VLAN, flow and interval");
  add("interval", po::value<std::string>()->default_value("1s")->value_name("TIME"), "of the tables");
  add("json", po::value<std::string>()->value_name("FILE"),
      "the report for programs, and for vmlan replay compare");
  add("csv", po::value<std::string>()->value_name("FOLDER"), "each table as a file");
  add("html", po::value<std::string>()->value_name("FILE"), "the report as a page");
  add("pcapng", po::value<std::string>()->value_name("FILE"),
      "what the LANs carried, by user, with what was dropped");
  add("anonymise", po::value<std::string>()->value_name("SECRET"),
      "other addresses in reports; what shared a prefix still does, and the same secret makes the same ones");
  add("against", po::value<std::vector<std::string>>()->value_name("FILE"),
      "replay compare: a report of the other side; several times, where each side has several seeds");
  add("no-rate", "leave out the line with real time, the only one that differs from run to run");
  add("help,h", "this help");
}

std::optional<UsageError> take_reading(const po::variables_map& values, ReplayOptions& options) {
  options.follow = values.count("follow") != 0;
  options.filter = text_of(values, "filter");
  options.judge.inner = values.count("inner") != 0;
  options.judge.pad = values.count("pad") != 0;
  options.judge.frames = values.count("frames") != 0;
  if (auto error = take_optional_duration(values, "from", options.from)) return error;
  if (auto error = take_optional_duration(values, "to", options.to)) return error;
  if (auto error = take_if_given<std::uint64_t>(values, "first", 1, std::uint64_t{1} << 60U, options.first))
    return error;
  std::optional<std::uint32_t> mtu;
  if (auto error = take_if_given<std::uint32_t>(values, "mtu", 576, 65'504, mtu)) return error;
  options.judge.mtu = mtu.value_or(0);
  return std::nullopt;
}

std::optional<UsageError> take_mapping(const po::variables_map& values, ReplayOptions& options) {
  constexpr unsigned most_users = 10'000'000;
  options.survey = values.count("survey") != 0;
  options.senders_only = values.count("senders-only") != 0;
  options.apart_by_vlan = values.count("by-vlan") != 0;
  options.mapping = text_of(values, "map");
  options.commands = text_of(values, "with");
  if (options.rewrite && options.survey) {
    return UsageError{"--survey knows the trace's own addresses, not those that --rewrite makes"};
  }
  if (options.rewrite && options.judge.frames)
    return UsageError{"--rewrite knows IP addresses, not those of --frames"};
  if (options.senders_only && !options.survey)
    return UsageError{"--senders-only needs --survey: who sends is known when all was read"};
  const bool reads_input_twice = options.survey || options.closed || options.loop > 1;
  for (const auto& trace : options.traces) {
    if (trace == "-" && reads_input_twice)
      return UsageError{"standard input can't be read twice; --survey, --closed and --loop need a file"};
  }
  return take_if_given<unsigned>(values, "max-users", 1, most_users, options.max_users);
}

// What the stacks of --closed can't do.
std::optional<UsageError> take_closed(const po::variables_map& values, ReplayOptions& options) {
  options.closed = values.count("closed") != 0;
  if (!options.closed) return std::nullopt;
  const std::pair<bool, std::string_view> others[] = {
      {options.clock == ClockKind::real, "--clock real: under the virtual clock it loses no accuracy"},
      {options.judge.frames, "--frames: stacks speak IP"},
      {options.follow, "--follow: the trace is read before it is played"},
      {options.loop > 1, "--loop: a connection is played once"},
      {options.links.service_time > arch::Time{0}, "--service-time: a stack takes what is there"},
  };
  for (const auto& [is_given, why] : others) {
    if (is_given) return UsageError{fmt::format("--closed does not go with {}", why)};
  }
  // A window of packets has to find room.
  constexpr unsigned for_a_window = 64;
  if (values["buffers"].defaulted()) options.buffers = for_a_window;
  return std::nullopt;
}

std::optional<UsageError> take_pace(const po::variables_map& values, ReplayOptions& options) {
  if (auto error = take_clock(values, options.clock)) return error;
  if (auto error = take_speed(values, options.pace)) return error;
  if (auto error = take_rate(values, options.pace)) return error;
  if (auto error = take_number<unsigned>(values, "loop", 1, 1'000'000'000, options.loop)) return error;
  options.rewrite = values.count("rewrite") != 0;
  if (auto error = take_duration(values, "sort", options.sort_window)) return error;
  if (auto error = take_link(values, "link", options.links.nic)) return error;
  if (auto error = take_link(values, "lan-link", options.links.lan)) return error;
  if (auto error = take_duration(values, "service-time", options.links.service_time)) return error;
  if (auto error = take_number<unsigned>(values, "buffers", 8, 128, options.buffers)) return error;
  if ((options.buffers & (options.buffers - 1)) != 0) {
    return bad_value(text_of(values, "buffers"), "--buffers", "8, 16, 32, 64 or 128");
  }
  if (auto error = take_closed(values, options)) return error;
  if (auto error = take_seed(values, options.seed)) return error;
  return take_number<unsigned>(values, "batch", 1, 128, options.batch);
}

std::optional<UsageError> take_reports(const po::variables_map& values, ReplayOptions& options) {
  options.tables = values.count("tables") != 0;
  options.json = text_of(values, "json");
  options.csv = text_of(values, "csv");
  options.html = text_of(values, "html");
  options.pcapng = text_of(values, "pcapng");
  options.anonymise = text_of(values, "anonymise");
  if (!options.anonymise.empty() && !options.pcapng.empty()) {
    return UsageError{
        "--anonymise changes what reports show, not the packets of --pcapng; leave one of them out"};
  }
  if (!options.anonymise.empty() && !Anonymiser::is_there()) {
    return UsageError{
        "--anonymise: this vmlan was built without libcrypto; install libssl-dev and build again"};
  }
  if (!options.html.empty() && !page_template()) {
    return UsageError{
        "--html: this vmlan was built without its page, which needs npm; install nodejs and npm "
        "(scripts/setup "
        "page), and configure and build again where npm's registry can be reached"};
  }
  options.rate = values.count("no-rate") == 0;
  return take_duration(values, "interval", options.interval);
}

}  // namespace

po::options_description replay_options() {
  po::options_description options("Options of vmlan replay", replay_help_width);
  add_reading_options(options);
  add_mapping_options(options);
  add_time_options(options);
  add_report_options(options);
  return options;
}

namespace {

Request compare_request(const po::variables_map& values, std::vector<std::string> files) {
  CompareOptions options;
  if (values.count("against") != 0) options.against = values["against"].as<std::vector<std::string>>();
  if (options.against.empty()) {
    if (files.size() < 2) return missing("The second report's name", "replay compare");
    if (files.size() > 2)
      return UsageError{"replay compare: more than two reports; name those of the other side with --against"};
    options.against = {files.back()};
    files.pop_back();
  }
  if (files.empty()) return missing("The first report's name", "replay compare");
  options.files = std::move(files);
  return options;
}

}  // namespace

Request replay_request(const po::variables_map& values) {
  ReplayOptions options;
  options.traces = operands_of(values);
  if (!options.traces.empty() && options.traces.front() == "compare") {
    return compare_request(values, {options.traces.begin() + 1, options.traces.end()});
  }
  if (options.traces.empty()) return missing("The trace's name", "replay");
  for (const auto take : {take_reading, take_pace, take_mapping, take_reports}) {
    if (auto error = take(values, options)) return *error;
  }
  return options;
}

}  // namespace vmlan::apps
