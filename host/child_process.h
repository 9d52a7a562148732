// A program of the host that is run for a moment, to hear what it says.
//
// Its three standard streams are one socket; it inherits nothing else but the environment. It leads a process
// group of its own, which is ended with this object: nothing survives it.
//
// Owns: the process and the socket to it. Threads: one at a time. Errors: the system's reason as text.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "arch/clock.h"
#include "host/descriptor.h"

namespace vmlan::host {

class ChildProcess {
 public:
  // What it says beyond that is read and forgotten, unless somebody wants more.
  static constexpr std::size_t usual_output = std::size_t{1} << 20U;

  // `command`: the program, a path or a name on the PATH, and its operands. `folder`: where it begins.
  static std::variant<ChildProcess, std::string> start(const std::vector<std::string>& command,
                                                       const std::string& folder,
                                                       std::size_t most_output = usual_output);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept
      : process_(std::exchange(other.process_, -1)),
        socket_(std::move(other.socket_)),
        output_(std::move(other.output_)),
        most_output_(other.most_output_),
        forgetful_(other.forgetful_) {}
  ChildProcess& operator=(ChildProcess&&) = delete;

  // What it has said so far, on both of its output streams.
  const std::string& output() const noexcept { return output_; }
  // Reads on until `enough` is true of the output: true. False: it closed its output, or `limit` has passed,
  // or somebody pressed Ctrl-C.
  bool read_until(const std::function<bool(std::string_view)>& enough, arch::Time limit);
  // Not all of what it said is in output().
  bool forgetful() const noexcept { return forgetful_; }
  // Until one of them has said something or closed its output, or `limit` from now has passed, or Ctrl-C.
  static void wait_any(std::span<const ChildProcess* const> children, arch::Time limit);
  // Takes what it has said meanwhile, without waiting; false: it has closed its output.
  bool take_output();
  // For its standard input; lost if it does not listen any more.
  void write(std::string_view text);
  // Its exit code, 128 + signal if a signal ended it; nothing: it still runs after `limit`.
  std::optional<int> wait(arch::Time limit);

 private:
  ChildProcess(pid_t process, Descriptor socket, std::size_t most_output)
      : process_(process), socket_(std::move(socket)), most_output_(most_output) {}

  void keep(std::string_view said);

  pid_t process_;
  Descriptor socket_;
  std::string output_;
  std::size_t most_output_;
  bool forgetful_ = false;
};

// How many processes this machine runs at once.
unsigned processors() noexcept;

}  // namespace vmlan::host
