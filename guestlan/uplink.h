// The way out of a LAN or virtual switch: a port without registrations in front of a real device, where
// z/VM has an OSA. What it is connected to (a NAT engine, a TAP device, a socket) is the derived class's.
//
// The derived class leaves its LAN when it goes, as long as it is whole.
//
// Owns: its queue by priority, if its switch has one. Threads: the base's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guestlan/port.h"
#include "guestlan/priority_queue.h"

namespace vmlan::guestlan {

class Uplink : public Port {
 public:
  enum class State : std::uint8_t {
    ready,
    not_ready,  // its other side is away, and is looked for
    dead,       // for good
  };

  explicit Uplink(arch::DeviceNumber real_device, const wire::MacAddress& mac)
      : Port({"SYSTEM", real_device, mac}, Kind::uplink) {}

  virtual State state() const = 0;
  // Of the group that it stands for; empty: for one device.
  virtual std::string group_name() const { return {}; }
  // "NAT 10.0.2.0/24", "TAP tap0"; why it is not ready, or nothing; further lines of QUERY UPLINK DETAILS.
  virtual std::string name() const = 0;
  virtual std::string trouble() const = 0;
  virtual std::vector<std::string> details() const = 0;
  // Of several uplinks of a LAN the one that carries its traffic does, if it is ready; the others do not.
  void carry(bool on) {
    if (!on) release();
    carries_ = on;
    update();
  }
  bool carries() const noexcept { return carries_; }
  // It carries nothing there until it is told to.
  void join(Lan& lan) {
    carries_ = false;
    Port::join(lan);
    joined();
    rules_changed();
    update();
  }
  void rules_changed() override;

  // PRIQUEUING: what waits goes to the device.
  void release() {
    if (anything_waits()) queue_->release();
  }
  bool anything_waits() const noexcept { return queue_ != nullptr && queue_->anything_waits(); }

  // Since somebody last cleared them; counters() are of all its life.
  Counters since_cleared() const {
    Counters now = counters();
    now -= cleared_at_;
    return now;
  }
  void clear_counters(CounterPart part = CounterPart::all) {
    release();  // what is lost of it was given before
    cleared_at_.take(part, counters());
  }

  void address_taken(const wire::IpAddress&, const Port&) override {}

 protected:
  // Once, before it joins a LAN: somebody calls release() soon after anything waits.
  void promise_release() noexcept { released_ = true; }
  // It is on a LAN, whose transport decides what its frames look like.
  virtual void joined() {}
  // The state has changed.
  void update() {
    const bool before = active();
    set_active(carries_ && state() == State::ready);
    if (active() && !before) began();
  }
  // From now on it carries its LAN's traffic.
  virtual void began() {}
  // It leaves: its LAN's queue is of no use to the next one.
  void forget_registrations() override { queue_by_priority(false); }

 private:
  // What waits goes first.
  void queue_by_priority(bool on);

  bool carries_ = false;
  bool released_ = false;
  std::unique_ptr<PriorityQueue> queue_;
  Counters cleared_at_;
};

}  // namespace vmlan::guestlan
