// Any lines at the consoles of a small system. Each line of the input is typed; its first character chooses
// the console.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cp/control_program.h"
#include "cp/virtual_machine.h"

namespace {

using namespace vmlan;

class NoConsoles final : public cp::ConsoleSink {
 public:
  void line(std::string_view, std::string_view text) override { assert(text.find('\n') == text.npos); }
};

// Passes what it reads to CP, as CMS does with what it does not know.
class PassToCp final : public arch::Program {
 public:
  explicit PassToCp(arch::Machine& machine) : machine_(machine) {}
  arch::Wait run() override {
    while (const auto line = machine_.read_console()) {
      for (const auto& text : machine_.diagnose_8(*line).lines) machine_.write_console(text);
    }
    return {std::nullopt, true};
  }

 private:
  arch::Machine& machine_;
};

std::unique_ptr<arch::Program> load(std::string_view name, std::string_view, arch::Machine& machine) {
  if (name != "CMS") return nullptr;
  return std::make_unique<PassToCp>(machine);
}

constexpr std::string_view directory =
    "USER ALICE NOPASS 1M 1M G\n"
    "NICDEF 0600 TYPE QDIO LAN SYSTEM LAN1\n"
    "USER BOB NOPASS 1M 1M BG\n"
    "COMMAND DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO\n"
    "IPL CMS\n"
    "USER ROBOT AUTOONLY 1M 1M G\n"
    "IPL CMS\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_lines = 200;
  constexpr std::array<std::string_view, 4> consoles{"OPERATOR", "ALICE", "BOB", "ROBOT"};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  arch::VirtualClock clock;
  NoConsoles sink;
  cp::ControlProgram system({clock, sink, load, nullptr});
  const auto errors = system.load_directory(directory, "USER DIRECT");
  assert(errors.empty());
  for (std::size_t count = 0; count < most_lines && !text.empty(); ++count) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const auto console = consoles[static_cast<unsigned char>(line.front()) % consoles.size()];
    system.type(console, line.substr(1));
    system.run_until_idle(10);
    assert(system.can_read(console));
  }
  return 0;
}
