#include "host/trace/packet_filter.h"

#include <pcap/pcap.h>

#include <utility>

namespace vmlan::host {

struct PacketFilter::Program {
  Program() = default;
  ~Program() { ::pcap_freecode(&code); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bpf_program code{};
};

namespace {

// A file's number and a program's are the same but for a few that differ from system to system (pcap/dlt.h).
int program_link_type(std::uint32_t link_number) noexcept {
  constexpr std::uint32_t raw = 101;
  return link_number == raw ? DLT_RAW : static_cast<int>(link_number);
}

}  // namespace

std::variant<PacketFilter, std::string> PacketFilter::compile(const std::string& text,
                                                              std::uint32_t link_number) {
  if (text.empty()) return PacketFilter(nullptr);
  if (text.find('\0') != std::string::npos) return "a filter is text";
  constexpr int longest_frame = 1 << 18;
  struct Close {
    void operator()(pcap_t* handle) const noexcept { ::pcap_close(handle); }
  };
  const std::unique_ptr<pcap_t, Close> handle(
      ::pcap_open_dead(program_link_type(link_number), longest_frame));
  if (handle == nullptr) return "libpcap has no memory";
  auto program = std::make_unique<Program>();
  if (::pcap_compile(handle.get(), &program->code, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return std::string(::pcap_geterr(handle.get()));
  return PacketFilter(std::move(program));
}

bool PacketFilter::passes(std::span<const std::byte> frame, std::uint32_t original_length) const noexcept {
  if (program_ == nullptr) return true;
  pcap_pkthdr header{};
  header.caplen = static_cast<bpf_u_int32>(frame.size());
  header.len = original_length;
  return ::pcap_offline_filter(&program_->code, &header, reinterpret_cast<const u_char*>(frame.data())) != 0;
}

PacketFilter::PacketFilter(std::unique_ptr<Program> program) : program_(std::move(program)) {}
PacketFilter::~PacketFilter() = default;
PacketFilter::PacketFilter(PacketFilter&&) noexcept = default;
PacketFilter& PacketFilter::operator=(PacketFilter&&) noexcept = default;

}  // namespace vmlan::host
