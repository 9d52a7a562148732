#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "host/descriptor.h"
#include "host/trace/digest.h"

namespace vmlan::host {

std::string hexadecimal(const Sha256::Digest& digest) {
  std::string text;
  for (const auto byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::optional<Sha256::Digest> digest_of_file(const std::string& path, const std::function<bool()>& stop) {
  if (!Sha256::is_there()) return std::nullopt;
  // Without waiting: a FIFO has no writer any more.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode))
    return std::nullopt;
  std::vector<std::byte> bytes(digest_piece);
  Sha256 sum;
  while (!stop || !stop()) {
    const auto got = ::read(file.number(), bytes.data(), bytes.size());
    if (got < 0) return std::nullopt;
    if (got == 0) return sum.finish();
    sum.add(std::span(bytes).first(static_cast<std::size_t>(got)));
  }
  return std::nullopt;
}

}  // namespace vmlan::host
