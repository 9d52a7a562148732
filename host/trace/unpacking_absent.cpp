// In place of unpacking.cpp where libarchive was not found (layer.cmake).
#include <fmt/format.h>

#include "host/trace/byte_source.h"

namespace vmlan::host {

OpenedSource unpack(std::string_view compression, std::vector<std::byte>, std::unique_ptr<ByteSource>) {
  return fmt::format(
      "the file is compressed ({}), and this vmlan was built without libarchive, which unpacks it; install "
      "libarchive-dev and build again, or unpack the file first",
      compression);
}

}  // namespace vmlan::host
