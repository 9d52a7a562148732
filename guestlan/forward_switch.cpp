// The one path on a LAN or switch that demands more than its transport's table: VLANs, isolation, VEPA, MAC
// protection. The table decides who would get a frame (route_ip.h, route_ethernet.h), the policy who may
// (switch_policy.h), and here each gets it in the form it takes. What it is copied with is forward.cpp's.
#include "guestlan/group_delivery.h"
#include "guestlan/port.h"
#include "guestlan/switch_policy.h"
#include "guestlan/untag.h"
#include "guestlan/vlan_tag.h"

namespace vmlan::guestlan {

using qdio::Frame;

namespace {

// A frame in both forms, with a tag and without. The one that was not sent is made when somebody wants it.
class SwitchedFrame {
 public:
  SwitchedFrame(const Frame& sent, std::optional<std::uint16_t> tag, std::uint16_t vlan) noexcept
      : sent_(sent), is_tagged_(tag.has_value()) {
    constexpr std::uint16_t priority_mask = 0xf000;
    sent_tag_ = tag.value_or(0);
    tag_ = static_cast<std::uint16_t>(vlan == 0 ? sent_tag_ : (sent_tag_ & priority_mask) | vlan);
    // A tag for priority only names no VLAN: the one that goes on does.
    as_sent_will_do_ = !is_tagged_ || sent_tag_ == tag_;
  }

  std::uint16_t tag() const noexcept { return tag_; }
  // The VLAN id its tag had; 0: none.
  std::uint16_t tagged_vlan() const noexcept { return is_tagged_ ? sent_tag_ & 0x0fff : 0; }
  const Frame& with_tag(bool tagged) noexcept {
    if (tagged == is_tagged_ && as_sent_will_do_) return sent_;
    return tagged ? tagged_form() : untagged_form();
  }
  bool is_tagged() const noexcept { return is_tagged_; }

 private:
  const Frame& untagged_form() noexcept {
    if (!is_tagged_) return sent_;
    if (!untagged_) untagged_.emplace().take_tag(sent_);
    return untagged_->frame();
  }
  const Frame& tagged_form() noexcept {
    if (!tagged_) tagged_.emplace().put_tag(untagged_form(), tag_);
    return tagged_->frame();
  }

  const Frame& sent_;
  bool is_tagged_;
  bool as_sent_will_do_ = true;
  std::uint16_t sent_tag_ = 0;
  std::uint16_t tag_ = 0;
  std::optional<RetaggedFrame> tagged_;
  std::optional<RetaggedFrame> untagged_;
};

}  // namespace

// What all receivers of one frame have in common.
struct Lan::Switched {
  Port& from;
  const Frame& sent;
  wire::Cast cast = wire::Cast::unicast;
  std::uint16_t vlan = 0;
  SwitchedFrame forms;

