#include "apps/replay/replay_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/replay/members.h"
#include "apps/replay/post.h"
#include "tests/kit/trace_file.h"

namespace vmlan::apps {
namespace {

using kit::ip_packet;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What must never happen is noticed when it does.

class PostTest : public ::testing::Test {
 protected:
  PostTest()
      : members({.buffers = {2, 2, 8192}}, {}, clock, post),
        post(members, clock, &clock, {.batch = 2, .foreseen = 4}, tally) {}
  void SetUp() override {
    for (const std::uint8_t host : {std::uint8_t{1}, std::uint8_t{2}}) {
      ASSERT_NE(members.log_on({wire::IpAddress::v4(10, 1, 1, host)}, 0).user, Members::nobody);
    }
    letter.sender = 0;
    letter.to = {wire::IpAddress::v4(10, 1, 1, 2)};
    tally.records = tally.left = 1;
  }
  void add(const std::string& packet) {
    letter.bytes = std::as_bytes(std::span(packet));
    post.add(letter, arch::Time{0});
  }
  std::vector<std::string> faults() { return tally_faults(tally, members.total(), true); }

  ReplayTally tally;
  arch::VirtualClock clock;
  Members members;
  Post post;
  Letter letter;
  const std::string text = ip_packet("10.1.1.1", "10.1.1.2", 30);
};

TEST_F(PostTest, BooksBalanceWhenAllIsWell) {
  add(text);
  post.flush();
  EXPECT_EQ(tally.received, 1U);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(PostTest, NoticesAPacketThatArrivesChangedAndOneThatArrivesTwice) {
  add(text);
  auto changed = text;
  changed.back() = static_cast<char>(changed.back() + 1);
  post.received(1, std::as_bytes(std::span(changed)));
  post.flush();
  EXPECT_EQ(tally.differing, 1U);
  EXPECT_EQ(tally.unexpected, 1U);
  EXPECT_THAT(faults(), Contains(HasSubstr("arrived otherwise than they were sent")));
  EXPECT_THAT(faults(), Contains(HasSubstr("arrived where none was expected")));
}

TEST_F(PostTest, BatchesThatWaitLeaveInTheirOrderAndEachAtItsTime) {
  // Two users in turn, so that each packet is a batch; the fifth sends the four before it on their way.
  for (unsigned number = 0; number < 6; ++number) {
    const bool back = number % 2 == 1;
    const auto packet = back ? ip_packet("10.1.1.2", "10.1.1.1", 30 + number)
                             : ip_packet("10.1.1.1", "10.1.1.2", 30 + number);
    letter.sender = back ? 1 : 0;
    letter.to = {wire::IpAddress::v4(10, 1, 1, back ? 1 : 2)};
    letter.own_time = letter.left = arch::Time{number * 1000};
    letter.bytes = std::as_bytes(std::span(packet));
    post.add(letter, letter.left);
    EXPECT_EQ(tally.received, number < 4 ? 0U : 4U) << number;
    EXPECT_EQ(clock.now(), number < 4 ? arch::Time{0} : arch::Time{3000}) << number;
  }
  post.flush();
  EXPECT_EQ(clock.now(), arch::Time{5000});
  EXPECT_EQ(tally.received, 6U);
  EXPECT_EQ(tally.late, 0U);
  tally.records = tally.left = 6;
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(PostTest, WhoComesWhileBatchesWaitChangesNothingForThem) {
  add(text);
  ASSERT_NE(members.log_on({wire::IpAddress::v4(10, 1, 1, 3)}, 0).user, Members::nobody);
  EXPECT_EQ(tally.received, 1U) << "it left before";
}

TEST_F(PostTest, NoticesPacketsOutOfOrder) {
  const auto other = ip_packet("10.1.1.1", "10.1.1.2", 30, 99);
  add(text);
  add(other);
  post.received(1, std::as_bytes(std::span(other)));
  EXPECT_EQ(tally.differing, 1U);
}

TEST_F(PostTest, NoticesAPacketThatNeverArrives) {
  add(text);
  ASSERT_EQ(members.system().command("DETACH LAN REPLAY OWNERID SYSTEM").return_code, 0);
  post.flush();
  EXPECT_EQ(tally.lost, 1U);
  EXPECT_THAT(faults(), Contains(HasSubstr("did not arrive")));
}

TEST_F(PostTest, UsersGetLargerBuffersWhereALongPacketComes) {
  const auto large = ip_packet("10.1.1.1", "10.1.1.2", 60'000);
  add(text);
  add(large);
  add(text);
  post.flush();
  EXPECT_EQ(tally.received, 3U);
  tally.records = tally.left = 3;
  EXPECT_THAT(faults(), IsEmpty()) << "what those have counted who have gone stays in the LAN's sums";
}

TEST(ReplayTally, NoticesEveryKindOfContradiction) {
  const auto one_fault = [](const ReplayTally& books, const guestlan::Counters& counters) {
    return tally_faults(books, counters, true).size();
  };
  guestlan::Counters counters;
  ReplayTally balanced;
  EXPECT_EQ(one_fault(balanced, counters), 0U);
  for (auto member :
       {&ReplayTally::refused, &ReplayTally::lost, &ReplayTally::differing, &ReplayTally::unexpected,
        &ReplayTally::records, &ReplayTally::sent, &ReplayTally::received, &ReplayTally::sent_bytes,
        &ReplayTally::waiting, &ReplayTally::left, &ReplayTally::late, &ReplayTally::duplicated,
        &ReplayTally::queue_full}) {
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
