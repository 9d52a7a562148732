// A guest at a NAT device, for tests: its frames made by hand, and what comes back.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "host/descriptor.h"
#include "host/event_loop.h"
#include "host/uplink/nat_device.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"

namespace vmlan::host::nat {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes front, const Bytes& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}
inline std::span<const std::byte> as_frame(const Bytes& bytes) { return std::as_bytes(std::span(bytes)); }
inline Bytes number16(unsigned value) {
  return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}
inline Bytes number32(std::uint32_t value) { return number16(value >> 16U) + number16(value & 0xffffU); }
inline Bytes address_bytes(const wire::IpAddress& address) {
  return {address.bytes.begin() + (address.is_v4() ? 12 : 0), address.bytes.end()};
}
inline unsigned number_at(const Bytes& bytes, std::size_t offset) {
  return offset + 1 < bytes.size() ? unsigned{bytes[offset]} << 8U | bytes[offset + 1] : 0;
}
inline std::uint32_t number32_at(const Bytes& bytes, std::size_t offset) {
  return std::uint32_t{number_at(bytes, offset)} << 16U | number_at(bytes, offset + 2);
}
inline wire::IpAddress ip(std::string_view text) { return wire::parse_ip_address(text).value(); }

inline const Bytes guest_mac = {0x02, 0, 0, 0, 0, 0x21};
inline const Bytes nat_mac = {0x52, 0x55, 10, 0, 2, 2};

// IPv4 and IPv6 packets in Ethernet frames, checksums filled in.
struct PacketMaker {
  wire::IpAddress source;
  wire::IpAddress destination;
  Bytes from_mac = guest_mac;
  Bytes to_mac = nat_mac;

  Bytes frame(std::uint8_t protocol, Bytes transport, std::size_t checksum_offset) const {
    wire::InternetSum sum;
    const bool v4 = source.is_v4();  // the destination may be an IPv4 address in its IPv6 form
    if (protocol != 1) {
      const auto pseudo = address_bytes(source) + address_bytes(destination) + number16(protocol) +
                          number16(static_cast<unsigned>(transport.size()));
      sum.add(pseudo.data(), pseudo.size());
    }
    sum.add(transport.data(), transport.size());
    const auto checksum = number16(sum.checksum());
    std::copy(checksum.begin(), checksum.end(),
              transport.begin() + static_cast<std::ptrdiff_t>(checksum_offset));
    return to_mac + from_mac +
           (v4 ? header4(protocol, transport.size()) : header6(protocol, transport.size())) + transport;
  }
  Bytes udp(unsigned from, unsigned to, const Bytes& data) const {
    return frame(
        17,
        number16(from) + number16(to) + number16(static_cast<unsigned>(data.size()) + 8) + number16(0) + data,
        6);
  }
  Bytes tcp(unsigned from, unsigned to, std::uint32_t sequence, std::uint32_t acknowledged, unsigned flags,
            const Bytes& data = {}) const {
    return frame(6,
                 number16(from) + number16(to) + number32(sequence) + number32(acknowledged) +
                     number16(0x5000U | flags) + number16(65535) + number32(0) + data,
                 16);
  }

 private:
  Bytes header4(std::uint8_t protocol, std::size_t length) const {
    Bytes header = Bytes{0x45, 0} + number16(static_cast<unsigned>(length) + 20) +
                   Bytes{0, 1, 0, 0, 64, protocol, 0, 0} + address_bytes(source) + address_bytes(destination);
    wire::InternetSum sum;
    sum.add(header.data(), header.size());
    const auto checksum = number16(sum.checksum());
    std::copy(checksum.begin(), checksum.end(), header.begin() + 10);
    return Bytes{0x08, 0x00} + header;
  }
  // Of an IPv4 address too, in its IPv6 form.
  static Bytes all_bytes(const wire::IpAddress& address) {
    return {address.bytes.begin(), address.bytes.end()};
  }
  Bytes header6(std::uint8_t protocol, std::size_t length) const {
    return Bytes{0x86, 0xdd, 0x60, 0, 0, 0} + number16(static_cast<unsigned>(length)) +
           Bytes{protocol, static_cast<std::uint8_t>(protocol == 58 ? 255 : 64)} + all_bytes(source) +
           all_bytes(destination);
  }
};

inline Bytes arp(unsigned operation, const Bytes& sender_mac, const wire::IpAddress& sender,
                 const wire::IpAddress& target) {
  return Bytes(6, 0xff) + sender_mac + Bytes{0x08, 0x06, 0, 1, 0x08, 0, 6, 4} + number16(operation) +
         sender_mac + address_bytes(sender) + Bytes(6, 0) + address_bytes(target);
}

