#include "apps/replay/tcp_stream.h"

#include <algorithm>

namespace vmlan::apps {

// Sequence numbers are those nearest to what is expected next: they wrap every 4 GB.
std::int64_t TcpStream::offset_of(std::uint32_t sequence) const noexcept {
  const auto expected = first_ + static_cast<std::uint32_t>(length());
  return static_cast<std::int64_t>(length()) + static_cast<std::int32_t>(sequence - expected);
}

void TcpStream::add(std::uint32_t sequence, std::span<const std::byte> payload, bool fin) {
  if (broken_) return;
  auto offset = offset_of(sequence);
  const auto end = offset + static_cast<std::int64_t>(payload.size());
  if (end < 0) return;
  if (fin && !has_fin_) {
    has_fin_ = true;
    fin_at_ = static_cast<std::uint64_t>(end);
  }
  if (payload.empty() || cut_) return;
  if (offset < 0) {
    payload = payload.subspan(static_cast<std::size_t>(-offset));
    offset = 0;
  }
  auto at = static_cast<std::uint64_t>(offset);
  if (at > length()) {
    wait(at, payload);
  } else {
    const auto old = std::min<std::uint64_t>(length() - at, payload.size());
    if (!gaps_.empty()) patch(at, payload.first(old));
    append(payload.subspan(old));
  }
  join_waiting();
}

bool TcpStream::room_for(std::uint64_t bytes) noexcept {
  if (length() + bytes > limits_.most_bytes) cut_ = true;
  return !cut_;
}

void TcpStream::append(std::span<const std::byte> bytes) {
  if (bytes.empty() || !room_for(bytes.size())) return;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void TcpStream::fill_to(std::uint64_t offset) {
  const auto missing = offset - length();
  if (missing > limits_.largest_gap || gaps_.size() >= most_pieces) {
    broken_ = true;
    return;
  }
  if (!room_for(missing)) return;
  gaps_.emplace(length(), offset);
  bytes_.resize(offset);
}

// What a gap was filled for too early takes its place.
void TcpStream::patch(std::uint64_t offset, std::span<const std::byte> bytes) {
  const auto end = offset + bytes.size();
  for (auto gap = gaps_.begin(); gap != gaps_.end() && gap->first < end;) {
    const auto begin = gap->first;
    const auto gap_end = gap->second;
    if (gap_end <= offset) {
      ++gap;
      continue;
    }
    const auto from = std::max(begin, offset);
    const auto to = std::min(gap_end, end);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from - offset), to - from,
                bytes_.begin() + static_cast<std::ptrdiff_t>(from));
    gap = gaps_.erase(gap);
    if (begin < from) gaps_.emplace(begin, from);
    if (to < gap_end) gap = std::next(gaps_.emplace(to, gap_end).first);
  }
}

void TcpStream::wait(std::uint64_t offset, std::span<const std::byte> bytes) {
  const auto known = waiting_.find(offset);
  if (known != waiting_.end() && known->second.size() >= bytes.size()) return;
  if (known == waiting_.end() && waiting_.empty() && offset - length() > limits_.largest_gap) {
    broken_ = true;
    return;
  }
  auto& place = waiting_[offset];
  waiting_bytes_ += bytes.size() - place.size();
  place.assign(bytes.begin(), bytes.end());
  if (waiting_bytes_ > limits_.most_waiting || waiting_.size() > most_pieces)
    fill_to(waiting_.begin()->first);
}

void TcpStream::join_waiting() {
  while (!waiting_.empty() && !broken_ && (cut_ || waiting_.begin()->first <= length())) {
    const auto first = waiting_.begin();
    const auto old =
        std::min<std::uint64_t>(length() - std::min(length(), first->first), first->second.size());
    if (!gaps_.empty()) patch(first->first, std::span(first->second).first(old));
    append(std::span(first->second).subspan(old));
    waiting_bytes_ -= first->second.size();
    waiting_.erase(first);
  }
}

void TcpStream::acknowledge(std::uint32_t acknowledgment) {
  if (broken_ || cut_) return;
  auto offset = offset_of(acknowledgment);
  // A FIN has a number too, and no byte.
  if (has_fin_) offset = std::min(offset, static_cast<std::int64_t>(fin_at_));
  while (!broken_ && !cut_ && offset > static_cast<std::int64_t>(length())) {
    const auto to = static_cast<std::uint64_t>(offset);
    fill_to(waiting_.empty() ? to : std::min(to, waiting_.begin()->first));
    join_waiting();
  }
}

void TcpStream::end() {
  while (!waiting_.empty() && !broken_ && !cut_) {
    fill_to(waiting_.begin()->first);
    join_waiting();
  }
  if (has_fin_ && !broken_ && !cut_ && fin_at_ > length()) fill_to(fin_at_);
}

std::uint64_t TcpStream::gap_bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [begin, end] : gaps_) sum += end - begin;
  return sum;
}

}  // namespace vmlan::apps
