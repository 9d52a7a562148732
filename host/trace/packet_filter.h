// A filter of frames in tcpdump's language: "arp or (tcp port 80 and host 10.1.1.2)".
//
// Source: pcap-filter(7). Needs libpcap; where vmlan was built without it, every filter is refused, by a
// message that says so. Owns: the program. Threads: one (libpcap's compiler has state).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>

namespace vmlan::host {

class PacketFilter {
 public:
  static constexpr std::uint32_t ethernet = 1;

  // The filter, or what libpcap says is wrong with it. Empty text: everything passes. `link_number`: what
  // frames begin with, a LINKTYPE_*; what the text asks for may be wrong for one and right for another.
  static std::variant<PacketFilter, std::string> compile(const std::string& text,
                                                         std::uint32_t link_number = ethernet);
  ~PacketFilter();
  PacketFilter(PacketFilter&&) noexcept;
  PacketFilter& operator=(PacketFilter&&) noexcept;

  bool passes(std::span<const std::byte> frame, std::uint32_t original_length) const noexcept;

 private:
  struct Program;
  explicit PacketFilter(std::unique_ptr<Program> program);

  std::unique_ptr<Program> program_;  // nullptr: everything passes
};

}  // namespace vmlan::host
