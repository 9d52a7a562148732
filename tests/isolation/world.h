// The real thing for the model's comparison: a system with one virtual switch, users who log on, drivers
// reduced to what they tell their adapters, an uplink with somebody behind it.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "cp/control_program.h"
#include "cp/virtual_machine.h"
#include "guestlan/data_port.h"
#include "guestlan/nic.h"
#include "guestlan/uplink.h"
#include "tests/isolation/model.h"

namespace vmlan::isolation {

struct Got {
  std::vector<std::byte> bytes;  // without a tag
  Arrival form;
};

// What arrives somewhere.
class Inbox final : public guestlan::FrameSink {
 public:
  std::vector<Got> got;

 private:
  qdio::GiveResult give(const qdio::ReceiveHeader& header, const qdio::Frame& sent,
                        guestlan::WhenFull when_full) override;
  qdio::GiveResult give_unfinished(const wire::Layer3Header&, const qdio::Offload&, const qdio::Frame&,
                                   guestlan::WhenFull) override {
    return qdio::GiveResult::too_long;
  }
  void publish() override {}
};

class TestUplink final : public guestlan::Uplink {
 public:
  TestUplink(const cp::UplinkDefinition& definition, const wire::MacAddress& mac,
             std::function<void(guestlan::Uplink&)> changed)
      : Uplink(definition.device, mac), changed_(std::move(changed)) {
    give_to(&inbox);
  }
  ~TestUplink() override { leave(); }
  void become(bool ready) {
    ready_ = ready;
    update();
    changed_(*this);
  }
  State state() const override { return ready_ ? State::ready : State::not_ready; }
  std::string name() const override { return "TEST"; }
  std::string trouble() const override { return {}; }
  std::vector<std::string> details() const override { return {}; }

  Inbox inbox;

 private:
  bool ready_ = true;
  std::function<void(guestlan::Uplink&)> changed_;
};

class World {
 public:
  explicit World(bool ethernet);

  // A command of the system's; is it accepted?
  bool command(const std::string& line) { return system_.command(line).return_code == 0; }
  bool user_command(unsigned user, const std::string& line);
  void log_on(unsigned user);
  void log_off(unsigned user) { user_command(user, "LOGOFF"); }
  static std::string name(unsigned user) { return "U" + std::to_string(user); }
  Address own(unsigned user) { return nic(user).settings().mac.as_integer(); }

  bool listen(unsigned user, bool on) { return port(user).set_promiscuous(on) == qdio::IpaCode::success; }
  bool start(unsigned user) { return port(user).start_lan() == qdio::IpaCode::success; }
  void stop(unsigned user) { port(user).stop_lan(); }
  bool take(unsigned user, Address address, bool takeover);
  bool give_up(unsigned user, Address address);
  void uplink_ready(bool ready) { uplink_->become(ready); }

  // Sends a frame with this number, its batch being over.
  void send(const Sent& frame, unsigned number);
  // What it looks like without its tag.
  std::vector<std::byte> plain(const Sent& frame, unsigned number) const;
  std::vector<Got> received(unsigned port) { return std::exchange(inbox(port).got, {}); }
  const guestlan::Counters& counters(unsigned who) {
    return who == outside ? uplink_->counters() : port(who).counters();
  }

 private:
  class Silence final : public cp::ConsoleSink {
    void line(std::string_view, std::string_view) override {}
    void moved(std::string_view, std::string_view) override {}
  };

  guestlan::Nic& nic(unsigned user) { return *system_.find(name(user))->nic({0x600}); }
  guestlan::DataPort& port(unsigned user) { return nic(user).port_of_data_device(2); }
  Inbox& inbox(unsigned who) { return who == outside ? uplink_->inbox : inboxes_[who]; }

  bool ethernet_;
  arch::VirtualClock clock_;
  Silence consoles_;
  TestUplink* uplink_ = nullptr;
  std::array<Inbox, guests> inboxes_;
  cp::ControlProgram system_;
};

}  // namespace vmlan::isolation
