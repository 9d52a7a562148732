#include "host/trace/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "host/descriptor.h"
#include "host/waiting.h"

namespace vmlan::host {

namespace {

// How often it is looked whether a file has grown: no file system tells of what another computer writes.
constexpr long growth_interval = 50'000'000;  // ns

class DescriptorSource final : public ByteSource {
 public:
  DescriptorSource(int number, Descriptor owned) : number_(number), owned_(std::move(owned)) {}

  // Empty: it can be read.
  std::string begin(bool follow) {
    struct stat status {};
    if (::fstat(number_, &status) != 0) return std::strerror(errno);
    if (S_ISDIR(status.st_mode)) return std::strerror(EISDIR);
    is_polled_ = !S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode);
    if (!S_ISREG(status.st_mode)) return {};
    // Standard input may have been read before.
    start_ = std::max<off_t>(::lseek(number_, 0, SEEK_CUR), 0);
    size_ = static_cast<std::uint64_t>(std::max<off_t>(status.st_size - start_, 0));
    if (!follow) return {};
    timer_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    return timer_ ? "" : std::strerror(errno);
  }

  Got read(std::span<std::byte> into) override {
    if (is_polled_ && !has_something()) return {State::not_yet};
    ssize_t length = 0;
    do {
      length = ::read(number_, into.data(), into.size());
    } while (length < 0 && errno == EINTR);
    if (length > 0) {
      bytes_read_ += static_cast<std::uint64_t>(length);
      return {State::some, static_cast<std::size_t>(length)};
    }
    if (length == 0) return timer_ ? wait_for_growth() : Got{State::end};
    if (is_polled_ && (errno == EAGAIN || errno == EWOULDBLOCK)) return {State::not_yet};
    return failed(std::strerror(errno));
  }

  int descriptor() const noexcept override { return is_polled_ ? number_ : timer_.number(); }
  std::string trouble() const override { return trouble_; }
  std::uint64_t bytes_read() const noexcept override { return bytes_read_; }
  std::uint64_t size() const noexcept override { return size_ == 0 ? 0 : std::max(size_, bytes_read_); }

 private:
  // Of a pipe without a writer only once there has been one.
  bool has_something() const noexcept {
    pollfd polled{number_, POLLIN, 0};
    return ::poll(&polled, 1, 0) > 0;
  }

  Got wait_for_growth() {
    struct stat status {};
    if (::fstat(number_, &status) != 0) return failed(std::strerror(errno));
    const auto size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size - start_, 0));
    if (size < bytes_read_) return failed("it has become shorter");
    size_ = size;
    const itimerspec once{{0, 0}, {0, growth_interval}};
    if (::timerfd_settime(timer_.number(), 0, &once, nullptr) != 0) return failed(std::strerror(errno));
    return {State::not_yet};
  }

  Got failed(std::string why) {
    trouble_ = std::move(why);
    return {State::failed};
  }

  int number_;
  Descriptor owned_;
  Descriptor timer_;  // of a file that is followed
  bool is_polled_ = false;
  off_t start_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t size_ = 0;
  std::string trouble_;
};

}  // namespace

OpenedSource open_source(const std::string& path, bool follow) {
  Descriptor owned;
  int number = STDIN_FILENO;
  if (path != "-") {
    // A pipe is open at once, with or without a writer.
    owned = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!owned) return std::strerror(errno);
    number = owned.number();
  } else if (is_terminal(number)) {
    return "standard input is a terminal: a trace comes from a file (< FILE) or a program (COMMAND |)";
  }
  auto source = std::make_unique<DescriptorSource>(number, std::move(owned));
  if (auto why = source->begin(follow); !why.empty()) return why;
  return source;
}

std::string_view compression_of(std::span<const std::byte> beginning) noexcept {
  using namespace std::string_view_literals;
  struct Magic {
    std::string_view bytes;
    std::string_view name;
  };
  // RFC 1952, RFC 8878, the formats' own documents. A file of `pzstd` begins with a skippable frame.
  static constexpr std::array magics{
      Magic{"\x1f\x8b\x08"sv, "gzip"},
      Magic{"\x28\xb5\x2f\xfd"sv, "zstd"},
      Magic{"\x50\x2a\x4d\x18"sv, "zstd"},
      Magic{"\xfd\x37zXZ\0"sv, "xz"},
      Magic{"BZh"sv, "bzip2"},
      Magic{"\x04\x22\x4d\x18"sv, "lz4"},
      Magic{"\x02\x21\x4c\x18"sv, "lz4"},  // as its first versions wrote it
  };
  const std::string_view begins(reinterpret_cast<const char*>(beginning.data()), beginning.size());
  const auto found = std::find_if(magics.begin(), magics.end(),
                                  [begins](const Magic& magic) { return begins.starts_with(magic.bytes); });
  return found == magics.end() ? std::string_view{} : found->name;
}

}  // namespace vmlan::host
