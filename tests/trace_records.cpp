// trace_records FILE...: says in a line for each trace ("-": standard input) what is in it, for
// tests/trace_variants.py, which compares it with what tests/trace_count.py finds.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <variant>

#include "host/trace/capture_reader.h"

using namespace vmlan;

namespace {

// RFC 1950.
class Adler32 {
 public:
  void add(std::span<const std::byte> bytes) noexcept {
    for (const std::byte byte : bytes) {
      low_ = (low_ + std::to_integer<std::uint32_t>(byte)) % 65521;
      high_ = (high_ + low_) % 65521;
    }
  }
  void add(std::uint64_t number) noexcept {
    for (unsigned i = 0; i < 8; ++i) {
      const std::array byte{static_cast<std::byte>(number >> 8 * i)};
      add(byte);
    }
  }
  std::uint32_t value() const noexcept { return high_ << 16U | low_; }

 private:
  std::uint32_t low_ = 1;
  std::uint32_t high_ = 0;
};

struct Counted {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::set<std::uint32_t> interfaces;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::array<std::uint64_t, host::time_flaws> flaws{};
  Adler32 sum;

  void add(const host::CaptureRecord& record) {
    const std::int64_t time = record.time.count();
    if (records++ == 0) first = time;
    last = time;
    bytes += record.bytes.size();
    interfaces.insert(record.interface);
    ++flaws[static_cast<std::size_t>(record.time_flaw)];
    for (const std::uint64_t number :
         {std::uint64_t{record.interface}, std::uint64_t{record.link_number},
          std::uint64_t{record.original_length}, static_cast<std::uint64_t>(time),
          static_cast<std::uint64_t>(record.time_flaw)})
      sum.add(number);
    sum.add(record.bytes);
  }
};

// false: it is no trace.
bool read_trace(const std::string& path) {
  auto opened = host::CaptureReader::open(path);
  if (const auto* error = std::get_if<host::CaptureError>(&opened)) {
    fmt::print("no trace: {}\n", error->message);
    return false;
  }
  auto& reader = std::get<host::CaptureReader>(opened);
  Counted counted;
  host::CaptureRecord record;
  auto next = host::CaptureReader::Next::record;
  while ((next = reader.wait_for_next(record)) == host::CaptureReader::Next::record) counted.add(record);
  fmt::print("records {} bytes {} interfaces {} first {} last {} flaws {} sum {:08x} {}\n", counted.records,
             counted.bytes, counted.interfaces.size(), counted.first, counted.last,
             fmt::join(counted.flaws, ","), counted.sum.value(),
             next == host::CaptureReader::Next::end ? "whole" : "damaged");
  if (!reader.damage().empty()) fmt::print(stderr, "{}\n", reader.damage());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  bool all = argc > 1;
  for (int at = 1; at < argc; ++at) all = read_trace(argv[at]) && all;
  return all ? 0 : 1;
}
