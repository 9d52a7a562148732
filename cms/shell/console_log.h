// A line of a stack's console: it carries the time.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "cms/shell/session.h"

namespace vmlan::cms {

inline std::string time_stamp(const arch::Clock& clock) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(clock.date().time_since_epoch()).count();
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

template <class... Arguments>
void log(Session& session, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  session.say("{} {}", time_stamp(session.machine.clock()),
              fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace vmlan::cms
