// Bytes in memory as the source of a trace: in pieces, with pauses between them, with a fault at their end.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "host/trace/byte_source.h"

namespace vmlan::kit {

class MemorySource final : public host::ByteSource {
 public:
  // Of `bytes`, which stay there, at most `piece` at a time. `fault`: what happens at the end.
  explicit MemorySource(std::string_view bytes, std::size_t piece = ~std::size_t{0}, std::string fault = {})
      : bytes_(bytes), piece_(piece), fault_(std::move(fault)) {}

  // From now on there is nothing yet in front of each piece, once.
  void pause_between_pieces() noexcept { pauses_ = true; }

  Got read(std::span<std::byte> into) override {
    if (pauses_ && !std::exchange(has_paused_, true)) return {State::not_yet};
    has_paused_ = false;
    const std::size_t length = std::min({into.size(), piece_, bytes_.size() - at_});
    if (length == 0) return {fault_.empty() ? State::end : State::failed};
    std::memcpy(into.data(), bytes_.data() + at_, length);
    at_ += length;
    return {State::some, length};
  }
  std::string trouble() const override { return fault_; }
  std::uint64_t bytes_read() const noexcept override { return at_; }
  std::uint64_t size() const noexcept override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t piece_;
  std::string fault_;
  std::size_t at_ = 0;
  bool pauses_ = false;
  bool has_paused_ = false;
};

}  // namespace vmlan::kit
