// A stream server at its bounds: what a connection may owe, when one that is to be closed is cut, what is
// looked at, and when the server has something to do by itself.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "host/stream_server.h"
#include "host/temporary_folder.h"

namespace vmlan::host {
namespace {

using std::chrono::milliseconds;

// Notes what it is told; answers "?" with "!", and ends who says "END" after "bye".
class Notes final : public StreamHandler {
 public:
  void connected(ConnectionId id) override { log.push_back("+" + std::to_string(id)); }
  bool received(ConnectionId id, std::span<const std::byte> bytes) override {
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    log.push_back(std::to_string(id) + text);
    if (text == "END") say(id, "bye");
    return text != "END";
  }
  void closed(ConnectionId id) override {
    log.push_back("-" + std::to_string(id));
    said_at_the_end = say(id, "last words");
  }
  bool say(ConnectionId id, std::string_view text) {
    const std::array pieces{std::as_bytes(std::span(text))};
    return server->send(id, pieces);
  }
  std::vector<std::string> take() { return std::exchange(log, {}); }

  StreamServer* server = nullptr;
  std::vector<std::string> log;
  bool said_at_the_end = true;
};

class ServerLimits : public ::testing::Test {
 protected:
  ServerLimits() {
    auto made = StreamServer::listen(path, notes);
    server = std::move(std::get<std::unique_ptr<StreamServer>>(made));
    notes.server = server.get();
    loop.add(*server);
  }
  ~ServerLimits() override { loop.remove(*server); }

