#include "host/uplink/group_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "wire/ethernet.h"

namespace vmlan::host {
namespace {

std::string_view partner_words(LacpPort::Partner partner) {
  switch (partner) {
    case LacpPort::Partner::current:
      return "partner";
    case LacpPort::Partner::asked:
      return "partner asked";
    case LacpPort::Partner::none:
    case LacpPort::Partner::defaulted:
      break;
  }
  return "no partner";
}

template <class Pdu>
void send_slow(EthernetDevice& device, const wire::MacAddress& from, const Pdu& pdu) {
  wire::EthernetHeader header;
  header.destination = wire::slow_protocols_group;
  header.source = from;
  header.type = wire::slow_protocols_type;
  const std::array pieces{std::as_bytes(std::span(&header, 1)), std::as_bytes(std::span(&pdu, 1))};
  device.send(pieces, {});
  device.flush();
}

}  // namespace

// One of the devices, and what comes from it.
class GroupDevice::Member final : public FrameReceiver {
 public:
  Member(GroupDevice& group, UplinkPort& port, std::uint16_t number)
      : link_(group.system_, 1, number), group_(group), port_(port), device_(port.lend(this)) {}
  ~Member() override { port_.lend(nullptr); }

  UplinkPort& port() const noexcept { return port_; }
  EthernetDevice& device() const noexcept { return device_; }
  LacpPort& link() noexcept { return link_; }
  const LacpPort& link() const noexcept { return link_; }
  bool is_up() const { return device_.state() == State::ready; }

  bool carries = false;
  std::uint64_t sent = 0;
  std::uint64_t received_frames = 0;

  void received(std::span<const std::byte> frame, const FrameWork& work) override {
    wire::EthernetHeader header;
    if (frame.size() <= sizeof(header)) return group_.receiver_->received(frame, work);  // has a name for it
    std::memcpy(&header, frame.data(), sizeof(header));
    if (header.type == wire::slow_protocols_type) {
      return group_.take_slow_protocol(*this, frame.subspan(sizeof(header)));
    }
    // A link that is not of the aggregate: its frames would come twice.
    if (!carries && !(group_.lacp_ && link_.collects())) return;
    ++received_frames;
    group_.receiver_->received(frame, work);
  }
  void batch_received() override {
    group_.receiver_->batch_received();
    group_.tell_if_changed();
  }
  void state_changed() override {
    if (group_.lacp_) link_.set_link(is_up(), group_.clock_.now());
    group_.choose();
    group_.tell_if_changed();
  }

