#include "apps/cli/synth_forms.h"

#include <fmt/format.h>

#include <array>

#include "apps/cli/command_forms.h"
#include "apps/system/quantities.h"

namespace vmlan::apps {

namespace {

constexpr unsigned synth_help_width = 100;
constexpr std::uint64_t most_packets = std::uint64_t{1} << 60U;

template <class Kind>
struct Word {
  std::string_view text;
  Kind kind;
};

template <class Kind, std::size_t Size>
std::optional<UsageError> take_word(const po::variables_map& values, const char* name,
                                    const std::array<Word<Kind>, Size>& words, Kind& result) {
  const std::string text = text_of(values, name);
  std::string all;
  for (const auto& word : words) {
    if (word.text == text) {
      result = word.kind;
      return std::nullopt;
    }
    all += fmt::format("{}{}", all.empty() ? "" : ", ", word.text);
  }
  return bad_value(text, fmt::format("--{}", name), "one of " + all);
}

std::optional<UsageError> take_share(const po::variables_map& values, const char* name, double& result) {
  if (values.count(name) == 0) return std::nullopt;
  const std::string text = text_of(values, name);
  const auto share = parse_share(text);
  if (!share) return bad_value(text, fmt::format("--{}", name), "a share, such as 5% or 0.05");
  result = *share;
  return std::nullopt;
}

// The mix stands for a network as it is, and has what frames of one go to many, or are tagged.
std::optional<UsageError> take_frames(const po::variables_map& values, WorkloadOptions& options) {
  const std::string text = text_of(values, "sizes");
  if (text == "mix") {
    options.broadcast = 0.045;
    options.multicast = 0.026;
    options.tagged = 0.034;
  } else {
    auto sizes = FrameSizes::parse(text);
    if (const auto* wrong = std::get_if<std::string>(&sizes)) return bad_value(text, "--sizes", *wrong);
    options.sizes = std::get<FrameSizes>(std::move(sizes));
  }
  if (auto error = take_share(values, "broadcast", options.broadcast)) return error;
  if (auto error = take_share(values, "multicast", options.multicast)) return error;
  if (auto error = take_share(values, "vlan", options.tagged)) return error;
  if (auto error = take_number<std::uint32_t>(values, "vlans", 1, 4093, options.vlans)) return error;
  // Shares of thirds do not sum exactly.
  constexpr double nearly = 1e-9;
  if (options.broadcast + options.multicast + options.tagged > 1 + nearly)
    return UsageError{
        "--broadcast, --multicast and --vlan are shares of the same packets; together at most 100%"};
  return std::nullopt;
}

std::optional<UsageError> take_conversations(const po::variables_map& values, WorkloadOptions& options) {
  constexpr std::array talks{Word<Talk>{"pairs", Talk::pairs}, Word<Talk>{"random", Talk::random},
                             Word<Talk>{"server", Talk::server}};
  constexpr std::uint32_t most_flows = 10'000'000;
  if (auto error = take_number<std::uint32_t>(values, "users", 2, most_synth_users, options.users))
    return error;
  if (auto error = take_if_given<std::uint32_t>(values, "flows", 1, most_flows, options.flows)) return error;
  if (auto error = take_word(values, "talk", talks, options.talk)) return error;
  if (auto error = take_share(values, "ipv6", options.ipv6)) return error;
  return take_share(values, "tcp", options.tcp);
}

// "5k" packets a second, or "5kpps".
std::optional<UsageError> take_packet_rate(const po::variables_map& values, std::uint64_t& result) {
  const std::string text = text_of(values, "rate");
  constexpr std::string_view packets = "pps";
  const std::string_view number_of = text;
  const auto rate =
      parse_rate(number_of.substr(0, text.size() - (text.ends_with(packets) ? packets.size() : 0)));
  if (!rate || *rate > Gaps::fastest)
    return bad_value(text, "--rate", "packets a second, such as 5k, at most 1G");
  result = *rate;
  return std::nullopt;
}

std::optional<UsageError> take_times(const po::variables_map& values, WorkloadOptions& options) {
  constexpr std::array kinds{Word<Gaps::Kind>{"exponential", Gaps::Kind::exponential},
                             Word<Gaps::Kind>{"constant", Gaps::Kind::constant},
                             Word<Gaps::Kind>{"bursts", Gaps::Kind::bursts}};
  if (auto error = take_word(values, "gaps", kinds, options.gaps)) return error;
  if (auto error = take_packet_rate(values, options.rate)) return error;
  std::optional<std::uint64_t> packets;
  if (auto error = take_if_given<std::uint64_t>(values, "packets", 1, most_packets, packets)) return error;
  arch::Time duration{0};
  if (auto error = take_duration(values, "duration", duration)) return error;
  if (values.count("duration") != 0) {
    if (packets) return UsageError{"--packets and --duration both say how long it is; give one of them"};
    options.duration = duration;
    packets = most_packets;
  }
  options.packets = packets.value_or(options.packets);
  const bool too_long = options.duration ? duration > std::chrono::seconds(longest_workload)
                                         : options.packets / options.rate > longest_workload;
  if (too_long) return UsageError{"a pcap file's times end in 2106; give fewer packets, or a higher rate"};
  return std::nullopt;
}

}  // namespace

po::options_description synth_options() {
  po::options_description options("Options of vmlan synth", synth_help_width);
  auto add = options.add_options();
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("users", text("NUMBER")->default_value("10"), "who talk with each other");
  add("packets", text("NUMBER"), "so many; 10000 by default");
  add("duration", text("TIME"), "or as many as fit into it");
  add("rate", text("PACKETS/S")->default_value("10k"), "on average");
  add("gaps", text("KIND")->default_value("exponential"),
      "between packets: exponential (each by itself), constant, bursts (of up to 31 at eight times the "
      "rate)");
  add("talk", text("KIND")->default_value("random"),
      "random: everyone with everyone; pairs: two and two; server: clients with a few servers");
  add("flows", text("NUMBER"),
      "at the same time; by default as many as users, but of random UDP each packet is for itself");
  add("tcp", text("SHARE")->default_value("0"),
      "of the flows: TCP connections with handshake, requests, answers, thought and end; others are UDP");
  add("ipv6", text("SHARE")->default_value("0"), "of the flows");
  add("sizes", text("mix|LIST")->default_value("mix"),
      "mix: as on a large network; LIST: bytes of a frame with its check sequence, and how often: "
      "64:7,594:4,1518:1");
  add("broadcast", text("SHARE"), "of the packets; of the mix 4.5%, else 0");
  add("multicast", text("SHARE"), "of the packets, to 4 groups of 4 users; of the mix 2.6%, else 0");
  add("vlan", text("SHARE"), "of the packets: tagged; of the mix 3.4%, else 0");
  add("vlans", text("NUMBER")->default_value("4"), "that they are in, from 2 on");
  add("microseconds", "write times so, not in nanoseconds");
  add("seed", text("NUMBER")->default_value("1"),
      "of everything that happens by chance: the same, the same bytes");
  add("help,h", "this help");
  return options;
}

Request synth_request(const po::variables_map& values) {
  SynthOptions options;
  const auto operands = operands_of(values);
  if (operands.size() > 1) return too_many_operands(operands[1], "synth");
  if (!operands.empty()) options.output = operands.front();
  options.microseconds = values.count("microseconds") != 0;
  for (const auto take : {take_conversations, take_frames, take_times}) {
    if (auto error = take(values, options.workload)) return *error;
  }
  if (auto error = take_seed(values, options.workload.seed)) return *error;
  return options;
}

}  // namespace vmlan::apps
