// The program's two output streams. Nothing here throws or ends the program, whether a stream is closed, its
// reader gone or the disk full: that something was lost is told at the end, by the exit code.
//
// Threads: one at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace vmlan::apps {

// On standard output.
void print(std::string_view text) noexcept;
void print_line(std::string_view line) noexcept;
void flush_output() noexcept;
// From now on each line is seen when it is printed, also behind a pipe.
void show_lines_at_once() noexcept;

// From now on nobody waits here for who reads standard output or error (host/background_output.h): for a
// program on which others depend. Once, before anything else takes hold of the streams.
void wait_for_no_reader() noexcept;

// "vmlan: LINE" on standard error, after everything that was printed before it.
void print_error(std::string_view line) noexcept;

// Shows one line on standard error in place of the one before it, empty: none. Nothing if nobody sits there.
std::function<void(std::string_view)> progress_display();

// Why something that was printed did not reach standard output; empty: all of it did. Flushes,
// and waits until it is written.
std::string lost_output();

}  // namespace vmlan::apps
