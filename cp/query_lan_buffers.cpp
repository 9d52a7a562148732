// QUERY LAN ... BUFFERS, ours: the LAN's table from IP address to the input buffer the next packet for it
// will be copied to.
#include <fmt/format.h>

#include "cp/commands.h"
#include "cp/display.h"
#include "cp/operands.h"
#include "cp/system.h"

namespace vmlan::cp {
namespace {

// "    0       17  00123000  00456000  input empty"
std::string buffer_text(const guestlan::Port& port) {
  const auto* queues = port.queues();
  const auto next = queues == nullptr ? std::nullopt : queues->next_input_buffer();
  if (!next) return "  not active";
  return fmt::format("{:5}  {:6}  {:08X}  {:08X}  {}", next->queue, next->buffer, next->sbal, next->storage,
                     qdio::to_string(next->state));
}

}  // namespace

void append_buffers(std::vector<std::string>& lines, const Request& request, const guestlan::Lan& lan) {
  const bool all = may_act_for(request, lan.attributes().owner);
  lines.emplace_back("  Next input buffer of each registered IP address:");
  lines.emplace_back("    IP address       User     Device  Queue  Buffer  SBAL      Storage   State");
  for (const auto* entry : lan.ip_table().entries()) {
    if (entry->type != guestlan::EntryType::unicast) continue;
    const auto& port = *entry->port;
    const auto& owner = port.owner();
    if (!all && owner != request.issuer) continue;
    lines.push_back(fmt::format("    {:<16} {:<8} {:<6}  {}", address_text(entry->address), owner,
                                to_string(port.device_number()), buffer_text(port)));
  }
}

}  // namespace vmlan::cp
