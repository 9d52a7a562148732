// Those who leave the desk slowly: how many there may be, and what they hear that were not there to be told.
#include "apps/serve/test_desk.h"

namespace vmlan::apps {
namespace {

using link::MessageType;
using std::chrono::milliseconds;

class DeskOfTheLeaving : public TestDesk {
 protected:
  link::AfterEnd after_end(host::ConnectionId id) {
    const auto messages = heard(id);
    EXPECT_EQ(messages.size(), 1U);
    if (messages.size() != 1 || messages[0].type != MessageType::end) return link::AfterEnd::come_again;
    return link::parse_end(messages[0].body).after;
  }
};

TEST_F(DeskOfTheLeaving, OneThatLeavesAlreadyMakesNoRoomTwice) {
  std::vector<host::ConnectionId> strangers;
  for (std::size_t count = 0; count < LinkDesk::most_strangers + 3; ++count) {
    strangers.push_back(connect());
    pass(milliseconds(1));
  }
  for (std::size_t index = 0; index < strangers.size(); ++index)
    EXPECT_EQ(wire(strangers[index]).closing, index < 3) << index;
}

TEST_F(DeskOfTheLeaving, WhereTooManyLeaveNobodyElseIsLetIn) {
  for (std::size_t count = 0; count < LinkDesk::most_strangers + LinkDesk::most_leaving; ++count) {
    const auto id = connect();
    EXPECT_FALSE(wire(id).closing);
  }
  EXPECT_TRUE(wire(1).closing);
  const auto refused = connect();
  EXPECT_TRUE(wire(refused).closing);
  EXPECT_TRUE(say(refused, MessageType::command)) << "and not heard";
  EXPECT_EQ(types(refused), "");
  hang_up(refused);
  for (host::ConnectionId id = 1; id <= 10; ++id) hang_up(id);
  EXPECT_FALSE(wire(connect()).closing);
}

TEST_F(DeskOfTheLeaving, AForcedUserThatTakesNothingHearsOfItWhenItComesBack) {
  const auto stopped = join(hello_of("ALICE", 1));
  const auto full = join(hello_of("BOB", 2));
  wire(stopped).owed = 1;
  wire(full).room = 0;
  answer("FORCE ALICE");
  answer("FORCE BOB");
  desk.look_after();
  desk.look_after();
  EXPECT_TRUE(wire(stopped).closing);
  hang_up(stopped);
  hang_up(full);
  join(hello_of("ALICE", 3));
  answer("FORCE ALICE");
  for (const auto& hello : {hello_of("ALICE", 1), hello_of("BOB", 2)}) {
    const auto again = connect();
    EXPECT_TRUE(say_hello(again, hello));
    EXPECT_EQ(system.find(hello.user), nullptr);
    EXPECT_EQ(after_end(again), link::AfterEnd::stay_away);
    EXPECT_TRUE(wire(again).closing);
    join(hello);
  }
}

TEST_F(DeskOfTheLeaving, SoManyUnheardEndsAreKept) {
  for (std::size_t count = 0; count <= LinkDesk::most_unheard_ends; ++count) {
    const auto id = join(hello_of("ALICE", 1 + count));
    wire(id).owed = 1;
    answer("FORCE ALICE");
    desk.look_after();
    hang_up(id);
  }
  const auto second = connect();
  EXPECT_TRUE(say_hello(second, hello_of("ALICE", 2)));
  EXPECT_EQ(after_end(second), link::AfterEnd::stay_away);
  join(hello_of("ALICE", 1));
}

}  // namespace
}  // namespace vmlan::apps
