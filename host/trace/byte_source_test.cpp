// Traces from pipes, files that grow and compressed files: nothing waits where it must not, and what comes
// bit by bit is read as what lies there at once.
#include "host/trace/byte_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/descriptor.h"
#include "host/trace/capture_reader.h"
#include "host/waiting.h"
#include "tests/kit/memory_source.h"
#include "tests/kit/trace_file.h"

namespace vmlan::host {
namespace {

using Next = CaptureReader::Next;

class Source : public ::testing::Test {
 protected:
  Source() {
    for (const int signal : signals) ::sigaction(signal, nullptr, &before_[signal == SIGINT ? 0 : 1]);
  }
  ~Source() override {
    forget_interruption();
    for (const int signal : signals) ::sigaction(signal, &before_[signal == SIGINT ? 0 : 1], nullptr);
  }

  static std::string name() {
    return std::string("vmlan-") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  static std::string trace(std::size_t records) {
    kit::PcapFile file;
    for (std::size_t i = 0; i < records; ++i)
      file.add(std::string(60 + i % 40, static_cast<char>('a' + i % 26)));
    return file.bytes;
  }
  // The error's message; empty = open.
  std::string open(const std::string& path, CaptureOptions options = {}) {
    auto opened = CaptureReader::open(path, options);
    if (const auto* error = std::get_if<CaptureError>(&opened)) {
      interrupted_ = error->interrupted;
      return error->message;
    }
    reader = std::make_unique<CaptureReader>(std::move(std::get<CaptureReader>(opened)));
    return {};
  }
  std::size_t read_all() {
    std::size_t count = 0;
    while (reader->wait_for_next(record) == Next::record) ++count;
    return count;
  }
  bool has_something(int milliseconds) const {
    pollfd polled{reader->descriptor(), POLLIN, 0};
    return ::poll(&polled, 1, milliseconds) > 0;
  }
  // Ctrl-C in 50 ms.
  static void interrupt_soon() {
    catch_interruptions();
    ::signal(SIGALRM, [](int) { ::raise(SIGINT); });
    itimerval soon{};
    soon.it_value.tv_usec = 50'000;
    ASSERT_EQ(::setitimer(ITIMER_REAL, &soon, nullptr), 0);
  }
  // What a program makes of a file.
  static std::string packed_by(const std::string& program, const std::string& path) {
    const std::string packed = path + ".packed";
    if (std::system((program + " -c " + path + " >" + packed).c_str()) != 0) return {};
    return packed;
  }

  static constexpr std::array signals{SIGINT, SIGALRM};
  std::unique_ptr<CaptureReader> reader;
  CaptureRecord record;
  bool interrupted_ = false;

 private:
  std::array<struct sigaction, signals.size()> before_{};
};

struct Fifo {
  explicit Fifo(const std::string& name) : path((std::filesystem::temp_directory_path() / name).string()) {
    ::unlink(path.c_str());
    ::mkfifo(path.c_str(), 0600);
  }
  ~Fifo() { ::unlink(path.c_str()); }
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;
  std::string path;
};

void put(const Descriptor& file, std::string_view bytes) {
  ASSERT_EQ(::write(file.number(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

TEST_F(Source, APipeIsReadAsFarAsItHasCome) {
  const Fifo fifo(name());
  const auto bytes = trace(2);
  // For the reader and the writer; a reader's open() doesn't wait, a writer's does.
  Descriptor in(::open(fifo.path.c_str(), O_RDWR));
  put(in, bytes.substr(0, 30));
  ASSERT_EQ(open(fifo.path), "");
  EXPECT_EQ(reader->next(record), Next::not_yet);
  EXPECT_FALSE(has_something(0));
  put(in, bytes.substr(30, 16 + 60));
  EXPECT_TRUE(has_something(0));
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(record.bytes.size(), 60U);
  EXPECT_EQ(reader->position(), 24U + 16 + 60);
  EXPECT_EQ(reader->next(record), Next::not_yet);
  put(in, bytes.substr(30 + 16 + 60));
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(record.bytes.size(), 61U);
  EXPECT_EQ(reader->next(record), Next::not_yet);
  in.reset();
  EXPECT_TRUE(has_something(0));
  EXPECT_EQ(reader->next(record), Next::end);
  EXPECT_EQ(reader->bytes_read(), bytes.size());
  EXPECT_EQ(reader->size(), 0U);
}

TEST_F(Source, APipeThatEndsInARecordIsDamaged) {
  const Fifo fifo(name());
  Descriptor in(::open(fifo.path.c_str(), O_RDWR));
  put(in, trace(1).substr(0, 60));
  ASSERT_EQ(open(fifo.path), "");
  in.reset();
  EXPECT_EQ(reader->wait_for_next(record), Next::damaged);
  EXPECT_EQ(reader->damage(), "the file ends in the middle of a record");
}

TEST_F(Source, CtrlCEndsTheWaitForAWriter) {
  const Fifo fifo(name());
  interrupt_soon();
  EXPECT_NE(open(fifo.path), "");
  EXPECT_TRUE(interrupted_);
}

TEST_F(Source, CtrlCEndsTheWaitForARecordOfEachKindOfSource) {
  const Fifo fifo(name());
  const Descriptor in(::open(fifo.path.c_str(), O_RDWR));
  put(in, trace(1));
  const kit::TemporaryFile file(name() + ".pcap", trace(1));
  for (const auto& [path, follow] : {std::pair{fifo.path, false}, {file.path(), true}}) {
    ASSERT_EQ(open(path, {follow}), "") << path;
    interrupt_soon();
    EXPECT_EQ(reader->wait_for_next(record), Next::record) << path;
    EXPECT_EQ(reader->wait_for_next(record), Next::interrupted) << path;
    forget_interruption();
  }
}

TEST_F(Source, CtrlCEndsTheWaitForMoreToUnpack) {
  const Fifo fifo(name());
  const Descriptor in(::open(fifo.path.c_str(), O_RDWR));
  put(in, std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10));
  interrupt_soon();
  EXPECT_NE(open(fifo.path), "");
  EXPECT_TRUE(interrupted_);
}

TEST_F(Source, ACompressedFileIsNotFollowed) {
  const kit::TemporaryFile file(name(), std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10));
  EXPECT_EQ(open(file.path(), {.follow = true}), "a compressed file (gzip) can't be followed while it grows");
}

TEST_F(Source, AFollowedFileGoesOnWhereItHasGrown) {
  const auto bytes = trace(3);
  kit::TemporaryFile file(name(), bytes.substr(0, 24 + 16 + 60 + 7));
  ASSERT_EQ(open(file.path(), {.follow = true}), "");
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(reader->next(record), Next::not_yet);
  EXPECT_TRUE(has_something(5000)) << "to look again";
  EXPECT_EQ(reader->next(record), Next::not_yet);
  EXPECT_FALSE(has_something(0)) << "not at once";
  std::ofstream(file.path(), std::ios::binary | std::ios::app) << bytes.substr(24 + 16 + 60 + 7);
  ASSERT_EQ(reader->wait_for_next(record), Next::record);
  EXPECT_EQ(record.bytes.size(), 61U);
  ASSERT_EQ(reader->next(record), Next::record);
  EXPECT_EQ(reader->next(record), Next::not_yet);
  EXPECT_EQ(reader->size(), bytes.size());
  std::filesystem::resize_file(file.path(), 30);
  EXPECT_EQ(reader->next(record), Next::damaged);
  EXPECT_EQ(reader->damage(), "the file can't be read any further: it has become shorter");
}

TEST_F(Source, WhatIsNoFileAndNoPipeIsRefusedBySystemsWords) {
  EXPECT_EQ(open("/nonexistent/file.pcap"), "No such file or directory");
  EXPECT_EQ(open(std::filesystem::temp_directory_path()), "Is a directory");
  EXPECT_EQ(open("/dev/null"), "the file is too short for a capture");
}

TEST_F(Source, CompressedFilesAreReadAsTheyAreUnpacked) {
  constexpr std::size_t records = 20'000;
  const kit::TemporaryFile file(name(), trace(records));
  for (const std::string program : {"gzip", "zstd -q", "xz -1", "bzip2", "lz4 -q"}) {
    const auto packed = packed_by(program, file.path());
    if (packed.empty()) continue;  // the program is not here
    ASSERT_EQ(open(packed), "") << program;
    EXPECT_TRUE(program.starts_with(reader->compression())) << program;
    EXPECT_EQ(read_all(), records) << program;
    EXPECT_EQ(reader->damage(), "") << program;
    EXPECT_EQ(reader->bytes_read(), std::filesystem::file_size(packed)) << program;
    EXPECT_EQ(reader->size(), std::filesystem::file_size(packed)) << program;
    EXPECT_EQ(reader->position(), std::filesystem::file_size(file.path())) << program;
    // Left in the middle: the thread has more than anybody reads.
    ASSERT_EQ(open(packed), "") << program;
    EXPECT_EQ(reader->wait_for_next(record), Next::record);
    reader.reset();
    // Cut: what has come is read.
    std::filesystem::resize_file(packed, std::filesystem::file_size(packed) / 2);
    if (const auto why = open(packed); why.empty()) {
      EXPECT_LT(read_all(), records) << program;
      EXPECT_TRUE(reader->damage().starts_with("the file can't be read any further: ")) << reader->damage();
    }
    std::filesystem::remove(packed);
  }
}

TEST_F(Source, ACompressedFileThatIsCutInItsHeaderIsNoCapture) {
  const kit::TemporaryFile file(name(), std::string("\x1f\x8b\x08\0", 4));
  EXPECT_EQ(open(file.path()), "the compressed file is cut in its header");
}

TEST_F(Source, CompressionIsToldByTheFirstBytes) {
  const auto compression = [](std::string_view bytes) {
    return compression_of(std::as_bytes(std::span(bytes)));
  };
  EXPECT_EQ(compression("\x1f\x8b\x08"), "gzip");
  EXPECT_EQ(compression("\x1f\x8b"), "");
  EXPECT_EQ(compression("BZh9"), "bzip2");
  EXPECT_EQ(compression(std::string_view("\xfd\x37zXZ\0", 6)), "xz");
  EXPECT_EQ(compression(trace(0)), "");
  EXPECT_EQ(compression(""), "");
}

TEST_F(Source, TheLongestBlocksAreReadInOnePieceAndALongerOneIsDamage) {
  const std::string longest(CaptureReader::longest_block, 'x');
  for (const std::size_t piece : {std::size_t{1} << 30U, std::size_t{100'000}}) {
    auto file = kit::PcapngFile().add("first").add(longest.substr(0, longest.size() - 32)).add("last");
    auto opened = CaptureReader::open(std::make_unique<kit::MemorySource>(file.bytes, piece));
    reader = std::make_unique<CaptureReader>(std::move(std::get<CaptureReader>(opened)));
    EXPECT_EQ(read_all(), 3U);
    EXPECT_EQ(reader->damage(), "");
    file.add(longest.substr(0, longest.size() - 31));
    auto again = CaptureReader::open(std::make_unique<kit::MemorySource>(file.bytes, piece));
    reader = std::make_unique<CaptureReader>(std::move(std::get<CaptureReader>(again)));
    EXPECT_EQ(read_all(), 3U);
    EXPECT_EQ(reader->damage(), "a block of 16777220 bytes: too long");
  }
}

TEST_F(Source, ARecordStaysWhereItIsUntilTheNextOne) {
  const auto bytes = trace(10'000);
  auto opened = CaptureReader::open(std::make_unique<kit::MemorySource>(bytes, 1000));
  reader = std::make_unique<CaptureReader>(std::move(std::get<CaptureReader>(opened)));
  for (std::size_t i = 0; i < 10'000; ++i) {
    ASSERT_EQ(reader->next(record), Next::record);
    const std::string_view text(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size());
    ASSERT_EQ(text, std::string(60 + i % 40, static_cast<char>('a' + i % 26))) << i;
  }
}

}  // namespace
}  // namespace vmlan::host
