// The "savefile" format: a header for the file, then a header and bytes for each record.
#include <algorithm>
#include <array>
#include <utility>

#include "host/trace/capture_format.h"
#include "host/trace/foreign_formats.h"
#include "host/trace/link_types.h"

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
  std::size_t file_header;
  std::size_t record_header;
};
constexpr std::array kinds{
    Kind{0xa1b2c3d4, 1000, file_header_size, record_header_size},
    Kind{0xa1b23c4d, 1, file_header_size, record_header_size},
    Kind{0xa1b2cd34, 1000, file_header_size, record_header_size + 8},  // Kuznetzov's, of an old Linux
    // Ixia's two, with the length of all records behind the header (Wireshark, wiretap/libpcap.c).
    Kind{0x1c0001ac, 1000, file_header_size + 4, record_header_size},
    Kind{0x1c0001ab, 1000, file_header_size + 4, record_header_size},
};

class PcapFormat final : public CaptureReader::Format {
 public:
  using Format::Format;
  using Next = CaptureReader::Next;

  Next begin() override {
    const std::byte* header = window_.peek(sizeof(Kind::magic));
    if (header == nullptr) return missing();
    if (!find_kind(header)) return unknown();
    header = window_.peek(kind_.file_header);
    if (header == nullptr) return missing();
    const std::uint16_t major = half(header + 4);
    const std::uint16_t minor = half(header + 6);
    if (major != 2 && major != 543) return damaged("pcap of an unknown version");
    // libpcap, sf-pcap.c; 543.0 is DG/UX.
    if (minor <= 3 || major == 543)
      lengths_ = minor == 3 && major == 2 ? Lengths::in_doubt : Lengths::swapped;
    longest_ = std::min(std::max(word(header + 16), longest_record), CaptureReader::longest_block);
    // The upper bits tell how long a frame check sequence is.
    constexpr std::uint32_t link_bits = 0x03ff'ffff;
    link_number_ = word(header + 20) & link_bits;
    link_ = link_type_of(link_number_);
    window_.take(kind_.file_header);
    return Next::record;
  }

  Next next(CaptureRecord& record) override {
    const std::byte* header = window_.peek(kind_.record_header);
    if (header == nullptr) return missing();
    const std::uint32_t seconds = word(header);
    const std::uint32_t fraction = word(header + 4);
    std::uint32_t length = word(header + 8);
    std::uint32_t original = word(header + 12);
    if (lengths_ == Lengths::swapped || (lengths_ == Lengths::in_doubt && length > original)) {
      std::swap(length, original);
    }
    if (length > longest_) return damaged("a record says that it is longer than any record of this file");
    const std::byte* whole = window_.peek(kind_.record_header + length);
    if (whole == nullptr) return missing();
    window_.take(kind_.record_header + length);
    set_time(record, seconds, fraction);
    record.original_length = std::max(original, length);
    record.interface = 0;
    record.link_number = link_number_;
    record.link = link_;
    record.bytes = {whole + kind_.record_header, length};
    return Next::record;
  }

 private:
  enum class Lengths : std::uint8_t { in_order, in_doubt, swapped };

  // Of a pipe too as much is looked at as it takes: the answer is the same however it comes.
  Next unknown() {
    if (window_.peek(foreign_format_bytes) == nullptr && window_.state() == ByteSource::State::not_yet)
      return Next::not_yet;
    const auto waiting = window_.waiting();
    auto foreign = foreign_format(waiting.first(std::min(waiting.size(), foreign_format_bytes)));
    return damaged(foreign.empty() ? "unknown file format" : std::move(foreign));
  }
  bool find_kind(const std::byte* magic) noexcept {
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
  // A fraction may be anything; one beyond a second carries over. Neither can get beyond 2^63 ns.
  void set_time(CaptureRecord& record, std::uint32_t seconds, std::uint32_t fraction) const noexcept {
    const auto nanoseconds = std::int64_t{fraction} * kind_.nanoseconds_per_unit;
    record.time = arch::Time(std::int64_t{seconds} * nanoseconds_per_second + nanoseconds);
    record.time_flaw = nanoseconds < nanoseconds_per_second ? TimeFlaw::none : TimeFlaw::carried;
  }

  Kind kind_ = kinds[0];
  Lengths lengths_ = Lengths::in_order;
  std::uint32_t longest_ = longest_record;
  std::uint32_t link_number_ = 0;
  wire::LinkType link_ = wire::LinkType::unsupported;
};

}  // namespace

std::unique_ptr<CaptureReader::Format> make_pcap(ReadWindow window) {
  return std::make_unique<PcapFormat>(std::move(window));
}

}  // namespace vmlan::host
