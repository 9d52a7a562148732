// The minidisks a CMS session has accessed, by filemode letter, and the names of files on them.
//
// Owns: the table of accessed disks; the disks are the machine's, looked up anew at every use because a
// DETACH may have taken one away. Threads: the program's own turn.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/machine.h"
#include "cms/shell/operands.h"

namespace vmlan::cms {

// fn ft fm; a name part "*" matches any. `mode` is a letter A-Z or '*'.
struct FileId {
  std::string name;
  std::string type;
  char mode = 'A';

  // As the minidisk keys it: "FN FT".
  std::string disk_name() const { return name + " " + type; }
  // As messages show it: "FN FT A1".
  std::string text() const { return disk_name() + " " + mode + "1"; }
  bool is_pattern() const noexcept { return name == "*" || type == "*"; }
};

class Disks {
 public:
  explicit Disks(arch::Machine& machine) : machine_(machine) {}

  struct Accessed {
    char mode = 'A';
    arch::DeviceNumber device;
    arch::Minidisk* disk = nullptr;
  };

  // false: the machine has no minidisk there.
  bool access(char mode, arch::DeviceNumber device);
  // false: nothing was accessed under this mode.
  bool release(char mode);
  arch::Minidisk* disk(char mode) const;
  // In the order of their letters: CMS's search order.
  std::vector<Accessed> all() const;

  // The first existing file `id` names (mode '*': any accessed disk), with its mode filled in.
  std::optional<FileId> find(const FileId& id) const;
  // The file find() would name; nullptr = there is none.
  std::unique_ptr<arch::FileReader> open(const FileId& id) const;
  // A small file as a whole; nothing = also one of more than `most` bytes.
  std::optional<arch::FileContents> read(const FileId& id, std::size_t most) const;

 private:
  static constexpr std::size_t modes = 26;
  arch::Machine& machine_;
  std::array<std::optional<arch::DeviceNumber>, modes> devices_{};
};

// Why a file's name is not one; the text is what CMS says.
struct FileIdError {
  int return_code = 0;
  std::string number_and_text;  // "054E Incomplete fileid specified"
};

// Takes "fn ft [fm]" from `operands`; words longer than 8 characters are cut, as CMS does. A third word is
// taken as filemode only if it looks like one.
std::optional<FileId> take_file_id(Operands& operands, FileIdError& error, bool patterns = false);

}  // namespace vmlan::cms
