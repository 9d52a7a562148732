// Guests' frames at a NAT device: the input is a row of them, each with a byte that says how it is mended and
// two bytes of length. Nothing may reach a closed host.
//
// Nothing leaves this computer either: frames go to the device's own network and to names of the loopback
// only, to ports that the target itself has opened there. Without libslirp the filter alone is tried.
//
// First byte of the input: bit 0 the host is open, bit 1 guests are answered for, bit 2 the longest MTU, bit
// 3 a forwarded port with a caller.
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <variant>
#include <vector>

#include "host/event_loop.h"
#include "host/uplink/nat_device.h"
#include "host/uplink/test_nat_listeners.h"
#include "tests/fuzz/input.h"
#include "wire/checksum.h"

namespace {

using namespace vmlan;

constexpr unsigned most_frames = 64;
constexpr std::size_t ip_at = 14;

class Silent final : public host::FrameReceiver {
 public:
  void received(std::span<const std::byte> frame, const host::FrameWork&) override { bytes_ += frame.size(); }
  void batch_received() override {}
  void state_changed() override {}

 private:
  std::size_t bytes_ = 0;
};

using Frame = std::vector<std::uint8_t>;

void put(Frame& frame, std::size_t offset, std::span<const std::uint8_t> bytes) {
  if (frame.size() >= offset + bytes.size())
    std::copy(bytes.begin(), bytes.end(), frame.begin() + static_cast<std::ptrdiff_t>(offset));
}

void put16(Frame& frame, std::size_t offset, std::size_t value) {
  const std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(value >> 8U),
                                             static_cast<std::uint8_t>(value)};
  put(frame, offset, bytes);
}

void put_sum(Frame& frame, std::size_t from, std::size_t to, std::size_t at,
             std::span<const std::uint8_t> pseudo) {
  if (to > frame.size() || at + 2 > to) return;
  put16(frame, at, 0);
  wire::InternetSum sum;
  sum.add(pseudo.data(), pseudo.size());
  sum.add(frame.data() + from, to - from);
  put16(frame, at, sum.checksum());
}

std::size_t sum_offset(unsigned protocol) { return protocol == 6 ? 16 : protocol == 17 ? 6 : 2; }

// Lengths and checksums are right, the addresses harmless, the port one of ours.
void mend_v4(Frame& frame, unsigned how, const host::nat::Listeners& listeners) {
  static constexpr std::uint8_t destinations[][4] = {{10, 0, 2, 2},  {255, 255, 255, 255}, {127, 0, 0, 1},
                                                     {0, 0, 0, 0},   {10, 0, 2, 9},        {10, 0, 2, 255},
                                                     {127, 1, 2, 3}, {10, 0, 2, 2}};
  if (frame.size() < ip_at + 20) return;
  put(frame, ip_at + 16, destinations[how & 7U]);
  if ((how & 8U) != 0) put(frame, ip_at + 12, std::array<std::uint8_t, 4>{10, 0, 2, 15});
  if ((how & 16U) != 0) {
    frame[ip_at] = static_cast<std::uint8_t>(0x45U + (frame[ip_at] & 1U));
    put16(frame, ip_at + 2, frame.size() - ip_at);
  }
  const std::size_t transport = ip_at + std::size_t{frame[ip_at] & 0x0fU} * 4;
  const unsigned protocol = frame[ip_at + 9];
  if (frame.size() < transport + 8) return;
  if (protocol == 6) put16(frame, transport + 2, listeners.tcp.port());
  if (protocol == 17 && (how & 64U) == 0) put16(frame, transport + 2, listeners.udp.port());
  if (protocol == 17 && (how & 64U) != 0) put16(frame, transport + 2, (how & 32U) != 0 ? 67 : 69);
  if (protocol == 17) put16(frame, transport + 4, frame.size() - transport);
  put_sum(frame, ip_at, transport, ip_at + 10, {});
  Frame pseudo(frame.begin() + ip_at + 12, frame.begin() + ip_at + 20);
  const std::size_t length = frame.size() - transport;
  pseudo.insert(pseudo.end(), {0, static_cast<std::uint8_t>(protocol),
                               static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length)});
  if (protocol == 1) pseudo.clear();
  put_sum(frame, transport, frame.size(), transport + sum_offset(protocol), pseudo);
}

