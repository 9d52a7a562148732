// A transcript held against what the same script prints now.
//
// In a recorded answer, "..." stands for any text within the line; "..." alone on a line for any number of
// answers, up to the next line that is none. An answer that a .IGNORE of the script matches counts on
// neither side. What was typed is the script itself and cannot differ.
//
// Owns: values only. Threads: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::apps {

// The whole of `text` is `pattern`, in which each "..." stands for any text.
bool matches_pattern(std::string_view pattern, std::string_view text);

struct Comparison {
  bool same = true;
  unsigned first_line = 0;  // of the recorded transcript, where it differs first
  // Unified, without its first two lines; bounded.
  std::vector<std::string> difference;
  // The recorded transcript with the answers of now where they differ.
  std::string updated;
};

Comparison compare_transcripts(std::string_view recorded, std::string_view now);

}  // namespace vmlan::apps
