// Real NICs on real LANs behind channel programs: three guests that play Linux' driver, of an OSD card in
// layer 3 and in layer 2 and of HiperSockets, and three LANs. The input says who does what next: COUPLE,
// UNCOUPLE, DETACH in the middle of a batch, GRANT and REVOKE, going online and offline, IPA commands, frames
// over queues and over a link, commands by hand, system reset. After each step the books of every LAN have to
// balance, and no LAN may name a port that is not there.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <set>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "qdio/queues/data_queues.h"
#include "tests/fuzz/guest_talk.h"
#include "tests/fuzz/input.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/recording_sink.h"

namespace {

using namespace vmlan;

constexpr std::size_t storage_size = 0x60'0000;
constexpr unsigned most_steps = 200;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Kind {
  const char* owner;
  bool iqd;
  bool layer2;
};
constexpr std::array<Kind, 3> kinds{{{"ALICE", false, false}, {"BOB", false, true}, {"CAROL", true, false}}};

class Guest {
 public:
  Guest(const Kind& kind, std::uint8_t mac)
      : nic_(settings(kind, mac)), machine_(device(kind), nic_, storage_size) {
    nic_.attach(machine_.device());
    kit::LinuxDriver::Options options;
    options.iqd = kind.iqd;
    options.layer2 = kind.layer2;
    driver_ = std::make_unique<kit::LinuxDriver>(machine_, options);
  }

  guestlan::Nic& nic() { return nic_; }
  kit::BareMachine& machine() { return machine_; }
  kit::LinuxDriver& driver() { return *driver_; }
  void go_online() {
    if (driver_->bring_up()) driver_->give_input_buffers(128);
  }
  void take_everything() {
    for (unsigned buffer = 0; buffer < 128; ++buffer) {
      if (driver_->input_state(buffer) == 0x82) driver_->take_input(buffer);
    }
  }
  void go_behind_a_link(bool there) { nic_.port_of_data_device(2).remote_queues(there ? &sink_ : nullptr); }

 private:
  static guestlan::NicSettings settings(const Kind& kind, std::uint8_t mac) {
    guestlan::NicSettings nic;
    nic.owner = kind.owner;
    nic.kind = kind.iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    nic.base_device = {0x0800};
    nic.devices = 6;
    nic.mac = {{2, 0, 0, 0, 0, mac}};
    return nic;
  }
  static qdio::Device::Settings device(const Kind& kind) {
    qdio::Device::Settings device;
    device.kind = kind.iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    device.base_device = {0x0800};
    device.devices = 6;
    return device;
  }

  kit::RecordingSink sink_;
  guestlan::Nic nic_;
  kit::BareMachine machine_;
  std::unique_ptr<kit::LinuxDriver> driver_;
};

class System {
 public:
  System() {
    for (unsigned number = 0; number < kinds.size(); ++number) {
      guestlan::LanAttributes attributes;
      attributes.owner = "SYSTEM";
      attributes.type = kinds[number].iqd ? guestlan::LanType::hipers : guestlan::LanType::qdio;
      attributes.transport = kinds[number].layer2 ? qdio::Transport::ethernet : qdio::Transport::ip;
      lans_[number] = std::make_unique<guestlan::Lan>(attributes);
    }
  }

  void step(fuzz::Input& input) {
    const unsigned what = input.byte();
    const std::size_t who = input.byte() % guests_.size();
    auto& guest = guests_[who];
    if (guest == nullptr)
      guest = std::make_unique<Guest>(kinds[who % kinds.size()], static_cast<std::uint8_t>(who + 1));
    if (what % 24 < 16) {
      act(*guest, what % 24, input);
    } else {
      talk(*guest, kinds[who % kinds.size()].layer2, what % 24, input);
    }
    if (what % 24 == 15) guest.reset();
    check();
  }

