#include "arch/leftovers.h"

#include <gtest/gtest.h>

#include <string>

namespace vmlan::arch {
namespace {

// Of two parts; writes down its name at each and a dot at its end.
class Noted final : public Leftover {
 public:
  Noted(std::string& notes, char name) : notes_(notes), name_(name) {}
  ~Noted() override { notes_ += '.'; }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;
  bool give_back_part() override {
    notes_ += name_;
    return ++parts_ < 2;
  }

 private:
  std::string& notes_;
  char name_;
  unsigned parts_ = 0;
};

TEST(Leftovers, GoInPartsTheOldestFirst) {
  std::string notes;
  Leftovers leftovers;
  leftovers.give_back_part();
  leftovers.add(std::make_unique<Noted>(notes, 'a'));
  leftovers.add(std::make_unique<Noted>(notes, 'b'));
  EXPECT_FALSE(leftovers.empty());
  for (unsigned part = 0; part < 3; ++part) leftovers.give_back_part();
  EXPECT_EQ(notes, "aa.b");
  leftovers.give_back_part();
  EXPECT_EQ(notes, "aa.bb.");
  EXPECT_TRUE(leftovers.empty());
}

TEST(Leftovers, AreBoundedInNumber) {
  std::string notes;
  Leftovers leftovers;
  for (std::size_t count = 0; count < Leftovers::most; ++count)
    leftovers.add(std::make_unique<Noted>(notes, 'x'));
  EXPECT_EQ(notes, "");
  leftovers.add(std::make_unique<Noted>(notes, 'x'));
  EXPECT_EQ(notes, ".");
}

}  // namespace
}  // namespace vmlan::arch
