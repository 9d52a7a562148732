#include "host/trace/read_window.h"

#include <cstring>
#include <utility>

namespace vmlan::host {

ReadWindow::ReadWindow(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), buffer_(std::make_unique_for_overwrite<std::byte[]>(usual_size)) {}

bool ReadWindow::fill(std::size_t length) {
  using State = ByteSource::State;
  if (state_ == State::end || state_ == State::failed) return false;  // for ever
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // Each pass gets something or is the last.
  while (end_ < length) {
    if (end_ == capacity_) make_room();
    const auto got = source_->read({buffer_.get() + end_, capacity_ - end_});
    state_ = got.state;
    if (got.state != State::some) return false;
    end_ += got.length;
    received_ += got.length;
  }
  return true;
}

void ReadWindow::make_room() {
  auto larger = std::make_unique_for_overwrite<std::byte[]>(2 * capacity_);
  std::memcpy(larger.get(), buffer_.get(), end_);
  buffer_ = std::move(larger);
  capacity_ *= 2;
}

}  // namespace vmlan::host
