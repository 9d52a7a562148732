#include "host/retired_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace vmlan::host {
namespace {

// An unlink of so much takes as long as a part does.
constexpr off_t part = off_t{256} << 10U;

class ShortenedFile final : public arch::Leftover {
 public:
  ShortenedFile(Descriptor file, off_t size) noexcept : file_(std::move(file)), left_(size) {}
  bool give_back_part() override {
    left_ -= std::min(left_, part);
    return ::ftruncate(file_.number(), left_) == 0 && left_ > 0;
  }

 private:
  Descriptor file_;
  off_t left_;
};

// A lease for writing is given only if nobody else has the file open; without a name nobody can open it any
// more.
bool is_ours_alone(const Descriptor& file) {
  if (::fcntl(file.number(), F_SETLEASE, F_WRLCK) != 0) return false;
  return ::fcntl(file.number(), F_SETLEASE, F_UNLCK) == 0;
}

}  // namespace

RetiredFile::RetiredFile(const Descriptor& folder, const char* name) {
  Descriptor file(::openat(folder.number(), name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file && ::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > part)
    file_ = std::move(file);
}

RetiredFile::RetiredFile(Descriptor file) noexcept : file_(std::move(file)) {}

void RetiredFile::leave_to(arch::Leftovers* leftovers) {
  struct stat status {};
  if (!file_ || leftovers == nullptr || ::fstat(file_.number(), &status) != 0) return;
  if (status.st_nlink != 0 || status.st_size <= part || !is_ours_alone(file_)) return;
  leftovers->add(std::make_unique<ShortenedFile>(std::move(file_), status.st_size));
}

}  // namespace vmlan::host
