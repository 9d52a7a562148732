// In place of packet_filter.cpp where libpcap was not found (layer.cmake).
#include "host/trace/packet_filter.h"

namespace vmlan::host {

struct PacketFilter::Program {};

std::variant<PacketFilter, std::string> PacketFilter::compile(const std::string& text, std::uint32_t) {
  if (text.empty()) return PacketFilter(nullptr);
  return "this vmlan was built without libpcap, which reads filters; install libpcap-dev and build again";
}

bool PacketFilter::passes(std::span<const std::byte>, std::uint32_t) const noexcept { return true; }

PacketFilter::PacketFilter(std::unique_ptr<Program> program) : program_(std::move(program)) {}
PacketFilter::~PacketFilter() = default;
PacketFilter::PacketFilter(PacketFilter&&) noexcept = default;
PacketFilter& PacketFilter::operator=(PacketFilter&&) noexcept = default;

}  // namespace vmlan::host
