// A file that is about to lose its name, by an unlink or by another's taking it: the host gives back the
// space of a large one slowly, so it is shortened in parts, if nobody else has it open.
//
//   RetiredFile old(folder, name);  // before
//   ::unlinkat(...);
//   old.leave_to(leftovers);        // after
//
// Owns: a descriptor of the file. Threads: one.
#pragma once

#include <memory>

#include "arch/leftovers.h"
#include "host/descriptor.h"

namespace vmlan::host {

class RetiredFile {
 public:
  RetiredFile(const Descriptor& folder, const char* name);
  // A file that the caller has open for writing and that is nobody else's.
  explicit RetiredFile(Descriptor file) noexcept;
  void leave_to(arch::Leftovers* leftovers);

 private:
  Descriptor file_;
};

}  // namespace vmlan::host
