#include "apps/replay/replay_capture.h"

#include <limits>
#include <utility>

namespace vmlan::apps {

// The trace counts its interfaces from 0; the file has those of all traces.
class ReplayCapture::Part final : public guestlan::TraceSink {
 public:
  explicit Part(PcapngTrace& whole) : whole_(whole) {}

  std::uint32_t add_interface(const Interface& interface) override {
    numbers_.push_back(whole_.add_interface(interface));
    return static_cast<std::uint32_t>(numbers_.size() - 1);
  }
  bool has_room() const noexcept override { return whole_.has_room(); }
  void lose(std::uint32_t interface, unsigned frames) noexcept override {
    whole_.lose(numbers_[interface], frames);
  }
  bool add(const Record& record) noexcept override {
    Record renumbered = record;
    renumbered.interface = numbers_[record.interface];
    return whole_.add(renumbered);
  }
  std::string trouble() const override { return whole_.trouble(); }
  // The statistics come once, at the end.
  void settle(Date /*now*/) noexcept override {}
  std::uint64_t lost() const noexcept override { return whole_.lost(); }
  std::string place() const override { return {}; }

 private:
  PcapngTrace& whole_;
  std::vector<std::uint32_t> numbers_;
};

ReplayCapture::ReplayCapture(std::unique_ptr<host::BackgroundFile> file, const arch::Clock& clock)
    : clock_(clock),
      file_(std::move(file)),
      whole_(*file_, "vmlan replay", std::numeric_limits<std::uint64_t>::max()) {}

ReplayCapture::~ReplayCapture() = default;

std::variant<std::unique_ptr<ReplayCapture>, std::string> ReplayCapture::create(const std::string& path,
                                                                                const arch::Clock& clock) {
  auto file = host::BackgroundFile::create(path, host::BackgroundFile::WhenFull::wait);
  if (auto* error = std::get_if<std::string>(&file)) return std::move(*error);
  auto& made = std::get<std::unique_ptr<host::BackgroundFile>>(file);
  return std::unique_ptr<ReplayCapture>(new ReplayCapture(std::move(made), clock));
}

void ReplayCapture::watch(guestlan::Lan& lan) {
  parts_.push_back(std::make_unique<Part>(whole_));
  // Why it ends is asked for at the end: finish().
  const auto ended = [](guestlan::LanTrace::End) {};
  traces_.push_back(
      std::make_unique<guestlan::LanTrace>(clock_, guestlan::TraceChoice{}, *parts_.back(), ended));
  traces_.back()->start(lan);
}

std::string ReplayCapture::finish() {
  traces_.clear();
  whole_.settle(clock_.date());
  file_->settle();
  return file_->trouble();
}

}  // namespace vmlan::apps
