#include "host/background_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "host/waiting.h"

namespace vmlan::host {
namespace {

using Clock = std::chrono::steady_clock;

class ReaderThatWaits : public testing::Test {
 protected:
  ReaderThatWaits() {
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    EXPECT_GT(::fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
  }
  ~ReaderThatWaits() override {
    for (const int end : ends) ::close(end);
  }
  // At least so many bytes, ending so.
  std::string read(std::size_t bytes, std::string_view last) {
    std::string text;
    char part[4096];
    while (text.size() < bytes || !text.ends_with(last)) {
      const auto count = ::read(ends[0], part, sizeof part);
      if (count <= 0) break;
      text.append(part, static_cast<std::size_t>(count));
    }
    return text;
  }

  int ends[2] = {-1, -1};
};

TEST_F(ReaderThatWaits, GetsAllOfItInOrder) {
  BackgroundOutput output(1U << 20U);
  const int other = ::dup(ends[1]);
  std::string expected;
  for (int line = 0; line < 2000; ++line) {
    const std::string text = "line " + std::to_string(line) + "\n";
    output.write(line % 3 == 0 ? other : ends[1], text);
    expected += text;
  }
  EXPECT_EQ(read(0, "line 1999\n"), expected);
  EXPECT_EQ(output.finish(), "");
  ::close(other);
}

TEST_F(ReaderThatWaits, IsToldWhatIsMissingAndWhere) {
  BackgroundOutput output(10'000);
  const std::string kilobyte = std::string(999, 'x') + "\n";
  const auto start = Clock::now();
  for (int piece = 0; piece < 100; ++piece) output.write(ends[1], kilobyte);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  std::string text = read(10'000, "x\n");
  ASSERT_GT(::fcntl(ends[1], F_SETPIPE_SZ, 65'536), 0);
  output.finish();  // the rest finds room in the pipe
  output.write(ends[1], "end\n");
  text += read(0, "end\n");
  const auto arrived = static_cast<std::size_t>(std::count(text.begin(), text.end(), 'x')) / 999;
  const std::string missing = std::to_string((100 - arrived) * 1000);
  EXPECT_LT(arrived, 20U);
  EXPECT_TRUE(text.ends_with("x\n[" + missing + " bytes are missing here: nobody read them]\nend\n")) << text;
  EXPECT_EQ(output.finish(), missing + " bytes were not read");
}

TEST_F(ReaderThatWaits, ThatIsSlowIsWaitedForAlsoAfterAnInterruption) {
  catch_interruptions();
  BackgroundOutput output(100'000);
  output.write(ends[1], std::string(20'000, 'x'));
  ::raise(SIGINT);
  std::thread reader([this] {
    char part[2048];
    for (std::size_t bytes = 0; bytes < 20'000;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      bytes += static_cast<std::size_t>(std::max(::read(ends[0], part, sizeof part), ssize_t{0}));
    }
  });
  EXPECT_EQ(output.finish(), "");
  forget_interruption();
  reader.join();
}

TEST_F(ReaderThatWaits, ThatHasGoneIsNamed) {
  ignore_closed_readers();
  BackgroundOutput output(10'000);
  ::close(ends[0]);
  output.write(ends[1], "text\n");
  EXPECT_EQ(output.finish(), "Broken pipe");
  ends[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST_F(ReaderThatWaits, IsNotWaitedForAfterAnInterruption) {
  catch_interruptions();
  BackgroundOutput output(100'000);
  const auto in_the_pipe = static_cast<std::size_t>(::fcntl(ends[1], F_GETPIPE_SZ));
  output.write(ends[1], std::string(in_the_pipe + 46'000, 'x'));
  ::raise(SIGINT);
  const auto start = Clock::now();
  EXPECT_EQ(output.finish(), "46000 bytes were not read");
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
  forget_interruption();
  EXPECT_EQ(read(in_the_pipe + 46'000, "x").size(), in_the_pipe + 46'000);
}

}  // namespace
}  // namespace vmlan::host
