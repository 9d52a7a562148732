// What a person types at a console, cut into lines as CP does before anybody reads them.
//
// "#", the line end character, ends a logical line within what was typed; a line that begins with CP behind
// one ("#CP QUERY TIME") is for CP, whatever the program does. `"#` is a plain "#". The character is the
// user's own: the directory's USER statement names it, TERMINAL LINEND changes it.
//
// Source: CP Commands, "Logical line editing", #CP, TERMINAL. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::cp {

inline constexpr char default_line_end = '#';

struct LogicalLine {
  std::string text;
  bool for_cp = false;
};

// At least one line. Nothing = the user has no line end character; "#CP" at the beginning is still for CP,
// since there is no attention key.
std::vector<LogicalLine> logical_lines(std::string_view typed, std::optional<char> line_end);

}  // namespace vmlan::cp
