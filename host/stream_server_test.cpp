#include "host/stream_server.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

namespace vmlan::host {
namespace {

using std::chrono::milliseconds;

// Sends back what it gets; "END" makes it refuse, "BIG" asks for more than a connection may owe.
class Echo final : public StreamHandler {
 public:
  void connected(ConnectionId id) override { log += "+" + std::to_string(id) + " "; }
  bool received(ConnectionId id, std::span<const std::byte> bytes) override {
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    log += text + " ";
    if (text == "END") return false;
    const std::array pieces{bytes};
    if (text == "BIG") {
      const std::vector<std::byte> block(block_size);
      const std::array blocks{std::span<const std::byte>(block)};
      while (server->send(id, blocks)) ++accepted;
    } else {
      server->send(id, pieces);
    }
    server->flush(id);
    return true;
  }
  void closed(ConnectionId id) override { log += "-" + std::to_string(id) + " "; }

  static constexpr std::size_t block_size = 1024;
  StreamServer* server = nullptr;
  std::string log;
  std::size_t accepted = 0;
};

class Server : public ::testing::Test {
 protected:
  Server() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vmlan-test-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    path = folder + "/system.sock";
    auto made = StreamServer::listen(path, echo);
    server = std::move(std::get<std::unique_ptr<StreamServer>>(made));
    echo.server = server.get();
    loop.add(*server);
  }
  ~Server() override {
    end();
    std::filesystem::remove_all(folder);
  }
  Descriptor connect() { return std::get<Descriptor>(connect_unix(path, Trust::anybodys)); }
  void turn() { loop.pass(clock.now() + milliseconds(20)); }
  void end() {
    if (server != nullptr) loop.remove(*server);
    server.reset();
  }
  static void say(const Descriptor& socket, const char* text) {
    ASSERT_EQ(::send(socket.number(), text, std::strlen(text), MSG_NOSIGNAL),
              static_cast<ssize_t>(std::strlen(text)));
  }
  static std::string hear(const Descriptor& socket) {
    std::string text(100, ' ');
    const auto length = ::recv(socket.number(), text.data(), text.size(), 0);
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return text;
  }

