// QUERY LAN, QUERY VSWITCH. Source: CP Commands; columns from logs of z/VM 6.x (see the tests).
#include <fmt/format.h>

#include <algorithm>

#include "cp/commands.h"
#include "cp/display.h"
#include "cp/operands.h"
#include "cp/system.h"

namespace vmlan::cp {
namespace {

enum class Form : std::uint8_t { brief, details, active, access_list, promiscuous, buffers };

struct Selection {
  std::string name;                       // empty = ALL
  std::optional<std::string> owner;       // nothing = ANYOWNER
  std::optional<guestlan::LanType> type;  // nothing = ANYTYPE
  std::optional<Form> form;               // nothing = brief
  bool switches_only = false;
};

std::optional<Form> take_form(Words& words) {
  if (words.take("DETails")) return Form::details;
  if (words.take("ACTIVE")) return Form::active;
  if (words.take("ACCesslist")) return Form::access_list;
  if (words.take("PROMISCuous")) return Form::promiscuous;
  if (words.take("BUFfers")) return Form::buffers;
  if (words.take("PORTNUMber")) return Form::access_list;
  return std::nullopt;
}

// One qualifier; nothing = fine.
std::optional<Reply> parse_qualifier(Request& request, Selection& selection) {
  auto& words = request.words;
  const auto word = words.peek();
  if (const auto form = take_form(words)) {
    if (selection.form) return request.fail(Message::conflicting_option, {word});
    selection.form = *form;
  } else if (words.take("OWNERid")) {
    auto owner = take_owner(request);
    if (!owner) return owner.error;
    selection.owner = std::move(owner.value);
  } else if (words.take("ANYOWNER")) {
    selection.owner.reset();
  } else if (words.take("ANYTYPE")) {
    selection.type.reset();
  } else if (words.take("TYPE")) {
    if (words.take("QDIO")) {
      selection.type = guestlan::LanType::qdio;
    } else if (words.take("HIPERsockets")) {
      selection.type = guestlan::LanType::hipers;
    } else {
      return request.fail(Message::operand_missing);
    }
  } else {
    return request.fail_option();
  }
  return std::nullopt;
}

// A form or qualifier may come first: QUERY LAN DETAILS is QUERY LAN ALL DETAILS.
bool is_qualifier(std::string_view word) {
  constexpr std::string_view keywords[] = {"DETails",    "ACTIVE",   "ACCesslist", "PROMISCuous", "BUFfers",
                                           "PORTNUMber", "ANYOWNER", "ANYTYPE",    "OWNERid",     "TYPE"};
  return std::any_of(std::begin(keywords), std::end(keywords),
                     [&](std::string_view keyword) { return matches(word, keyword); });
}

bool has_nic_on(const guestlan::Lan& lan, std::string_view userid) {
  return std::any_of(lan.nics().begin(), lan.nics().end(),
                     [&](const auto* nic) { return nic->settings().owner == userid; });
}

// Class G sees its own LANs, unrestricted ones, and those it may couple to or is coupled to.
bool may_see(const Request& request, const guestlan::Lan& lan) {
  return request.has_class("B") || lan.authorizes(request.issuer) || has_nic_on(lan, request.issuer);
}

bool selected(const Request& request, const Selection& selection, const guestlan::Lan& lan) {
  const auto& attributes = lan.attributes();
  return (selection.name.empty() || attributes.name == selection.name) &&
         (!selection.switches_only || attributes.vswitch.has_value()) &&
         (!selection.owner || attributes.owner == *selection.owner) &&
         (!selection.type || attributes.type == *selection.type) &&
         (selection.form != Form::active || !lan.nics().empty()) && may_see(request, lan);
}

void append_adapter(std::vector<std::string>& lines, const guestlan::Nic& nic) {
  const auto& settings = nic.settings();
  lines.push_back(fmt::format("    Adapter Owner: {:<8} NIC: {}.P00 Name: {} Type: {}", settings.owner,
                              to_string(settings.base_device), port_name(nic), type_name(settings.kind)));
  append_port_rights(lines, "      ", nic);
  append_counters(lines, "      ", nic.since_coupled());
  for (const auto& port : nic.ports()) {
    lines.push_back(device_line(nic, port->device_index()));
    append_port(lines, *port);
  }
}

void append_details(std::vector<std::string>& lines, const Request& request, const guestlan::Lan& lan) {
  // Class G is shown others' adapters on its own LANs only.
  const bool all = may_act_for(request, lan.attributes().owner);
  if (all) append_switch_counters(lines, lan);
  lines.push_back(fmt::format("  Adapter Connections:                 Connected: {}", lan.nics().size()));
  for (const auto* nic : lan.nics()) {
    if (all || nic->settings().owner == request.issuer) append_adapter(lines, *nic);
  }
}

void append_names(std::vector<std::string>& lines, const std::vector<std::string>& names) {
  constexpr std::size_t names_per_line = 4;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i % names_per_line == 0) lines.emplace_back("     ");
    lines.back() += fmt::format(" {:<8}", names[i]);
  }
  for (auto& line : lines) line.erase(line.find_last_not_of(' ') + 1);
}

