// A minidisk as a CMS file system sees it: named files, whole contents at a time.
//
// A deviation from the real thing, made on purpose: CMS formats blocks on a real minidisk; here the
// disk keeps files, so that a host folder can be one. Names are "FN FT", upper case, 1-8 characters each.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::arch {

using FileContents = std::vector<std::byte>;

class Minidisk {
 public:
  virtual ~Minidisk() = default;
  // nothing = no such file (or unreadable).
  virtual std::optional<FileContents> read(std::string_view name) const = 0;
  // false = read-only or the host refused.
  virtual bool write(std::string_view name, std::span<const std::byte> contents) = 0;
  virtual bool erase(std::string_view name) = 0;
  // Sorted by name.
  virtual std::vector<std::string> list() const = 0;
};

// A temporary disk in memory; gone when its owner is.
class MemoryDisk final : public Minidisk {
 public:
  std::optional<FileContents> read(std::string_view name) const override;
  bool write(std::string_view name, std::span<const std::byte> contents) override;
  bool erase(std::string_view name) override;
  std::vector<std::string> list() const override;

 private:
  std::map<std::string, FileContents, std::less<>> files_;
};

}  // namespace vmlan::arch
