// Standard output and error of a program that waits for no reader: not for a terminal held by Ctrl-S, not for
// a pager, not for a slow disk.
//
// What is written goes into a bounded buffer, in its order, and a thread of its own writes it on. What finds
// no room is dropped, whole, and said in its place as soon as there is room again.
//
// Threads: any; the writing one takes no signals.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace vmlan::host {

class BackgroundOutput {
 public:
  // `most`: bytes that may wait.
  explicit BackgroundOutput(std::size_t most);
  // What still waits is lost, and a write that waits for its reader left behind: finish() first.
  ~BackgroundOutput();
  BackgroundOutput(const BackgroundOutput&) = delete;
  BackgroundOutput& operator=(const BackgroundOutput&) = delete;

  void write(int descriptor, std::string_view text);
  // Waits until everything is written; after an interruption of this process only while the reader takes
  // something each second. Then why something is lost; empty: nothing is.
  std::string finish();

 private:
  struct State;
  std::shared_ptr<State> state_;  // also the thread's, which may be left behind
};

// From now on stdout, as <cstdio> has it, writes through one. Returns a stream that reaches standard error in
// the same order, or stderr itself where nothing can be done in the background: what stderr is told, such as
// the last words of an assertion, arrives at once. Call it once; the buffering to set afterwards is the
// caller's.
std::FILE* write_standard_output_in_background();
// Flushes, and finish(); empty also if nothing is written in the background.
std::string finish_background_output();

}  // namespace vmlan::host
