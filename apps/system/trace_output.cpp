#include "apps/system/trace_output.h"

#include <fmt/format.h>

#include "cp/product.h"

namespace vmlan::apps {

namespace {

using Took = host::BlockOutput::Took;

host::PcapngWriter::Date nanoseconds(guestlan::TraceSink::Date date) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(date.time_since_epoch());
}

// A trace and the file it goes to.
class TraceFile final : public guestlan::TraceSink {
 public:
  TraceFile(std::unique_ptr<host::BackgroundFile> file, std::string path, const std::string& application,
            std::uint64_t most)
      : file_(std::move(file)), path_(std::move(path)), trace_(*file_, application, most) {}

  std::uint32_t add_interface(const Interface& interface) override { return trace_.add_interface(interface); }
  bool has_room() const noexcept override { return trace_.has_room(); }
  void lose(std::uint32_t interface, unsigned frames) noexcept override { trace_.lose(interface, frames); }
  bool add(const Record& record) noexcept override { return trace_.add(record); }
  void settle(Date now) noexcept override {
    trace_.settle(now);
    file_->settle();
  }
  std::uint64_t lost() const noexcept override { return trace_.lost(); }
  std::string trouble() const override {
    const std::string of_the_file = file_->trouble();
    return of_the_file.empty() ? trace_.trouble() : of_the_file;
  }
  std::string place() const override { return path_; }

 private:
  std::unique_ptr<host::BackgroundFile> file_;
  std::string path_;
  PcapngTrace trace_;
};

}  // namespace

PcapngTrace::PcapngTrace(host::BlockOutput& output, const std::string& application, std::uint64_t most)
    : output_(output),
      most_(most),
      writer_(output, {"virtual QDIO adapters", cp::product_level, application}) {}

std::uint32_t PcapngTrace::add_interface(const Interface& interface) {
  const bool is_control = interface.link == Link::control;
  const auto link = is_control ? host::PcapngWriter::link_user0 : host::PcapngWriter::link_ethernet;
  return writer_.add_interface({interface.name, interface.description, link, interface.snap_length});
}

bool PcapngTrace::add(const Record& record) noexcept {
  host::PcapngWriter::Packet packet;
  packet.interface = record.interface;
  packet.date = nanoseconds(record.date);
  packet.inbound = record.inbound;
  packet.original_length = record.length;
  packet.comment = record.comment;
  constexpr std::uint64_t most_of_a_block = 512;  // besides the frame
  if (writer_.written() + record.length + most_of_a_block > most_) full_ = true;
  return !full_ && writer_.add(packet, record.pieces) != Took::full;
}

void PcapngTrace::settle(Date now) noexcept { writer_.add_statistics(nanoseconds(now)); }

std::string PcapngTrace::trouble() const {
  return full_ ? fmt::format("its file has {} MiB, the most it may have", most_ >> 20U) : std::string();
}

OpenedTrace open_trace_file(const std::filesystem::path& folder, std::string_view traceid,
                            host::BackgroundFile::WhenFull when_full, std::uint64_t most) {
  const std::string path = (folder / fmt::format("{}.pcapng", traceid)).string();
  auto file = host::BackgroundFile::create(path, when_full);
  if (auto* error = std::get_if<std::string>(&file)) return std::move(*error);
  return std::make_unique<TraceFile>(std::get<std::unique_ptr<host::BackgroundFile>>(std::move(file)), path,
                                     fmt::format("TRSOURCE ID {}", traceid), most);
}

bool finish_traces() { return host::finish_background_files(); }

}  // namespace vmlan::apps
