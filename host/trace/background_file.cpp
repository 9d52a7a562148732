#include "host/trace/background_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "host/descriptor.h"
#include "host/no_signals.h"

namespace vmlan::host {

namespace {

constexpr std::size_t ring_mask = BackgroundFile::most_waiting - 1;
static_assert((BackgroundFile::most_waiting & ring_mask) == 0);
// The writer is called when so much waits; less is written after a moment.
constexpr std::size_t enough_to_write = std::size_t{1} << 20U;
constexpr auto moment = std::chrono::milliseconds(50);
constexpr auto most_stillness = std::chrono::seconds(5);

// The threads that still write, all of them.
struct Writers {
  std::mutex mutex;
  std::condition_variable moved;
  unsigned count = 0;
  std::uint64_t writes = 0;
};

Writers& writers() {
  static Writers& all = *std::make_unique<Writers>().release();  // a thread may be left behind
  return all;
}

}  // namespace

// A ring: the giver moves `given`, the writer `written`, both count bytes for ever.
struct BackgroundFile::State {
  explicit State(Descriptor descriptor)
      : file(std::move(descriptor)), ring(std::make_unique_for_overwrite<std::byte[]>(most_waiting)) {}

  std::size_t waiting() const noexcept {
    return given.load(std::memory_order_acquire) - written.load(std::memory_order_acquire);
  }
  void work() noexcept;
  void write_waiting() noexcept;

  Descriptor file;
  std::unique_ptr<std::byte[]> ring;
  std::atomic<std::size_t> given{0};
  std::atomic<std::size_t> written{0};
  std::atomic<int> failure{0};  // the first that write(2) reported

  std::mutex mutex;
  std::condition_variable more;  // to write, or the end
  std::condition_variable less;  // waits than before
  bool hurry = false;
  bool ended = false;
};

void BackgroundFile::State::work() noexcept {
  std::unique_lock lock(mutex);
  for (bool last = false; !last;) {
    more.wait_for(lock, moment, [this] { return hurry || ended || waiting() >= enough_to_write; });
    hurry = false;
    last = ended;
    lock.unlock();
    write_waiting();
    lock.lock();
    less.notify_all();
  }
  lock.unlock();
  file.reset();
}

// What is given meanwhile is for the next time.
void BackgroundFile::State::write_waiting() noexcept {
  std::size_t at = written.load(std::memory_order_relaxed);
  for (const std::size_t end = given.load(std::memory_order_acquire); at != end;) {
    const std::size_t offset = at & ring_mask;
    const std::size_t length = std::min({end - at, most_waiting - offset, enough_to_write});
    std::size_t count = length;
    if (failure.load(std::memory_order_relaxed) == 0) {
      const ssize_t result = ::write(file.number(), ring.get() + offset, length);
      if (result < 0 && errno == EINTR) continue;
      if (result < 0) failure.store(errno, std::memory_order_relaxed);
      if (result >= 0) count = static_cast<std::size_t>(result);
    }
    at += count;
    written.store(at, std::memory_order_release);
    {
      const std::lock_guard lock(mutex);
      less.notify_all();
    }
    const std::lock_guard lock(writers().mutex);
    ++writers().writes;
    writers().moved.notify_all();
  }
}

std::variant<std::unique_ptr<BackgroundFile>, std::string> BackgroundFile::create(const std::string& path,
                                                                                  WhenFull when_full) {
  const auto refused = [&path](std::string_view why) { return path + ": " + std::string(why); };
  constexpr mode_t own = S_IRUSR | S_IWUSR;
  // Not waiting for the reader of a pipe of that name.
  constexpr int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  Descriptor file(::open(path.c_str(), flags, own));
  if (!file) return refused(std::strerror(errno));
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return refused(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return refused("no plain file");
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) return refused("another trace is written there");
  if (::ftruncate(file.number(), 0) != 0) return refused(std::strerror(errno));
  try {
    auto state = std::make_shared<State>(std::move(file));
    const NoSignals inherited;
    {
      const std::lock_guard lock(writers().mutex);
      ++writers().count;
    }
    std::thread([state] {
      state->work();
      const std::lock_guard lock(writers().mutex);
      --writers().count;
      writers().moved.notify_all();
    }).detach();
    std::unique_ptr<BackgroundFile> result(new BackgroundFile(std::move(state)));
    result->when_full_ = when_full;
    return result;
  } catch (const std::system_error& error) {
    const std::lock_guard lock(writers().mutex);
    --writers().count;
    return refused(error.code().message());
  }
}

BackgroundFile::BackgroundFile(std::shared_ptr<State> state) : state_(std::move(state)) {}

BackgroundFile::~BackgroundFile() {
  settle();
  const std::lock_guard lock(state_->mutex);
  state_->ended = true;
  state_->more.notify_all();
}

// What can never be taken any more take() has to say.
bool BackgroundFile::has_room() const noexcept {
  constexpr std::size_t ordinary = std::size_t{72} << 10U;  // a super-frame, its header, a comment
  return when_full_ == WhenFull::wait || state_->waiting() + ordinary <= most_waiting ||
         state_->failure.load(std::memory_order_relaxed) != 0;
}

BlockOutput::Took BackgroundFile::take(std::span<const std::span<const std::byte>> pieces) noexcept {
  State& state = *state_;
  if (state.failure.load(std::memory_order_relaxed) != 0) return Took::full;
  std::size_t length = 0;
  for (const auto& piece : pieces) length += piece.size();
  if (length > most_waiting) return Took::full;
  std::size_t waiting = state.waiting();
  if (waiting + length > most_waiting) {
    if (when_full_ == WhenFull::refuse) return Took::no_room;
    settle();
    waiting = state.waiting();
  }
  std::size_t at = state.given.load(std::memory_order_relaxed);
  for (const auto& piece : pieces) {
    const std::size_t offset = at & ring_mask;
    const std::size_t first = std::min(piece.size(), most_waiting - offset);
    std::memcpy(state.ring.get() + offset, piece.data(), first);
    std::memcpy(state.ring.get(), piece.data() + first, piece.size() - first);
    at += piece.size();
  }
  state.given.store(at, std::memory_order_release);
  // Once on the way up.
  if (waiting < enough_to_write && waiting + length >= enough_to_write) {
    const std::lock_guard lock(state.mutex);
    state.more.notify_all();
  }
  return Took::all;
}

void BackgroundFile::settle() noexcept {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  state.hurry = true;
  state.more.notify_all();
  if (when_full_ != WhenFull::wait) return;
  while (state.waiting() != 0) {
    state.hurry = true;
    state.more.notify_all();
    state.less.wait_for(lock, moment);
  }
}

std::string BackgroundFile::trouble() const {
  const int failure = state_->failure.load(std::memory_order_relaxed);
  return failure == 0 ? std::string() : std::strerror(failure);
}

bool finish_background_files() {
  std::unique_lock lock(writers().mutex);
  while (writers().count > 0) {
    const std::uint64_t seen = writers().writes;
    const unsigned before = writers().count;
    const bool moved = writers().moved.wait_for(
        lock, most_stillness, [&] { return writers().writes != seen || writers().count != before; });
    if (!moved) return false;
  }
  return true;
}

}  // namespace vmlan::host
