#include "host/background_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include "host/no_signals.h"
#include "host/waiting.h"

namespace vmlan::host {

namespace {

constexpr std::size_t most_waiting = 16U << 20U;
constexpr auto patience = std::chrono::seconds(1);
// A write returns when all of it is taken: a slow reader is to be seen taking something.
constexpr std::size_t one_write = 4096;

// 0, or why the rest can't be written.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd watched{descriptor, POLLOUT, 0};
      ::poll(&watched, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

struct BackgroundOutput::State {
  struct Piece {
    int descriptor;
    std::string text;
  };

  explicit State(std::size_t bytes) : most(bytes) {}

  // With the lock held.
  void add(int descriptor, std::string_view text) {
    waiting += text.size();
    if (!pieces.empty() && pieces.back().descriptor == descriptor && pieces.back().text.size() < 65'536) {
      pieces.back().text += text;
    } else {
      pieces.push_back({descriptor, std::string(text)});
    }
  }
  void work();

  const std::size_t most;
  std::mutex mutex;
  std::condition_variable more;     // to write, or the end
  std::condition_variable written;  // something was
  std::deque<Piece> pieces;
  std::size_t waiting = 0;    // bytes, those being written included
  std::uint64_t dropped = 0;  // bytes since room was last found
  std::uint64_t all_dropped = 0;
  std::uint64_t writes = 0;
  int failure = 0;  // the first that write(2) reported
  bool ended = false;
};

void BackgroundOutput::State::work() {
  std::unique_lock lock(mutex);
  while (true) {
    more.wait(lock, [this] { return ended || !pieces.empty(); });
    if (ended) return;
    const Piece piece = std::move(pieces.front());
    pieces.pop_front();
    for (std::string_view rest = piece.text; !rest.empty() && !ended;) {
      const std::string_view part = rest.substr(0, one_write);
      rest.remove_prefix(part.size());
      lock.unlock();
      const int error = write_all(piece.descriptor, part);
      lock.lock();
      if (failure == 0) failure = error;
      waiting -= part.size();
      ++writes;
      written.notify_all();
    }
  }
}

BackgroundOutput::BackgroundOutput(std::size_t most) : state_(std::make_shared<State>(most)) {
  const NoSignals inherited;
  std::thread([state = state_] { state->work(); }).detach();
}

BackgroundOutput::~BackgroundOutput() {
  const std::lock_guard lock(state_->mutex);
  state_->ended = true;
  state_->more.notify_all();
}

void BackgroundOutput::write(int descriptor, std::string_view text) {
  const std::lock_guard lock(state_->mutex);
  State& state = *state_;
  if (state.waiting + text.size() > state.most) {
    state.dropped += text.size();
    state.all_dropped += text.size();
    return;
  }
  if (state.dropped > 0) {
    state.add(descriptor, fmt::format("[{} bytes are missing here: nobody read them]\n", state.dropped));
    state.dropped = 0;
  }
  state.add(descriptor, text);
  state.more.notify_one();
}

std::string BackgroundOutput::finish() {
  std::unique_lock lock(state_->mutex);
  State& state = *state_;
  std::uint64_t seen = state.writes;
  while (state.waiting > 0) {
    const bool moved = state.written.wait_for(lock, patience, [&] { return state.writes != seen; });
    seen = state.writes;
    if (!moved && interrupted()) break;
  }
  if (state.failure != 0) return std::strerror(state.failure);
  const std::uint64_t missing = state.all_dropped + state.waiting;
  return missing == 0 ? std::string() : fmt::format("{} bytes were not read", missing);
}

namespace {

BackgroundOutput* standard = nullptr;  // for as long as the process lives

// A write that waits for a terminal makes tcsetattr wait too, which line editors call: it is not to wait. The
// flag belongs to whoever opened the terminal, often the shell: so it is opened again.
int not_waiting(int descriptor) {
  if (::isatty(descriptor) == 0) return descriptor;
  const auto path = fmt::format("/proc/self/fd/{}", descriptor);
  const int opened = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return opened < 0 ? descriptor : opened;
}

std::FILE* stream_onto(int descriptor) {
  static int descriptors[3];
  descriptors[descriptor] = not_waiting(descriptor);
  const cookie_io_functions_t functions = {nullptr,
                                           [](void* cookie, const char* text, std::size_t size) {
                                             standard->write(*static_cast<const int*>(cookie), {text, size});
                                             return static_cast<ssize_t>(size);
                                           },
                                           nullptr, nullptr};
  return ::fopencookie(&descriptors[descriptor], "w", functions);
}

}  // namespace

std::FILE* write_standard_output_in_background() {
  std::FILE* const out = stream_onto(STDOUT_FILENO);
  std::FILE* const errors = stream_onto(STDERR_FILENO);
  if (out == nullptr || errors == nullptr) return stderr;
  try {
    standard = std::make_unique<BackgroundOutput>(most_waiting).release();  // stdio writes until the very end
  } catch (const std::system_error&) {                                      // no thread is to be had
    return stderr;
  }
  std::fflush(stdout);
  std::setvbuf(out, nullptr, ::isatty(STDOUT_FILENO) != 0 ? _IOLBF : _IOFBF, BUFSIZ);
  std::setvbuf(errors, nullptr, _IONBF, 0);
  stdout = out;
  return errors;
}

std::string finish_background_output() {
  std::fflush(stdout);
  return standard == nullptr ? std::string() : standard->finish();
}

}  // namespace vmlan::host
