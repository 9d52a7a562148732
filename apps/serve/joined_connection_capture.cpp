// A connection that captures a LAN.
#include <fmt/format.h>

#include <algorithm>

#include "apps/serve/joined_connection.h"

namespace vmlan::apps {

bool LinkDesk::JoinedConnection::start_capture(std::span<const std::byte> body) {
  const auto parsed = link::parse_capture(body);
  if (parsed.fault != link::Fault::none) return refuse(fmt::format("VMLLNK001E {}", to_string(parsed.fault)));
  if (joined_ || captures())
    return refuse(fmt::format("VMLLNK001E {}", to_string(link::Fault::out_of_order)));
  const auto captures = std::ranges::count_if(
      desk_.guests_, [](const auto& entry) { return entry.second != nullptr && entry.second->captures(); });
  if (static_cast<std::size_t>(captures) >= most_captures)
    return refuse(fmt::format("VMLLNK007E There are {} captures, the most there may be", most_captures));
  const link::Capture& wanted = parsed.capture;
  auto* lan = desk_.system_.vmlan().find(wanted.lan_owner, wanted.lan_name);
  if (lan == nullptr)
    return refuse(fmt::format("VMLLNK008E LAN {} {} does not exist", wanted.lan_owner, wanted.lan_name));
  const auto lan_gone =
      [this, line = fmt::format("VMLLNK009I LAN {} {} has gone", wanted.lan_owner, wanted.lan_name)] {
        if (!ending_) end(line, link::AfterEnd::come_again);
      };
  capture_ = std::make_unique<LanCapture>(*desk_.connections_, id_, desk_.clock_, wanted, lan_gone);
  capture_->start(*lan);
  return true;
}

void LinkDesk::JoinedConnection::end_capture() {
  if (!captures() || ending_) return;
  capture_->stop();
  end("", link::AfterEnd::come_again);
}

}  // namespace vmlan::apps
