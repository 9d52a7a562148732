#include "apps/synth/workload.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <set>
#include <vector>

#include "wire/ip_packet.h"

namespace vmlan::apps {
namespace {

WorkloadOptions mixed() {
  WorkloadOptions options;
  options.broadcast = 0.045;
  options.multicast = 0.026;
  options.tagged = 0.034;
  options.ipv6 = 0.3;
  return options;
}

std::uint64_t fnv(std::uint64_t hash, std::span<const std::byte> bytes) {
  for (const auto byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01b3;
  return hash;
}

struct SynthFrame {
  arch::Time time{0};
  std::span<const std::byte> bytes;
};

// Every frame of a workload, as long as `see` looks at it.
template <class See>
std::uint64_t make_all(const WorkloadOptions& options, See see) {
  std::vector<std::byte> room(Workload::longest_frame);
  Workload workload(options);
  std::uint64_t count = 0;
  for (auto made = workload.next(room); made; made = workload.next(room), ++count) {
    see(SynthFrame{made->time, std::span(room).first(made->length)});
  }
  return count;
}

// Of the times and bytes.
std::uint64_t digest_of(const WorkloadOptions& options) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  make_all(options, [&](const SynthFrame& frame) {
    const arch::be64 time = static_cast<std::uint64_t>(frame.time.count());
    hash = fnv(fnv(hash, std::as_bytes(std::span(&time, 1))), frame.bytes);
  });
  return hash;
}

TEST(Workload, AThousandPacketsAreTheSameBytesOnEveryMachine) {
  auto options = mixed();
  options.packets = 1000;
  EXPECT_EQ(digest_of(options), 5110844447107999578U);
  options.tcp = 0.5;
  options.gaps = Gaps::Kind::bursts;
  options.talk = Talk::server;
  EXPECT_EQ(digest_of(options), 9953258779996108182U);
  const auto one = digest_of(options);
  options.seed = 2;
  EXPECT_NE(digest_of(options), one);
}

// As a receiver judges it, with every checksum.
void expect_well_formed(std::span<const std::byte> frame) {
  ASSERT_GE(frame.size(), 60U);
  EXPECT_EQ(frame[6] & std::byte{3}, std::byte{2}) << "the sender's address is one, and locally administered";
  const auto ip = wire::find_ip(frame, true);
  ASSERT_TRUE(ip);
  const auto version = ip->version;
  EXPECT_EQ(wire::parse_ip_packet(version, frame.subspan(ip->ip)).flaw, wire::IpFlaw::none);
  if (version == wire::IpVersion::v4) {
    wire::InternetSum header;
    header.add(&frame[ip->ip], ip->payload - ip->ip);
    EXPECT_TRUE(header.holds());
  }
  const auto transport = wire::find_transport(frame, *ip);
  if (!transport) return;  // a report of membership: frame_maker_test.cpp
  const auto length = ip->end - transport->begin;
  auto sum = wire::pseudo_header(frame, *ip, transport->protocol, length);
  sum.add(&frame[transport->begin], length);
  EXPECT_TRUE(sum.holds());
}

TEST(Workload, EveryFrameIsWellFormedWhateverTheOptions) {
  for (const auto talk : {Talk::pairs, Talk::random, Talk::server}) {
    for (const double tcp : {0.0, 0.5}) {
      for (const std::uint32_t users : {2U, 3U, 17U}) {
        auto options = mixed();
        options.packets = 500;
        options.talk = talk;
        options.tcp = tcp;
        options.users = users;
        EXPECT_EQ(make_all(options, [](const SynthFrame& frame) { expect_well_formed(frame.bytes); }), 500U);
      }
    }
  }
}

TEST(Workload, FramesHaveTheSharesOfTheMix) {
  auto options = mixed();
  options.packets = 200'000;
  options.ipv6 = 0;
  std::uint64_t broadcast = 0;
  std::uint64_t multicast = 0;
  std::uint64_t tagged = 0;
  constexpr std::array limits{64U, 127U, 255U, 511U, 1023U, 1518U, 9018U, 65'508U};
  std::array<std::uint64_t, limits.size()> sizes{};
  make_all(options, [&](const SynthFrame& frame) {
    const auto first = frame.bytes[0];
    if (first == std::byte{0xff}) ++broadcast;
    if (first == std::byte{0x01}) ++multicast;
    if (frame.bytes[12] == std::byte{0x81}) ++tagged;
    std::size_t kind = 0;
    while (frame.bytes.size() + FrameSizes::check_sequence > limits[kind]) ++kind;
    ++sizes[kind];
  });
  const auto share = [&](std::uint64_t count) { return static_cast<double>(count) / 200'000; };
  EXPECT_NEAR(share(broadcast), 0.045, 0.002);
  EXPECT_NEAR(share(multicast), 0.026, 0.002);
  EXPECT_NEAR(share(tagged), 0.034, 0.002);
  constexpr std::array shares{0.179, 0.467, 0.114, 0.065, 0.026, 0.136, 0.011, 0.001};
  for (std::size_t i = 0; i < shares.size(); ++i) EXPECT_NEAR(share(sizes[i]), shares[i], 0.004) << limits[i];
}

TEST(Workload, EverybodySendsToEverybodyAtRandomAndPairsAndServersKeepToThemselves) {
  for (const auto talk : {Talk::random, Talk::pairs, Talk::server}) {
    WorkloadOptions options;
    options.talk = talk;
    options.users = 16;  // two servers
    options.packets = 20'000;
    options.sizes = std::get<FrameSizes>(FrameSizes::parse("64"));
    std::set<std::pair<unsigned, unsigned>> met;
    make_all(options, [&](const SynthFrame& frame) {
      const auto user = [&](std::size_t at) { return std::to_integer<unsigned>(frame.bytes[at + 5]) - 1; };
      met.emplace(user(6), user(0));
    });
    const auto expected = talk == Talk::random ? 16U * 15U : talk == Talk::pairs ? 16U : 2U * 2U * 14U;
    EXPECT_EQ(met.size(), expected);
    for (const auto& [from, to] : met) {
      ASSERT_NE(from, to);
      EXPECT_TRUE(talk != Talk::pairs || from / 2 == to / 2) << from << ' ' << to;
      EXPECT_TRUE(talk != Talk::server || (from < 2) != (to < 2)) << from << ' ' << to;
    }
  }
}

TEST(Workload, ReportsOfMembershipComeFirstAndNameEveryGroup) {
  auto options = mixed();
  options.users = 100;
  std::set<std::vector<std::byte>> groups;
  std::uint64_t count = 0;
  make_all(options, [&](const SynthFrame& frame) {
    const bool v4 = frame.bytes[12] == std::byte{0x08} && frame.bytes[23] == std::byte{2};
    const bool v6 = frame.bytes[12] == std::byte{0x86} && frame.bytes[20] == std::byte{0};
    if (v4 || v6) {
      EXPECT_LT(count, 32U);
      groups.emplace(frame.bytes.begin(), frame.bytes.begin() + 6);
    }
    if (frame.bytes[0] == std::byte{0x01} || frame.bytes[0] == std::byte{0x33}) {
      EXPECT_TRUE(groups.contains({frame.bytes.begin(), frame.bytes.begin() + 6})) << "somebody receives it";
    }
    ++count;
  });
  EXPECT_EQ(groups.size(), 8U);
}

TEST(Workload, ADurationEndsItAndARateFillsIt) {
  WorkloadOptions options;
  options.packets = std::uint64_t{1} << 60U;
  options.duration = std::chrono::seconds(1);
  options.rate = 5000;
  options.gaps = Gaps::Kind::constant;
  arch::Time last{0};
  EXPECT_NEAR(static_cast<double>(make_all(options, [&](const SynthFrame& frame) { last = frame.time; })),
              5000, 1);
  EXPECT_LT(last, *options.duration);
}

// --- TCP ------------------------------------------------------------------------------------------------

// What each end of a connection has to expect next.
struct SynthConnection {
  bool open = false;
  std::map<unsigned, std::uint32_t> next;  // by port
  unsigned ends = 0;
};

TEST(Workload, ConnectionsBeginContinueAndEndAsTheirNumbersSay) {
  WorkloadOptions options;
  options.users = 6;
  options.tcp = 1;
  options.flows = 4;
  options.packets = 20'000;
  std::map<std::vector<std::byte>, SynthConnection> connections;
  std::uint64_t ended = 0;
  make_all(options, [&](const SynthFrame& frame) {
    const auto ip = wire::find_ip(frame.bytes, true);
    ASSERT_TRUE(ip);
    wire::TcpHeader tcp;
    std::memcpy(&tcp, &frame.bytes[ip->payload], sizeof(tcp));
    const unsigned from = tcp.source_port;
    const unsigned to = tcp.destination_port;
    const bool to_server = to == Conversations::server_port;
    std::vector<std::byte> key(frame.bytes.begin() + (to_server ? 0 : 6),
                               frame.bytes.begin() + (to_server ? 6 : 12));
    const arch::be16 client_port = static_cast<std::uint16_t>(to_server ? from : to);
    const auto* port = std::as_bytes(std::span(&client_port, 1)).data();
    key.insert(key.end(), port, port + 2);
    auto& connection = connections[key];
    const std::uint32_t data = ip->end - ip->payload - (tcp.data_offset >> 4U) * 4U;
    const bool syn = (tcp.flags & 2U) != 0;
    const bool fin = (tcp.flags & 1U) != 0;
    if (syn) {
      ASSERT_FALSE(connection.next.contains(from));
      ASSERT_EQ(to_server, connection.next.empty()) << "the client begins";
    } else {
      ASSERT_EQ(connection.next.at(from), tcp.sequence);
    }
    if (!syn || !to_server) {
      ASSERT_EQ(connection.next.at(to), tcp.acknowledgment) << "all has arrived";
    }
    connection.next[from] = tcp.sequence + data + (syn || fin ? 1U : 0U);
    if (fin) ++connection.ends;
    if (connection.ends == 2 && !fin) {
      ++ended;
      connections.erase(key);
    }
  });
  EXPECT_GT(ended, 200U);
  EXPECT_LE(connections.size(), 4U) << "no more at a time than asked for";
}

TEST(Workload, WhoeverThinksLetsOthersSpeakMeanwhile) {
  WorkloadOptions options;
  options.users = 2;
  options.talk = Talk::server;
  options.tcp = 1;
  options.flows = 256;
  options.packets = 100'000;
  options.gaps = Gaps::Kind::constant;
  std::map<unsigned, std::uint64_t> last;  // by the client's port
  std::uint64_t number = 0;
  std::array<std::uint64_t, 2> sums{};
  std::array<std::uint64_t, 2> counts{};
  std::set<unsigned> asked;
  make_all(options, [&](const SynthFrame& frame) {
    wire::TcpHeader tcp;
    std::memcpy(&tcp, &frame.bytes[34], sizeof(tcp));
    const bool to_server = tcp.destination_port == Conversations::server_port;
    const unsigned port = to_server ? tcp.source_port : tcp.destination_port;
    const bool is_request = to_server && (tcp.flags & wire::tcp_flag::push) != 0;
    if (last.contains(port)) {
      // The first request follows the handshake without a thought.
      const std::size_t kind = is_request && asked.contains(port) ? 1 : 0;
      sums[kind] += number - last[port];
      ++counts[kind];
    }
    if (is_request) asked.insert(port);
    last[port] = number++;
  });
  const auto mean = [&](std::size_t kind) {
    return static_cast<double>(sums[kind]) / static_cast<double>(counts[kind]);
  };
  EXPECT_GT(mean(1), 8 * mean(0));
}

}  // namespace
}  // namespace vmlan::apps
