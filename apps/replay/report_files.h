// Writes the reports that somebody asked for: JSON, CSV, a page.
//
// Threads: the base's.
#pragma once

#include <string>
#include <vector>

#include "apps/replay/report_document.h"

namespace vmlan::apps {

// What could not be written, one message each; empty: all was.
std::vector<std::string> write_reports(const Document& document, const ReplayOptions& options);

// As a file's text: RFC 4180, lines end with CR LF.
std::string csv_of(const Table& table);
// The columns that a person looks at first.
Table without_details(const Table& table);
// In columns, for people; at most `most` rows, and how many more there are.
std::vector<std::string> text_of(const Table& table, std::size_t most);

}  // namespace vmlan::apps
