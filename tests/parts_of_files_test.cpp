// What a turn of one user costs the others does not grow with that user's files: bytes of files are counted,
// turn by turn.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "arch/memory_disk.h"
#include "cms/shell/cms.h"
#include "cms/shell/session.h"
#include "cp/control_program.h"

namespace vmlan {
namespace {

// Counts what is read and written.
class CountingDisk final : public arch::Minidisk {
 public:
  explicit CountingDisk(std::size_t& moved) : moved_(moved) {}
  std::unique_ptr<arch::FileReader> open(std::string_view name) const override {
    auto file = disk_.open(name);
    return file == nullptr ? nullptr : std::make_unique<Reader>(std::move(file), moved_);
  }
  std::unique_ptr<arch::FileWriter> create(std::string_view name) override {
    return std::make_unique<Writer>(disk_.create(name), moved_);
  }
  bool erase(std::string_view name) override { return disk_.erase(name); }
  bool rename(std::string_view from, std::string_view to) override { return disk_.rename(from, to); }
  std::vector<std::string> list() const override { return disk_.list(); }
  Usage usage() const override { return disk_.usage(); }

 private:
  class Reader final : public arch::FileReader {
   public:
    Reader(std::unique_ptr<arch::FileReader> file, std::size_t& moved)
        : file_(std::move(file)), moved_(moved) {}
    std::uint64_t size() const override { return file_->size(); }
    std::optional<std::size_t> read(std::span<std::byte> room) override {
      const auto length = file_->read(room);
      moved_ += length.value_or(0);
      return length;
    }

   private:
    std::unique_ptr<arch::FileReader> file_;
    std::size_t& moved_;
  };
  class Writer final : public arch::FileWriter {
   public:
    Writer(std::unique_ptr<arch::FileWriter> file, std::size_t& moved)
        : file_(std::move(file)), moved_(moved) {}
    bool append(std::span<const std::byte> bytes) override {
      moved_ += bytes.size();
      return file_->append(bytes);
    }
    bool keep() override { return file_->keep(); }

   private:
    std::unique_ptr<arch::FileWriter> file_;
    std::size_t& moved_;
  };

  arch::MemoryDisk disk_;
  std::size_t& moved_;
};

class Consoles final : public cp::ConsoleSink {
 public:
  void line(std::string_view console, std::string_view text) override {
    newest[std::string(console)] = text;
    ++lines;
  }
  std::map<std::string, std::string> newest;
  std::size_t lines = 0;
};

// ALICE and BOB with CMS on one LAN; of every round the bytes and lines of each user.
class PartsOfFiles : public testing::Test {
 protected:
  // A part read and one written, of two commands in one turn.
  static constexpr std::size_t bound = 4 * cms::file_part;

