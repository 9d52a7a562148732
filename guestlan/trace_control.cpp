// What a trace keeps of control channels: each message whole, on an interface beside that of the NIC's
// frames.
#include <fmt/format.h>

#include "guestlan/nic.h"
#include "guestlan/trace_lan.h"

namespace vmlan::guestlan {

namespace {

constexpr std::string_view others = "OTHERS";
constexpr std::string_view of_control = " control";

}  // namespace

std::string trace_name_of(const Nic& nic) {
  return fmt::format("{}.{:04X}", nic.settings().owner, nic.settings().base_device.value);
}

std::uint32_t LanTrace::interface_named(std::string name, TraceSink::Link link) {
  const bool is_control = link == TraceSink::Link::control;
  if (by_name_.size() >= most_interfaces && !by_name_.contains(name))
    name = fmt::format("{}{}", others, is_control ? of_control : "");
  const auto [entry, is_new] = by_name_.emplace(name, 0);
  if (is_new) {
    const auto& attributes = lan_->attributes();
    entry->second = sink_.add_interface({name, fmt::format("LAN {} {}", attributes.owner, attributes.name),
                                         is_control ? 0 : choice_.length, link});
  }
  return entry->second;
}

void LanTrace::control(const Nic& nic, bool to_guest, std::span<const std::byte> message) noexcept {
  if (!choice_.control || !is_chosen(nic) || !may_record()) return;
  const std::uint32_t interface =
      interface_named(fmt::format("{}{}", trace_name_of(nic), of_control), TraceSink::Link::control);
  if (!sink_.has_room()) return sink_.lose(interface, 1);
  TraceSink::Record record;
  record.interface = interface;
  record.date = clock_.date();
  record.inbound = to_guest;
  record.length = static_cast<std::uint32_t>(message.size());
  record.pieces = std::span(&message, 1);
  if (!sink_.add(record)) return end(End::sink_full);
  ++recorded_;
}

}  // namespace vmlan::guestlan
