#include "hercules/trace.h"

#include <fmt/format.h>

#include <chrono>

#include "host/append_file.h"

namespace vmlan::hercules {

std::string Trace::open(const std::string& path, std::uint16_t first_device) {
  first_device_ = first_device;
  auto opened = host::open_to_append(path);
  if (auto* reason = std::get_if<std::string>(&opened)) return std::move(*reason);
  file_ = std::move(std::get<host::Descriptor>(opened));
  return {};
}

void Trace::write(std::string text) {
  using namespace std::chrono;
  const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  text.insert(0, fmt::format("{}.{:06} ", now / 1'000'000, now % 1'000'000));
  text += '\n';
  host::append(file_, text);
}

void Trace::remark(std::string_view text) {
  if (file_) write(fmt::format("{:04X} {}", first_device_, text));
}

void Trace::line(unsigned index, char direction, std::span<const std::byte> message) {
  if (!file_) return;
  std::string text = fmt::format("{:04X} {} ", first_device_ + index, direction);
  for (const std::byte byte : message) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  write(std::move(text));
}

}  // namespace vmlan::hercules