  arch::VirtualClock clock;
  EventLoop loop{clock};
  Echo echo;
  std::string folder;
  std::string path;
  std::unique_ptr<StreamServer> server;
};

TEST_F(Server, AnswersEachConnection) {
  const auto first = connect();
  const auto second = connect();
  turn();
  say(first, "hello");
  say(second, "world");
  turn();
  EXPECT_EQ(hear(first), "hello");
  EXPECT_EQ(hear(second), "world");
  EXPECT_EQ(server->connections(), 2U);
}

TEST_F(Server, LearnsThatTheOtherEndIsGone) {
  auto socket = connect();
  turn();
  socket.reset();
  turn();
  turn();
  EXPECT_EQ(echo.log, "+1 -1 ");
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(Server, ClosesAConnectionThatMakesNoSense) {
  const auto socket = connect();
  turn();
  say(socket, "END");
  turn();
  turn();
  EXPECT_EQ(echo.log, "+1 END -1 ");
  EXPECT_EQ(::recv(socket.number(), &echo, 1, 0), 0) << "end of stream";
}

TEST_F(Server, AConnectionThatTakesNothingHasALimitAndHoldsUpNobody) {
  const auto slow = connect();
  const auto quick = connect();
  turn();
  say(slow, "BIG");
  turn();
  EXPECT_EQ(echo.accepted, StreamServer::output_limit / Echo::block_size);
  say(quick, "hello");
  turn();
  EXPECT_EQ(hear(quick), "hello");
}

TEST_F(Server, AConnectionThatIsToBeClosedAndTakesNothingIsCutInTheEnd) {
  const auto slow = connect();
  turn();
  say(slow, "BIG");
  turn();
  server->close(1);
  turn();
  turn();
  EXPECT_EQ(server->connections(), 1U) << "it may still take what it was sent";
  const auto end = clock.now() + StreamServer::farewell;
  for (int passes = 0; passes < 10 && clock.now() < end; ++passes) loop.pass(end);
  turn();
  EXPECT_EQ(server->connections(), 0U);
  EXPECT_EQ(echo.log, "+1 BIG -1 ");
}

TEST_F(Server, WithoutDescriptorsWhoKnocksWaitsAndNobodySpins) {
  const auto first = connect();
  turn();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const auto second = connect();
  const Descriptor highest(::dup(first.number()));
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(highest.number());  // the next one would be higher
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto start = clock.now();
  const auto until = start + StreamServer::pause_without_room / 2;
  int passes = 0;
  while (clock.now() < until && passes < 100) {
    loop.pass(until);
    ++passes;
  }
  EXPECT_LT(passes, 5);
  EXPECT_EQ(server->connections(), 1U);
  say(first, "hello");
  turn();
  EXPECT_EQ(hear(first), "hello") << "who is in is served";
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  for (const auto end = start + 2 * StreamServer::pause_without_room; clock.now() < end;) loop.pass(end);
  turn();
  EXPECT_EQ(server->connections(), 2U);
}

TEST_F(Server, APausedConnectionWaitsInItsSocket) {
  const auto socket = connect();
  turn();
  server->pause(1, true);
  say(socket, "later");
  turn();
  EXPECT_EQ(hear(socket), "");
  server->pause(1, false);
  turn();
  EXPECT_EQ(hear(socket), "later");
}

TEST_F(Server, WhatAPausedConnectionSentBeforeItsEndIsHeardAfterwards) {
  auto socket = connect();
  turn();
  server->pause(1, true);
  say(socket, "last words");
  socket.reset();
  turn();
  EXPECT_EQ(echo.log, "+1 ");
  server->pause(1, false);
  turn();
  turn();
  turn();
  EXPECT_EQ(echo.log, "+1 last words -1 ");
}

TEST_F(Server, AtItsEndEveryConnectionEnds) {
  const auto first = connect();
  const auto second = connect();
  turn();
  end();
  EXPECT_EQ(echo.log, "+1 +2 -1 -2 ");
}

TEST_F(Server, KnowsWhatItOwes) {
  const auto socket = connect();
  turn();
  EXPECT_EQ(server->owed(1), 0U);
  const std::vector<std::byte> block(1000);
  const std::array blocks{std::span<const std::byte>(block)};
  ASSERT_TRUE(server->send(1, blocks));
  EXPECT_EQ(server->owed(1), 1000U);
  server->flush(1);
  EXPECT_EQ(server->owed(1), 0U);
  EXPECT_EQ(server->owed(2), 0U) << "there is no such connection";
}

TEST_F(Server, TwoSystemsDoNotShareASocket) {
  const auto second = StreamServer::listen(path, echo);
  EXPECT_EQ(std::get<std::string>(second), path + ": another system is running there");
}

TEST_F(Server, ASystemThatHasNotBoundItsSocketYetIsOneAlready) {
  ::unlink(path.c_str());  // as if it had got no further than the lock
  const auto second = StreamServer::listen(path, echo);
  EXPECT_EQ(std::get<std::string>(second), path + ": another system is running there");
}

TEST_F(Server, AnUnusablePathIsAnError) {
  const auto server_there = StreamServer::listen(folder + "/missing/system.sock", echo);
  EXPECT_EQ(std::get<std::string>(server_there), folder + "/missing/system.sock: No such file or directory");
  const auto too_long = StreamServer::listen("/" + std::string(200, 'x'), echo);
  EXPECT_NE(std::get<std::string>(too_long).find("File name too long"), std::string::npos);
}

TEST_F(Server, TheSocketOfADeadSystemIsReplaced) {
  end();
  EXPECT_FALSE(std::filesystem::exists(path)) << "a system that ends takes its socket along";
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    const Descriptor killed(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(killed.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  auto made = StreamServer::listen(path, echo);
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<StreamServer>>(made));
  server = std::move(std::get<std::unique_ptr<StreamServer>>(made));
  echo.server = server.get();
  loop.add(*server);
  const auto socket = connect();
  turn();
  say(socket, "alive");
  turn();
  EXPECT_EQ(hear(socket), "alive");
}

}  // namespace
}  // namespace vmlan::host
