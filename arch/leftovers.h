// What nobody needs any more and what takes long to give back to the host, as the bytes of a large file: it
// goes in parts, between users' turns.
//
// Owns: what was left. Threads: one.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace vmlan::arch {

class Leftover {
 public:
  virtual ~Leftover() = default;
  // One part, bounded. false = this was the last one.
  virtual bool give_back_part() = 0;
};

class Leftovers {
 public:
  void add(std::unique_ptr<Leftover> leftover) { all_.push_back(std::move(leftover)); }
  bool empty() const noexcept { return all_.empty(); }
  // One part of one of them.
  void give_back_part() {
    if (!all_.empty() && !all_.back()->give_back_part()) all_.pop_back();
  }

 private:
  std::vector<std::unique_ptr<Leftover>> all_;
};

}  // namespace vmlan::arch
