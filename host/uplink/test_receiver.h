// Keeps what a device gives, and turns the loop until something has come: the other side of the interface for
// tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/event_loop.h"
#include "host/uplink/ethernet_device.h"

namespace vmlan::host {

using Bytes = std::vector<std::byte>;

// A frame of `length` bytes that is like no other with another `number`.
inline Bytes numbered_frame(std::size_t length, unsigned number) {
  Bytes frame(length);
  for (std::size_t index = 0; index < length; ++index)
    frame[index] = static_cast<std::byte>(index < 4 ? number >> 8U * index : index * 7 + number);
  return frame;
}

class KeepingReceiver final : public FrameReceiver {
 public:
  void received(std::span<const std::byte> frame, const FrameWork& work) override {
    frames.emplace_back(frame.begin(), frame.end());
    works.push_back(work);
    longest_batch = std::max(longest_batch, ++in_batch_);
  }
  void batch_received() override { in_batch_ = 0; }
  void state_changed() override { ++changes; }

  std::vector<Bytes> frames;
  std::vector<FrameWork> works;
  unsigned changes = 0;
  unsigned longest_batch = 0;

 private:
  unsigned in_batch_ = 0;
};

// A device in a loop of its own, under the real clock.
class DeviceInLoop {
 public:
  explicit DeviceInLoop(EthernetDevice& device) : device_(device), loop_(clock_) {
    device_.start(receiver);
    loop_.add(device_);
  }

  // Turns the loop until it is true; false: it has not become so in time.
  bool until(const std::function<bool()>& is_true, arch::Time limit = std::chrono::seconds(20)) {
    const auto end = clock_.now() + limit;
    while (!is_true()) {
      if (clock_.now() >= end) return false;
      loop_.pass(std::min(end, clock_.now() + std::chrono::milliseconds(10)));
    }
    return true;
  }
  bool until_ready() {
    return until([this] { return device_.state() == EthernetDevice::State::ready; });
  }
  bool until_waiting() {
    return until([this] { return device_.state() == EthernetDevice::State::waiting; });
  }
  bool until_frames(std::size_t count) {
    return until([this, count] { return receiver.frames.size() >= count; });
  }
  void pass() { loop_.pass(clock_.now() + std::chrono::milliseconds(20)); }
  arch::Time now() const { return clock_.now(); }

  EthernetDevice::Sent send(std::span<const std::byte> frame, const FrameWork& work = {}) {
    const std::span<const std::byte> pieces[] = {frame};
    return device_.send(pieces, work);
  }

  KeepingReceiver receiver;

 private:
  EthernetDevice& device_;
  RealClock clock_;
  EventLoop loop_;
};

template <typename Device>
std::unique_ptr<Device> opened(std::variant<std::unique_ptr<Device>, std::string> result) {
  auto* device = std::get_if<std::unique_ptr<Device>>(&result);
  if (device == nullptr) throw std::runtime_error(std::get<std::string>(result));
  return std::move(*device);
}

template <typename Device>
std::string refused(std::variant<std::unique_ptr<Device>, std::string> result) {
  const auto* text = std::get_if<std::string>(&result);
  return text != nullptr ? *text : "it was opened";
}

}  // namespace vmlan::host
