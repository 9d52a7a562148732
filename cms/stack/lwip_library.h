// One private copy of lwIP's shared library, with data of its own.
//
// The loader takes two libraries for one if their names or their inodes are equal. So the bytes of the
// installed library go into a file that exists only in memory (or, where that may not be executed, into
// a temporary file removed at once), and that file is loaded under a name never used before.
//
// Owns: the loaded copy, unloaded with the object; no descriptor stays open.
#pragma once

#include <memory>
#include <string>

namespace vmlan::cms {

class LwipLibrary {
 public:
  // Where the copy's bytes lie while they are loaded.
  enum class Medium { memory, temporary_file };

  // Does now what would make the first load() take some milliseconds longer than the others; one that can't
  // be loaded tells the first user.
  static void prepare();
  // nullptr: `error` says why, for a message.
  static std::unique_ptr<LwipLibrary> load(std::string& error);
  static std::unique_ptr<LwipLibrary> load_from(Medium medium, std::string& error);
  ~LwipLibrary();
  LwipLibrary(const LwipLibrary&) = delete;
  LwipLibrary& operator=(const LwipLibrary&) = delete;

  // nullptr if this build of lwIP has no such symbol.
  void* symbol(const char* name) const;

 private:
  explicit LwipLibrary(void* handle) : handle_(handle) {}
  void* handle_;
};

}  // namespace vmlan::cms
