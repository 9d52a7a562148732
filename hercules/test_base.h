// A base for the client's tests: a socket that somebody listens on, one connection at a time, and what the
// tests say and hear there. Every wait is bounded.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "link/decoder.h"
#include "link/send_buffer.h"

namespace vmlan::hercules {

inline constexpr int patience_ms = 10000;

// What a client has said to its operator, from whatever thread.
class Messages {
 public:
  void note(const char* text) {
    std::unique_lock guard(lock_);
    said_ += std::string(text) + "\n";
    changed_.notify_all();
    changed_.wait_for(guard, std::chrono::milliseconds(patience_ms), [this] { return !held_; });
  }
  // Whoever says something waits until it is let go.
  void hold(bool on) {
    const std::lock_guard guard(lock_);
    held_ = on;
    changed_.notify_all();
  }
  // Whether it has said so, now or soon.
  bool says(const std::string& text) {
    std::unique_lock guard(lock_);
    return changed_.wait_for(guard, std::chrono::milliseconds(patience_ms),
                             [&] { return said_.find(text) != std::string::npos; });
  }
  std::string said() {
    const std::lock_guard guard(lock_);
    return said_;
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::string said_;
  bool held_ = false;
};

class TestBase {
 public:
  struct Heard {
    link::MessageType type{};
    unsigned device = 0;
    std::vector<std::byte> body;
  };

  TestBase() {
    std::string name = (std::filesystem::temp_directory_path() / "vmlan-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ + "/s";
    open();
  }
  ~TestBase() {
    close();
    std::filesystem::remove_all(folder_);
  }
  TestBase(const TestBase&) = delete;
  TestBase& operator=(const TestBase&) = delete;

  const std::string& path() const { return path_; }

  void open() {
    ::unlink(path_.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(::listen(listener_, 4), 0);
  }
  void close() {
    hang_up();
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
  }
  void hang_up() {
    if (connection_ >= 0) ::close(connection_);
    connection_ = -1;
    decoder_.restart();
  }

  bool await_connection() {
    pollfd watched{listener_, POLLIN, 0};
    if (::poll(&watched, 1, patience_ms) != 1) return false;
    connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    return connection_ >= 0;
  }
  // The next message; nothing: the time was over, or the client has closed.
  std::optional<Heard> hear() {
    while (true) {
      if (const auto message = decoder_.next()) {
        return Heard{message->type, message->device_index, {message->body.begin(), message->body.end()}};
      }
      pollfd watched{connection_, POLLIN, 0};
      if (::poll(&watched, 1, patience_ms) != 1) return std::nullopt;
      const auto free = decoder_.room();
      const auto count = ::recv(connection_, free.data(), free.size(), 0);
      if (count <= 0) return std::nullopt;
      decoder_.received(static_cast<std::size_t>(count));
    }
  }
  void say(link::SendBuffer& out) {
    say_bytes(out.pending());
    out.clear();
  }
  void say_bytes(std::span<const std::byte> bytes) {
    ASSERT_EQ(::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void say(link::MessageType type, unsigned device, std::span<const std::byte> body) {
    link::SendBuffer out(link::max_body);
    out.add(type, device, {body});
    say(out);
  }
  // The client's HELLO, answered with ACCEPT.
  link::Hello accept() {
    EXPECT_TRUE(await_connection());
    const auto heard = hear();
    EXPECT_TRUE(heard && heard->type == link::MessageType::hello);
    if (!heard) return {};
    link::SendBuffer out(link::max_body);
    out.add_accept({{{2, 0, 0, 0, 0, 1}}, 0x0a, 8992, "SYSTEM LAN1"});
    say(out);
    return link::parse_hello(heard->body).hello;
  }

 private:
  std::string folder_;
  std::string path_;
  int listener_ = -1;
  int connection_ = -1;
  link::Decoder decoder_{link::Sender::client};
};

}  // namespace vmlan::hercules
