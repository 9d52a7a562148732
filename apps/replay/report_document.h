// The report of a replay for programs: one JSON document, of which tables (CSV, text), the page and the
// comparison are made. docs/MANUAL.md, section 6, lists its members.
//
// Threads: the base's.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/replay/replay_run.h"

namespace vmlan::apps {

using Document = nlohmann::ordered_json;

// Members may be added to a format; if one changes its meaning or goes, the number does.
inline constexpr const char* document_format = "vmlan-replay-1";

Document report_document(const ReplayRun& run, const ReplayOptions& options, bool partial,
                         const std::vector<std::string>& faults);

// Rows of a table: the first one names the columns.
using Table = std::vector<std::vector<std::string>>;
inline constexpr const char* document_tables[] = {"lans", "users", "vlans", "flows", "intervals"};
// Of one of these; drops are one column each, for those names that there are.
Table table_of(const Document& document, const std::string& name);

}  // namespace vmlan::apps