  std::uint8_t give(Lan& lan, Port& to, WhenFull when_full) noexcept {
    const bool tagged = vlan == 0 ? forms.is_tagged() : wants_tag(lan, to, vlan);
    if (!sent.is_ethernet()) return give_datagram(lan, to, tagged, when_full);
    const Frame& frame = forms.with_tag(tagged);
    const wire::Layer3Header header = frame.layer3;  // the whole header
    return lan.copy_to(from, to, {&header, header.flags, header.length}, frame, when_full);
  }
  // The tag of a datagram is in its transport header.
  std::uint8_t give_datagram(Lan& lan, Port& to, bool tagged, WhenFull when_full) noexcept {
    using namespace wire;
    const auto kept = sent.layer3.flags & (layer3_flag::ipv6 | layer3_flag::passthru);
    const auto flags = static_cast<std::uint8_t>(kept | static_cast<int>(cast));
    Layer3Header header = from.source_header_;
    if (tagged) {
      header.extended_flags = static_cast<std::uint8_t>(layer3_extended::vlan_id | header.extended_flags);
      header.vlan_id = forms.tag();
    }
    return lan.copy_to(from, to, {&header, flags, static_cast<std::uint16_t>(sent.length)}, sent, when_full);
  }
};

// Most frames on a VLAN-aware switch: untagged, from one guest's ACCESS port to another's of the same VLAN,
// while nobody listens. They stay as they are, and cost little more than on a LAN. nullptr: it is none of
// these.
inline Port* Lan::usual_station(const Port& from, const Frame& frame) const noexcept {
  const PortRules* rules = from.rules();
  if (!rules_.vlan_aware || rules == nullptr || rules->trunk || rules->untagged == 0) return nullptr;
  if (rules_.guests_are_apart() || protects(from) || !promiscuous_ports_.empty()) return nullptr;
  wire::EthernetHeader header;
  if (!frame.is_ethernet() || !peek(frame, 0, &header, sizeof(header))) return nullptr;
  if (header.type == wire::ether_type::vlan || header.destination.is_group()) return nullptr;
  const PortList* ports = find_mac(header.destination);
  if (ports == nullptr || ports->front() == &from) return nullptr;
  const PortRules* theirs = ports->front()->rules();
  if (theirs == nullptr || theirs->trunk || theirs->untagged != rules->untagged) return nullptr;
  return ports->front();
}

std::uint8_t Lan::forward_switched(Port& from, const Frame& frame) noexcept {
  if (Port* station = usual_station(from, frame)) [[likely]] {
    const wire::Layer3Header as_sent = frame.layer3;  // the whole header
    return copy_to(from, *station, {&as_sent, as_sent.flags, as_sent.length}, frame, WhenFull::sender_waits);
  }
  if (frame.is_ethernet() || !is_tagged_inside(frame)) return forward_admitted(from, frame);
  Frame untagged = frame;
  return forward_admitted(from, untag(untagged) ? untagged : frame);
}

std::uint8_t Lan::forward_admitted(Port& from, const Frame& frame) noexcept {
  const auto tag = tag_of(frame);
  const Admission admission = admit(*this, from, frame, tag);
  if (!admission.admitted) {
    from.counters_.drop(admission.reason, frame.packets());
    return qdio::sbalf15::good;
  }
  const PortRules* port = from.rules();
  sender_priority_ = port == nullptr ? UplinkPriority::normal : port->priority;
  const Route route = this->route(from, frame);
  Switched switched{from, frame, route.cast, admission.vlan, SwitchedFrame(frame, tag, admission.vlan)};
  switch (route.kind) {
    case Route::Kind::drop:
      from.counters_.drop(route.reason, frame.packets());
      return qdio::sbalf15::good;
    case Route::Kind::group:
      give_to_group(switched, route);
      return qdio::sbalf15::good;
    case Route::Kind::station:
      break;
  }
  return give_to_station(switched, route);
}

std::uint8_t Lan::give_to_station(Switched& frame, const Route& route) noexcept {
  Port* station = route.station;
  const std::uint16_t tag = frame.forms.tagged_vlan();
  auto refused = refusal(*this, frame.from, *station, frame.vlan, tag);
  if (refused == Drop::isolated && rules_.vepa && uplink() != nullptr) {
    station = uplink();
    refused.reset();
  }
  if (refused) {
    frame.from.counters_.drop(*refused, frame.sent.packets());
    return qdio::sbalf15::good;
  }
  for (Port* sniffer : *route.others) {
    const bool gets_it = sniffer != &frame.from && sniffer != station &&
                         !refusal(*this, frame.from, *sniffer, frame.vlan, tag);
    if (gets_it) frame.give(*this, *sniffer, WhenFull::drop);
  }
  return frame.give(*this, *station, WhenFull::sender_waits);
}

void Lan::give_to_group(Switched& frame, const Route& route) noexcept {
  const std::uint16_t tag = frame.forms.tagged_vlan();
  // What a switch beyond sends back to all is not for the one who has sent it.
  const Port* sender = rules_.vepa && frame.from.is_uplink() ? station_of_source(frame.sent) : nullptr;
  GroupGift gift;
  gift.add(frame.sent);
  deliver_to_group(frame.from, route, gift, [&](Port& port) noexcept -> std::optional<Drop> {
    if (&port == sender) return Drop::own_address;
    if (const auto refused = refusal(*this, frame.from, port, frame.vlan, tag)) return refused;
    frame.give(*this, port, WhenFull::drop);
    return std::nullopt;
  });
}

const Port* Lan::station_of_source(const Frame& frame) const noexcept {
  wire::EthernetHeader header;
  if (!frame.is_ethernet() || !peek(frame, 0, &header, sizeof(header))) return nullptr;
  const PortList* ports = find_mac(header.source);
  return ports == nullptr ? nullptr : ports->front();
}

}  // namespace vmlan::guestlan
