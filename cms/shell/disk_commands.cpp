// ACCESS, RELEASE, QUERY DISK. Message numbers and return codes as CMS has them where known.
#include <array>
#include <cstdint>
#include <string>

#include "cms/shell/command.h"

namespace vmlan::cms {
namespace {

bool is_mode(std::string_view word) { return word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z'; }

Outcome access_disk(Session& session, std::string_view text) {
  Operands operands(text);
  const std::string number = operands.empty() ? "191" : operands.take();
  const std::string mode = operands.empty() ? "A" : operands.take();
  const auto device = parse_device(number);
  if (!device) return session.fail(24, "DMSACC017E Invalid device address {}", number);
  if (!is_mode(mode)) return session.fail(24, "DMSACC048E Invalid filemode {}", mode);
  if (session.disks.access(mode[0], *device)) return 0;
  return session.fail(100, "DMSACC113S {}({}) not attached", mode, to_string(*device));
}

Outcome release_disk(Session& session, std::string_view text) {
  Operands operands(text);
  const std::string which = operands.take();
  if (which.empty()) return session.fail(24, "DMSARE029E Invalid parameter in the operand list");
  if (is_mode(which)) {
    if (session.disks.release(which[0])) return 0;
  } else if (const auto device = parse_device(which); device) {
    for (const auto& accessed : session.disks.all()) {
      if (accessed.device == *device) {
        session.disks.release(accessed.mode);
        return 0;
      }
    }
  }
  return session.fail(36, "DMSARE069E Disk {} not accessed", which);
}

void query_disk(Session& session) {
  session.say("VDEV M   FILES       BYTES");
  for (const auto& accessed : session.disks.all()) {
    const auto usage = accessed.disk->usage();
    session.say("{} {} {:>7} {:>11}", to_string(accessed.device), accessed.mode, usage.files, usage.bytes);
  }
}

// CMS answers what it knows about; everything else is a question to CP.
Outcome query(Session& session, std::string_view text) {
  Operands operands(text);
  if (operands.take_keyword("DISK") && operands.empty()) {
    query_disk(session);
    return 0;
  }
  return run_command(session, "CP QUERY " + std::string(text));
}

constexpr std::array<Command, 3> commands_for_disks{{
    {"ACcess", "[vdev [mode]]", "makes a minidisk's files known under a filemode letter", access_disk},
    {"RELease", "vdev|mode", "forgets a minidisk", release_disk},
    {"Query", "DISK|operands", "shows the accessed minidisks; other operands go to CP", query},
}};

}  // namespace

std::span<const Command> disk_commands() { return commands_for_disks; }

}  // namespace vmlan::cms
