// The one door of UNIX stream sockets: how one is connected, how one listens, and who is behind it.
//
// Sockets are non-blocking and are not inherited. Errors: "PATH: reason". Threads: one (listening sets the
// process's umask for a moment).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "arch/clock.h"
#include "host/descriptor.h"

namespace vmlan::host {

// Whose program may be behind a socket. At a place that everybody knows: this host user's, or root's, in a
// folder that is to be trusted. At a place that the user has named, it is the user's to know.
enum class Trust { ours, anybodys };

std::variant<Descriptor, std::string> connect_unix(const std::string& path, Trust trust);

// The other end of a connected socket is `user`'s program or root's: of a listener, who called listen().
bool is_run_by(const Descriptor& socket, uid_t user) noexcept;

// A listening socket and its file, which goes with it. The file is for this host user only.
class UnixListener {
 public:
  // What is at `path` already: the socket of a dead system is replaced; that of a living one, of whatever
  // program, and what is no socket at all are not touched. Of several systems that start at once one goes on:
  // it holds a lock on PATH.lock, a file that stays.
  static std::variant<UnixListener, std::string> listen(const std::string& path);
  ~UnixListener();
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;

  // Takes the file away: who looks for a system from now on finds none.
  void withdraw() noexcept;
  // For poll(2).
  const Descriptor& socket() const noexcept { return socket_; }
  // A connection that waits, or an empty descriptor and errno.
  Descriptor accept() const noexcept;

 private:
  UnixListener(std::string path, Descriptor lock, Descriptor socket);

  std::string path_;
  Descriptor lock_;
  Descriptor socket_;
  // Of the socket's file: another one at its path is not ours to remove.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// All of it at once; false: the other end takes nothing.
bool send_all(const Descriptor& socket, std::span<const std::byte> bytes);
// What comes within `limit`, at most into.size() bytes; nothing: too late, or the other end is gone.
std::optional<std::size_t> receive_some(const Descriptor& socket, std::span<std::byte> into,
                                        arch::Time limit);

// What one call moved: with nothing moved, whether the connection has ended or only cannot go on now.
struct Moved {
  std::size_t bytes = 0;
  bool ended = false;
};
Moved send_some(const Descriptor& socket, std::span<const std::byte> bytes) noexcept;
Moved receive_now(const Descriptor& socket, std::span<std::byte> into) noexcept;

}  // namespace vmlan::host
