// What the two file formats have in common: the bytes, their order, what is wrong with them.
//
// For the files of this folder. Threads: one.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "host/trace/capture_reader.h"
#include "host/trace/read_window.h"

namespace vmlan::host {

class CaptureReader::Format {
 public:
  explicit Format(ReadWindow window) : window_(std::move(window)) {}
  virtual ~Format() = default;
  Format(const Format&) = delete;
  Format& operator=(const Format&) = delete;

  // What stands in front of the first record. record: it is there; not_yet: once more.
  virtual Next begin() = 0;
  // After not_yet and damaged nothing has moved: the next call begins with the same byte.
  virtual Next next(CaptureRecord& record) = 0;
  const std::string& damage() const noexcept { return damage_; }
  // The file has ended where more was wanted.
  bool is_cut() const noexcept { return is_cut_; }
  const ReadWindow& window() const noexcept { return window_; }

 protected:
  Next damaged(std::string why) {
    damage_ = std::move(why);
    return Next::damaged;
  }
  // The window does not have what it was asked for, of a record that begins where it does.
  Next missing() {
    switch (window_.state()) {
      case ByteSource::State::not_yet:
        return Next::not_yet;
      case ByteSource::State::failed:
        return damaged("the file can't be read any further: " + window_.source().trouble());
      default:
        is_cut_ = true;
        return window_.waiting().empty() ? Next::end : damaged("the file ends in the middle of a record");
    }
  }

  std::uint16_t half(const std::byte* at) const noexcept {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return other_order_ ? __builtin_bswap16(value) : value;
  }
  std::uint32_t word(const std::byte* at) const noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return other_order_ ? __builtin_bswap32(value) : value;
  }

  ReadWindow window_;
  bool other_order_ = false;  // than this machine's

 private:
  std::string damage_;
  bool is_cut_ = false;
};

std::unique_ptr<CaptureReader::Format> make_pcap(ReadWindow window);
std::unique_ptr<CaptureReader::Format> make_pcapng(ReadWindow window);

}  // namespace vmlan::host
