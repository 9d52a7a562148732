// Uplinks at work, for scripts/bench-uplinks: joins two of them, floods one with frames, or counts what comes
// out of one. Says at its end (a signal) how many frames and bytes came, and this process's CPU time.
//
//   uplinks relay DEVICE DEVICE
//   uplinks flood DEVICE LENGTH
//   uplinks count DEVICE
//
// DEVICE is KIND:NAME or KIND:NAME@PROCESS, opened in that process's network namespace. KIND: tap, tap-plain,
// interface, interface-plain, vde, stream, stream-listen, nat (NAME: its MTU; the host is open).
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/descriptor.h"
#include "host/event_loop.h"
#include "host/uplink/nat_device.h"
#include "host/uplink/packet_socket.h"
#include "host/uplink/qemu_stream.h"
#include "host/uplink/tap.h"
#include "host/uplink/vde.h"
#include "host/waiting.h"

namespace {

using namespace vmlan::host;
using Device = std::unique_ptr<EthernetDevice>;

template <typename Kind>
Device taken(std::variant<std::unique_ptr<Kind>, std::string> opened) {
  if (const auto* error = std::get_if<std::string>(&opened)) {
    fmt::print(stderr, "uplinks: {}\n", *error);
    return nullptr;
  }
  return std::move(std::get<std::unique_ptr<Kind>>(opened));
}

Device nat_of(std::string_view mtu) {
  NatSettings settings;
  std::from_chars(mtu.data(), mtu.data() + mtu.size(), settings.mtu);
  settings.host_is_open = true;
  return taken(NatDevice::make(settings));
}

Device opened_here(std::string_view kind, const std::string& name) {
  if (kind == "tap") return taken(TapDevice::open(name));
  if (kind == "tap-plain") return taken(TapDevice::open(name, TapDevice::Header::none));
  if (kind == "interface") return taken(PacketDevice::open(name));
  if (kind == "interface-plain") return taken(PacketDevice::open(name, PacketDevice::Header::none));
  if (kind == "vde") return taken(VdeDevice::open(name));
  if (kind == "nat") return nat_of(name);
  if (kind == "stream") return taken(StreamDevice::open(name, StreamDevice::Role::connects));
  if (kind == "stream-listen") return taken(StreamDevice::open(name, StreamDevice::Role::listens));
  fmt::print(stderr, "uplinks: {}: no such kind\n", kind);
  return nullptr;
}

Device opened(std::string_view text) {
  const auto colon = text.find(':');
  const auto at = text.find('@');
  if (colon == text.npos) return opened_here(text, "");
  const auto kind = text.substr(0, colon);
  const std::string name(text.substr(colon + 1, at == text.npos ? at : at - colon - 1));
  if (at == text.npos) return opened_here(kind, name);
  const Descriptor here(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  const Descriptor there(
      ::open(fmt::format("/proc/{}/ns/net", text.substr(at + 1)).c_str(), O_RDONLY | O_CLOEXEC));
  if (::setns(there.number(), CLONE_NEWNET) != 0) return nullptr;
  auto device = opened_here(kind, name);
  return ::setns(here.number(), CLONE_NEWNET) == 0 ? std::move(device) : nullptr;
}

// Gives everything on to another device, if there is one.
class End final : public FrameReceiver {
 public:
  explicit End(EthernetDevice* other) : other_(other) {}
  void received(std::span<const std::byte> frame, const FrameWork& work) override {
    ++frames;
    bytes += frame.size();
    if (other_ == nullptr) return;
    const std::span<const std::byte> pieces[] = {frame};
    if (other_->send(pieces, work) != EthernetDevice::Sent::sent) ++lost;
  }
  void batch_received() override {
    if (other_ != nullptr) other_->flush();
  }
  void state_changed() override {}

  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;

 private:
  EthernetDevice* other_;
};

// Sends as much as the device takes in one pass.
std::uint64_t flood(EthernetDevice& device, std::size_t length) {
  std::vector<std::byte> frame(length);
  for (std::size_t index = 0; index < 6 && index < length; ++index) frame[index] = std::byte{0xff};
  if (length > 6) frame[6] = std::byte{2};
  const std::span<const std::byte> pieces[] = {frame};
  std::uint64_t sent = 0;
  while (sent < EthernetDevice::most_in_a_pass && device.send(pieces, {}) == EthernetDevice::Sent::sent)
    ++sent;
  device.flush();
  return sent;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  const bool relays = words.size() == 3 && words[0] == "relay";
  const bool floods = words.size() == 3 && words[0] == "flood";
  if (!relays && !floods && !(words.size() == 2 && words[0] == "count")) return 2;
  std::size_t length = 0;
  if (floods) std::from_chars(words[2].data(), words[2].data() + words[2].size(), length);
  catch_interruptions();
  ignore_closed_readers();
  const auto one = opened(words[1]);
  const auto other = relays ? opened(words[2]) : nullptr;
  if (one == nullptr || (relays && other == nullptr)) return 1;
  End from_one(other.get());
  End from_other(one.get());
  RealClock clock;
  EventLoop loop(clock);
  one->start(from_one);
  loop.add(*one);
  if (relays) {
    other->start(from_other);
    loop.add(*other);
  }
  fmt::print("ready\n");
  std::fflush(stdout);
  std::uint64_t sent = 0;
  for (auto passed = EventLoop::Passed::again; passed != EventLoop::Passed::interrupted;) {
    if (floods) sent += flood(*one, length);
    passed = loop.pass(floods ? clock.now() : clock.now() + std::chrono::seconds(1));
  }
  fmt::print("frames {} bytes {} lost {} sent {} cpu {:.3f}\n", from_one.frames + from_other.frames,
             from_one.bytes + from_other.bytes, from_one.lost + from_other.lost, sent, cpu_seconds());
  return 0;
}
