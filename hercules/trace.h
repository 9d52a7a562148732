// The control dialogue of a NIC in a text file: one line per message, time, device, direction and bytes.
//
// Several NICs may share a file: each line is written at once, at its end. Owns: the file. Threads: one at a
// time. Writing errors are not reported: a full disk must not hold a guest up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "host/descriptor.h"

namespace vmlan::hercules {

class Trace {
 public:
  Trace() = default;  // writes nothing

  // Why the file can't be written; empty: it can. `first_device` names the NIC in each line.
  std::string open(const std::string& path, std::uint16_t first_device);

  void from_guest(unsigned index, std::span<const std::byte> message) { line(index, '>', message); }
  void to_guest(unsigned index, std::span<const std::byte> message) { line(index, '<', message); }
  void remark(std::string_view text);

 private:
  void line(unsigned index, char direction, std::span<const std::byte> message);
  void write(std::string text);

  host::Descriptor file_;
  std::uint16_t first_device_ = 0;
};

}  // namespace vmlan::hercules
