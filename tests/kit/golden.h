// Golden bytes by name: the files of tests/golden, each line "name: hex", continued on indented lines, '#' a
// comment. They come from sources that are neither our driver nor our device; the files say which.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace vmlan::kit {

// For example golden("handshake", "idx.read.request"). Ends the program if there is no such file or name:
// then the test itself is wrong.
const std::vector<std::byte>& golden(std::string_view file, std::string_view name);

}  // namespace vmlan::kit
