// A folder that nobody else can look into, and that is gone with its contents when this object is.
//
// Threads: any.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

namespace vmlan::host {

class TemporaryFolder {
 public:
  // In $TMPDIR or /tmp; nothing, and errno: there is no room.
  static std::optional<TemporaryFolder> make();

  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace vmlan::host
