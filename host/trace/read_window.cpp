#include "host/trace/read_window.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vmlan::host {

// Of a small file no more is needed than all of it, and room to find its end.
ReadWindow::ReadWindow(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
  constexpr std::uint64_t smallest = 4096;
  const bool small = source_->descriptor() < 0 && source_->size() > 0 && source_->size() < usual_size;
  if (small) capacity_ = static_cast<std::size_t>(std::max(source_->size() + 1, smallest));
  buffer_ = std::make_unique_for_overwrite<std::byte[]>(capacity_);
}

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
