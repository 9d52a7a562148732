#include "host/unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "host/trusted_folder.h"
#include "host/waiting.h"

namespace vmlan::host {

namespace {

constexpr int pending_connections = 64;

// "PATH: reason" of the call that has just failed.
std::string failure(const std::string& path) { return fmt::format("{}: {}", path, std::strerror(errno)); }

// false and errno: the path does not fit.
bool fill_address(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return false;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

Descriptor new_stream_socket() {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

const sockaddr* plain(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

// Why nobody may listen at this path; empty: nothing is there, or what a dead system left.
std::string occupant(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return errno == ENOENT ? std::string() : failure(path);
  if (!S_ISSOCK(status.st_mode)) return fmt::format("{}: what is there is not a socket", path);
  const Descriptor probe = new_stream_socket();
  if (!probe) return failure(path);
  if (::connect(probe.number(), plain(address), sizeof(address)) == 0 || errno == EAGAIN)
    return fmt::format("{}: another system is running there", path);
  return errno == ECONNREFUSED || errno == ENOENT ? std::string() : failure(path);
}

Moved moved(ssize_t result) noexcept {
  if (result >= 0) return {static_cast<std::size_t>(result), false};
  return {0, errno != EAGAIN && errno != EINTR};
}

}  // namespace

std::variant<Descriptor, std::string> connect_unix(const std::string& path, Trust trust) {
  if (trust == Trust::ours) {
    if (auto reason = distrust_of_folder(path); !reason.empty()) return reason;
  }
  sockaddr_un address;
  Descriptor socket = new_stream_socket();
  if (!socket || !fill_address(path, address)) return failure(path);
  if (::connect(socket.number(), plain(address), sizeof(address)) != 0) return failure(path);
  if (trust == Trust::ours && !is_run_by(socket, ::geteuid()))
    return fmt::format("{}: somebody else's program listens there", path);
  return socket;
}

bool is_run_by(const Descriptor& socket, uid_t user) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(socket.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == user || peer.uid == 0);
}

std::variant<UnixListener, std::string> UnixListener::listen(const std::string& path) {
  sockaddr_un address;
  Descriptor socket = new_stream_socket();
  if (!socket || !fill_address(path, address)) return failure(path);
  // Before the lock's file is made beside something that is not ours.
  if (auto reason = occupant(path, address); !reason.empty()) return reason;
  // The lock is for life, and the kernel's to release: of several that start at once exactly one goes on.
  constexpr mode_t own = S_IRUSR | S_IWUSR;
  constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  Descriptor lock(::open((path + ".lock").c_str(), flags, own));
  if (!lock) return failure(path);
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0)
    return fmt::format("{}: another system is running there", path);
  // Again: another one may have begun and ended in between.
  if (auto reason = occupant(path, address); !reason.empty()) return reason;
  ::unlink(path.c_str());
  // Only the host's user may join: the socket stands for the cables in the machine room.
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  const int bound = ::bind(socket.number(), plain(address), sizeof(address));
  ::umask(before);
  if (bound != 0) return failure(path);
  UnixListener listener(path, std::move(lock), std::move(socket));
  if (::listen(listener.socket_.number(), pending_connections) != 0) return failure(path);
  return listener;
}

UnixListener::UnixListener(std::string path, Descriptor lock, Descriptor socket)
    : path_(std::move(path)), lock_(std::move(lock)), socket_(std::move(socket)) {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) return;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      lock_(std::move(other.lock_)),
      socket_(std::move(other.socket_)),
      device_(other.device_),
      inode_(other.inode_) {}

UnixListener::~UnixListener() { withdraw(); }

void UnixListener::withdraw() noexcept {
  struct stat status {};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

Descriptor UnixListener::accept() const noexcept {
  return Descriptor(::accept4(socket_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

bool send_all(const Descriptor& socket, std::span<const std::byte> bytes) {
  return send_some(socket, bytes).bytes == bytes.size();
}

std::optional<std::size_t> receive_some(const Descriptor& socket, std::span<std::byte> into,
                                        arch::Time limit) {
  if (wait_readable(socket.number(), limit) != Waited::readable) return std::nullopt;
  const Moved received = receive_now(socket, into);
  return received.bytes > 0 ? std::optional(received.bytes) : std::nullopt;
}

Moved send_some(const Descriptor& socket, std::span<const std::byte> bytes) noexcept {
  return moved(::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

Moved receive_now(const Descriptor& socket, std::span<std::byte> into) noexcept {
  const ssize_t length = ::recv(socket.number(), into.data(), into.size(), MSG_DONTWAIT);
  if (length == 0 && !into.empty()) return {0, true};
  return moved(length);
}

}  // namespace vmlan::host
