// Real NICs on real LANs behind channel programs: three guests that play Linux' driver, of an OSD card in
// layer 3 and in layer 2 and of HiperSockets, and three LANs. The input says who does what next: COUPLE,
// UNCOUPLE, DETACH in the middle of a batch, GRANT and REVOKE, going online and offline, IPA commands, frames
// over queues and over a link, commands by hand, system reset; rules of a LAN (VLANs, isolation, VEPA, MAC
// protection), what ports may do there, and an uplink that comes, goes and brings frames. After each step the
// books of every LAN have to balance, and no LAN may name a port that is not there.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "host/uplink/test_device.h"
#include "host/uplink/uplink_port.h"
#include "qdio/queues/data_queues.h"
#include "tests/fuzz/guest_talk.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/lan_guest.h"
#include "tests/kit/recording_sink.h"

namespace {

using namespace vmlan;

using fuzz::Guest;
using fuzz::kinds;

constexpr unsigned most_steps = 200;

void require(bool condition) {
  if (!condition) std::abort();
}

class System {
 public:
  System() {
    for (unsigned number = 0; number < kinds.size(); ++number) {
      guestlan::LanAttributes attributes;
      attributes.owner = "SYSTEM";
      attributes.type = kinds[number].iqd ? guestlan::LanType::hipers : guestlan::LanType::qdio;
      attributes.transport = kinds[number].layer2 ? qdio::Transport::ethernet : qdio::Transport::ip;
      lans_[number] = std::make_unique<guestlan::Lan>(attributes);
      auto device = std::make_unique<host::TestDevice>();
      devices_[number] = device.get();
      uplinks_[number] = std::make_unique<host::UplinkPort>(
          arch::DeviceNumber{static_cast<std::uint16_t>(0x0a00 + number)},
          wire::MacAddress{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(number)}}, loop_, std::move(device),
          [](guestlan::Uplink&) {});
      uplinks_[number]->join(*lans_[number]);
    }
    gather_crowd();
  }

  void step(fuzz::Input& input) {
    const unsigned what = input.byte();
    const std::size_t who = input.byte() % guests_.size();
    auto& guest = guests_[who];
    if (guest == nullptr)
      guest = std::make_unique<Guest>(kinds[who % kinds.size()], static_cast<std::uint8_t>(who + 1));
    constexpr unsigned rules_from = 240;
    if (what >= rules_from) {
      rule(*guest, what - rules_from, input);
    } else if (what % 24 < 16) {
      act(*guest, what % 24, input);
    } else {
      talk(*guest, kinds[who % kinds.size()].layer2, what % 24, input);
    }
    if (what < rules_from && what % 24 == 15) guest.reset();
    check();
  }

 private:
  // So many that the first LAN's broadcasts are those of a large group.
  void gather_crowd() {
    constexpr unsigned most = 66;
    for (unsigned number = 0; number < most; ++number) {
      guestlan::NicSettings settings;
      settings.owner = "CROWD";
      crowd_.push_back(std::make_unique<guestlan::Nic>(settings));
      sinks_.push_back(std::make_unique<kit::RecordingSink>());
      crowd_.back()->couple(*lans_[0], true);
      auto& port = crowd_.back()->port_of_data_device(2);
      port.session_established(lans_[0]->attributes().transport, "CROWD", "");
      port.start_lan();
      port.enable_broadcast(true);
      port.remote_queues(sinks_.back().get());
    }
  }

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

