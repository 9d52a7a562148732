#include "hercules/trace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace vmlan::hercules {

Trace::~Trace() {
  if (file_ >= 0) ::close(file_);
}

std::string Trace::open(const std::string& path, std::uint16_t first_device) {
  first_device_ = first_device;
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  return file_ >= 0 ? std::string() : std::string(std::strerror(errno));
}

void Trace::write(std::string text) {
  using namespace std::chrono;
  const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  text.insert(0, fmt::format("{}.{:06} ", now / 1'000'000, now % 1'000'000));
  text += '\n';
  [[maybe_unused]] const auto written = ::write(file_, text.data(), text.size());
}

void Trace::remark(std::string_view text) {
  if (file_ >= 0) write(fmt::format("{:04X} {}", first_device_, text));
}

void Trace::line(unsigned index, char direction, std::span<const std::byte> message) {
  if (file_ < 0) return;
  std::string text = fmt::format("{:04X} {} ", first_device_ + index, direction);
  for (const std::byte byte : message) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  write(std::move(text));
}

}  // namespace vmlan::hercules
