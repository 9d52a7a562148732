// A temporary disk in memory; gone when its owner is.
//
// Owns: the files' bytes, with those who read them. Threads: one.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "arch/leftovers.h"
#include "arch/minidisk.h"

namespace vmlan::arch {

class MemoryDisk final : public Minidisk {
 public:
  // What is erased and replaced is given back at once.
  MemoryDisk() = default;
  // It goes to `leftovers`, which outlive the disk and its readers, unless that is nullptr.
  explicit MemoryDisk(Leftovers* leftovers) noexcept : leftovers_(leftovers) {}

  std::unique_ptr<FileReader> open(std::string_view name) const override;
  std::unique_ptr<FileWriter> create(std::string_view name) override;
  bool erase(std::string_view name) override;
  bool rename(std::string_view from, std::string_view to) override;
  std::vector<std::string> list() const override;
  Usage usage() const override;

 private:
  class Contents;
  class Reader;
  class Writer;

  Leftovers* leftovers_ = nullptr;
  std::map<std::string, std::shared_ptr<const Contents>, std::less<>> files_;
};

}  // namespace vmlan::arch
