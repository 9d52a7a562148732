// Compressed sources, by libarchive, on a thread of its own: libarchive reads when it pleases and can't be
// told that there is nothing yet.
#include <archive.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "host/descriptor.h"
#include "host/no_signals.h"
#include "host/trace/byte_source.h"

namespace vmlan::host {

namespace {

using Packed = std::unique_ptr<ByteSource>;
using Filter = int (*)(archive*);

constexpr std::size_t most_unpacked = std::size_t{2} << 20U;  // bytes that wait to be read
constexpr std::size_t packed_piece = std::size_t{128} << 10U;

struct FreeArchive {
  void operator()(archive* unpacker) const noexcept { ::archive_read_free(unpacker); }
};
using Unpacker = std::unique_ptr<archive, FreeArchive>;

Filter filter_of(std::string_view compression) noexcept {
  if (compression == "gzip") return ::archive_read_support_filter_gzip;
  if (compression == "zstd") return ::archive_read_support_filter_zstd;
  if (compression == "xz") return ::archive_read_support_filter_xz;
  if (compression == "bzip2") return ::archive_read_support_filter_bzip2;
  return ::archive_read_support_filter_lz4;
}

// Everything but ARCHIVE_OK: the filter is not there; a warning would be for a program it starts instead.
bool prepare(archive* unpacker, std::string_view compression) noexcept {
  return unpacker != nullptr && filter_of(compression)(unpacker) == ARCHIVE_OK &&
         ::archive_read_support_format_raw(unpacker) == ARCHIVE_OK &&
         ::archive_read_support_format_empty(unpacker) == ARCHIVE_OK;
}

class UnpackedSource final : public ByteSource {
 public:
  UnpackedSource(Unpacker unpacker, std::vector<std::byte> beginning, Packed packed)
      : unpacker_(std::move(unpacker)), beginning_(std::move(beginning)), packed_(std::move(packed)) {
    note_progress();
  }
  ~UnpackedSource() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    signal(stop_);
    less_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  // Empty: it is at work.
  std::string begin() {
    for (Descriptor* event : {&stop_, &more_}) {
      *event = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
      if (!*event) return std::strerror(errno);
    }
    try {
      const NoSignals held;
      thread_ = std::thread([this] { work(); });
    } catch (const std::system_error& error) {
      return error.code().message();
    }
    return {};
  }

  Got read(std::span<std::byte> into) override {
    if (taken_ == current_.size()) {
      if (const State state = take_block(); state != State::some) return {state};
    }
    const std::size_t length = std::min(into.size(), current_.size() - taken_);
    std::memcpy(into.data(), current_.data() + taken_, length);
    taken_ += length;
    return {State::some, length};
  }
  int descriptor() const noexcept override { return more_.number(); }
  std::string trouble() const override { return trouble_; }
  std::uint64_t bytes_read() const noexcept override { return bytes_read_.load(std::memory_order_relaxed); }
  std::uint64_t size() const noexcept override { return size_.load(std::memory_order_relaxed); }

 private:
  static void signal(const Descriptor& event) noexcept { ::eventfd_write(event.number(), 1); }

  State take_block() {
    const std::lock_guard lock(mutex_);
    if (blocks_.empty()) {
      if (finished_) return trouble_.empty() ? State::end : State::failed;
      eventfd_t ignored = 0;
      ::eventfd_read(more_.number(), &ignored);
      wanted_ = true;
      return State::not_yet;
    }
    std::swap(current_, blocks_.front());
    taken_ = 0;
    spare_.push_back(std::move(blocks_.front()));
    blocks_.pop_front();
    waiting_ -= current_.size();
    less_.notify_one();
    return State::some;
  }

  // From here on: the thread's.

  void work() {
    std::string trouble = unpack_all();
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
    finished_ = true;
    signal(more_);
  }

