// What the two file formats have in common: an open file, its byte order, how far it has been read.
//
// For the files of this folder. Threads: one.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "host/trace/capture_reader.h"

namespace vmlan::host {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

class CaptureReader::Format {
 public:
  explicit Format(File file);
  virtual ~Format() = default;
  Format(const Format&) = delete;
  Format& operator=(const Format&) = delete;

  virtual Next next(CaptureRecord& record) = 0;
  const std::string& damage() const noexcept { return damage_; }
  std::uint64_t position() const noexcept { return position_; }
  std::uint64_t size() const noexcept { return size_; }

 protected:
  enum class Got : std::uint8_t { all, nothing, part, error };
  // The next `length` bytes of the file.
  Got read(void* into, std::size_t length);
  // What was read last was a record or block, whole: the next one begins here.
  void advance(std::uint64_t bytes) noexcept { position_ += bytes; }
  Next damaged(std::string why) {
    damage_ = std::move(why);
    return Next::damaged;
  }
  static Got in_the_middle(Got got) noexcept { return got == Got::nothing ? Got::part : got; }
  // The end of the file where a record could begin, or in the middle of one.
  Next ended(Got got) {
    if (got == Got::error) return damaged("the file can't be read any further");
    return got == Got::nothing ? Next::end : damaged("the file ends in the middle of a record");
  }

  std::uint16_t half(const void* at) const noexcept {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return other_order_ ? static_cast<std::uint16_t>(value >> 8U | value << 8U) : value;
  }
  std::uint32_t word(const void* at) const noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return other_order_ ? __builtin_bswap32(value) : value;
  }

  bool other_order_ = false;      // than this machine's
  std::vector<std::byte> block_;  // what the record's bytes lie in

 private:
  File file_;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
  std::string damage_;
};

// The file from its first byte on. Nothing but the reader, or why it is not of that format.
using OpenedFormat = std::variant<std::unique_ptr<CaptureReader::Format>, CaptureError>;
OpenedFormat open_pcap(File file);
OpenedFormat open_pcapng(File file);

}  // namespace vmlan::host
