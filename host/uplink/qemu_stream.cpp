#include "host/uplink/qemu_stream.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

namespace vmlan::host {

namespace {

// Of the peers that knock in one pass.
constexpr int accepts_in_a_pass = 16;

std::string peer_of(const Descriptor& socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "unknown";
  return fmt::format("process {} of user {}", peer.pid, peer.uid);
}

}  // namespace

std::variant<std::unique_ptr<StreamDevice>, std::string> StreamDevice::open(const std::string& path,
                                                                            Role role) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path))
    return fmt::format("{}: a socket's path has 1 to {} characters", path, sizeof(sockaddr_un::sun_path) - 1);
  if (role == Role::connects) {
    std::unique_ptr<StreamDevice> device(new StreamDevice(path, std::nullopt));
    device->trouble_ = device->connect();
    return device;
  }
  auto listening = UnixListener::listen(path);
  if (auto* error = std::get_if<std::string>(&listening)) return std::move(*error);
  return std::unique_ptr<StreamDevice>(new StreamDevice(path, std::move(std::get<UnixListener>(listening))));
}

StreamDevice::StreamDevice(std::string path, std::optional<UnixListener> listener)
    : path_(std::move(path)), listener_(std::move(listener)) {
  if (listener_) trouble_ = path_ + ": nobody has connected yet";
}

std::string StreamDevice::connect() {
  // connect(2) of a non-blocking UNIX socket answers at once.
  auto connected = connect_unix(path_, Trust::anybodys);
  if (auto* error = std::get_if<std::string>(&connected)) return std::move(*error);
  auto& socket = std::get<Descriptor>(connected);
  if (!is_run_by(socket, ::geteuid())) return path_ + ": somebody else's program listens there";
  take_peer(std::move(socket));
  return {};
}

void StreamDevice::take_peer(Descriptor socket) {
  peer_text_ = peer_of(socket);
  peer_ = std::move(socket);
  input_.clear();
  output_.clear();
  trouble_.clear();
}

EthernetDevice::Sent StreamDevice::send(std::span<const std::span<const std::byte>> pieces,
                                        const FrameWork& work) {
  assert(!work.checksum && work.segmentation == FrameWork::Segmentation::none);
  if (state() != State::ready) return Sent::down;
  std::size_t length = 0;
  for (const auto& piece : pieces) length += piece.size();
  if (length > longest_frame) return Sent::too_long;
  if (output_.waiting() + StreamFrames::header_size + length > output_limit) return Sent::full;
  output_.add(StreamFrames::header_of(length));
  for (const auto& piece : pieces) output_.add(piece);
  return Sent::sent;
}

void StreamDevice::flush() {
  while (state() == State::ready && output_.waiting() > 0) {
    const Moved moved = send_some(peer_, output_.pending());
    output_.sent(moved.bytes);
    if (moved.ended) lose("the other end has gone");
    if (moved.bytes == 0) return;
  }
}

// A VLAN tag's room is kept.
std::size_t StreamDevice::frame_limit() const { return longest_frame - 4; }

std::string StreamDevice::name() const {
  return fmt::format("STREAM {}{}", path_, listener_ ? " LISTEN" : "");
}

std::string StreamDevice::trouble() const {
  return lost_.empty() ? trouble_ : fmt::format("{}: {}", path_, lost_);
}

std::vector<std::string> StreamDevice::details() const {
  std::vector<std::string> lines;
  if (state() == State::ready) lines.push_back("Peer: " + peer_text_);
  if (output_.waiting() > 0) lines.push_back(fmt::format("Bytes waiting for it: {}", output_.waiting()));
  if (refused_ > 0) lines.push_back(fmt::format("Peers refused: {}", refused_));
  return lines;
}

void StreamDevice::tend(arch::Time now) {
  if (std::exchange(no_room_, false)) accept_from_ = now + pause_without_room;
  if (accept_from_ && now >= *accept_from_) accept_from_.reset();
  give();
  if (!lost_.empty()) forget_peer(now);
  if (peer_ || listener_ || !pauses_.are_over(now)) return;
  trouble_ = connect();
  pauses_.begin(now);
  if (peer_ && receiver_ != nullptr) receiver_->state_changed();
}

void StreamDevice::forget_peer(arch::Time now) {
  trouble_ = trouble();
  lost_.clear();
  peer_.reset();
  input_.clear();
  output_.clear();
  if (!listener_) pauses_.begin(now);
  if (receiver_ != nullptr) receiver_->state_changed();
}

std::optional<arch::Time> StreamDevice::deadline() const {
  if (!lost_.empty() || no_room_ || (peer_ && input_.has_whole())) return arch::Time{0};
  if (!peer_ && !listener_) return pauses_.next();
  return accept_from_;
}

void StreamDevice::add_to(std::vector<pollfd>& polled) {
  may_give_ = most_in_a_pass;
  const bool reads = !input_.has_whole();
  const auto events = static_cast<short>((reads ? POLLIN : 0) | (output_.waiting() > 0 ? POLLOUT : 0));
  polled.push_back({peer_.number(), peer_ ? events : short{0}, 0});
  if (!listener_) return;
  polled.push_back({listener_->socket().number(), static_cast<short>(accept_from_ ? 0 : POLLIN), 0});
}

void StreamDevice::happened(std::span<const pollfd> polled) {
  const short events = polled[0].revents;
  if ((events & POLLOUT) != 0) flush();
  // An end is read like everything else, behind what came before it.
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && !input_.has_whole()) read();
  // The place of a peer that has ended is free as soon as what it sent has been read: who knocks waits for
  // that.
  const bool ending = (events & POLLHUP) != 0 || !lost_.empty();
  if (polled.size() > 1 && (polled[1].revents & POLLIN) != 0 && !ending) accept();
}

void StreamDevice::accept() {
  bool taken = false;
  for (int count = 0; count < accepts_in_a_pass; ++count) {
    errno = 0;
    Descriptor socket = listener_->accept();
    if (!socket) {
      // Who knocks stays in the listener's queue, where poll(2) would show it again at once.
      no_room_ = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
      break;
    }
    if (peer_ || !is_run_by(socket, ::geteuid())) {
      ++refused_;
      continue;
    }
    take_peer(std::move(socket));
    taken = true;
  }
  if (taken) receiver_->state_changed();
}

void StreamDevice::read() {
  const Moved moved = receive_now(peer_, input_.room());
  input_.received(moved.bytes);
  give();
  if (moved.ended) lose("the other end has gone");
}

void StreamDevice::give() {
  bool any = false;
  while (may_give_ > 0 && peer_) {
    const auto frame = input_.next();
    if (!frame) break;
    --may_give_;
    any = true;
    receiver_->received(*frame, FrameWork{});
  }
  if (any) {
    pauses_.restart();
    receiver_->batch_received();
  }
  if (const auto length = input_.fault(); peer_ && length)
    lose(fmt::format("the other end has sent a frame of {} bytes", *length));
}

void StreamDevice::lose(const std::string& reason) {
  if (lost_.empty()) lost_ = reason;
}

}  // namespace vmlan::host
