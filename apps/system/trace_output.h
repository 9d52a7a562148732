// Traces of LANs as pcapng, for a file or whatever else takes blocks.
//
// Threads: the base's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "guestlan/trace_sink.h"
#include "host/trace/background_file.h"
#include "host/trace/pcapng_writer.h"

namespace vmlan::apps {

class PcapngTrace final : public guestlan::TraceSink {
 public:
  // `most` bytes, statistics not counted.
  PcapngTrace(host::BlockOutput& output, const std::string& application, std::uint64_t most);

  std::uint32_t add_interface(const Interface& interface) override;
  bool has_room() const noexcept override { return output_.has_room(); }
  void lose(std::uint32_t interface, unsigned frames) noexcept override { writer_.lose(interface, frames); }
  bool add(const Record& record) noexcept override;
  void settle(Date now) noexcept override;
  std::uint64_t lost() const noexcept override { return writer_.lost(); }
  std::string trouble() const override;
  std::string place() const override { return {}; }

 private:
  host::BlockOutput& output_;
  std::uint64_t most_;
  bool full_ = false;
  host::PcapngWriter writer_;
};

// A trace's file may grow to so many bytes; then the trace ends.
inline constexpr std::uint64_t most_trace_file = std::uint64_t{1} << 30U;

// FOLDER/TRACEID.pcapng, in place of one that is there; or why not.
using OpenedTrace = std::variant<std::unique_ptr<guestlan::TraceSink>, std::string>;
OpenedTrace open_trace_file(const std::filesystem::path& folder, std::string_view traceid,
                            host::BackgroundFile::WhenFull when_full, std::uint64_t most = most_trace_file);
// At the end of the program: waits while something is written. false: not all of it could be.
bool finish_traces();

}  // namespace vmlan::apps