// What a frame of the device holds.
inline bool is_udp(const Bytes& frame) { return number_at(frame, 12) == 0x0800 && frame[23] == 17; }
inline bool is_tcp(const Bytes& frame) { return number_at(frame, 12) == 0x0800 && frame[23] == 6; }
inline Bytes payload_of(const Bytes& frame, std::size_t headers) {
  const std::size_t end = 14 + number_at(frame, 16);
  return {frame.begin() + static_cast<std::ptrdiff_t>(headers),
          frame.begin() + static_cast<std::ptrdiff_t>(end)};
}
inline Bytes udp_payload(const Bytes& frame) { return payload_of(frame, 42); }
inline unsigned tcp_flags(const Bytes& frame) { return frame[47]; }
inline Bytes tcp_payload(const Bytes& frame) {
  return payload_of(frame, 34 + static_cast<std::size_t>(frame[46] >> 4U) * 4);
}

// A socket of the host that a test opens, on a port of its loopback.
class HostSocket {
 public:
  HostSocket(int family, int type) : descriptor_(::socket(family, type, 0)) {
    sockaddr_storage address{};
    socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    address.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET) reinterpret_cast<sockaddr_in*>(&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (family == AF_INET6) reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr = in6addr_loopback;
    EXPECT_EQ(::bind(number(), reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::getsockname(number(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  }
  explicit HostSocket(int accepted) : descriptor_(accepted) {}
  int number() const { return descriptor_.number(); }
  std::uint16_t port() const { return port_; }
  void close() { descriptor_.reset(); }
  // What is there now.
  Bytes receive(sockaddr_storage* from = nullptr) const {
    Bytes data(70000);
    socklen_t length = sizeof(sockaddr_storage);
    const auto got = ::recvfrom(number(), data.data(), data.size(), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(from), from != nullptr ? &length : nullptr);
    data.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return data;
  }
  bool connect(std::uint16_t port) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return ::connect(number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  void send(const Bytes& data) const {
    EXPECT_EQ(::send(number(), data.data(), data.size(), MSG_NOSIGNAL), static_cast<ssize_t>(data.size()));
  }

 private:
  Descriptor descriptor_;
  std::uint16_t port_ = 0;
};

inline NatSettings open_host() {
  NatSettings settings;
  settings.host_is_open = true;
  return settings;
}

// The guest's end: what it has received, in an event loop with nothing else in it.
class NatTest : public ::testing::Test, protected FrameReceiver {
 protected:
  void make(const NatSettings& settings = {}) {
    auto made = NatDevice::make(settings);
    if (auto* wrong = std::get_if<std::string>(&made)) {
      if (wrong->find("built without NAT") != std::string::npos) GTEST_SKIP() << *wrong;
      FAIL() << *wrong;
    }
    nat_ = std::move(std::get<std::unique_ptr<NatDevice>>(made));
    nat_->start(*this);
    loop_.add(*nat_);
  }
  void TearDown() override {
    if (nat_) loop_.remove(*nat_);
  }
  EthernetDevice::Sent send(const Bytes& frame, const FrameWork& work = {}) {
    const std::span<const std::byte> piece = as_frame(frame);
    return nat_->send({&piece, 1}, work);
  }
  // Passes of the loop until `done`, for at most two seconds.
  bool until(const std::function<bool()>& done) {
    const auto end = clock_.now() + std::chrono::seconds(2);
    while (!done()) {
      if (clock_.now() >= end) return false;
      loop_.pass(clock_.now() + std::chrono::milliseconds(10));
    }
    return true;
  }
  // The first frame that is wanted, which then is taken out; empty: none came.
  Bytes wait_for(const std::function<bool(const Bytes&)>& wanted) {
    Bytes found;
    until([&] {
      const auto at = std::ranges::find_if(received_, wanted);
      if (at == received_.end()) return false;
      found = *at;
      received_.erase(at);
      return true;
    });
    return found;
  }
  void pass_for(std::chrono::milliseconds time) {
    const auto end = clock_.now() + time;
    while (clock_.now() < end) loop_.pass(end);
  }
  // The device learns where the guest is, as a guest that has just got its address says it.
  void announce(const wire::IpAddress& guest) { send(arp(1, guest_mac, guest, guest)); }

  void received(std::span<const std::byte> frame, const FrameWork&) override {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(frame.data());
    received_.emplace_back(bytes, bytes + frame.size());
    EXPECT_FALSE(sending_) << "a frame came from within send()";
  }
  void batch_received() override { ++batches_; }
  void state_changed() override {}

  RealClock clock_;
  EventLoop loop_{clock_};
  std::unique_ptr<NatDevice> nat_;
  std::vector<Bytes> received_;
  unsigned batches_ = 0;
  bool sending_ = false;
  wire::IpAddress guest_ = wire::IpAddress::v4(10, 0, 2, 15);
  wire::IpAddress host_ = wire::IpAddress::v4(10, 0, 2, 2);
  PacketMaker to_host_{guest_, host_};
};

}  // namespace vmlan::host::nat
