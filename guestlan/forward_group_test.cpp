// Frames for large groups wait for each other within a SIGA: nobody can tell.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "arch/clock.h"
#include "guestlan/lan.h"
#include "tests/kit/lan_user.h"
#include "wire/ethernet.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;

constexpr unsigned crowd = 90;
constexpr unsigned members = 70;  // of the group
const Bytes all_of_them{255, 255, 255, 255};
const Bytes group_ip{224, 1, 2, 3};

class LargeGroups : public ::testing::Test {
 protected:
  LargeGroups() : lan(attributes()) {
    for (unsigned number = 0; number < crowd; ++number) {
      users.push_back(std::make_unique<LanUser>(lan, "U" + std::to_string(number),
                                                Bytes{10, 0, 0, static_cast<std::uint8_t>(number + 1)}));
      users.back()->port().enable_broadcast(true);
      if (number >= members) continue;
      const auto group = wire::IpAddress::v4(group_ip.data());
      EXPECT_EQ(users.back()->port().set_multicast(group, wire::multicast_mac(group)),
                qdio::IpaCode::success);
    }
    expected.resize(crowd);
  }
  static LanAttributes attributes() {
    LanAttributes result;
    result.owner = "SYSTEM";
    result.name = "LAN1";
    return result;
  }
  // Primes a packet for the next SIGA of the first user, and notes who must get it.
  void prime(const Bytes& to, std::size_t length = 64) {
    fill = static_cast<std::uint8_t>(fill % 250 + 1);
    auto& sender = *users[0];
    sender.memory.prime_output(1, sender.next_output, ipv4_packet(sender.address, to, length, fill));
    sender.next_output = (sender.next_output + 1) % 128;
    for (unsigned number = 1; number < crowd; ++number) {
      const bool in_group = to == group_ip && number < members;
      if (to == all_of_them || in_group || to == users[number]->address) expected[number].push_back(fill);
    }
  }
  void siga() { users[0]->nic.transmit(2, users[0]->queues, 0x80000000U); }
  void expect_all() {
    std::uint64_t copies = 0;
    for (unsigned number = 1; number < crowd; ++number) {
      for (const auto wanted : expected[number]) {
        ASSERT_EQ(users[number]->receive(), wanted) << "user " << number;
        ++copies;
      }
      ASSERT_EQ(users[number]->receive(), 0) << "user " << number;
      expected[number].clear();
    }
    total += copies;
    EXPECT_EQ(users[0]->port().counters().tx_copies, total);
    EXPECT_EQ(users[0]->receive(), 0) << "nobody hears himself";
  }

  Lan lan;
  std::vector<std::unique_ptr<LanUser>> users;
  std::vector<std::deque<std::uint8_t>> expected;
  std::uint8_t fill = 0;
  std::uint64_t total = 0;
};

TEST_F(LargeGroups, OneStationsPacketsStayBehindTheGroupsBeforeThem) {
  prime(all_of_them);
  prime(all_of_them);
  prime(users[5]->address);
  prime(group_ip);
  prime(all_of_them);
  prime(users[5]->address);
  siga();
  expect_all();
}

TEST_F(LargeGroups, AllHaveArrivedWhenTheSigaEnds) {
  for (const unsigned frames : {1U, 2U, 15U, 16U, 17U, 40U}) {
    for (unsigned frame = 0; frame < frames; ++frame) prime(all_of_them);
    siga();
    expect_all();
  }
  EXPECT_EQ(users[1]->interrupts, 6U) << "one for each SIGA";
}

TEST_F(LargeGroups, ALongOneDoesNotOvertake) {
  prime(all_of_them, 100);
  prime(all_of_them, 3000);
  prime(all_of_them, 100);
  siga();
  expect_all();
}

TEST_F(LargeGroups, WhateverTheOrder) {
  arch::Prng chance(11);
  for (unsigned round = 0; round < 60; ++round) {
    for (auto left = 1 + chance.below(50); left > 0; --left) {
      const auto what = chance.below(10);
      const auto length =
          static_cast<std::size_t>(chance.below(4) == 0 ? 2000 + chance.below(200) : 64 + chance.below(500));
      if (what < 5) {
        prime(all_of_them, length);
      } else if (what < 8) {
        prime(group_ip, length);
      } else {
        prime(users[1 + chance.below(crowd - 1)]->address, length);
      }
    }
    siga();
    expect_all();
    if (HasFatalFailure()) return;
  }
}