  // Until the end, a trouble, or nobody reads any more.
  std::string unpack_all() {
    const auto why = [this] {
      const char* text = ::archive_error_string(unpacker_.get());
      return std::string(text != nullptr ? text : "it can't be unpacked");
    };
    archive_entry* entry = nullptr;
    if (::archive_read_open(unpacker_.get(), this, nullptr, give_packed, nullptr) != ARCHIVE_OK) return why();
    int result = ::archive_read_next_header(unpacker_.get(), &entry);
    // Too little for its format to be known: it would be passed on as it is.
    if (result == ARCHIVE_OK && ::archive_filter_code(unpacker_.get(), 0) == ARCHIVE_FILTER_NONE) {
      return "the compressed file is cut in its header";
    }
    while (result == ARCHIVE_OK) {
      const void* block = nullptr;
      std::size_t length = 0;
      la_int64_t offset = 0;
      result = ::archive_read_data_block(unpacker_.get(), &block, &length, &offset);
      if (result != ARCHIVE_OK) break;
      if (!give({static_cast<const std::byte*>(block), length})) return {};
    }
    return result == ARCHIVE_EOF ? std::string{} : why();
  }

  // false: nobody reads any more.
  bool give(std::span<const std::byte> bytes) {
    if (bytes.empty()) return true;
    std::vector<std::byte> block;
    {
      std::unique_lock lock(mutex_);
      less_.wait(lock, [this] { return stopping_ || waiting_ < most_unpacked; });
      if (stopping_) return false;
      if (!spare_.empty()) {
        block = std::move(spare_.back());
        spare_.pop_back();
      }
    }
    block.assign(bytes.begin(), bytes.end());
    const std::lock_guard lock(mutex_);
    waiting_ += block.size();
    blocks_.push_back(std::move(block));
    if (wanted_) signal(more_);
    wanted_ = false;
    return true;
  }

  static la_ssize_t give_packed(archive*, void* self, const void** bytes) {
    return static_cast<UnpackedSource*>(self)->read_packed(bytes);
  }
  la_ssize_t read_packed(const void** bytes) {
    if (!beginning_.empty()) {
      piece_ = std::exchange(beginning_, {});
      *bytes = piece_.data();
      return static_cast<la_ssize_t>(piece_.size());
    }
    piece_.resize(packed_piece);
    for (;;) {
      const Got got = packed_->read(piece_);
      note_progress();
      if (got.state == State::failed) {
        ::archive_set_error(unpacker_.get(), EIO, "%s", packed_->trouble().c_str());
        return ARCHIVE_FATAL;
      }
      if (got.state == State::end) return 0;
      *bytes = piece_.data();
      if (got.state == State::some) return static_cast<la_ssize_t>(got.length);
      std::array<pollfd, 2> polled{pollfd{packed_->descriptor(), POLLIN, 0},
                                   pollfd{stop_.number(), POLLIN, 0}};
      ::poll(polled.data(), polled.size(), -1);
      if (polled[1].revents != 0) return 0;
    }
  }
  void note_progress() noexcept {
    bytes_read_.store(packed_->bytes_read(), std::memory_order_relaxed);
    size_.store(packed_->size(), std::memory_order_relaxed);
  }

  // The thread's while it lives.
  Unpacker unpacker_;
  std::vector<std::byte> beginning_;
  Packed packed_;
  std::vector<std::byte> piece_;

  // The reader's.
  std::vector<std::byte> current_;
  std::size_t taken_ = 0;

  std::atomic<std::uint64_t> bytes_read_{0};
  std::atomic<std::uint64_t> size_{0};
  Descriptor stop_;
  Descriptor more_;  // there is something to read after not_yet

  std::mutex mutex_;
  std::condition_variable less_;  // waits to be read than before
  std::deque<std::vector<std::byte>> blocks_;
  std::vector<std::vector<std::byte>> spare_;
  std::size_t waiting_ = 0;  // bytes in blocks_
  bool wanted_ = false;      // the reader found nothing
  bool finished_ = false;
  bool stopping_ = false;
  std::string trouble_;  // constant once finished

  std::thread thread_;
};

}  // namespace

OpenedSource unpack(std::string_view compression, std::vector<std::byte> beginning, Packed packed) {
  Unpacker unpacker(::archive_read_new());
  if (!prepare(unpacker.get(), compression)) {
    return fmt::format("the file is compressed ({}), and this computer's libarchive does not unpack that",
                       compression);
  }
  auto source =
      std::make_unique<UnpackedSource>(std::move(unpacker), std::move(beginning), std::move(packed));
  if (auto why = source->begin(); !why.empty()) return why;
  return source;
}

}  // namespace vmlan::host
