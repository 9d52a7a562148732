#include "host/trace/capture_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "host/trace/capture_format.h"
#include "host/trace/pcapng_blocks.h"

namespace vmlan::host {

namespace {

using wire::LinkType;

struct LinkRow {
  std::uint32_t number;
  LinkType type;
  std::string_view name;
};

// The tcpdump project's list, as far as IP is found in it or a trace is likely to have it.
constexpr std::array link_rows{
    LinkRow{0, LinkType::loopback, "NULL"},
    LinkRow{1, LinkType::ethernet, "EN10MB"},
    LinkRow{6, LinkType::unsupported, "IEEE802"},
    LinkRow{9, LinkType::ppp, "PPP"},
    LinkRow{12, LinkType::raw_ip, "RAW"},  // what some systems wrote for 101
    LinkRow{14, LinkType::raw_ip, "RAW"},
    LinkRow{50, LinkType::ppp, "PPP_SERIAL"},
    LinkRow{51, LinkType::unsupported, "PPP_ETHER"},
    LinkRow{101, LinkType::raw_ip, "RAW"},
    LinkRow{104, LinkType::cisco_hdlc, "C_HDLC"},
    LinkRow{105, LinkType::unsupported, "IEEE802_11"},
    LinkRow{107, LinkType::unsupported, "FRELAY"},
    LinkRow{108, LinkType::loopback, "LOOP"},
    LinkRow{113, LinkType::linux_cooked, "LINUX_SLL"},
    LinkRow{127, LinkType::unsupported, "IEEE802_11_RADIO"},
    LinkRow{147, LinkType::unsupported, "USER0"},
    LinkRow{187, LinkType::unsupported, "BLUETOOTH_HCI_H4"},
    LinkRow{195, LinkType::unsupported, "IEEE802_15_4"},
    LinkRow{220, LinkType::unsupported, "USB_LINUX_MMAPPED"},
    LinkRow{228, LinkType::raw_ip, "IPV4"},
    LinkRow{229, LinkType::raw_ip, "IPV6"},
    LinkRow{276, LinkType::linux_cooked_v2, "LINUX_SLL2"},
};

const LinkRow* find_row(std::uint32_t number) noexcept {
  const auto row = std::find_if(link_rows.begin(), link_rows.end(),
                                [number](const LinkRow& candidate) { return candidate.number == number; });
  return row == link_rows.end() ? nullptr : &*row;
}

}  // namespace

std::string link_type_name(std::uint32_t number) {
  const LinkRow* row = find_row(number);
  return row == nullptr ? fmt::format("LINKTYPE {}", number) : std::string(row->name);
}

LinkType link_type_of(std::uint32_t number) noexcept {
  const LinkRow* row = find_row(number);
  return row == nullptr ? LinkType::unsupported : row->type;
}

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
