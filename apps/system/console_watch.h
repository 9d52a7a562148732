// What the consoles have shown, for those who wait for it: .WAIT and .EXPECT.
//
// Hands every line on to a display. Control characters of a guest do not reach the person's terminal.
//
// Owns: the lines since something was last typed, a bounded number per console. Threads: the base's.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cp/console.h"

namespace vmlan::apps {

class ConsoleWatch final : public cp::ConsoleSink {
 public:
  using Display = std::function<void(std::string_view console, std::string_view text)>;
  using Moved = std::function<void(std::string_view console, std::string_view userid)>;

  // Display and moved may type nothing: they are called in the middle of the system's work.
  explicit ConsoleWatch(Display display, Moved moved = {});

  void line(std::string_view console, std::string_view text) override;
  void moved(std::string_view console, std::string_view userid) override;

  // A line was typed there: what it showed before is old.
  void typed(std::string_view console);
  // Something was typed there, it has shown something, or somebody's LOGON made it that user's.
  bool knows(std::string_view console) const;
  std::vector<std::string> consoles() const;
  // The oldest line since then that contains `text` and was not taken yet; it and those before it are taken.
  bool take(std::string_view console, std::string_view text);
  // Whether any line since then contains `text`, taken or not; nothing: none that is still remembered does.
  std::optional<bool> shows(std::string_view console, std::string_view text) const;
  // The first number other than 0 in the CMS prompts since then, a line may have been several commands:
  // "Ready;" 0, "Ready(00045);" 45. Nothing: there was no prompt.
  std::optional<int> ready(std::string_view console) const;

 private:
  struct Record {
    std::deque<std::string> lines;
    std::size_t taken = 0;  // of them, from the front
    bool forgetful = false;
    std::optional<int> ready;
  };

  Display display_;
  Moved moved_;
  std::map<std::string, Record, std::less<>> records_;
};

}  // namespace vmlan::apps
