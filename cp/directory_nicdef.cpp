// The NICDEF statement: a virtual NIC, the LAN or virtual switch it couples to, and its port there.
#include <algorithm>
#include <array>

#include "cp/directory_parser.h"
#include "cp/nic_actions.h"
#include "cp/port_operands.h"

namespace vmlan::cp {
namespace {

using NicAttribute = bool (*)(DirectoryParser&, NicDefinition&);

struct NicAttributeRow {
  std::string_view keyword;
  NicAttribute parse;
};

bool missing(DirectoryParser& parser) {
  parser.fail(Message::operand_missing);
  return false;
}

// A wrong word behind a keyword, and what would be right.
bool wrong_word(DirectoryParser& parser, std::string_view keyword, std::string_view takes,
                std::string_view word) {
  if (word.empty()) return missing(parser);
  parser.fail(Message::directory_takes, {to_upper(keyword), takes, word});
  return false;
}

bool parse_type(DirectoryParser& parser, NicDefinition& nic) {
  if (parser.words().take("QDIO")) {
    nic.kind = qdio::AdapterKind::osd;
  } else if (parser.words().take("HIPERsockets")) {
    nic.kind = qdio::AdapterKind::iqd;
  } else {
    return missing(parser);
  }
  return true;
}

bool parse_channel_path(DirectoryParser& parser, NicDefinition& nic) {
  const auto path = parse_hex(parser.words().next(), 2);
  if (!path) return missing(parser);
  nic.channel_path = static_cast<std::uint8_t>(*path);
  return true;
}

bool parse_nicdef_macid(DirectoryParser& parser, NicDefinition& nic) {
  const auto macid = parse_macid(parser.words().next());
  if (!macid) return missing(parser);
  nic.macid = *macid;
  return true;
}

bool parse_port(DirectoryParser& parser, NicDefinition& nic) {
  const auto word = parser.words().next();
  nic.port_number = parse_port_number(word);
  return nic.port_number || wrong_word(parser, "PORTNUMBER", "a number of 1-2048", word);
}

constexpr std::array nic_attributes{
    NicAttributeRow{"DEVices", parse_nic_devices}, NicAttributeRow{"LAN", parse_nic_lan},
    NicAttributeRow{"CHPID", parse_channel_path},  NicAttributeRow{"MACID", parse_nicdef_macid},
    NicAttributeRow{"PORTNUMber", parse_port},
};

// false: the error has been noted.
bool parse_nic_attribute(DirectoryParser& parser, NicDefinition& nic) {
  const auto word = parser.words().next();
  if (const auto* operand = find_port_operand(word)) {
    const auto wrong = operand->parse(parser.words(), nic.port);
    return !wrong || wrong_word(parser, operand->keyword, operand->takes, *wrong);
  }
  const auto row = std::find_if(nic_attributes.begin(), nic_attributes.end(),
                                [&](const auto& attribute) { return matches(word, attribute.keyword); });
  if (row != nic_attributes.end()) return row->parse(parser, nic);
  parser.fail(Message::invalid_operand, {word});
  return false;
}

}  // namespace

bool parse_nic_devices(DirectoryParser& parser, NicDefinition& nic) {
  const auto count = parse_decimal(parser.words().next());
  if (!count || *count < fewest_devices || *count > most_devices(nic.kind)) return missing(parser);
  nic.devices = *count;
  return true;
}

bool parse_nic_lan(DirectoryParser& parser, NicDefinition& nic) {
  if (parser.words().take("*")) {
    nic.lan_owner = "*";
  } else if (auto owner = parser.take_name()) {
    nic.lan_owner = std::move(*owner);
  } else {
    return false;
  }
  const auto name = parser.take_name();
  if (!name) return false;
  nic.lan_name = *name;
  return true;
}

bool nic_fits(DirectoryParser& parser, const NicDefinition& nic) {
  constexpr unsigned device_numbers = 0x10000;
  if (nic.device.value + nic.devices <= device_numbers) return true;
  parser.fail(Message::device_number_invalid);
  return false;
}

void parse_nicdef(DirectoryParser& parser) {
  const auto device = parser.take_device();
  if (!device) return;
  auto* nic = parser.nic_in_progress(*device);
  if (nic == nullptr) {
    NicDefinition definition;
    definition.device = *device;
    if (!parser.words().take("TYPE")) {
      return parser.fail(Message::directory_nic_incomplete, {to_string(*device)});
    }
    if (!parse_type(parser, definition)) return;
    nic = &parser.begin_nic(definition);
  }
  while (!parser.words().empty()) {
    if (!parse_nic_attribute(parser, *nic)) return;
  }
  if (nic->port.trunk == false && nic->port.vlans.count() > 1) {
    parser.fail(Message::directory_takes, {"VLAN", "one id with PORTTYPE ACCESS", "more"});
  }
  nic_fits(parser, *nic);
}

}  // namespace vmlan::cp
