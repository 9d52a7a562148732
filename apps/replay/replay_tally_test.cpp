#include "apps/replay/replay_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/replay/replay_lan.h"
#include "tests/kit/trace_file.h"

namespace vmlan::apps {
namespace {

using kit::ip_packet;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What must never happen is noticed when it does.

class Books : public ::testing::Test {
 protected:
  void SetUp() override {
    addresses.add(wire::IpAddress::v4(10, 1, 1, 1), 10);
    addresses.add(wire::IpAddress::v4(10, 1, 1, 2), 10);
    lan = std::make_unique<ReplayLan>(addresses, ReplayBuffers{}, 16);
    ASSERT_EQ(lan->log_on(), "");
    text = ip_packet("10.1.1.1", "10.1.1.2", 30);
    packet.is_packet = true;
    packet.source = wire::IpAddress::v4(10, 1, 1, 1);
    packet.destination = wire::IpAddress::v4(10, 1, 1, 2);
    packet.packet = std::as_bytes(std::span(text));
  }
  std::vector<std::string> faults() { return tally_faults(tally, lan->counters()); }

  ReplayAddresses addresses;
  std::unique_ptr<ReplayLan> lan;
  std::string text;
  JudgedRecord packet;
  ReplayTally tally;
};

TEST_F(Books, BalanceWhenAllIsWell) {
  tally.records = 1;
  lan->add(packet, arch::Time(0), tally);
  lan->flush(tally);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Books, NoticeAPacketThatArrivesChangedAndOneThatArrivesTwice) {
  tally.records = 1;
  lan->add(packet, arch::Time(0), tally);
  auto changed = text;
  changed.back() = static_cast<char>(changed.back() + 1);
  lan->received(1, std::as_bytes(std::span(changed)));
  lan->flush(tally);
  EXPECT_EQ(tally.differing, 1U);
  EXPECT_EQ(tally.unexpected, 1U);
  EXPECT_THAT(faults(), Contains(HasSubstr("arrived otherwise than they were sent")));
  EXPECT_THAT(faults(), Contains(HasSubstr("arrived where none was expected")));
}

TEST_F(Books, NoticePacketsOutOfOrder) {
  tally.records = 2;
  const auto other = ip_packet("10.1.1.1", "10.1.1.2", 30, 99);
  lan->add(packet, arch::Time(0), tally);
  packet.packet = std::as_bytes(std::span(other));
  lan->add(packet, arch::Time(0), tally);
  lan->received(1, std::as_bytes(std::span(other)));
  EXPECT_EQ(tally.differing, 1U);
}

TEST_F(Books, NoticeEveryKindOfContradiction) {
  const auto one_fault = [](const ReplayTally& books, const guestlan::Counters& counters) {
    return tally_faults(books, counters).size();
  };
  guestlan::Counters counters;
  ReplayTally balanced;
  EXPECT_EQ(one_fault(balanced, counters), 0U);
  for (auto member :
       {&ReplayTally::refused, &ReplayTally::lost, &ReplayTally::differing, &ReplayTally::unexpected,
        &ReplayTally::records, &ReplayTally::sent, &ReplayTally::received, &ReplayTally::sent_bytes}) {
    ReplayTally books;
    books.*member = 1;
    EXPECT_GE(one_fault(books, counters), 1U);
  }
  for (auto member :
       {&guestlan::Counters::tx_packets, &guestlan::Counters::tx_bytes, &guestlan::Counters::rx_packets}) {
    counters = {};
    counters.*member = 1;
    EXPECT_EQ(one_fault(balanced, counters), 1U);
  }
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    counters = {};
    counters.dropped[reason] = 1;
    EXPECT_EQ(one_fault(balanced, counters), 1U) << reason;
  }
}

TEST(ReplayNames, EveryReasonHasItsOwnName) {
  std::vector<std::string_view> names;
  for (std::size_t reason = 0; reason < not_sent_reasons; ++reason) {
    const auto name = to_string(static_cast<NotSent>(reason));
    EXPECT_NE(name, "unknown");
    EXPECT_THAT(names, ::testing::Not(Contains(name)));
    names.push_back(name);
  }
}

}  // namespace
}  // namespace vmlan::apps
