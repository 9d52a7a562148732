// Where everything a person would see goes: one line at a time, with the name of the console it is on.
#pragma once

#include <string_view>

namespace vmlan::cp {

class ConsoleSink {
 public:
  virtual ~ConsoleSink() = default;
  // `console` is a user id (OPERATOR included) or, before a logon, the name the console was given in
  // ControlProgram::type(). Lines of disconnected users come too (as to a secondary user): the receiver
  // decides whether anybody sees them.
  virtual void line(std::string_view console, std::string_view text) = 0;
  // LOGON typed at `console` succeeded for a user of another name: from now on that person's console is
  // the one named `userid`.
  virtual void moved(std::string_view /*console*/, std::string_view /*userid*/) {}
};

}  // namespace vmlan::cp
