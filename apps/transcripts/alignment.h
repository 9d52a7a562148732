// Which recorded answers and which answers of now belong together.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace vmlan::apps {

struct RecordedAnswer {
  std::string_view text;
  bool ignored = false;
};

enum class Step : unsigned char {
  both,      // a recorded answer and one of now that it matches
  recorded,  // a recorded one that is not given any more
  now,       // one that was not recorded
  any,       // the line "..." takes one of now
  pass,      // a recorded line that asks for nothing: "...", or one that is ignored
};

// The steps through both, with as few of `recorded` and `now` as can be.
std::vector<Step> align(std::span<const RecordedAnswer> recorded, std::span<const std::string_view> now);

}  // namespace vmlan::apps
