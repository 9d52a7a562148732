// Where the bytes of a trace come from: a file, standard input, a pipe, a file that still grows; unpacked, if
// they are compressed; memory, for tests.
//
// Reading never waits, but for a disk: who finds nothing polls a descriptor, together with whatever else it
// waits for.
//
// Owns: what it reads from, not standard input. Errors: a text. Threads: one; unpacking has one of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vmlan::host {

class ByteSource {
 public:
  enum class State : std::uint8_t {
    some,     // at least one byte
    not_yet,  // now; descriptor() tells when to ask again
    end,
    failed,  // trouble() says why
  };
  struct Got {
    State state = State::end;
    std::size_t length = 0;  // of `some`
  };

  virtual ~ByteSource() = default;
  // As many of the next bytes as there are now.
  virtual Got read(std::span<std::byte> into) = 0;
  // Can be read (POLLIN) when asking again after not_yet is worth it. -1: not_yet never comes. Always the
  // same.
  virtual int descriptor() const noexcept { return -1; }
  virtual std::string trouble() const { return {}; }
  // Of the file as it is stored: how much of it has been read, and all of it (0: not known).
  virtual std::uint64_t bytes_read() const noexcept = 0;
  virtual std::uint64_t size() const noexcept { return 0; }
};

// The source, or why there is none.
using OpenedSource = std::variant<std::unique_ptr<ByteSource>, std::string>;

// "-": standard input, unless a person sits there. A pipe of that name ends when all who write to it have
// gone; until one comes there is nothing to read. follow: a plain file has no end, only nothing more yet.
OpenedSource open_source(const std::string& path, bool follow);

// "gzip", "zstd", "xz", "bzip2" or "lz4", by the first bytes; empty: neither of them.
std::string_view compression_of(std::span<const std::byte> beginning) noexcept;
inline constexpr std::size_t compression_magic = 6;  // bytes that compression_of() looks at

// What is in a compressed source, of which `beginning` has been read already. It comes in pieces of some 64
// KiB: the last of what has come through a pipe when the pipe ends.
OpenedSource unpack(std::string_view compression, std::vector<std::byte> beginning,
                    std::unique_ptr<ByteSource> packed);

}  // namespace vmlan::host
