#include "host/trace/capture_reader.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vmlan::host {

namespace {

using wire::LinkType;

struct LinkRow {
  int number;  // libpcap's DLT_*
  LinkType type;
};

constexpr std::array link_rows{
    LinkRow{DLT_EN10MB, LinkType::ethernet},
    LinkRow{DLT_RAW, LinkType::raw_ip},
    LinkRow{DLT_IPV4, LinkType::raw_ip},
    LinkRow{DLT_IPV6, LinkType::raw_ip},
    LinkRow{DLT_NULL, LinkType::loopback},
    LinkRow{DLT_LOOP, LinkType::loopback},
    LinkRow{DLT_LINUX_SLL, LinkType::linux_cooked},
    LinkRow{DLT_LINUX_SLL2, LinkType::linux_cooked_v2},
    LinkRow{DLT_PPP, LinkType::ppp},
    LinkRow{DLT_PPP_SERIAL, LinkType::ppp},
    LinkRow{DLT_C_HDLC, LinkType::cisco_hdlc},
};

LinkType link_type_of(int number) noexcept {
  const auto row = std::find_if(link_rows.begin(), link_rows.end(),
                                [number](const LinkRow& candidate) { return candidate.number == number; });
  return row == link_rows.end() ? LinkType::unsupported : row->type;
}

// A time stamp may be anything; one before 1970 or beyond what nanoseconds can count is cut off.
arch::Time time_of(const timeval& stamp) noexcept {
  constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
  constexpr std::int64_t latest = arch::Time::max().count() / nanoseconds_per_second - 1;
  const auto seconds = std::clamp<std::int64_t>(stamp.tv_sec, 0, latest);
  // With nanosecond precision tv_usec holds nanoseconds.
  const auto fraction = std::clamp<std::int64_t>(stamp.tv_usec, 0, nanoseconds_per_second - 1);
  return arch::Time(seconds * nanoseconds_per_second + fraction);
}

}  // namespace

struct CaptureReader::Handle {
  explicit Handle(pcap_t* opened) noexcept : pcap(opened) {}
  ~Handle() { pcap_close(pcap); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  pcap_t* pcap;
};

CaptureReader::CaptureReader(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {
  const int number = pcap_datalink(handle_->pcap);
  const char* name = pcap_datalink_val_to_name(number);
  link_type_ = link_type_of(number);
  link_name_ = name == nullptr ? fmt::format("DLT {}", number) : std::string(name);
}

CaptureReader::~CaptureReader() = default;
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;

std::variant<CaptureReader, CaptureError> CaptureReader::open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return CaptureError{std::strerror(errno)};
  return open(file);
}

std::variant<CaptureReader, CaptureError> CaptureReader::open(std::FILE* file) {
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  pcap_t* pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why.data());
  if (pcap == nullptr) {
    std::fclose(file);
    return CaptureError{why.data()};
  }
  return CaptureReader(std::make_unique<Handle>(pcap));
}

CaptureReader::Next CaptureReader::next(CaptureRecord& record) {
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  const int result = pcap_next_ex(handle_->pcap, &header, &data);
  if (result == PCAP_ERROR_BREAK) return Next::end;  // the end of a file, in libpcap's words
  if (result != 1) {
    damage_ = pcap_geterr(handle_->pcap);
    return Next::damaged;
  }
  record.time = time_of(header->ts);
  record.original_length = header->len;
  record.bytes = std::as_bytes(std::span(data, header->caplen));
  return Next::record;
}

}  // namespace vmlan::host