 private:
  LacpPort link_;
  GroupDevice& group_;
  UplinkPort& port_;
  EthernetDevice& device_;
};

GroupDevice::GroupDevice(std::string name, const wire::MacAddress& system, const arch::Clock& clock)
    : name_(std::move(name)), system_(system), clock_(clock) {}

GroupDevice::~GroupDevice() = default;

void GroupDevice::join(UplinkPort& port) {
  auto& member = *members_.emplace_back(std::make_unique<Member>(*this, port, next_port_++));
  if (lacp_) member.link().set_link(member.is_up(), clock_.now());
  choose();
}

void GroupDevice::leave(UplinkPort& port) {
  std::erase_if(carriers_, [&](const Member* member) { return &member->port() == &port; });
  std::erase_if(members_, [&](const auto& member) { return &member->port() == &port; });
  choose();
  changed_ = true;
}

void GroupDevice::set_lacp(bool on) {
  lacp_ = on;
  for (const auto& member : members_) member->link().set_link(on && member->is_up(), clock_.now());
  choose();
}

void GroupDevice::choose() {
  const auto before = std::move(carriers_);
  carriers_.clear();
  const LacpPort* first = nullptr;
  for (const auto& member : members_) {
    LacpPort& link = member->link();
    if (first == nullptr && link.partner_state() == LacpPort::Partner::current) first = &link;
    link.select(first != nullptr && (&link == first || link.goes_with(*first)));
  }
  for (const auto& member : members_) {
    if (member->is_up() && (!lacp_ || member->link().carries())) carriers_.push_back(member.get());
  }
  if (carriers_.empty()) {
    if (Member* alone = alone_after(before)) carriers_.push_back(alone);
  }
  for (const auto& member : members_) {
    member->carries = std::ranges::find(carriers_, member.get()) != carriers_.end();
  }
  if (carriers_ != before) changed_ = true;
}

// Nobody has a partner who agrees: whoever has carried before goes on alone, else the first that is up.
GroupDevice::Member* GroupDevice::alone_after(const std::vector<Member*>& before) const {
  for (Member* member : before) {
    if (member->is_up()) return member;
  }
  const auto up = std::ranges::find_if(members_, [](const auto& member) { return member->is_up(); });
  return up == members_.end() ? nullptr : up->get();
}

void GroupDevice::tell_if_changed() {
  if (std::exchange(changed_, false)) receiver_->state_changed();
}

void GroupDevice::take_slow_protocol(Member& member, std::span<const std::byte> frame) {
  if (!lacp_ || frame.size() < sizeof(wire::LacpPdu)) return;
  const auto subtype = std::to_integer<std::uint8_t>(frame[0]);
  if (subtype == wire::slow_subtype::lacp) {
    wire::LacpPdu pdu;
    std::memcpy(&pdu, frame.data(), sizeof(pdu));
    const bool well_formed =
        pdu.actor_type == 1 && pdu.actor_length == 20 && pdu.partner_type == 2 && pdu.partner_length == 20;
    // Our own system at the other end: two of our links are joined to each other.
    if (!well_formed || pdu.actor.system == system_) return;
    member.link().receive(pdu, clock_.now());
    choose();
  } else if (subtype == wire::slow_subtype::marker) {
    wire::MarkerPdu marker;
    std::memcpy(&marker, frame.data(), sizeof(marker));
    if (marker.type != wire::MarkerPdu::request || marker.length != 16) return;
    marker.type = wire::MarkerPdu::response;
    send_slow(member.device(), member.port().station_mac(), marker);
  }
}

EthernetDevice::Sent GroupDevice::send(std::span<const std::span<const std::byte>> pieces,
                                       const FrameWork& work) {
  if (carriers_.empty()) return Sent::down;
  Member& member = *carriers_[carriers_.size() == 1 ? 0 : flow_of(pieces) % carriers_.size()];
  const auto sent = member.device().send(pieces, work);
  if (sent == Sent::sent) ++member.sent;
  return sent;
}

void GroupDevice::flush() {
  for (Member* member : carriers_) member->device().flush();
}

bool GroupDevice::does_work() const {
  return !members_.empty() &&
         std::ranges::all_of(members_, [](const auto& member) { return member->device().does_work(); });
}

std::size_t GroupDevice::frame_limit() const {
  std::size_t limit = members_.empty() ? 1514 : longest_frame;
  for (const auto& member : members_) limit = std::min(limit, member->device().frame_limit());
  return limit;
}

void GroupDevice::tend(arch::Time now) {
  const auto due = deadline();
  if (!due || now < *due) return;
  if (lacp_) {
    for (const auto& member : members_) member->link().tend(now);
    choose();
    for (const auto& member : members_) {
      const auto pdu = member->link().take_due(now);
      if (pdu && member->is_up()) send_slow(member->device(), member->port().station_mac(), *pdu);
    }
  }
  tell_if_changed();
}

std::optional<arch::Time> GroupDevice::deadline() const {
  if (changed_) return arch::Time{0};
  std::optional<arch::Time> next;
  for (const auto& member : members_) {
    const auto due = member->link().deadline();
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

std::string GroupDevice::trouble() const { return carriers_.empty() ? "none of its devices carries" : ""; }

std::vector<GroupDevice::MemberView> GroupDevice::members() const {
  std::vector<MemberView> views;
  for (const auto& member : members_) {
    const std::string_view state = member->carries ? "Active" : member->is_up() ? "Standby" : "Offline";
    views.push_back({&member->port(), member->carries,
                     lacp_ ? fmt::format("{}, {}", state, partner_words(member->link().partner_state()))
                           : std::string(state),
                     member->sent, member->received_frames});
  }
  return views;
}

std::vector<std::string> GroupDevice::details() const {
  std::vector<std::string> lines;
  for (const auto& member : members_) {
    const auto& partner = member->link().partner();
    if (member->link().partner_state() != LacpPort::Partner::current) continue;
    lines.push_back(fmt::format("{:04X}.P00 partner {} key {} port {}", member->port().device_number().value,
                                wire::to_string(partner.system), partner.key.value(), partner.port.value()));
  }
  return lines;
}

}  // namespace vmlan::host
