// An emulator is started for a second, without a guest, to hear what it is and whether it takes the module.
//
// Source: Hercules 3.13 and SDL Hyperion 4.9, what they print. Nothing is left running and nothing is written
// but into a temporary folder. Threads: the base's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "arch/clock.h"

namespace vmlan::apps {

struct EmulatorVersion {
  std::string number;  // "3.13"
  bool loads_modules = false;
};

// What a module says of itself: in message HHC03819I, whose text is in its file too.
struct ModuleIdentity {
  std::string version;   // of vmlan
  std::string emulator;  // number of the Hercules it was built for
};

// The emulator's number in what --version prints; nothing: it is none.
std::optional<EmulatorVersion> version_in(std::string_view text);
// The first module that speaks in `text`, be it a log or a module's file.
std::optional<ModuleIdentity> identity_in(std::string_view text);
// A module for Hercules `module` fits Hercules `emulator`: SDL Hyperion's number goes on after the dot.
bool same_emulator(std::string_view module, std::string_view emulator);

// Asks the program; nothing: it does not answer as Hercules does.
std::optional<EmulatorVersion> ask_version(const std::string& program);

struct Trial {
  std::optional<ModuleIdentity> module;  // the one that took the VNIC statement
  std::string folder;                    // where this emulator looks for modules; empty: it did not say
  std::vector<std::string> complaints;   // what it said that went wrong, a few lines
  bool ended = false;                    // it came to a result, instead of being stopped
};

// A configuration with one VNIC statement, which logs nobody on; with `module`, a LDMOD statement for that
// file before it. Nothing: there is no room for a temporary folder, see errno.
std::optional<Trial> try_module(const std::string& program, const std::string& module, arch::Time limit);

}  // namespace vmlan::apps
