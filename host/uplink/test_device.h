// A real device whose other side is the test.
#pragma once

#include <deque>
#include <vector>

#include "host/uplink/ethernet_device.h"

namespace vmlan::host {

using FrameBytes = std::vector<std::byte>;

class TestDevice final : public EthernetDevice {
 public:
  struct SentFrame {
    FrameBytes bytes;
    FrameWork work;
  };
  std::vector<SentFrame> sent;
  Sent answer = Sent::sent;
  std::size_t room = 1'000'000;  // frames it takes; full then
  State is = State::ready;
  bool works = false;
  std::size_t super_frames_to = 0;
  unsigned flushes = 0;

  void give(const FrameBytes& frame, const FrameWork& work = {}) {
    receiver_->received(frame, work);
    receiver_->batch_received();
  }
  void become(State state) {
    is = state;
    receiver_->state_changed();
  }

  void start(FrameReceiver& receiver) override { receiver_ = &receiver; }
  Sent send(std::span<const std::span<const std::byte>> pieces, const FrameWork& work) override {
    if (answer != Sent::sent) return answer;
    if (sent.size() >= room) return Sent::full;
    SentFrame frame;
    for (const auto piece : pieces) frame.bytes.insert(frame.bytes.end(), piece.begin(), piece.end());
    frame.work = work;
    sent.push_back(std::move(frame));
    return Sent::sent;
  }
  void flush() override { ++flushes; }
  bool does_work() const override { return works; }
  std::size_t super_frame_limit() const override { return super_frames_to; }
  std::size_t frame_limit() const override { return 1514; }
  State state() const override { return is; }
  std::string name() const override { return "TEST"; }
  void tend(arch::Time) override {}
  void add_to(std::vector<pollfd>&) override {}
  void happened(std::span<const pollfd>) override {}

 private:
  FrameReceiver* receiver_ = nullptr;
};

}  // namespace vmlan::host
