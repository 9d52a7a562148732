// The words of a TCP/IP configuration file (PROFILE TCPIP): a statement may go over any number of lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmlan::cms {

struct ProfileToken {
  std::string text;
  unsigned line = 0;  // from 1 on
};

// Comments (";" to the end of the line) and a byte order mark are left out.
std::vector<ProfileToken> profile_tokens(std::string_view text);

}  // namespace vmlan::cms
