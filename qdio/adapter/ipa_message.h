// An IPA command being turned into its reply: a copy of the request, in which the answer's fields are put.
// Every access is bounded.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "qdio/adapter/ipa_blocks.h"
#include "qdio/adapter/ipa_codes.h"

namespace vmlan::qdio {

class IpaMessage {
 public:
  // A request shorter than its header is filled up with zeros; whole() then says no.
  explicit IpaMessage(std::span<const std::byte> request)
      : bytes_(request.begin(), request.end()), whole_(request.size() >= sizeof(IpaHeader)) {
    if (!whole_) bytes_.resize(sizeof(IpaHeader));
  }

  bool whole() const noexcept { return whole_; }
  IpaHeader header() const noexcept { return *read<IpaHeader>(0); }
  void set_header(const IpaHeader& header) noexcept { write(0, header); }

  template <class Block>
  requires std::is_trivially_copyable_v<Block> std::optional<Block> read(std::size_t offset)
  const noexcept {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(Block)) return std::nullopt;
    Block block;
    std::memcpy(static_cast<void*>(&block), bytes_.data() + offset, sizeof(block));
    return block;
  }

  // The answer may be longer than the request was.
  template <class Block>
  requires std::is_trivially_copyable_v<Block>
  void write(std::size_t offset, const Block& block) {
    if (bytes_.size() < offset + sizeof(Block)) bytes_.resize(offset + sizeof(Block));
    std::memcpy(bytes_.data() + offset, static_cast<const void*>(&block), sizeof(block));
  }

  void append(std::span<const std::byte> more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  void resize(std::size_t length) { bytes_.resize(length); }
  const std::vector<std::byte>& bytes() const noexcept { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  bool whole_;
};

}  // namespace vmlan::qdio
