// TRSOURCE ID, ENABLE, DISABLE, DROP. Source: CP Commands, TRSOURCE; "CP TRSOURCE TYPE LAN Command". Class G
// is ours: z/VM has it for class C only.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cp/commands.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/traces.h"
#include "guestlan/trace_rights.h"

namespace vmlan::cp {
namespace {

using Frames = guestlan::TraceChoice::Frames;

constexpr std::uint32_t shortest_record = 64;
constexpr std::uint32_t longest_record = 2048;
constexpr std::uint32_t usual_record = 512;
constexpr std::size_t most_vlans = 4;

bool is_alphanumeric(std::string_view word) {
  return std::ranges::all_of(
      word, [](char each) { return (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9'); });
}

// 1-8 letters and digits.
Operand<std::string> take_trace_name(Request& request) {
  auto name = take_name(request);
  if (name && !is_alphanumeric(name.value)) return {{}, request.fail(Message::invalid_operand, {name.value})};
  return name;
}

std::optional<Reply> parse_lan_owner(Request& request, TraceDefinition& trace) {
  auto owner = take_owner(request);
  if (!owner) return owner.error;
  trace.lan_owner = std::move(owner.value);
  return std::nullopt;
}

std::optional<Reply> parse_lan_name(Request& request, TraceDefinition& trace) {
  auto name = take_name(request);
  if (!name) return name.error;
  trace.lan_name = std::move(name.value);
  return std::nullopt;
}

std::optional<Reply> parse_vlans(Request& request, TraceDefinition& trace) {
  trace.choice.vlans.clear();
  if (request.words.take("ALL")) return std::nullopt;
  while (const auto vlan = parse_decimal(request.words.peek())) {
    const auto word = request.words.next();
    if (*vlan == 0 || *vlan > guestlan::highest_vlan || trace.choice.vlans.size() == most_vlans)
      return request.fail(Message::invalid_operand, {word});
    trace.choice.vlans.push_back(static_cast<std::uint16_t>(*vlan));
  }
  if (trace.choice.vlans.empty()) return request.fail(Message::operand_missing);
  return std::nullopt;
}

std::optional<Reply> parse_length(Request& request, TraceDefinition& trace) {
  trace.choice.length = longest_record;
  if (request.words.take("FULL")) return std::nullopt;
  const auto length = take_number(request, shortest_record, longest_record);
  if (!length) return length.error;
  trace.choice.length = length.value;
  return std::nullopt;
}

// NIC, TRUNK and DROPPED exclude each other.
std::optional<Reply> choose(Request& request, TraceDefinition& trace, Frames frames, std::string_view word) {
  if (trace.choice.frames != Frames::all) return request.fail(Message::conflicting_option, {word});
  trace.choice.frames = frames;
  return std::nullopt;
}

std::optional<Reply> parse_traced_nic(Request& request, TraceDefinition& trace) {
  if (auto conflict = choose(request, trace, Frames::of_nic, "NIC")) return conflict;
  auto userid = request.words.next();
  if (!valid_userid(userid)) return request.fail(Message::userid_missing);
  trace.choice.userid = std::move(userid);
  const auto device = take_device(request);
  if (!device) return device.error;
  trace.choice.nic = device.value;
  return std::nullopt;
}

std::optional<Reply> parse_control(Request&, TraceDefinition& trace) {
  trace.choice.control = true;
  return std::nullopt;
}

// What a guest and its adapter say to each other: a LAN of one's own, or a grant for it, gives no right to
// that.
std::optional<Reply> judge_control(const Request& request, const TraceDefinition& trace) {
  if (!trace.choice.control) return std::nullopt;
  if (trace.choice.frames == Frames::trunk) return request.fail(Message::conflicting_option, {"CONTROL"});
  const bool is_own = trace.choice.frames == Frames::of_nic && trace.choice.userid == request.issuer;
  if (!trace.any_lan && !is_own) return request.fail(Message::invalid_option, {"CONTROL"});
  return std::nullopt;
}

using TraceOperand = KeywordOperand<TraceDefinition>;
constexpr std::array trace_operands{
    TraceOperand{"OWNER", parse_lan_owner},
    TraceOperand{"LANNAME", parse_lan_name},
    TraceOperand{"VLAN", parse_vlans},
    TraceOperand{"LENGTH", parse_length},
    TraceOperand{"NIC", parse_traced_nic},
    TraceOperand{"TRUNK",
                 [](Request& request, TraceDefinition& trace) {
                   return choose(request, trace, Frames::trunk, "TRUNK");
                 }},
    TraceOperand{"CONTROL", parse_control},
    TraceOperand{"DROPPED",
                 [](Request& request, TraceDefinition& trace) {
                   return choose(request, trace, Frames::dropped, "DROPPED");
                 }},
};

std::optional<Reply> parse_type_lan(Request& request, TraceDefinition& trace) {
  trace.choice.length = usual_record;
  if (auto failed = parse_operands(request, trace, trace_operands)) return failed;
  if (trace.lan_owner.empty() || trace.lan_name.empty()) return request.fail(Message::operand_missing);
  trace.complete = true;
  return judge_control(request, trace);
}

bool is_theirs(const Request& request, const Trace& trace) {
  return request.has_class("C") || trace.definition().issuer == request.issuer;
}

// A new id, or one of a trace that is the issuer's and not enabled.
std::optional<Reply> may_define(const Request& request, std::string_view id) {
  const Traces& traces = request.system.traces;
  if (const Trace* there = traces.find(id)) {
    if (!is_theirs(request, *there)) return request.fail(Message::trace_of_another, {id});
    if (there->enabled()) return request.fail(Message::trace_is_enabled, {id});
    return std::nullopt;
  }
  const auto all = traces.all();
  const auto theirs = std::ranges::count_if(
      all, [&](const Trace* trace) { return trace->definition().issuer == request.issuer; });
  const bool general = !request.has_class("C");
  const std::size_t most = general ? Traces::most_of_a_general_user : Traces::most;
  if (all.size() >= Traces::most || (general && static_cast<std::size_t>(theirs) >= most))
    return request.fail(Message::trace_limit, {id, fmt::to_string(most)});
  return std::nullopt;
}

Reply define_trace(Request& request) {
  TraceDefinition trace;
  auto id = take_trace_name(request);
  if (!id) return *id.error;
  trace.id = std::move(id.value);
  trace.issuer = request.issuer;
  trace.any_lan = request.has_class("C");
  if (!trace.any_lan) trace.choice.by_grant_of = request.issuer;
  if (request.words.take("SET")) {
    auto set = take_trace_name(request);
    if (!set) return *set.error;
    trace.set = std::move(set.value);
  }
  if (request.words.take("TYPE")) {
    if (request.at_end()) return request.fail(Message::operand_missing);
    if (!request.words.take("LAN")) return request.fail(Message::invalid_option, {request.words.next()});
    if (auto failed = parse_type_lan(request, trace)) return *failed;
  }
  if (!request.at_end()) return request.fail_excess();
  if (auto refused = may_define(request, trace.id)) return *refused;
  request.system.traces.add(std::make_unique<Trace>(request.system, std::move(trace)));
  return Reply("Command complete");
}

// {ID id | SET set | ALL}: of those that are the issuer's.
Operand<std::vector<Trace*>> take_traces(Request& request) {
  const auto refuse = [&](Message message, std::initializer_list<std::string_view> values = {}) {
    return Operand<std::vector<Trace*>>{{}, request.fail(message, values)};
  };
  auto traces = request.system.traces.all();
  std::erase_if(traces, [&](const Trace* trace) { return !is_theirs(request, *trace); });
  if (request.words.take("ALL")) {
    if (!request.at_end()) return {{}, request.fail_excess()};
    return traces.empty() ? refuse(Message::no_traces) : Operand<std::vector<Trace*>>{traces, {}};
  }
  const bool by_id = request.words.take("ID");
  if (!by_id && !request.words.take("SET")) {
    return request.at_end() ? refuse(Message::operand_missing)
                            : refuse(Message::invalid_operand, {request.words.next()});
  }
  const auto name = take_trace_name(request);
  if (!name) return {{}, name.error};
  if (!request.at_end()) return {{}, request.fail_excess()};
  std::erase_if(traces, [&](const Trace* trace) {
    return (by_id ? trace->definition().id : trace->definition().set) != name.value;
  });
  if (traces.empty())
    return refuse(by_id ? Message::trace_not_defined : Message::traceset_not_defined, {name.value});
  return {traces, {}};
}

Reply enable_trace(const Request& request, Trace& trace) {
  const TraceDefinition& definition = trace.definition();
  if (trace.enabled()) return Reply(fmt::format("Traceid {} is enabled already", definition.id));
  if (!definition.complete) return request.fail(Message::trace_incomplete, {definition.id});
  auto* lan = request.system.vmlan.find(definition.lan_owner, definition.lan_name);
  if (lan == nullptr)
    return request.fail(Message::lan_does_not_exist, {definition.lan_owner, definition.lan_name});
  if (!definition.any_lan && !guestlan::may_trace(*lan, definition.issuer))
    return request.fail(Message::not_authorized_to_trace, {definition.lan_owner, definition.lan_name});
  if (const auto why = trace.enable(*lan))
    return request.fail(Message::trace_not_enabled, {definition.id, *why});
  return Reply(fmt::format("Traceid {} is enabled; it is written to {}", definition.id, trace.place()));
}

std::string counts_of(const Trace& trace) {
  return fmt::format("{} frames recorded, {} lost", trace.recorded(), trace.lost());
}

Reply disable_trace(const Request&, Trace& trace) {
  trace.disable();
  return Reply(fmt::format("Traceid {} is disabled; {}", trace.definition().id, counts_of(trace)));
}

Reply drop_trace(const Request& request, Trace& trace) {
  const std::string id = trace.definition().id;
  trace.disable();
  request.system.traces.drop(id);
  return Reply(fmt::format("Traceid {} is dropped", id));
}

// The first failure is the command's.
Reply for_each_trace(Request& request, Reply (*action)(const Request&, Trace&)) {
  const auto traces = take_traces(request);
  if (!traces) return *traces.error;
  Reply reply;
  for (Trace* trace : traces.value) {
    const Reply one = action(request, *trace);
    if (reply.code == 0) reply.code = one.code;
    reply.lines.insert(reply.lines.end(), one.lines.begin(), one.lines.end());
  }
  return reply;
}

}  // namespace

Reply trsource(Request& request) {
  if (request.words.take("ID")) return define_trace(request);
  if (request.words.take("ENABle")) return for_each_trace(request, enable_trace);
  if (request.words.take("DISable")) return for_each_trace(request, disable_trace);
  if (request.words.take("DROP")) return for_each_trace(request, drop_trace);
  if (request.at_end()) return request.fail(Message::operand_missing);
  return request.fail(Message::invalid_operand, {request.words.next()});
}

}  // namespace vmlan::cp
