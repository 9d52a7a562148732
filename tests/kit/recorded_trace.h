// A trace's sink that keeps what it is given as lines: "ALICE.0600 out 78 dropped: unknown address".
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "guestlan/trace_sink.h"
#include "tests/kit/hex.h"

namespace vmlan::kit {

class RecordedTrace final : public guestlan::TraceSink {
 public:
  std::uint32_t add_interface(const Interface& interface) override {
    interfaces.push_back(interface);
    return static_cast<std::uint32_t>(interfaces.size() - 1);
  }
  bool has_room() const noexcept override { return room; }
  void lose(std::uint32_t interface, unsigned frames) noexcept override {
    lost_of[interfaces[interface].name] += frames;
  }
  bool add(const Record& record) noexcept override {
    if (full) return false;
    std::string bytes;
    for (const auto& piece : record.pieces) bytes += to_hex(piece);
    data.push_back(bytes);
    lines.push_back(fmt::format("{} {} {}{}{}", interfaces[record.interface].name,
                                record.inbound ? "in" : "out", record.length,
                                record.comment.empty() ? "" : " ", record.comment));
    return true;
  }
  void settle(Date) noexcept override { ++settled; }
  std::string trouble() const override { return full ? "full" : ""; }
  std::uint64_t lost() const noexcept override {
    std::uint64_t frames = 0;
    for (const auto& [name, of_it] : lost_of) frames += of_it;
    return frames;
  }
  std::string place() const override { return {}; }

  std::vector<Interface> interfaces;
  std::vector<std::string> lines;
  std::vector<std::string> data;
  std::map<std::string, std::uint64_t> lost_of;
  bool room = true;
  bool full = false;
  unsigned settled = 0;
};

}  // namespace vmlan::kit
