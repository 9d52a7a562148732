// The "savefile" format: a header for the file, then a header and bytes for each record.
#include <algorithm>
#include <array>

#include "host/trace/capture_format.h"

namespace vmlan::host {

namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::size_t file_header_size = 24;
constexpr std::size_t record_header_size = 16;
// Records longer than this and than the file's snap length are no records (libpcap's own limit).
constexpr std::uint32_t longest_record = 262'144;

struct Kind {
  std::uint32_t magic;
  std::int64_t nanoseconds_per_unit;
  std::size_t record_header;
};
constexpr std::array kinds{
    Kind{0xa1b2c3d4, 1000, record_header_size}, Kind{0xa1b23c4d, 1, record_header_size},
    Kind{0xa1b2cd34, 1000, record_header_size + 8},  // Kuznetzov's, of an old Linux
};

class PcapFormat final : public CaptureReader::Format {
 public:
  using Format::Format;

  // Empty = it is one.
  std::string read_header() {
    std::array<std::byte, file_header_size> header;
    const Got got = read(header.data(), header.size());
    if (got != Got::all) return "the file is too short for a capture";
    if (!find_kind(header.data())) return "unknown file format";
    const std::uint16_t major = half(&header[4]);
    minor_ = half(&header[6]);
    if (major != 2 && major != 543) return "pcap of an unknown version";
    snap_length_ = word(&header[16]);
    // The upper bits tell how long a frame check sequence is.
    constexpr std::uint32_t link_bits = 0x03ff'ffff;
    link_number_ = word(&header[20]) & link_bits;
    advance(header.size());
    return {};
  }

  CaptureReader::Next next(CaptureRecord& record) override {
    std::array<std::byte, record_header_size + 8> header;
    Got got = read(header.data(), kind_.record_header);
    if (got != Got::all) return ended(got);
    std::uint32_t length = word(&header[8]);
    std::uint32_t original = word(&header[12]);
    // Early versions had the two lengths the other way round (libpcap, sf-pcap.c).
    if (minor_ < 3 || (minor_ == 3 && length > original)) std::swap(length, original);
    if (length > std::max(snap_length_, longest_record) || length > CaptureReader::longest_block) {
      return damaged("a record says that it is longer than any record of this file");
    }
    block_.resize(length);
    if (length > 0) got = read(block_.data(), length);
    if (got != Got::all) return ended(in_the_middle(got));
    advance(kind_.record_header + length);
    record.time = time_of(word(&header[0]), word(&header[4]));
    record.original_length = std::max(original, length);
    record.link_number = link_number_;
    record.link = link_type_of(link_number_);
    record.bytes = block_;
    return CaptureReader::Next::record;
  }

 private:
  bool find_kind(const void* magic) noexcept {
    for (const bool other : {false, true}) {
      other_order_ = other;
      const auto found = std::find_if(kinds.begin(), kinds.end(),
                                      [&](const Kind& kind) { return kind.magic == word(magic); });
      if (found == kinds.end()) continue;
      kind_ = *found;
      return true;
    }
    return false;
  }
  // A fraction may be anything; one beyond a second carries over.
  arch::Time time_of(std::uint32_t seconds, std::uint32_t fraction) const noexcept {
    const auto nanoseconds = std::int64_t{fraction} * kind_.nanoseconds_per_unit;
    return arch::Time(std::int64_t{seconds} * nanoseconds_per_second + nanoseconds);
  }

  Kind kind_ = kinds[0];
  std::uint16_t minor_ = 0;
  std::uint32_t snap_length_ = 0;
  std::uint32_t link_number_ = 0;
};

}  // namespace

OpenedFormat open_pcap(File file) {
  auto format = std::make_unique<PcapFormat>(std::move(file));
  if (auto why = format->read_header(); !why.empty()) return CaptureError{std::move(why)};
  return format;
}

}  // namespace vmlan::host
