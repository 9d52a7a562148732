// The records of one or several traces, merged by their times: of all that come next, the earliest; of equal
// ones, that of the first file.
//
// A file that can't be read to its end ends there; the others go on. Each one's own order is kept, also where
// its times go back.
//
// Owns: the open files. Threads: one.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "host/trace/capture_reader.h"

namespace vmlan::apps {

class TraceInputs {
 public:
  struct Error {
    std::string path;
    std::string message;
  };
  // Paths of files; "-" is standard input, once. After Ctrl-C: those that were open by then.
  static std::variant<TraceInputs, Error> open(const std::vector<std::string>& paths,
                                               const host::CaptureOptions& options);

  using Next = host::CaptureReader::Next;
  // record, end, damaged (once for each file that can't be read on; ask again), not_yet.
  Next next(host::CaptureRecord& record);
  // What to poll for POLLIN after not_yet.
  int descriptor() const noexcept { return waits_for_; }

  // Of the record that comes next, which stays where it is. Waits for it; nothing: there is none, or Ctrl-C
  // came.
  std::optional<arch::Time> first_time();

  struct Input {
    std::string path;
    host::CaptureReader reader;
    host::CaptureRecord head;
    bool has_head = false;
    bool ended = false;
    std::uint64_t records = 0;
    std::set<std::uint32_t> links;
  };
  const std::vector<Input>& all() const noexcept { return inputs_; }
  // Of what is stored; size 0: not known.
  std::uint64_t bytes_read() const noexcept;
  std::uint64_t size() const noexcept;

 private:
  TraceInputs() = default;
  static void note_record(Input& input);

  std::vector<Input> inputs_;
  std::size_t given_ = none;  // whose record is the caller's; it is read on when the next one is asked for
  int waits_for_ = -1;
  static constexpr std::size_t none = ~std::size_t{0};
};

}  // namespace vmlan::apps
