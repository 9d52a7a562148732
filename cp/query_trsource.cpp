// QUERY TRSOURCE. Source: CP Commands; the columns are ours.
#include <fmt/format.h>

#include "cp/commands.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/traces.h"

namespace vmlan::cp {
namespace {

using Frames = guestlan::TraceChoice::Frames;

// Class G sees its own.
bool may_see(const Request& request, const Trace& trace) {
  return request.has_class("ACE") || trace.definition().issuer == request.issuer;
}

std::string frames_text(const guestlan::TraceChoice& choice) {
  switch (choice.frames) {
    case Frames::all:
      return "ALL";
    case Frames::of_nic:
      return fmt::format("NIC {} {}", choice.userid, to_string(choice.nic.value_or(arch::DeviceNumber{})));
    case Frames::trunk:
      return "TRUNK";
    case Frames::dropped:
      return "DROPPED";
  }
  return {};
}

std::string vlans_text(const guestlan::TraceChoice& choice) {
  if (choice.vlans.empty()) return "ALL";
  return fmt::format("{}", fmt::join(choice.vlans, " "));
}

void append_trace(std::vector<std::string>& lines, const Trace& trace) {
  const TraceDefinition& definition = trace.definition();
  lines.push_back(fmt::format("Traceid: {:<8}  Set: {:<8}  Type: {:<4}  Status: {}", definition.id,
                              definition.set.empty() ? "NONE" : definition.set,
                              definition.complete ? "LAN" : "NONE",
                              trace.enabled() ? "ENABLED" : "DISABLED"));
  if (!definition.complete) return;
  lines.push_back(fmt::format("  LAN {} {}  VLAN: {}  Length: {}  Frames: {}{}", definition.lan_owner,
                              definition.lan_name, vlans_text(definition.choice), definition.choice.length,
                              frames_text(definition.choice), definition.choice.control ? " CONTROL" : ""));
  if (trace.place().empty()) return;
  lines.push_back(
      fmt::format("  Recorded: {}  Lost: {}  File: {}", trace.recorded(), trace.lost(), trace.place()));
}

constexpr std::string_view types[] = {"DATA", "GT", "IO", "LAN", "PCI", "NONE"};

struct Wanted {
  std::string id;
  std::string set;
  std::string type;
};

bool fits(const Wanted& wanted, const TraceDefinition& trace) {
  return (wanted.id.empty() || trace.id == wanted.id) && (wanted.set.empty() || trace.set == wanted.set) &&
         (wanted.type.empty() || wanted.type == (trace.complete ? "LAN" : "NONE"));
}

// Nothing = fine.
std::optional<Reply> parse_wanted(Request& request, Wanted& wanted) {
  if (request.at_end() || request.words.take("ALL")) return std::nullopt;
  std::string* name = request.words.take("ID")    ? &wanted.id
                      : request.words.take("SET") ? &wanted.set
                                                  : nullptr;
  if (name != nullptr) {
    auto given = take_name(request);
    if (!given) return given.error;
    *name = std::move(given.value);
    return std::nullopt;
  }
  if (!request.words.take("TYPE")) return request.fail_option();
  wanted.type = request.words.next();
  if (wanted.type.empty()) return request.fail(Message::operand_missing);
  if (std::ranges::find(types, wanted.type) == std::end(types))
    return request.fail(Message::invalid_option, {wanted.type});
  return std::nullopt;
}

std::string none_text(const Wanted& wanted) {
  if (!wanted.id.empty()) return fmt::format("Traceid {} is not defined", wanted.id);
  if (!wanted.set.empty()) return fmt::format("Traceset {} is not defined", wanted.set);
  if (!wanted.type.empty()) return fmt::format("No {} traces are defined", wanted.type);
  return "No traces are defined";
}

}  // namespace

Reply query_trsource(Request& request) {
  Wanted wanted;
  if (auto failed = parse_wanted(request, wanted)) return *failed;
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  for (const Trace* trace : request.system.traces.all()) {
    if (may_see(request, *trace) && fits(wanted, trace->definition())) append_trace(reply.lines, *trace);
  }
  return reply.lines.empty() ? Reply(none_text(wanted)) : reply;
}

}  // namespace vmlan::cp
