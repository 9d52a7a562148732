#include "tests/kit/golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "tests/kit/hex.h"

namespace vmlan::kit {

namespace {

using Records = std::map<std::string, std::vector<std::byte>, std::less<>>;

Records load(std::string_view file) {
  Records records;
  std::ifstream input(std::string(VMLAN_GOLDEN_DIR) + "/" + std::string(file) + ".hex");
  std::vector<std::byte>* current = nullptr;
  for (std::string line; std::getline(input, line);) {
    line.resize(std::min(line.size(), line.find('#')));
    std::string_view hex = line;
    if (const auto colon = line.find(':'); colon != std::string::npos) {
      current = &records[line.substr(0, colon)];
      hex = std::string_view(line).substr(colon + 1);
    }
    if (current == nullptr) continue;
    const auto bytes = from_hex(hex);
    current->insert(current->end(), bytes.begin(), bytes.end());
  }
  return records;
}

}  // namespace

const std::vector<std::byte>& golden(std::string_view file, std::string_view name) {
  static std::map<std::string, Records, std::less<>> files;
  auto records = files.find(file);
  if (records == files.end()) records = files.emplace(std::string(file), load(file)).first;
  const auto record = records->second.find(name);
  if (record == records->second.end() || record->second.empty()) {
    fmt::print(stderr, "no golden bytes \"{}\" in tests/golden/{}.hex\n", name, file);
    std::abort();
  }
  return record->second;
}

}  // namespace vmlan::kit
