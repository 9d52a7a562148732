// What nobody needs any more and what takes long to give back to the host, as the bytes of a large file: it
// goes in parts, between users' turns.
//
// Owns: what was left. Threads: one.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace vmlan::arch {

class Leftover {
 public:
  virtual ~Leftover() = default;
  // One part, bounded. false = this was the last one.
  virtual bool give_back_part() = 0;
};

class Leftovers {
 public:
  // Each may keep a descriptor or memory: of more than these the oldest goes at once, however long that
  // takes.
  static constexpr std::size_t most = 64;

  void add(std::unique_ptr<Leftover> leftover) {
    all_.push_back(std::move(leftover));
    if (all_.size() > most) all_.pop_front();
  }
  bool empty() const noexcept { return all_.empty(); }
  // One part of the oldest.
  void give_back_part() {
    if (!all_.empty() && !all_.front()->give_back_part()) all_.pop_front();
  }

 private:
  std::deque<std::unique_ptr<Leftover>> all_;
};

}  // namespace vmlan::arch