  Descriptor connect() {
    auto socket = std::get<Descriptor>(connect_unix(path, Trust::anybodys));
    turn();
    notes.take();
    return socket;
  }
  void turn() { loop.pass(clock.now() + milliseconds(20)); }
  static void say(const Descriptor& socket, std::string_view text) {
    ASSERT_EQ(::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  static std::string hear(const Descriptor& socket) {
    std::string text(100, ' ');
    const auto length = ::recv(socket.number(), text.data(), text.size(), 0);
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return text;
  }
  bool send(ConnectionId id, std::size_t first, std::size_t second = 0) {
    const std::vector<std::byte> block(std::max(first, second));
    const std::array pieces{std::span(block).first(first), std::span(block).first(second)};
    return server->send(id, pieces);
  }
  // So much that the socket does not take it at once.
  void fill(ConnectionId id) {
    ASSERT_TRUE(send(id, StreamServer::output_limit));
    server->flush(id);
    ASSERT_GT(server->owed(id), 0U);
  }
  // What the server has poll(2) look at: the listener's events, then each connection's.
  std::vector<int> looked_at() {
    std::vector<pollfd> polled;
    server->add_to(polled);
    std::vector<int> events;
    for (const pollfd& entry : polled) events.push_back(entry.events);
    return events;
  }

  TemporaryFolder folder = *TemporaryFolder::make();
  std::string path = (folder.path() / "s").string();
  arch::VirtualClock clock;
  EventLoop loop{clock};
  Notes notes;
  std::unique_ptr<StreamServer> server;
};

TEST_F(ServerLimits, AConnectionMayOweSoMuchAndNotOneByteMore) {
  const auto socket = connect();
  EXPECT_FALSE(send(1, StreamServer::output_limit, 1)) << "all of it or nothing";
  EXPECT_EQ(server->owed(1), 0U);
  EXPECT_TRUE(send(1, StreamServer::output_limit - 10, 10));
  EXPECT_EQ(server->owed(1), StreamServer::output_limit);
  EXPECT_FALSE(send(1, 1));
  EXPECT_TRUE(send(1, 0));
  EXPECT_FALSE(send(2, 1)) << "nobody is there";
}

TEST_F(ServerLimits, PiecesArriveOneBehindTheOther) {
  const auto socket = connect();
  const std::string_view one = "one ";
  const std::string_view two = "two";
  const std::array pieces{std::as_bytes(std::span(one)), std::as_bytes(std::span(two))};
  EXPECT_TRUE(server->send(1, pieces));
  EXPECT_EQ(hear(socket), "") << "not before it is flushed";
  server->flush(1);
  EXPECT_EQ(hear(socket), "one two");
  server->flush(7);
  server->pause(7, true);
  server->close(7);
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ServerLimits, WhoMakesNoSenseHearsWhyBeforeItsEnd) {
  const auto socket = connect();
  say(socket, "END");
  turn();
  EXPECT_EQ(hear(socket), "bye");
  EXPECT_THAT(notes.take(), testing::ElementsAre("1END", "-1"));
}

TEST_F(ServerLimits, NothingIsSentToOneThatIsToBeClosedOrHasEnded) {
  const auto socket = connect();
  server->close(1);
  EXPECT_FALSE(send(1, 1));
  turn();
  EXPECT_THAT(notes.take(), testing::ElementsAre("-1"));
  EXPECT_FALSE(notes.said_at_the_end);
  EXPECT_EQ(server->owed(1), 0U);
}

TEST_F(ServerLimits, NorIsAnybodyAnsweredWhileTheServerEnds) {
  const auto first = connect();
  const auto second = connect();
  loop.remove(*server);
  server.reset();
  EXPECT_THAT(notes.take(), testing::ElementsAre("-1", "-2"));
  EXPECT_FALSE(notes.said_at_the_end);
  EXPECT_FALSE(std::filesystem::exists(path));
  auto made = StreamServer::listen(path, notes);
  server = std::move(std::get<std::unique_ptr<StreamServer>>(made));
}

TEST_F(ServerLimits, WhatIsLookedAtIsWhatIsWanted) {
  const auto socket = connect();
  EXPECT_THAT(looked_at(), testing::ElementsAre(POLLIN, POLLIN));
  server->pause(1, true);
  EXPECT_THAT(looked_at(), testing::ElementsAre(POLLIN, 0));
  fill(1);
  EXPECT_THAT(looked_at(), testing::ElementsAre(POLLIN, POLLOUT));
  server->pause(1, false);
  EXPECT_THAT(looked_at(), testing::ElementsAre(POLLIN, POLLIN | POLLOUT));
  server->close(1);
  EXPECT_THAT(looked_at(), testing::ElementsAre(POLLIN, POLLOUT)) << "it is not listened to any more";
}

TEST_F(ServerLimits, OneThatIsToBeClosedHasUntilItsFarewellIsOver) {
  const auto socket = connect();
  EXPECT_EQ(server->deadline(), std::nullopt);
  fill(1);
  EXPECT_EQ(server->deadline(), std::nullopt);
  clock.advance_to(milliseconds(1000));
  server->close(1);
  EXPECT_EQ(server->deadline(), arch::Time{0}) << "to note the time";
  server->tend(clock.now());
  EXPECT_EQ(server->deadline(), milliseconds(1000) + StreamServer::farewell);
  server->tend(milliseconds(999) + StreamServer::farewell);
  EXPECT_EQ(server->connections(), 1U);
  server->tend(milliseconds(1000) + StreamServer::farewell);
  EXPECT_EQ(server->connections(), 0U);
  EXPECT_EQ(server->deadline(), std::nullopt);
}

TEST_F(ServerLimits, TheFirstFarewellIsTheNextDeadline) {
  const auto one = connect();
  const auto two = connect();
  const auto three = connect();
  for (const ConnectionId id : {1U, 2U, 3U}) fill(id);
  for (const ConnectionId id : {2U, 1U, 3U}) {
    clock.advance_to(clock.now() + milliseconds(100));
    server->close(id);
    server->tend(clock.now());
  }
  EXPECT_EQ(server->deadline(), clock.now() - milliseconds(200) + StreamServer::farewell);
}

TEST_F(ServerLimits, OneThatHasTakenEverythingIsClosedAtOnce) {
  const auto socket = connect();
  fill(1);
  server->close(1);
  turn();
  std::vector<char> much(StreamServer::output_limit);
  while (server->connections() > 0) {
    ASSERT_GT(::recv(socket.number(), much.data(), much.size(), 0), 0);
    turn();
  }
  EXPECT_LT(clock.now(), StreamServer::farewell);
}

TEST_F(ServerLimits, WhoSaysSomethingAndTakesNothingAnyMoreIsStillHeard) {
  auto socket = connect();
  say(socket, "words");
  socket.reset();
  ASSERT_TRUE(send(1, 10));
  server->flush(1);
  EXPECT_EQ(server->owed(1), 0U) << "that is lost";
  turn();
  turn();
  EXPECT_THAT(notes.take(), testing::ElementsAre("1words", "-1"));
}

TEST_F(ServerLimits, WhoIsToBeClosedAndHasGoneIsNotWaitedFor) {
  auto socket = connect();
  fill(1);
  server->close(1);
  socket.reset();
  turn();
  turn();
  EXPECT_EQ(server->connections(), 0U);
  EXPECT_LT(clock.now(), StreamServer::farewell);
}

TEST_F(ServerLimits, SoManyAreLetInAtOnceThatTheOthersAreServed) {
  std::vector<Descriptor> sockets;
  for (unsigned count = 0; count < 65; ++count)
    sockets.push_back(std::get<Descriptor>(connect_unix(path, Trust::anybodys)));
  turn();
  EXPECT_EQ(server->connections(), 64U);
  turn();
  EXPECT_EQ(server->connections(), 65U);
}

TEST_F(ServerLimits, ItsSocketsBlockNobodyAndAreNotInherited) {
  const auto socket = connect();
  std::vector<pollfd> polled;
  server->add_to(polled);
  for (const int number : {polled[0].fd, polled[1].fd, socket.number()}) {
    EXPECT_NE(::fcntl(number, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(::fcntl(number, F_GETFD), FD_CLOEXEC);
  }
}

}  // namespace
}  // namespace vmlan::host