void mend_v6(Frame& frame, unsigned how, const host::nat::Listeners& listeners) {
  using Address = std::array<std::uint8_t, 16>;
  static constexpr Address destinations[] = {{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2},
                                             {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2},
                                             {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
                                             {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1},
                                             {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2},
                                             {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2},
                                             {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2},
                                             {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1}};
  constexpr std::size_t transport = ip_at + 40;
  if (frame.size() < transport + 8) return;
  put(frame, ip_at + 24, destinations[how & 7U]);
  if ((how & 8U) != 0) put(frame, ip_at + 8, Address{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x21});
  if ((how & 16U) != 0) put16(frame, ip_at + 4, frame.size() - transport);
  const unsigned protocol = frame[ip_at + 6];
  if (protocol == 6) put16(frame, transport + 2, listeners.tcp6.port());
  if (protocol == 17) put16(frame, transport + 2, (how & 64U) != 0 ? 547 : listeners.udp6.port());
  if (protocol == 17) put16(frame, transport + 4, frame.size() - transport);
  Frame pseudo(frame.begin() + ip_at + 8, frame.begin() + transport);
  const std::size_t length = frame.size() - transport;
  pseudo.insert(pseudo.end(), {static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length), 0,
                               static_cast<std::uint8_t>(protocol)});
  put_sum(frame, transport, frame.size(), transport + sum_offset(protocol), pseudo);
}

Frame next_frame(fuzz::Input& input, const host::nat::Listeners& listeners) {
  const unsigned how = input.byte();
  const auto bytes = input.take(input.half() % 2048U);
  const auto* begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  Frame frame(begin, begin + bytes.size());
  if (frame.size() < ip_at) return frame;
  const unsigned type = unsigned{frame[12]} << 8U | frame[13];
  if (type == 0x0800) mend_v4(frame, how, listeners);
  if (type == 0x86dd) mend_v6(frame, how, listeners);
  return frame;
}

std::unique_ptr<host::NatDevice> make_device(unsigned flavour) {
  host::NatSettings settings;
  settings.host_is_open = (flavour & 1U) != 0;
  settings.mtu = (flavour & 4U) != 0 ? 65521 : 1500;
  settings.most_connections = 32;
  auto made = host::NatDevice::make(settings);
  if (std::holds_alternative<std::string>(made)) return nullptr;
  auto device = std::move(std::get<std::unique_ptr<host::NatDevice>>(made));
  if ((flavour & 2U) != 0) device->answer_for(wire::MacAddress{{2, 0, 0, 0, 0, 1}});
  return device;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const host::nat::Listeners listeners;
  fuzz::Input input({data, size});
  const unsigned flavour = input.byte();
  const auto device = make_device(flavour);
  if (!device) return 0;
  Silent receiver;
  host::RealClock clock;
  host::EventLoop loop(clock);
  device->start(receiver);
  loop.add(*device);
  const auto caller = (flavour & 8U) != 0 ? host::nat::call_in(*device) : host::Descriptor{};
  bool reached = false;
  for (unsigned count = 0; count < most_frames && !input.empty(); ++count) {
    const auto frame = next_frame(input, listeners);
    const std::span<const std::byte> piece = std::as_bytes(std::span(frame));
    device->send({&piece, 1}, host::FrameWork{});
    if (count % 8 == 7) loop.pass(clock.now());
    reached = listeners.any_reached() || reached;
  }
  loop.pass(clock.now());
  reached = listeners.any_reached() || reached;
  if (reached && (flavour & 1U) == 0) std::abort();
  return 0;
}
