#include "host/trace/capture_reader.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "host/trace/capture_format.h"
#include "host/trace/pcapng_blocks.h"

namespace vmlan::host {

CaptureReader::Format::Format(File file) : file_(std::move(file)) {
  if (std::fseek(file_.get(), 0, SEEK_END) != 0) return;  // a pipe has no size
  const long end = std::ftell(file_.get());
  size_ = end > 0 ? static_cast<std::uint64_t>(end) : 0;
  std::rewind(file_.get());
}

CaptureReader::Format::Got CaptureReader::Format::read(void* into, std::size_t length) {
  const std::size_t got = std::fread(into, 1, length, file_.get());
  if (got == length) return Got::all;
  if (std::ferror(file_.get()) != 0) return Got::error;
  return got == 0 ? Got::nothing : Got::part;
}

CaptureReader::CaptureReader(std::unique_ptr<Format> format) : format_(std::move(format)) {}
CaptureReader::~CaptureReader() = default;
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;

CaptureReader::Next CaptureReader::next(CaptureRecord& record) { return format_->next(record); }
const std::string& CaptureReader::damage() const noexcept { return format_->damage(); }
std::uint64_t CaptureReader::position() const noexcept { return format_->position(); }
std::uint64_t CaptureReader::size() const noexcept { return format_->size(); }

std::variant<CaptureReader, CaptureError> CaptureReader::open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return CaptureError{std::strerror(errno)};
  return open(file);
}

std::variant<CaptureReader, CaptureError> CaptureReader::open(std::FILE* opened) {
  File file(opened);
  std::uint32_t magic = 0;
  if (std::fread(&magic, sizeof(magic), 1, opened) != 1) {
    return CaptureError{std::ferror(opened) != 0 ? std::strerror(errno)
                                                 : "the file is too short for a capture"};
  }
  if (std::fseek(opened, 0, SEEK_SET) != 0) return CaptureError{"a trace has to be a file: it is read twice"};
  auto format = magic == pcapng::section_header ? open_pcapng(std::move(file)) : open_pcap(std::move(file));
  if (auto* error = std::get_if<CaptureError>(&format)) return std::move(*error);
  return CaptureReader(std::move(std::get<std::unique_ptr<Format>>(format)));
}

}  // namespace vmlan::host
