// The report as a page: one HTML file that shows the document it has in it, with charts, and asks nothing of
// any network. What it looks like is written in apps/replay/page (HTML, CSS, JavaScript with Observable
// Plot), which apps/replay/page.cmake bundles into the program where npm is found; without it there are no
// pages.
//
// Owns: nothing; the template is the program's. Threads: any.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apps/replay/report_document.h"

namespace vmlan::apps {

// The page around its document, in pieces.
struct PageTemplate {
  std::span<const std::string_view> before;
  std::span<const std::string_view> after;
};

// Nothing: this vmlan was built without.
std::optional<PageTemplate> page_template();

// Of users and flows a page takes those that sent most: a browser is no place for a million. How many are
// left out stands beside the table, as `users_left_out` and `flows_left_out`: {"rows"}; of flows also who
// sent how much to whom in them, "pairs".
inline constexpr std::size_t most_page_rows = 20'000;
std::string page_of(const Document& document, const PageTemplate& page,
                    std::size_t most_rows = most_page_rows);

}  // namespace vmlan::apps
