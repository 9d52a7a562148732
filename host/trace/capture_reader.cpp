#include "host/trace/capture_reader.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "host/trace/capture_format.h"
#include "host/trace/pcapng_blocks.h"
#include "host/waiting.h"

namespace vmlan::host {

namespace {

// false: interrupted.
bool wait_for_more(const ByteSource& source) {
  return wait_readable(source.descriptor(), std::nullopt) != Waited::interrupted;
}

// The next `length` bytes are there, or there are no more. false: interrupted.
bool wait_for_bytes(ReadWindow& window, std::size_t length) {
  while (window.peek(length) == nullptr && window.state() == ByteSource::State::not_yet) {
    if (!wait_for_more(window.source())) return false;
  }
  return true;
}

CaptureError interrupted_opening() { return {"interrupted", true}; }

}  // namespace

CaptureReader::CaptureReader(std::unique_ptr<Format> format, std::string_view compression)
    : format_(std::move(format)), compression_(compression) {}
CaptureReader::~CaptureReader() = default;
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;

CaptureReader::Next CaptureReader::next(CaptureRecord& record) { return format_->next(record); }
int CaptureReader::descriptor() const noexcept { return format_->window().source().descriptor(); }
const std::string& CaptureReader::damage() const noexcept { return format_->damage(); }
std::uint64_t CaptureReader::position() const noexcept { return format_->window().position(); }
std::uint64_t CaptureReader::bytes_read() const noexcept { return format_->window().source().bytes_read(); }
std::uint64_t CaptureReader::size() const noexcept { return format_->window().source().size(); }

CaptureReader::Next CaptureReader::wait_for_next(CaptureRecord& record) {
  for (;;) {
    const Next next = format_->next(record);
    if (next != Next::not_yet) return next;
    if (!wait_for_more(format_->window().source())) return Next::interrupted;
  }
}

std::variant<CaptureReader, CaptureError> CaptureReader::open(const std::string& path,
                                                              CaptureOptions options) {
  auto source = open_source(path, options.follow);
  if (auto* why = std::get_if<std::string>(&source)) return CaptureError{std::move(*why)};
  return open(std::move(std::get<std::unique_ptr<ByteSource>>(source)), options);
}

std::variant<CaptureReader, CaptureError> CaptureReader::open(std::unique_ptr<ByteSource> source,
                                                              CaptureOptions options) {
  ReadWindow window(std::move(source));
  if (!wait_for_bytes(window, compression_magic)) return interrupted_opening();
  const auto compression = compression_of(window.waiting());
  if (!compression.empty()) {
    // Its last bytes would never come out: unpacking goes on until it has a large piece, or the end.
    if (options.follow && window.source().size() > 0) {
      return CaptureError{
          fmt::format("a compressed file ({}) can't be followed while it grows", compression)};
    }
    const auto read = window.waiting();
    auto unpacked = unpack(compression, {read.begin(), read.end()}, window.release());
    if (auto* why = std::get_if<std::string>(&unpacked)) return CaptureError{std::move(*why)};
    window = ReadWindow(std::move(std::get<std::unique_ptr<ByteSource>>(unpacked)));
    if (!wait_for_bytes(window, sizeof(std::uint32_t))) return interrupted_opening();
  }
  if (window.state() == ByteSource::State::failed) return CaptureError{window.source().trouble()};
  const auto beginning = window.waiting();
  std::uint32_t magic = 0;
  if (beginning.size() < sizeof(magic)) return CaptureError{"the file is too short for a capture"};
  std::memcpy(&magic, beginning.data(), sizeof(magic));
  auto format =
      magic == pcapng::section_header ? make_pcapng(std::move(window)) : make_pcap(std::move(window));
  auto begun = Next::not_yet;
  while ((begun = format->begin()) == Next::not_yet) {
    if (!wait_for_more(format->window().source())) return interrupted_opening();
  }
  if (begun != Next::record) {
    return CaptureError{format->is_cut() ? "the file is too short for a capture" : format->damage()};
  }
  return CaptureReader(std::move(format), compression);
}

}  // namespace vmlan::host
