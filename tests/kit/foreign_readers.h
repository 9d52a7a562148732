// How programs that others wrote for z/VM read what CP answers, each reader after its program's own rules and
// no better: words by position, labels, prefixes. Written anew from these programs; nothing of them is in
// here.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::foreign {

using Text = std::vector<std::string>;

inline std::vector<std::string> words_of(const std::string& line) {
  std::istringstream text(line);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

inline std::vector<std::string> all_words(const Text& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return words_of(text);
}

// --- s390-tools: chzdev and lszdev (zdev/src/nic.c) -----------------------------------------------------

struct ZdevNic {
  std::string type;
  std::string target;
  std::string owner;
  std::string name;
};

// QUERY VIRTUAL NIC vdev: words 3 and 10 to 12 of the whole answer.
inline std::optional<ZdevNic> zdev_nic(const Text& lines) {
  const auto words = all_words(lines);
  if (words.size() < 13) return std::nullopt;
  const auto& type = words[3];
  if (type != "QDIO" && type != "HIPERS" && type != "IEDN" && type != "INMN") return std::nullopt;
  if (words[10] != "VSWITCH:" && words[10] != "LAN:") return std::nullopt;
  return ZdevNic{type, words[10], words[11], words[12]};
}

// QUERY VSWITCH name, QUERY LAN name OWNER owner: word 11.
inline std::optional<bool> zdev_is_layer2(const Text& lines, bool vswitch) {
  const auto words = all_words(lines);
  if (words.size() < 12) return std::nullopt;
  if (words[11] == "ETHERNET") return true;
  if (words[11] == "IP") return false;
  if (vswitch && (words[11] == "NONROUTER" || words[11] == "PRIROUTER")) return false;
  return std::nullopt;
}

// --- s390-tools: znetconf -------------------------------------------------------------------------------

// QUERY V NIC vdev: the fourth word of the first line, the third to fifth of the second.
inline std::string znetconf_nic(const Text& lines) {
  if (lines.size() < 2) return "ERROR";
  const auto first = words_of(lines[0]);
  const auto second = words_of(lines[1]);
  if (first.size() < 4 || second.size() < 5) return "ERROR";
  if (second[2] != "LAN:" && second[2] != "VSWITCH:") return "ERROR";
  return first[3] + " " + second[2].substr(0, second[2].size() - 1) + " " + second[3] + " " + second[4];
}

// The third word of the second line.
inline std::optional<bool> znetconf_is_layer2(const Text& lines) {
  if (lines.size() < 2 || words_of(lines[1]).size() < 3) return std::nullopt;
  const auto word = words_of(lines[1])[2];
  if (word == "ETHERNET") return true;
  if (word == "IP" || word == "NONROUTER" || word == "PRIROUTER") return false;
  return std::nullopt;
}

// --- s390-tools: lsqeth (zconf/qeth/lsqeth.c) -----------------------------------------------------------

// QUERY VIRTUAL NIC vdev: words 2 to 4 of the second line are the LAN, words 2 and 3 of the first its type.
inline std::string lsqeth_card_type(const Text& lines) {
  const auto first = words_of(lines.at(0));
  const auto second = words_of(lines.at(1));
  const auto lan = second.at(2) + " " + second.at(3) + " " + second.at(4);
  const auto type = " (" + first.at(2) + " " + first.at(3) + ")";
  if (lan.compare(0, 3, "LAN") != 0) return lan + type;
  const auto name = lan.substr(5);
  return "GuestLAN: " + (name == "* Internal" ? "not coupled" : name) + type;
}

// --- vif of the z/VM community tools ---------------------------------------------------------------------

// The word behind a label, wherever it stands in the line.
inline std::string behind(const std::string& line, const std::string& label) {
  const auto found = line.find(label);
  if (found == std::string::npos) return {};
  const auto words = words_of(line.substr(found + label.size()));
  return words.empty() ? std::string() : words.front();
}

struct VifAdapter {
  std::map<std::string, std::string> values;  // by label
  std::vector<std::string> unicast;
  std::vector<std::string> multicast;
};

struct VifSwitch {
  std::map<std::string, std::string> values;
  std::vector<std::string> devices;  // RDEV:
  std::vector<VifAdapter> adapters;
};

// QUERY VSWITCH name DETAILS: labels, and lists that end where something else begins.
inline VifSwitch vif_switch(const Text& lines) {
  VifSwitch result;
  std::vector<std::string>* list = nullptr;
  static const std::regex mac("^([0-9A-F]{2}-){5}[0-9A-F]{2}$");
  for (const auto& line : lines) {
    const bool in_adapter = !result.adapters.empty();
    const auto words = words_of(line);
    if (list != nullptr && !words.empty() && std::regex_match(words[0], mac)) {
      list->push_back(words[0]);
      continue;
    }
    list = nullptr;
    if (line.find("Adapter Owner:") != std::string::npos) result.adapters.emplace_back();
    auto& values = result.adapters.empty() ? result.values : result.adapters.back().values;
    for (const char* label :
         {"VSWITCH SYSTEM", "Type:", "Connected:", "Maxconn:", "MAC address:", "State:", "Adapter Owner:",
          "NIC:", "RX Packets:", "TX Packets:", "RX Bytes:", "TX Bytes:", "Device:", "Unit:", "Options:"}) {
      const auto value = behind(line, label);
      if (!value.empty()) values.emplace(label, value);
    }
    if (!in_adapter && words.size() > 1 && (words[0] == "PERSISTENT" || words[0] == "TRANSIENT")) {
      values["class"] = words[0] + " " + words[1];
    }
    if (!words.empty() && words[0] == "RDEV:") result.devices.push_back(words.at(1));
    if (result.adapters.empty()) continue;
    if (line.find("Unicast MAC Addresses:") != std::string::npos) list = &result.adapters.back().unicast;
    if (line.find("Multicast MAC Addresses:") != std::string::npos) list = &result.adapters.back().multicast;
  }
  return result;
}

// --- feilong, xCAT ---------------------------------------------------------------------------------------

// The VLAN lines of QUERY VSWITCH of a VLAN-aware switch.
struct FeilongVlan {
  bool aware = false;
  std::string default_vlan;
  std::string default_port_type;
  std::string gvrp;
  std::string native_vlan;
  std::string vlan_counters;
};

inline FeilongVlan feilong_vlan(const Text& lines) {
  FeilongVlan vlan;
  for (const auto& line : lines) {
    if (words_of(line).size() > 1 && words_of(line)[0] == "VLAN") vlan.aware = words_of(line)[1] == "Aware";
    for (const auto& [label, value] : {std::pair{"Default VLAN:", &vlan.default_vlan},
                                       {"Default Porttype:", &vlan.default_port_type},
                                       {"GVRP:", &vlan.gvrp},
                                       {"Native  VLAN:", &vlan.native_vlan},
                                       {"VLAN Counters:", &vlan.vlan_counters}}) {
      if (auto word = behind(line, label); !word.empty()) *value = std::move(word);
    }
  }
  return vlan;
}

// xCAT takes the lines that begin with LAN or VSWITCH out of one QUERY LAN: kind, owner, name.
inline Text xcat_networks(const Text& lines) {
  Text networks;
  for (const auto& line : lines) {
    const auto words = words_of(line);
    const bool names_one = words.size() > 2 && (words[0] == "LAN" || words[0] == "VSWITCH");
    if (names_one) networks.push_back(words[0] + " " + words[1] + " " + words[2]);
  }
  return networks;
}

// --- tessia ----------------------------------------------------------------------------------------------

inline bool tessia_is_error(const Text& lines) {
  static const std::regex error("HCP([a-zA-Z]{0,8})[0-9]{1,4}([E]{1})( .*)?");
  return std::any_of(lines.begin(), lines.end(),
                     [](const auto& line) { return std::regex_search(line, error); });
}

inline bool tessia_is_defined(const Text& lines, const std::string& device) {
  const std::regex defined("NIC " + device + " is created; devices " + device + "-.+ defined");
  return std::any_of(lines.begin(), lines.end(),
                     [&](const auto& line) { return std::regex_search(line, defined); });
}

}  // namespace vmlan::foreign
