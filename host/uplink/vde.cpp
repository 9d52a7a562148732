#include "host/uplink/vde.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <string_view>
#include <utility>

namespace vmlan::host {

namespace {

constexpr std::size_t ethernet_header_size = 14;
constexpr std::size_t vlan_tag_size = 4;
// A connection that fails so often in a row is made anew.
constexpr unsigned most_failures = 16;
// After that long a switch is said not to answer.
constexpr arch::Time usual_answer = std::chrono::seconds(1);

struct Refused {
  std::string_view kind;
  std::string_view reason;
};
constexpr Refused refused_kinds[] = {
    {"slirp", "it starts threads; NAT is the uplink that does its work"},
    {"cmd", "it starts a program"},
    {"ptp", "it waits inside the library; STREAM is the uplink that does its work"},
    {"pcap", "it waits inside the library; INTERFACE is the uplink that does its work"},
    {"hub", "it is a LAN of its own; this one is one"},
    {"switch", "it is a LAN of its own; this one is one"},
    {"multi", "it is several connections; define several uplinks"},
    {"bonding", "it is several connections; define several uplinks"},
    {"seqpacket", "the library's module does not work; STREAM is the uplink that does its work"},
};
constexpr std::array<std::string_view, 5> taken_kinds{"vde", "vxvde", "vxlan", "udp", "tap"};

std::string_view kind_of(std::string_view url) {
  const auto end = url.find("://");
  return end == url.npos ? "vde" : url.substr(0, end);
}

// Why this URL is not given to the library; empty: it may be.
std::string reason_against(const std::string& url) {
  if (url.empty()) return "VDE: the path of a switch or a URL is missing";
  const auto kind = kind_of(url);
  for (const auto& refused : refused_kinds) {
    if (refused.kind == kind) return fmt::format("{}: {}:// is not taken: {}", url, kind, refused.reason);
  }
  if (std::ranges::find(taken_kinds, kind) == taken_kinds.end())
    return fmt::format("{}: {}:// is not taken; vde, vxvde, vxlan, udp and tap are", url, kind);
  // The library would read another URL out of a file.
  struct stat status {};
  if (::stat(url.c_str(), &status) == 0 && S_ISREG(status.st_mode))
    return fmt::format("{}: it is a file, not the folder of a switch", url);
  return {};
}

// Its own descriptors decide whether a call waits, and O_NONBLOCK of this one does not reach them.
bool hides_its_descriptors(int data) {
  struct stat status {};
  return ::fstat(data, &status) != 0 || !(S_ISSOCK(status.st_mode) || S_ISCHR(status.st_mode));
}

// A switch's are a UNIX socket, with a frame in each.
bool has_datagrams(int data) {
  int type = 0;
  int family = 0;
  socklen_t size = sizeof(type);
  return ::getsockopt(data, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM &&
         ::getsockopt(data, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_UNIX;
}

}  // namespace

std::variant<std::unique_ptr<VdeDevice>, std::string> VdeDevice::open(const std::string& url) {
  if (!VdeConnection::is_built_in())
    return "VDE is not built in: install libvdeplug-dev and build vmlan anew, or take another kind of uplink";
  if (auto reason = reason_against(url); !reason.empty()) return reason;
  std::unique_ptr<VdeDevice> device(new VdeDevice(url));
  device->begin_opening();
  if (device->opening_) {
    if (auto result = device->opening_->result_within(patience)) device->take(std::move(*result));
  }
  return device;
}

VdeDevice::VdeDevice(std::string url)
    : url_(std::move(url)),
      limit_(kind_of(url_) == "vde" ? switch_limit : library_limit),
      trouble_(url_ + ": it has not answered yet"),
      // One byte more than any frame has shows a longer one.
      input_(longest_frame + 1) {}

void VdeDevice::begin_opening() {
  if (auto reason = reason_against(url_); !reason.empty()) {
    trouble_ = std::move(reason);
    return;
  }
  opening_ = VdeOpening::begin(url_);
  opening_since_.reset();
  if (!opening_) trouble_ = url_ + ": too many attempts to reach a switch wait for their answer";
}

void VdeDevice::take(VdeOpening::Result result) {
  opening_.reset();
  if (auto* reason = std::get_if<std::string>(&result)) {
    trouble_ = std::move(*reason);
    return;
  }
  connection_ = std::move(std::get<VdeConnection>(result));
  const int data = connection_.data();
  ::fcntl(data, F_SETFL, ::fcntl(data, F_GETFL) | O_NONBLOCK);
  asks_first_ = hides_its_descriptors(data);
  if (batch_ == nullptr && kind_of(url_) == "vde" && has_datagrams(data)) {
    batch_ = std::make_unique<DatagramBatch>(longest_frame);
  }
  failures_ = 0;
  trouble_.clear();
}

EthernetDevice::Sent VdeDevice::send(std::span<const std::span<const std::byte>> pieces,
                                     const FrameWork& work) {
  assert(!work.checksum && work.segmentation == FrameWork::Segmentation::none);
  if (state() != State::ready) return Sent::down;
  output_.clear();
  std::size_t length = 0;
  for (const auto& piece : pieces) length += piece.size();
  if (length > limit_ + vlan_tag_size) return Sent::too_long;
  for (const auto& piece : pieces) output_.insert(output_.end(), piece.begin(), piece.end());
  return connection_.send(output_) >= 0 ? Sent::sent : failed(errno);
}

EthernetDevice::Sent VdeDevice::failed(int reason) {
  switch (reason) {
    case EAGAIN:
    case EINTR:
    case ENOBUFS:
    case ENOMEM:
      return Sent::full;
    case EMSGSIZE:
      return Sent::too_long;
    default:
      see_whether_it_has_gone();
      return Sent::down;
  }
}

// Nothing is ever said on the control connection; it only ends.
void VdeDevice::see_whether_it_has_gone() {
  std::array<std::byte, 64> said;
  const int control = connection_.control();
  if (control < 0) {
    if (++failures_ > most_failures && lost_.empty()) lost_ = url_ + ": it has failed";
    return;
  }
  const ssize_t length = ::recv(control, said.data(), said.size(), MSG_DONTWAIT);
  const bool ended = length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR);
  if (ended && lost_.empty()) lost_ = url_ + ": the switch has gone";
}

void VdeDevice::tend(arch::Time now) {
  if (!lost_.empty()) {
    trouble_ = std::exchange(lost_, {});
    connection_.close();
    pauses_.begin(now);
    if (receiver_ != nullptr) receiver_->state_changed();
  }
  if (!connection_) tend_opening(now);
}

void VdeDevice::tend_opening(arch::Time now) {
  if (!opening_) {
    if (!pauses_.are_over(now)) return;
    pauses_.begin(now);
    begin_opening();
    if (!opening_) return;
  }
  if (!opening_since_) opening_since_ = now;
  if (auto result = opening_->result()) {
    take(std::move(*result));
    if (connection_ && receiver_ != nullptr) receiver_->state_changed();
  } else if (now - *opening_since_ >= usual_answer) {
    trouble_ = url_ + ": its switch does not answer";
  }
}

std::optional<arch::Time> VdeDevice::deadline() const {
  if (!lost_.empty()) return arch::Time{0};
  if (connection_) return std::nullopt;
  if (!opening_) return pauses_.next();
  if (!opening_since_) return arch::Time{0};
  return std::nullopt;  // its descriptor tells
}

void VdeDevice::add_to(std::vector<pollfd>& polled) {
  const short events = connection_ ? POLLIN : 0;
  polled.push_back({connection_ ? connection_.control() : -1, events, 0});
  polled.push_back({connection_ ? connection_.data() : -1, events, 0});
  polled.push_back({opening_ ? opening_->done() : -1, static_cast<short>(opening_ ? POLLIN : 0), 0});
}

void VdeDevice::happened(std::span<const pollfd> polled) {
  if (!connection_) return;
  // What came before the end is still taken.
  if (polled[1].revents != 0) read();
  if (polled[0].revents != 0) see_whether_it_has_gone();
}

ssize_t VdeDevice::receive() {
  if (asks_first_) {
    pollfd data{connection_.data(), POLLIN, 0};
    if (::poll(&data, 1, 0) <= 0) {
      errno = EAGAIN;
      return -1;
    }
  }
  return connection_.receive(input_);
}

bool VdeDevice::give(std::span<const std::byte> frame) {
  if (frame.size() > longest_frame) {
    ++too_long_;
    return false;
  }
  if (frame.size() < ethernet_header_size) return false;
  receiver_->received(frame, FrameWork{});
  return true;
}

void VdeDevice::batch_is_over() {
  pauses_.restart();
  receiver_->batch_received();
}

// As the library does it, but several with one call: a call costs more than all else that is done for a
// frame.
void VdeDevice::read_batches() {
  bool any = false;
  for (unsigned count = 0; count < most_in_a_pass; count += DatagramBatch::most) {
    const int received = batch_->receive(connection_.data());
    if (received < 0) {
      if (errno != EAGAIN && errno != EINTR) see_whether_it_has_gone();
      break;
    }
    failures_ = 0;
    for (int index = 0; index < received; ++index) {
      any = give(batch_->frame(static_cast<unsigned>(index))) || any;
    }
    if (received < static_cast<int>(DatagramBatch::most)) break;
  }
  if (any) batch_is_over();
}

void VdeDevice::read() {
  if (batch_ != nullptr) return read_batches();
  bool any = false;
  for (unsigned count = 0; count < most_in_a_pass; ++count) {
    const ssize_t length = receive();
    if (length < 0) {
      if (errno != EAGAIN && errno != EINTR) see_whether_it_has_gone();
      break;
    }
    failures_ = 0;
    any = give(std::span(std::as_const(input_)).first(static_cast<std::size_t>(length))) || any;
  }
  if (any) batch_is_over();
}

std::vector<std::string> VdeDevice::details() const {
  std::vector<std::string> lines;
  if (too_long_ > 0) lines.push_back(fmt::format("Frames from outside that are too long: {}", too_long_));
  return lines;
}

}  // namespace vmlan::host
