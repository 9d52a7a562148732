// The commands that go through whole files: TYPE, COPYFILE, COMPARE; a part of the file in each turn.
//
// An external interruption ends them. Owns: the open files. Threads: the program's turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "cms/shell/session.h"

namespace vmlan::cms {

class PartsOfFiles : public Activity {
 public:
  explicit PartsOfFiles(Session& session) : session_(session), begun_(session.machine.clock().now()) {}
  std::optional<int> poll() final;
  // There is always something to do.
  std::optional<arch::Time> deadline() const final { return begun_; }
  void interrupt() final { interrupted_ = true; }

 protected:
  static constexpr int interrupted = 8;
  virtual std::optional<int> part() = 0;
  // nothing = the host refuses.
  std::optional<arch::FileContents> read(arch::FileReader& file);
  bool enough() const noexcept { return read_ >= file_part; }
  Session& session() noexcept { return session_; }

 private:
  Session& session_;
  arch::Time begun_;
  std::size_t read_ = 0;  // in this turn
  bool interrupted_ = false;
};

class TypeFile final : public PartsOfFiles {
 public:
  // A longer line is shown as several.
  static constexpr std::size_t longest_line = 65'535;
  static constexpr unsigned lines_per_turn = 64;

  TypeFile(Session& session, FileId id, std::unique_ptr<arch::FileReader> file);

 private:
  std::optional<int> part() override;

  FileId id_;
  std::unique_ptr<arch::FileReader> file_;
  bool read_all_ = false;
  std::string text_;       // as far as it was read
  std::size_t shown_ = 0;  // of text_
};

class CopyFile final : public PartsOfFiles {
 public:
  CopyFile(Session& session, FileId from, std::unique_ptr<arch::FileReader> reader, FileId to,
           std::unique_ptr<arch::FileWriter> writer);

 private:
  std::optional<int> part() override;

  FileId from_;
  FileId to_;
  std::unique_ptr<arch::FileReader> reader_;
  std::unique_ptr<arch::FileWriter> writer_;
  std::uint64_t copied_ = 0;
};

class CompareFiles final : public PartsOfFiles {
 public:
  struct Side {
    FileId id;
    std::unique_ptr<arch::FileReader> file;
  };
  CompareFiles(Session& session, Side one, Side two);

 private:
  std::optional<int> part() override;
  int fail_reading(const FileId& id);
  int fail_shorter(const FileId& id);

  Side one_;
  Side two_;
  std::uint64_t equal_ = 0;
};

}  // namespace vmlan::cms
