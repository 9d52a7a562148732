#include "apps/system/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace vmlan::apps {

namespace {

// The reason of the first write that failed; the stream itself only keeps that one did.
int first_failure = 0;

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
    std::fwrite(part.data(), 1, part.size(), stderr);
  }
}

std::string lost_output() {
  flush_output();
  return first_failure == 0 ? std::string() : std::string(std::strerror(first_failure));
}

}  // namespace vmlan::apps
