// A minidisk as a CMS file system sees it: named files, read and written front to back in parts.
//
// A deviation from the real thing, made on purpose: CMS formats blocks on a real minidisk; here the
// disk keeps files, so that a host folder can be one. Names are "FN FT", upper case, 1-8 characters each.
//
// A file may be large and a turn must not be: whoever runs in turns moves a bounded part in each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::arch {

using FileContents = std::vector<std::byte>;

// A file as it was when it was opened, whatever takes its place meanwhile. The disk outlives it.
class FileReader {
 public:
  virtual ~FileReader() = default;
  virtual std::uint64_t size() const = 0;
  // What comes next, up to the room's end; less only at the file's end. nothing = it can't be read (any
  // more).
  virtual std::optional<std::size_t> read(std::span<std::byte> room) = 0;
};

// A file in the making: on the disk, in place of one of its name, when keep() has said so; of one that is not
// kept nothing is left. The disk outlives it.
class FileWriter {
 public:
  virtual ~FileWriter() = default;
  // false = the host refused; there is no use in going on.
  virtual bool append(std::span<const std::byte> bytes) = 0;
  // Once, as the last.
  virtual bool keep() = 0;
};

class Minidisk {
 public:
  virtual ~Minidisk() = default;
  // nullptr = no such file (or unreadable).
  virtual std::unique_ptr<FileReader> open(std::string_view name) const = 0;
  // nullptr = read-only or the host refused.
  virtual std::unique_ptr<FileWriter> create(std::string_view name) = 0;
  virtual bool erase(std::string_view name) = 0;
  // false = also if there is a file `to` already.
  virtual bool rename(std::string_view from, std::string_view to) = 0;
  // Sorted by name.
  virtual std::vector<std::string> list() const = 0;
  struct Usage {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
  };
  virtual Usage usage() const = 0;

  // Whole files at once, for small ones and for those who run in no turn. nothing = also one of more than
  // `most` bytes.
  static constexpr std::uint64_t largest_whole = std::uint64_t{1} << 30U;
  std::optional<FileContents> read(std::string_view name, std::uint64_t most = largest_whole) const;
  bool write(std::string_view name, std::span<const std::byte> contents);
};

}  // namespace vmlan::arch
