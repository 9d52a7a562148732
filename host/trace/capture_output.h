// Where a capture is written to by the program that reads it: a file, a pipe, standard output. It may wait
// for its reader; an interruption ends that.
//
// Owns: the file, not standard output. Threads: one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "host/descriptor.h"

namespace vmlan::host {

class CaptureOutput {
 public:
  // "-": standard output, unless a person sits there. A pipe of that name is waited for. The error: why not.
  static std::variant<CaptureOutput, std::string> open(const std::string& path);

  enum class Wrote { all, reader_gone, interrupted, failed };
  // failed: errno says why.
  Wrote write(std::span<const std::byte> bytes) noexcept;

 private:
  explicit CaptureOutput(int number, Descriptor file) : number_(number), file_(std::move(file)) {}

  int number_;
  Descriptor file_;
};

}  // namespace vmlan::host
