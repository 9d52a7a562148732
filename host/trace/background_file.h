// A file of blocks that is written by a thread of its own: who gives it a block never waits for the disk.
//
// Blocks go into a bounded buffer; while that is full they are refused. In virtual time, which stands still
// meanwhile, the giver waits instead: the same calls give the same file.
//
// Owns: the file and the buffer. Threads: take() and settle() one; the writing one takes no signals, and is
// left behind with what it has to write when its owner goes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>

#include "host/trace/pcapng_writer.h"

namespace vmlan::host {

class BackgroundFile final : public BlockOutput {
 public:
  static constexpr std::size_t most_waiting = std::size_t{32} << 20U;  // bytes; a power of two

  enum class WhenFull : std::uint8_t { refuse, wait };
  // A file of this host user alone, empty, in place of one that is there. Or why not: somebody writes to it,
  // it is no plain file, and what the system says: "PATH: reason".
  static std::variant<std::unique_ptr<BackgroundFile>, std::string> create(const std::string& path,
                                                                           WhenFull when_full);
  ~BackgroundFile() override;
  BackgroundFile(const BackgroundFile&) = delete;
  BackgroundFile& operator=(const BackgroundFile&) = delete;

  bool has_room() const noexcept override;
  // full: something can't be written; trouble() says why.
  Took take(std::span<const std::span<const std::byte>> pieces) noexcept override;
  // What waits is written soon; with WhenFull::wait, now.
  void settle() noexcept;
  std::string trouble() const;

 private:
  struct State;
  explicit BackgroundFile(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;  // also the thread's
  WhenFull when_full_ = WhenFull::refuse;
};

// Waits until the files of all who have gone are written: for as long as something moves. false: something
// is left.
bool finish_background_files();

}  // namespace vmlan::host