void append_access_list(std::vector<std::string>& lines, const guestlan::Lan& lan) {
  if (!lan.attributes().restricted) return;
  if (lan.rules().vlan_aware || lan.rules().port_based) return append_port_list(lines, lan);
  std::vector<std::string> names{lan.attributes().owner};
  for (const auto& [userid, grant] : lan.access_list()) {
    if (userid != lan.attributes().owner) names.push_back(userid);
  }
  lines.push_back("  Authorized userids:");
  append_names(lines, names);
}

void append_promiscuous(std::vector<std::string>& lines, const guestlan::Lan& lan) {
  std::vector<std::string> names;
  for (const auto* nic : lan.nics()) {
    for (const auto& port : nic->ports()) {
      if (port->promiscuous()) names.push_back(nic->settings().owner);
    }
  }
  if (names.empty()) return;
  lines.push_back("  Promiscuous userids:");
  append_names(lines, names);
}

void append(std::vector<std::string>& lines, const Request& request, const guestlan::Lan& lan, Form form) {
  append_lan(lines, lan);
  switch (form) {
    case Form::brief:
    case Form::active:
      break;
    case Form::details:
      append_details(lines, request, lan);
      break;
    case Form::access_list:
      append_access_list(lines, lan);
      break;
    case Form::promiscuous:
      append_promiscuous(lines, lan);
      break;
    case Form::buffers:
      append_buffers(lines, request, lan);
      break;
  }
}

// A LAN that was named and is there, but has no adapter or is of another type, is no LAN that does not exist.
Reply none_found(const Request& request, Selection selection) {
  selection.form.reset();
  selection.type.reset();
  const auto lans = request.system.vmlan.all();
  const bool there = std::any_of(lans.begin(), lans.end(),
                                 [&](const auto* lan) { return selected(request, selection, *lan); });
  if (selection.switches_only && !selection.name.empty() && !there) {
    return request.fail(Message::vswitch_does_not_exist, {selection.name});
  }
  if (selection.name.empty() || there) return request.fail(Message::no_lan);
  return request.fail(Message::lan_does_not_exist, {selection.owner.value_or("*"), selection.name});
}

Reply query(Request& request, Selection selection) {
  const auto first = request.words.peek();
  if (!first.empty() && !is_qualifier(first)) {
    auto name = take_name(request);
    if (!name) return *name.error;
    if (!matches(name.value, "ALL")) selection.name = std::move(name.value);
  }
  while (!request.at_end()) {
    if (auto failed = parse_qualifier(request, selection)) return *failed;
  }
  Reply reply;
  for (const auto* lan : request.system.vmlan.all()) {
    if (selected(request, selection, *lan))
      append(reply.lines, request, *lan, selection.form.value_or(Form::brief));
  }
  return reply.lines.empty() ? none_found(request, selection) : reply;
}

}  // namespace

Reply query_lan(Request& request) { return query(request, {}); }

Reply query_vswitch(Request& request) {
  Selection selection;
  selection.switches_only = true;
  return query(request, std::move(selection));
}

}  // namespace vmlan::cp
