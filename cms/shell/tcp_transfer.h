// A file over TCP: TCPSEND connects, sends, and waits for the other side's end as its receipt; TCPRECV
// listens for one connection, writes what comes beside the file, gives it the file's place when the sender
// has finished, and then ends the connection. Nothing is stored of a connection that broke. A turn moves what
// the connection has room for, at most file_part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "cms/shell/session.h"
#include "cms/stack/tcp_connection.h"

namespace vmlan::cms {

inline constexpr std::uint16_t default_transfer_port = 2001;

// No byte moved for this long: the transfer is given up.
inline constexpr arch::Time transfer_limit = std::chrono::seconds(120);

class TcpSend final : public Activity {
 public:
  TcpSend(Session& session, std::unique_ptr<arch::FileReader> file, const wire::IpAddress& address,
          std::uint16_t port);

  std::optional<int> poll() override;
  std::optional<arch::Time> deadline() const override { return progress_ + transfer_limit; }
  void interrupt() override { interrupted_ = true; }

 private:
  // false: the file can't be read.
  bool send();
  bool read();
  int give_up(std::string_view reason);

  Session& session_;
  TcpConnection connection_;
  std::unique_ptr<arch::FileReader> file_;
  std::uint64_t read_ = 0;
  arch::FileContents part_;  // the newest one read
  std::size_t written_ = 0;  // of part_
  std::uint64_t acknowledged_ = 0;
  bool announced_ = false;
  bool finished_ = false;
  bool interrupted_ = false;
  arch::Time progress_;
};

class TcpReceive final : public Activity {
 public:
  // What a file may have at most; a sender of more is cut off.
  static constexpr std::size_t largest_file = std::size_t{256} << 20U;

  // `wait` limits the time until somebody connects.
  TcpReceive(Session& session, FileId file, std::uint16_t port, arch::Time wait);
  ~TcpReceive() override;

  std::optional<int> poll() override;
  std::optional<arch::Time> deadline() const override { return limit_; }
  void interrupt() override { interrupted_ = true; }

 private:
  void listen();
  void stop_listening();
  bool create();
  bool receive();
  int store();
  int fail_writing();
  int give_up(std::string_view reason);
  arch::Time now() const { return session_.machine.clock().now(); }
  static err_t on_accept(void* argument, tcp_pcb* accepted, err_t error);

  Session& session_;
  Stack& stack_;
  TcpConnection connection_;
  tcp_pcb* listener_ = nullptr;
  FileId file_;
  std::uint16_t port_;
  arch::Minidisk* disk_ = nullptr;  // on which writer_ writes
  std::unique_ptr<arch::FileWriter> writer_;
  std::size_t stored_ = 0;
  bool announced_ = false;
  bool interrupted_ = false;
  arch::Time limit_;
};

}  // namespace vmlan::cms
