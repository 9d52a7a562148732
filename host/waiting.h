// The only places where the process stands still, and the person's way out of them: Ctrl-C.
//
// Threads: the base's.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "arch/clock.h"

struct pollfd;

namespace vmlan::host {

// From now on SIGINT, SIGTERM and SIGHUP only set a mark; while it is set, another one ends the process at
// once.
void catch_interruptions();
// A pipe or socket whose reader has gone is an error of the one who writes, not the process' end.
void ignore_closed_readers();
// The mark.
bool interrupted() noexcept;
// The mark, or a signal that will set it as soon as this process lets it in again. For signal handlers too.
bool interruption_comes() noexcept;
// Which signal has set it; 0: none.
int interruption() noexcept;
// It was Ctrl-C's (SIGINT): whoever has something better to do than to end may forget it.
bool attention() noexcept;
void forget_interruption() noexcept;

enum class Waited { readable, time_is_up, interrupted };

// Until `descriptor` can be read (or has ended), or `limit` from now has passed; nothing = no limit.
// A signal that was caught before the call ends it at once.
Waited wait_readable(int descriptor, std::optional<arch::Time> limit);
// The same for several: poll(2)'s events and results.
Waited wait_any(std::span<pollfd> descriptors, std::optional<arch::Time> limit);
// The same without a descriptor.
Waited sleep_for(arch::Time time);

// What can be read now without waiting: nothing = end of input or an error, which errno then names (an end
// leaves it alone).
// The descriptor must be readable.
std::optional<std::string> read_some(int descriptor);

// A person sits at it.
bool is_terminal(int descriptor) noexcept;

}  // namespace vmlan::host