// Sends a broadcast of its own as soon as it is given one.
class Answering final : public FrameSink {
 public:
  explicit Answering(std::function<void()> answer) : answer_(std::move(answer)) {}
  qdio::GiveResult give(const qdio::ReceiveHeader&, const qdio::Frame&, WhenFull) override {
    if (given++ == 0) answer_();
    return qdio::GiveResult::given;
  }
  qdio::GiveResult give_unfinished(const wire::Layer3Header&, const qdio::Offload&, const qdio::Frame&,
                                   WhenFull) override {
    return qdio::GiveResult::given;
  }
  void publish() override {}

  unsigned given = 0;

 private:
  std::function<void()> answer_;
};

TEST_F(LargeGroups, WhoAnswersWhileItIsGivenThemIsHeard) {
  auto& second = *users[1];
  Answering sink([&] { second.send(all_of_them, 251); });
  NicSettings settings;
  settings.owner = "SINK";
  Nic nic(settings);
  nic.couple(lan, true);
  DataPort& port = nic.port_of_data_device(2);
  port.session_established(qdio::Transport::ip, "TEST", "");
  port.start_lan();
  port.enable_broadcast(true);
  port.remote_queues(&sink);
  for (unsigned frame = 0; frame < 3; ++frame) prime(all_of_them);
  siga();
  EXPECT_EQ(sink.given, 4U);
  EXPECT_EQ(users[0]->receive(), 251);
  for (unsigned number = 2; number < crowd; ++number) {
    unsigned received = 0;
    bool heard = false;
    while (const auto byte = users[number]->receive()) {
      ++received;
      heard = heard || byte == 251;
    }
    EXPECT_EQ(received, 4U) << "user " << number;
    EXPECT_TRUE(heard) << "user " << number;
  }
  nic.uncouple();
}

// Over a link a batch may be in progress while others' commands are carried out.
class UnfinishedBatch : public LargeGroups {
 protected:
  void transmit(const Bytes& to) {
    fill = static_cast<std::uint8_t>(fill % 250 + 1);
    const auto bytes = ipv4_packet(users[0]->address, to, 64, fill);
    qdio::Frame frame;
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
    ASSERT_TRUE(qdio::judge(frame));
    users[0]->port().transmit(frame);
    for (unsigned number = 1; number < crowd; ++number) {
      if (to == all_of_them || (to == group_ip && number < members)) expected[number].push_back(fill);
    }
  }
  void leave_group(unsigned number) {
    const auto group = wire::IpAddress::v4(group_ip.data());
    ASSERT_EQ(users[number]->port().delete_multicast(group), qdio::IpaCode::success);
  }
};

TEST_F(UnfinishedBatch, TheGroupMayEnd) {
  transmit(group_ip);
  transmit(group_ip);
  for (unsigned number = 0; number < members; ++number) leave_group(number);
  lan.publish();
  expect_all();
}

TEST_F(UnfinishedBatch, WhoComesLaterDidNotHearIt) {
  users[3]->port().enable_broadcast(false);
  transmit(all_of_them);
  expected[3].clear();
  users[3]->port().enable_broadcast(true);
  users[4]->port().enable_broadcast(false);
  lan.publish();
  expect_all();
}

TEST_F(UnfinishedBatch, AReceiverMayLeave) {
  transmit(all_of_them);
  users[crowd - 1]->nic.uncouple();
  lan.publish();
  expect_all();
}

TEST_F(UnfinishedBatch, TheSenderMayLeave) {
  transmit(all_of_them);
  users[0]->nic.uncouple();
  for (unsigned number = 1; number < crowd; ++number) {
    EXPECT_EQ(users[number]->receive(), fill) << "user " << number;
  }
}

TEST_F(LargeGroups, AFullReceiverLosesTheLastOnes) {
  for (unsigned slot = 0; slot < 128; ++slot) users[7]->memory.set_state(0, slot, slot < 3 ? 0x41 : 0xc0);
  for (unsigned frame = 0; frame < 5; ++frame) prime(all_of_them);
  expected[7].resize(3);
  siga();
  expect_all();
  EXPECT_EQ(users[0]->port().counters().dropped[static_cast<std::size_t>(Drop::no_empty_buffer)], 2U);
}

}  // namespace
}  // namespace vmlan::guestlan
