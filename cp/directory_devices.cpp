// Statements that give a user devices: CONSOLE, SPOOL, LINK, MDISK, SPECIAL.
#include <algorithm>
#include <array>

#include "cp/directory_parser.h"
#include "cp/nic_actions.h"

namespace vmlan::cp {
namespace {

// An optional access mode; false: the word is none, the error has been noted.
bool take_mode(DirectoryParser& parser, bool& read_only) {
  if (parser.words().empty()) return true;
  const auto word = parser.words().next();
  const auto mode = read_only_mode(word);
  if (!mode) {
    parser.fail(Message::invalid_operand, {word});
    return false;
  }
  read_only = *mode;
  return true;
}

// devtype start size volid, or devtype T-DISK|V-DISK size: checked, though the disk lies in memory.
bool skip_extent(DirectoryParser& parser) {
  auto& words = parser.words();
  constexpr std::array<std::string_view, 5> types{"3390", "3380", "3370", "9336", "FB-512"};
  const auto type = words.next();
  if (std::find(types.begin(), types.end(), type) == types.end()) {
    parser.fail(Message::invalid_device_type, {type});
    return false;
  }
  if (words.take("DEVNO")) return parser.take_device().has_value();
  const bool temporary = words.take("T-DISK") || words.take("V-DISK");
  if (!temporary && !parse_decimal(words.next())) {
    parser.fail(Message::operand_missing);
    return false;
  }
  const auto size = words.next();
  if (!parse_decimal(size) && size != "END") {
    parser.fail(Message::operand_missing);
    return false;
  }
  return temporary || parser.take_name().has_value();
}

void skip_passwords(DirectoryParser& parser) {
  constexpr unsigned passwords = 3;
  for (unsigned i = 0; i < passwords && !parser.words().empty(); ++i) parser.words().next();
  parser.expect_end();
}

}  // namespace

// A V behind it stands for virtual reserve.
std::optional<bool> read_only_mode(std::string_view word) {
  struct Mode {
    std::string_view word;
    bool read_only;
  };
  constexpr std::array<Mode, 12> modes{{{"SR", true},
                                        {"ER", true},
                                        {"SW", false},
                                        {"SM", false},
                                        {"EW", false},
                                        {"R", true},
                                        {"RR", true},
                                        {"W", false},
                                        {"WR", false},
                                        {"M", false},
                                        {"MR", false},
                                        {"MW", false}}};
  if (word.size() > 1 && word.back() == 'V') word.remove_suffix(1);
  const auto found =
      std::find_if(modes.begin(), modes.end(), [&](const Mode& mode) { return mode.word == word; });
  if (found == modes.end()) return std::nullopt;
  return found->read_only;
}

void parse_special(DirectoryParser& parser) {
  const auto device = parser.take_device();
  if (!device) return;
  NicDefinition nic;
  nic.device = *device;
  if (parser.words().take("QDIO")) {
    nic.kind = qdio::AdapterKind::osd;
  } else if (!parser.words().take("HIPERsockets")) {
    constexpr std::array<std::string_view, 13> others{"CTCA", "3088", "BCTC", "FCTC", "SCTC", "CNC",  "3270",
                                                      "3138", "3158", "2701", "2702", "2703", "TIMER"};
    const auto type = parser.words().next();
    const bool known = std::find(others.begin(), others.end(), type) != others.end();
    return known ? parser.ignore("SPECIAL " + type) : parser.fail(Message::invalid_device_type, {type});
  }
  if (!parser.words().empty() && !parse_nic_devices(parser, nic)) return;
  if (!parser.words().empty() && !parse_nic_lan(parser, nic)) return;
  parser.expect_end();
  if (nic_fits(parser, nic)) parser.begin_nic(nic);
}

void parse_mdisk(DirectoryParser& parser) {
  const auto device = parser.take_device();
  if (!device || !parser.claim(*device)) return;
  DiskDefinition disk;
  disk.device = *device;
  if (parser.words().take("HOST")) {
    disk.host_path = parser.words().next_as_written();
    if (disk.host_path.empty()) return parser.fail(Message::operand_missing);
    if (!take_mode(parser, disk.read_only)) return;
    parser.expect_end();
  } else {
    if (!skip_extent(parser) || !take_mode(parser, disk.read_only)) return;
    skip_passwords(parser);
  }
  parser.entry().disks.push_back(std::move(disk));
}

void parse_link(DirectoryParser& parser) {
  LinkDefinition link;
  if (parser.words().take("*")) {
    link.owner = "*";
  } else if (const auto owner = parser.take_name()) {
    link.owner = *owner;
  } else {
    return;
  }
  const auto owner_device = parser.take_device();
  if (!owner_device) return;
  link.owner_device = *owner_device;
  link.device = *owner_device;
  if (!parser.words().empty()) {
    const auto device = parser.take_device();
    if (!device) return;
    link.device = *device;
  }
  if (!take_mode(parser, link.read_only)) return;
  parser.expect_end();
  if (parser.claim(link.device)) parser.entry().links.push_back(std::move(link));
}

void parse_console(DirectoryParser& parser) {
  const auto device = parser.take_device();
  if (!device) return;
  const auto type = parser.words().next();
  if (type.empty()) return parser.fail(Message::operand_missing);
  if (type != "3215" && type != "3270") return parser.fail(Message::invalid_device_type, {type});
  if (parser.claim(*device)) parser.entry().console = *device;
}

void parse_spool(DirectoryParser& parser) {
  const auto device = parser.take_device();
  if (!device || !parser.claim(*device)) return;
  if (parser.words().empty()) parser.fail(Message::operand_missing);
}

}  // namespace vmlan::cp
