#include "apps/system/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/background_output.h"
#include "host/standard_streams.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

// The reason of the first write that failed; the stream itself only keeps that one did.
int first_failure = 0;

std::FILE* errors = nullptr;  // nullptr: stderr itself

void note(bool succeeded) noexcept {
  if (!succeeded && first_failure == 0) first_failure = errno != 0 ? errno : EIO;
}

// What fwrite and fflush return is not enough: of a stream that is flushed at each line end, glibc drops a
// line that it could not write and says that all went well.
void note_after(bool succeeded) noexcept { note(succeeded && std::ferror(stdout) == 0); }

}  // namespace

void print(std::string_view text) noexcept {
  errno = 0;
  note_after(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

void print_line(std::string_view line) noexcept {
  print(line);
  print("\n");
}

void flush_output() noexcept {
  errno = 0;
  note_after(std::fflush(stdout) == 0);
}

void show_lines_at_once() noexcept { std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ); }

void print_error(std::string_view line) noexcept {
  flush_output();
  for (const std::string_view part : {std::string_view("vmlan: "), line, std::string_view("\n")}) {
    std::fwrite(part.data(), 1, part.size(), errors != nullptr ? errors : stderr);
  }
}

std::function<void(std::string_view)> progress_display() {
  if (!host::is_terminal(host::standard_error)) return nullptr;
  return [](std::string_view line) {
    constexpr std::string_view to_begin_and_clear = "\r\x1b[K";
    std::fwrite(to_begin_and_clear.data(), 1, to_begin_and_clear.size(), stderr);
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
  };
}

void wait_for_no_reader() noexcept { errors = host::write_standard_output_in_background(); }

std::string lost_output() {
  flush_output();
  const std::string reason = host::finish_background_output();
  // What is said of it must not wait behind it.
  if (!reason.empty() && host::takes_more(host::standard_error)) errors = nullptr;
  return first_failure == 0 ? reason : std::string(std::strerror(first_failure));
}

}  // namespace vmlan::apps
