#include "apps/replay/record_filters.h"

#include <utility>

namespace vmlan::apps {

using host::PacketFilter;

std::string RecordFilters::fault_of(const std::string& text) {
  auto compiled = PacketFilter::compile(text);
  const auto* fault = std::get_if<std::string>(&compiled);
  return fault == nullptr ? "" : *fault;
}

bool RecordFilters::passes(const host::CaptureRecord& record) {
  auto known = filters_.find(record.link_number);
  if (known == filters_.end()) {
    auto compiled = PacketFilter::compile(text_, record.link_number);
    std::optional<PacketFilter> filter;
    if (auto* made = std::get_if<PacketFilter>(&compiled)) filter.emplace(std::move(*made));
    known = filters_.emplace(record.link_number, std::move(filter)).first;
  }
  return known->second && known->second->passes(record.bytes, record.original_length);
}

}  // namespace vmlan::apps
