#include "arch/memory_disk.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace vmlan::arch {

// Blocks, so that a file that grows is never copied as a whole.
class MemoryDisk::Contents final : public Leftover {
 public:
  std::uint64_t size() const noexcept { return size_; }

  void append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      if (blocks_.empty() || blocks_.back().size() == block_size) blocks_.emplace_back();
      auto& block = blocks_.back();
      const auto part = bytes.first(std::min(bytes.size(), block_size - block.size()));
      block.insert(block.end(), part.begin(), part.end());
      bytes = bytes.subspan(part.size());
      size_ += part.size();
    }
  }

  std::size_t read(std::uint64_t from, std::span<std::byte> room) const {
    std::size_t length = 0;
    while (length < room.size() && from < size_) {
      const auto& block = blocks_[static_cast<std::size_t>(from / block_size)];
      const auto rest = std::span(block).subspan(static_cast<std::size_t>(from % block_size));
      const auto part = rest.first(std::min(rest.size(), room.size() - length));
      std::ranges::copy(part, room.subspan(length).begin());
      length += part.size();
      from += part.size();
    }
    return length;
  }

  bool is_one_part() const noexcept { return blocks_.size() <= blocks_per_part; }
  bool give_back_part() override {
    blocks_.resize(blocks_.size() - std::min(blocks_.size(), blocks_per_part));
    return !blocks_.empty();
  }

 private:
  static constexpr std::size_t block_size = std::size_t{64} << 10U;
  static constexpr std::size_t blocks_per_part = 4;
  std::vector<std::vector<std::byte>> blocks_;
  std::uint64_t size_ = 0;
};

class MemoryDisk::Reader final : public FileReader {
 public:
  explicit Reader(std::shared_ptr<const Contents> contents) noexcept : contents_(std::move(contents)) {}
  std::uint64_t size() const override { return contents_->size(); }
  std::optional<std::size_t> read(std::span<std::byte> room) override {
    const std::size_t length = contents_->read(read_, room);
    read_ += length;
    return length;
  }

 private:
  std::shared_ptr<const Contents> contents_;
  std::uint64_t read_ = 0;
};

class MemoryDisk::Writer final : public FileWriter {
 public:
  Writer(MemoryDisk& disk, std::string_view name)
      : disk_(disk), name_(name), contents_(new Contents, GiveBack{disk.leftovers_}) {}
  bool append(std::span<const std::byte> bytes) override {
    contents_->append(bytes);
    return true;
  }
  bool keep() override {
    disk_.files_.insert_or_assign(std::move(name_), std::move(contents_));
    return true;
  }

 private:
  // When the disk and the last reader have let go of it.
  struct GiveBack {
    Leftovers* leftovers;
    void operator()(Contents* contents) const {
      std::unique_ptr<Contents> left(contents);
      if (leftovers != nullptr && !left->is_one_part()) leftovers->add(std::move(left));
    }
  };

  MemoryDisk& disk_;
  std::string name_;
  std::shared_ptr<Contents> contents_;
};

std::unique_ptr<FileReader> MemoryDisk::open(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : std::make_unique<Reader>(found->second);
}

std::unique_ptr<FileWriter> MemoryDisk::create(std::string_view name) {
  return std::make_unique<Writer>(*this, name);
}

bool MemoryDisk::erase(std::string_view name) {
  const auto found = files_.find(name);
  if (found == files_.end()) return false;
  files_.erase(found);
  return true;
}

bool MemoryDisk::rename(std::string_view from, std::string_view to) {
  if (files_.contains(to)) return false;
  const auto found = files_.find(from);
  if (found == files_.end()) return false;
  auto file = files_.extract(found);
  file.key() = to;
  files_.insert(std::move(file));
  return true;
}

std::vector<std::string> MemoryDisk::list() const {
  std::vector<std::string> names;
  for (const auto& [name, contents] : files_) names.push_back(name);
  return names;
}

MemoryDisk::Usage MemoryDisk::usage() const {
  Usage usage{files_.size(), 0};
  for (const auto& [name, contents] : files_) usage.bytes += contents->size();
  return usage;
}

}  // namespace vmlan::arch