  void rule(Guest& guest, unsigned what, fuzz::Input& input) {
    const std::size_t number = input.byte() % lans_.size();
    host::TestDevice& device = *devices_[number];
    const unsigned bits = input.byte();
    switch (what % 4) {
      case 0: {
        guestlan::LanRules rules;
        rules.vlan_aware = (bits & 1U) != 0;
        rules.native = static_cast<std::uint16_t>(bits >> 6U);
        rules.isolation = (bits & 2U) != 0;
        rules.vepa = (bits & 4U) != 0;
        if ((bits & 8U) != 0) rules.mac_protect = guestlan::MacProtection::on;
        rules.priority_queuing = (bits & 0x10U) != 0;
        rules.port_based = (bits & 0x20U) != 0;
        lans_[number]->set_rules(rules);
        lans_[number]->count_vlans((bits & 0x40U) != 0);
        break;
      }
      case 1: {
        guestlan::PortRules port{(bits & 1U) != 0, static_cast<std::uint16_t>(bits >> 6U), {}};
        for (unsigned vlan = 1; vlan < 5; ++vlan) port.allowed[vlan] = (bits >> vlan & 1U) != 0;
        port.priority = static_cast<guestlan::UplinkPriority>(bits % 3);
        guest.nic().set_port_rules((bits & 0x20U) != 0 ? std::optional(port) : std::nullopt);
        if ((bits & 0x10U) != 0) lans_[number]->revoke(guest.nic().settings().owner);
        break;
      }
      case 2:
        uplinks_[number]->carry((bits & 1U) != 0);
        device.works = (bits & 2U) != 0;
        device.answer =
            (bits & 4U) != 0 ? host::EthernetDevice::Sent::full : host::EthernetDevice::Sent::sent;
        device.become((bits & 8U) != 0 ? host::EthernetDevice::State::waiting
                                       : host::EthernetDevice::State::ready);
        break;
      default: {
        const bool layer2 = kinds[number].layer2;
        const auto sent = fuzz::packet(input, layer2);
        host::FrameBytes frame(layer2 ? 0 : 14, std::byte{0x08});
        frame.insert(frame.end(),
                     sent.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(32, sent.size())),
                     sent.end());
        host::FrameWork work;
        work.checksum = (bits & 1U) != 0;
        if ((bits & 2U) != 0) work.segmentation = host::FrameWork::Segmentation::tcp_v4;
        work.segment_size = static_cast<std::uint16_t>(bits << 3U);
        work.header_length = input.byte();
        device.give(frame, work);
      }
    }
    device.sent.clear();
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
    for (const auto& nic : crowd_) there.insert(nic->ports().front().get());
    const auto all_there = [&](const guestlan::PortList& ports) {
      return std::all_of(ports.begin(), ports.end(), [&](const auto* port) { return there.contains(port); });
    };
    for (std::size_t number = 0; number < lans_.size(); ++number) {
      const auto& lan = lans_[number];
      guestlan::Counters sum = lan->total();
      sum += uplinks_[number]->counters();
      // What an uplink took and could not send on is no longer received.
      const auto lost = std::accumulate(sum.rx_lost.begin(), sum.rx_lost.end(), std::uint64_t{0});
      require(sum.tx_copies == sum.rx_packets + lost);
      require(lan->uplink() == nullptr || lan->uplink() == uplinks_[number].get());
      require(all_there(lan->active_ports()) && all_there(lan->promiscuous_ports()));
      for (const auto* entry : lan->ip_table().entries()) {
        const bool one = entry->type == guestlan::EntryType::unicast;
        require(one ? there.contains(entry->port) : all_there(entry->group->members));
      }
    }
  }

  std::array<std::unique_ptr<guestlan::Lan>, kinds.size()> lans_;
  host::RealClock clock_;
  host::EventLoop loop_{clock_};
  std::array<host::TestDevice*, kinds.size()> devices_{};
  std::array<std::unique_ptr<host::UplinkPort>, kinds.size()> uplinks_;
  std::vector<std::unique_ptr<kit::RecordingSink>> sinks_;
  std::vector<std::unique_ptr<guestlan::Nic>> crowd_;
  std::array<std::unique_ptr<Guest>, 4> guests_;  // go first
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input({data, size});
  System system;
  for (unsigned step = 0; step < most_steps && !input.empty(); ++step) system.step(input);
  return 0;
}
