#include "cms/shell/profile_tokens.h"

#include <algorithm>

#include "cms/shell/operands.h"

namespace vmlan::cms {

std::vector<ProfileToken> profile_tokens(std::string_view text) {
  std::vector<ProfileToken> tokens;
  unsigned line = 0;
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  while (!text.empty()) {
    ++line;
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    content = content.substr(0, content.find(';'));
    Operands words(content);
    while (!words.empty()) tokens.push_back({words.take(), line});
  }
  return tokens;
}

}  // namespace vmlan::cms
