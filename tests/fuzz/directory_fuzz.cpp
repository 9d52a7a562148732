// A user directory of any bytes: errors name a line of the text, and what is loaded can be logged on.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "cp/control_program.h"
#include "cp/virtual_machine.h"

namespace {

class NoConsoles final : public vmlan::cp::ConsoleSink {
 public:
  void line(std::string_view, std::string_view text) override { assert(text.find('\n') == text.npos); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vmlan;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  arch::VirtualClock clock;
  NoConsoles consoles;
  cp::ControlProgram system({clock, consoles, nullptr, nullptr});
  const auto errors = system.load_directory(text, "FUZZ");
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const auto& error : errors) assert(error.line >= 1 && error.line <= lines);
  if (!errors.empty()) return 0;
  for (const char* userid : {"A", "B", "ALICE", "BOB"}) {
    system.type(userid, std::string("LOGON ") + userid);
    system.type(userid, "QUERY VIRTUAL ALL");
  }
  system.run_until_idle(10);
  return 0;
}