  PartsOfFiles()
      : system_({clock_, consoles_,
                 [](std::string_view, std::string_view, arch::Machine& machine) {
                   return cms::make_cms(machine);
                 },
                 [this](const std::string& path, bool) {
                   return std::make_unique<CountingDisk>(moved_[path]);
                 }}) {
    EXPECT_TRUE(system_
                    .load_directory("USER ALICE NOPASS 16M 32M G\n MDISK 191 HOST alice MR\n"
                                    "USER BOB NOPASS 16M 32M G\n MDISK 191 HOST bob MR\n",
                                    "USER DIRECT")
                    .empty());
    command("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
    for (const std::string user : {"ALICE", "BOB"}) {
      command(user, "LOGON " + user);
      command(user, "DEFINE NIC 0600 TYPE QDIO");
      command(user, "COUPLE 0600 TO SYSTEM LAN1");
      command(user, "IPL CMS");
      command(user, fmt::format("IFCONFIG 0600 10.1.1.{}", user == "ALICE" ? 1 : 2));
    }
    arch::Prng prng(1);
    for (auto& byte : contents_) byte = static_cast<std::byte>(prng.next());
    EXPECT_TRUE(disk("ALICE").write("BIG FILE", contents_));
    most_ = most_lines_ = 0;
    for (auto& [path, bytes] : moved_) bytes = 0;
  }

  arch::Minidisk& disk(std::string_view user) { return *system_.minidisk(user, {0x191}); }

  void command(const std::string& console, const std::string& line) {
    system_.type(console, line);
    wait(console);
  }
  void wait(const std::string& console) {
    const arch::Time end = clock_.now() + std::chrono::hours(1);
    for (settle(); !system_.can_read(console) && clock_.now() < end; settle()) {
      if (const auto next = system_.next_deadline()) clock_.advance_to(*next);
    }
  }
  void settle() {
    for (std::size_t lines = consoles_.lines; system_.run_turns(); lines = consoles_.lines) {
      most_lines_ = std::max(most_lines_, consoles_.lines - lines);
      for (auto& [path, bytes] : moved_) most_ = std::max(most_, std::exchange(bytes, 0));
    }
  }

  arch::FileContents contents_ = arch::FileContents(5'000'001);
  std::map<std::string, std::size_t> moved_;
  std::size_t most_ = 0;
  std::size_t most_lines_ = 0;
  arch::VirtualClock clock_;
  Consoles consoles_;
  cp::ControlProgram system_;
};

TEST_F(PartsOfFiles, AFileOverTcp) {
  system_.type("BOB", "TCPRECV COPY FILE");
  settle();
  command("ALICE", "TCPSEND BIG FILE TO 10.1.1.2");
  wait("BOB");
  EXPECT_EQ(consoles_.newest["BOB"], "Ready;");
  EXPECT_EQ(disk("BOB").read("COPY FILE"), contents_);
  EXPECT_GT(most_, 0U);
  EXPECT_LE(most_, bound);
}

TEST_F(PartsOfFiles, CopyAndCompare) {
  command("ALICE", "COPYFILE BIG FILE A SECOND = =");
  EXPECT_EQ(consoles_.newest["ALICE"], "Ready;");
  command("ALICE", "COMPARE BIG FILE A SECOND FILE A");
  EXPECT_EQ(consoles_.newest["ALICE"], "Ready;");
  EXPECT_LE(most_, bound);
  EXPECT_EQ(disk("ALICE").read("SECOND FILE"), contents_);
}

TEST_F(PartsOfFiles, ManyCommandsTypedAhead) {
  disk("ALICE").write("SMALL FILE", std::span(contents_).first(60'000));
  moved_["alice"] = 0;
  for (int copy = 0; copy < 12; ++copy) system_.type("ALICE", "COPYFILE SMALL FILE A SECOND = = (REPLACE");
  wait("ALICE");
  EXPECT_EQ(consoles_.newest["ALICE"], "Ready;");
  EXPECT_LE(most_, bound);
}

TEST_F(PartsOfFiles, AFileIsShownALimitedNumberOfLinesATurn) {
  const std::string lines(100'000, '\n');
  disk("ALICE").write("MANY LINES", std::as_bytes(std::span(lines)));
  moved_["alice"] = 0;
  const std::size_t before = consoles_.lines;
  command("ALICE", "TYPE MANY LINES");
  EXPECT_GT(consoles_.lines, before + lines.size());
  EXPECT_LE(most_lines_, 256U);
  command("ALICE", "TYPE BIG FILE");
  EXPECT_LE(most_, bound);
}

TEST_F(PartsOfFiles, NothingIsReadToBeRenamedOrMeasured) {
  command("ALICE", "RENAME BIG FILE A OTHER = =");
  command("ALICE", "QUERY DISK");
  command("ALICE", "ERASE OTHER FILE");
  EXPECT_EQ(consoles_.newest["ALICE"], "Ready;");
  EXPECT_EQ(most_, 0U);
}

TEST_F(PartsOfFiles, SettingsOfAnySizeAreRefusedInsteadOfRead) {
  disk("ALICE").write("ETC HOSTS", contents_);
  moved_["alice"] = 0;
  command("ALICE", "PING NOBODY");
  EXPECT_EQ(consoles_.newest["ALICE"], "Ready(00008);");
  EXPECT_EQ(most_, 0U);
}

TEST_F(PartsOfFiles, AnInterruptionEndsACopyAndNothingIsStored) {
  system_.type("ALICE", "COPYFILE BIG FILE A SECOND = =");
  for (int round = 0; round < 5; ++round) system_.run_turns();
  system_.type("ALICE", "#CP EXTERNAL");
  wait("ALICE");
  EXPECT_EQ(consoles_.newest["ALICE"], "Ready(00008);");
  EXPECT_EQ(disk("ALICE").open("SECOND FILE"), nullptr);
}

}  // namespace
}  // namespace vmlan
