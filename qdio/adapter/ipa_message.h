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
  // z/VM's TCP/IP leaves the last field of the header out, and wants an answer of that length (a comment in
  // Hercules hyperion's qeth.c).
  static constexpr std::size_t least = sizeof(IpaHeader) - sizeof(IpaHeader::enabled);

  // A request shorter than its header is filled up with zeros; if it is shorter than `least`, whole() says
  // no.
  explicit IpaMessage(std::span<const std::byte> request)
      : bytes_(request.begin(), request.end()), whole_(request.size() >= least), asked_(request.size()) {
    if (asked_ < sizeof(IpaHeader)) bytes_.resize(sizeof(IpaHeader));
  }

  // An answer without data is no longer than the request was.
  void cut_as_asked() {
    if (whole_ && asked_ < sizeof(IpaHeader) && bytes_.size() == sizeof(IpaHeader)) bytes_.resize(asked_);
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
  std::size_t asked_;
};

}  // namespace vmlan::qdio