 private:
  void act(Guest& guest, unsigned what, fuzz::Input& input) {
    guestlan::Nic& nic = guest.nic();
    guestlan::Lan& lan = *lans_[input.byte() % lans_.size()];
    switch (what) {
      case 0:
      case 1:
        guest.go_online();
        break;
      case 2:
        guest.driver().shut_down();
        break;
      case 3:
      case 4:
        nic.couple(lan, true);
        break;
      case 5:
        nic.uncouple();
        break;
      case 6:
        lan.grant(nic.settings().owner, {.promiscuous = true});
        nic.port_of_data_device(2).set_promiscuous(true);
        break;
      case 7:
        lan.revoke(nic.settings().owner);
        break;
      case 8: {
        // As long as what the driver itself fills in; shorter ones are messages like any other below.
        constexpr std::size_t shortest = 9;
        const auto body = input.take(input.byte());
        std::vector<std::byte> command(body.begin(), body.end());
        command.resize(std::max(command.size(), shortest));
        guest.driver().ipa(std::move(command));
        break;
      }
      case 9: {
        const auto message = input.take(input.half() % 4097);
        guest.driver().write_control(message);
        break;
      }
      case 10: {
        const unsigned queue = input.byte() % kit::LinuxDriver::output_queues;
        const auto frame = input.take(input.byte());
        guest.driver().prime(queue, frame);
        if (input.byte() % 4 != 0) guest.driver().signal_output(queue);
        break;
      }
      case 11:
        over_a_link(nic, input);
        break;
      case 12:
        guest.take_everything();
        break;
      case 13:
        guest.go_behind_a_link(input.byte() % 2 == 0);
        break;
      case 14:
        guest.machine().system_reset();
        break;
      default:
        break;  // DETACH, with what it was given still to be told
    }
  }

  // What drivers say and send.
  static void talk(Guest& guest, bool layer2, unsigned what, fuzz::Input& input) {
    kit::LinuxDriver& driver = guest.driver();
    if (what < 19) {
      driver.ipa(fuzz::ipa_command(input));
    } else if (what < 22) {
      const unsigned queue = what % kit::LinuxDriver::output_queues;
      driver.prime(queue, fuzz::packet(input, layer2));
      driver.signal_output(queue);
    } else if (what == 22) {
      guest.go_online();
      driver.ipa(fuzz::ipa_command(input));
    } else {
      guest.nic().port_of_data_device(2).take_whole_super_frames((input.byte() & 1U) != 0);
    }
  }

  // A batch that is not over: publish() may come after somebody has left.
  static void over_a_link(guestlan::Nic& nic, fuzz::Input& input) {
    auto& port = nic.port_of_data_device(input.byte() % 4 == 0 ? 5 : 2);
    const auto bytes = input.take(input.byte());
    qdio::Frame frame;
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
    if (qdio::judge(frame)) {
      port.transmit(frame);
    } else {
      port.count_malformed(1);
    }
    if (input.byte() % 2 == 0) port.publish();
  }

  void check() {
    std::set<const guestlan::Port*> there;
    for (const auto& guest : guests_) {
      if (guest == nullptr) continue;
      for (const auto& port : guest->nic().ports()) {
        there.insert(port.get());
        require(!port->active() || port->lan() == guest->nic().lan());
        require(!port->active() || port->transport() == port->lan()->attributes().transport);
      }
    }
    const auto all_there = [&](const guestlan::PortList& ports) {
      return std::all_of(ports.begin(), ports.end(), [&](const auto* port) { return there.contains(port); });
    };
    for (const auto& lan : lans_) {
      const guestlan::Counters sum = lan->total();
      require(sum.tx_copies == sum.rx_packets);
      require(all_there(lan->active_ports()) && all_there(lan->promiscuous_ports()));
      for (const auto* entry : lan->ip_table().entries()) {
        const bool one = entry->type == guestlan::EntryType::unicast;
        require(one ? there.contains(entry->port) : all_there(entry->group->members));
      }
    }
  }

  std::array<std::unique_ptr<guestlan::Lan>, kinds.size()> lans_;
  std::array<std::unique_ptr<Guest>, 4> guests_;  // go first
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input({data, size});
  System system;
  for (unsigned step = 0; step < most_steps && !input.empty(); ++step) system.step(input);
  return 0;
}
