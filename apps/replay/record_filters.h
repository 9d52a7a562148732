// A filter in tcpdump's language for records of any link type: compiled once for each.
//
// Threads: one.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "host/trace/capture_reader.h"
#include "host/trace/packet_filter.h"

namespace vmlan::apps {

class RecordFilters {
 public:
  // Empty: everything passes.
  explicit RecordFilters(std::string text) : text_(std::move(text)) {}
  // What is wrong with the text, whatever the link type; empty: nothing.
  static std::string fault_of(const std::string& text);

  // Records of a link type for which the filter means nothing do not pass.
  bool pass(const host::CaptureRecord& record) { return text_.empty() || passes(record); }

 private:
  bool passes(const host::CaptureRecord& record);

  std::string text_;
  std::map<std::uint32_t, std::optional<host::PacketFilter>> filters_;  // by link type; nothing: it has none
};

}  // namespace vmlan::apps
