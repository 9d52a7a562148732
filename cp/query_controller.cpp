// QUERY CONTROLLER: the names that virtual switches have where z/VM has the TCP/IP machines that drive its
// OSAs. Source: CP Commands for the operands; the columns are from memory of z/VM's (assumed).
#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "cp/commands.h"
#include "cp/display.h"
#include "cp/operands.h"
#include "cp/system.h"

namespace vmlan::cp {
namespace {

// The switches that name each, in the order of the names; z/VM turns to the first of a switch's list first.
using SwitchesOf = std::map<std::string, std::vector<std::string>>;

SwitchesOf switches_of_controllers(const System& system) {
  SwitchesOf all;
  for (const auto* lan : system.vmlan.all()) {
    const auto& vswitch = lan->attributes().vswitch;
    if (!vswitch || vswitch->controller == "*") continue;
    Words names(vswitch->controller);
    for (const char* role = "Primary"; !names.empty(); role = "Backup") {
      all[names.next()].push_back(
          fmt::format("  SYSTEM {:<8} {:<7}  VDEV: NONE", lan->attributes().name, role));
    }
  }
  return all;
}

}  // namespace

Reply query_controller(Request& request) {
  std::string only;
  if (!request.at_end() && !request.words.take("ALL") && !request.words.take("*")) {
    const auto userid = take_name(request);
    if (!userid) return *userid.error;
    only = userid.value;
  }
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  for (const auto& [name, switches] : switches_of_controllers(request.system)) {
    if (!only.empty() && name != only) continue;
    reply.lines.push_back(fmt::format("Controller {:<8}  Available: NO    VDEV Range: NONE", name));
    reply.lines.emplace_back("  Capability: NONE");
    reply.lines.insert(reply.lines.end(), switches.begin(), switches.end());
  }
  if (!reply.lines.empty()) return reply;
  return request.fail(Message::no_controller, {only.empty() ? "a controller" : "controller " + only});
}

}  // namespace vmlan::cp
