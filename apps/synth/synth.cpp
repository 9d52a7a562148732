#include "apps/synth/synth.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include "apps/system/messages.h"
#include "host/trace/capture_output.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

using Wrote = host::CaptureOutput::Wrote;

constexpr std::uint64_t beginning = 1'017'392'400;  // seconds since 1970, as a virtual clock's
constexpr std::size_t record_header = 16;
constexpr std::size_t buffer_size = std::size_t{256} << 10U;

// The format's numbers in one order, whatever the machine's is: the file is the same everywhere.
std::byte* put_little_endian(std::byte* at, std::uint64_t value, unsigned bytes) noexcept {
  for (unsigned i = 0; i < bytes; ++i) *at++ = static_cast<std::byte>(value >> 8U * i & 0xffU);
  return at;
}

// Source: the "savefile" format of libpcap.
class PcapBuffer {
 public:
  explicit PcapBuffer(bool microseconds) : microseconds_(microseconds), bytes_(buffer_size) {
    constexpr std::uint32_t magic_of_nanoseconds = 0xa1b2'3c4d;
    constexpr std::uint32_t magic_of_microseconds = 0xa1b2'c3d4;
    constexpr std::uint32_t snap_length = 262'144;
    constexpr std::uint32_t ethernet = 1;
    std::byte* at = bytes_.data();
    at = put_little_endian(at, microseconds ? magic_of_microseconds : magic_of_nanoseconds, 4);
    at = put_little_endian(at, 2, 2);
    at = put_little_endian(at, 4, 2);
    at = put_little_endian(at, 0, 8);
    at = put_little_endian(at, snap_length, 4);
    at = put_little_endian(at, ethernet, 4);
    used_ = static_cast<std::size_t>(at - bytes_.data());
  }

  bool has_room() const noexcept { return bytes_.size() - used_ >= record_header + Workload::longest_frame; }
  std::span<std::byte> room() noexcept { return std::span(bytes_).subspan(used_ + record_header); }
  // What was made in the room.
  void add(const Workload::Made& made) noexcept {
    constexpr std::uint64_t second = 1'000'000'000;
    const auto time = static_cast<std::uint64_t>(made.time.count());
    const std::uint64_t nanoseconds = time % second;
    std::byte* at = bytes_.data() + used_;
    at = put_little_endian(at, beginning + time / second, 4);
    at = put_little_endian(at, microseconds_ ? nanoseconds / 1000 : nanoseconds, 4);
    at = put_little_endian(at, made.length, 4);
    put_little_endian(at, made.length, 4);
    used_ += record_header + made.length;
  }
  std::span<const std::byte> bytes() const noexcept { return std::span(bytes_).first(used_); }
  void clear() noexcept { used_ = 0; }

 private:
  bool microseconds_;
  std::vector<std::byte> bytes_;
  std::size_t used_ = 0;
};

}  // namespace

ExitCode write_workload(const SynthOptions& options, const std::function<void(std::string_view)>& errors) {
  auto opened = host::CaptureOutput::open(options.output);
  if (const auto* error = std::get_if<std::string>(&opened)) {
    errors(format(Message::cannot_write_output, {*error}));
    return ExitCode::failure;
  }
  auto& output = std::get<host::CaptureOutput>(opened);
  Workload workload(options.workload);
  PcapBuffer buffer(options.microseconds);
  for (bool more = true; more;) {
    while (more && buffer.has_room()) {
      const auto made = workload.next(buffer.room());
      more = made.has_value();
      if (made) buffer.add(*made);
    }
    if (host::interrupted()) return ExitCode::interrupted;
    switch (output.write(buffer.bytes())) {
      case Wrote::all:
        break;
      case Wrote::reader_gone:
        return ExitCode::success;  // whoever reads has what it wanted
      case Wrote::interrupted:
        return ExitCode::interrupted;
      case Wrote::failed:
        errors(format(Message::cannot_write_output, {std::strerror(errno)}));
        return ExitCode::failure;
    }
    buffer.clear();
  }
  return ExitCode::success;
}

}  // namespace vmlan::apps
