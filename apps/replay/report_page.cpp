#include "apps/replay/report_page.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace vmlan::apps {

namespace {

void add_shortened(Document& to, const std::string& name, const Document& rows, std::size_t most) {
  if (rows.size() <= most) {
    to[name] = rows;
    return;
  }
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto sent = [&](std::size_t row) { return rows[row]["sent"].get<std::uint64_t>(); };
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(order.begin(), middle, order.end(),
                   [&](std::size_t one, std::size_t other) { return sent(one) > sent(other); });
  std::sort(order.begin(), middle);
  to[name] = Document::array();
  for (auto row = order.begin(); row != middle; ++row) to[name].push_back(rows[*row]);
  std::uint64_t left_out = 0;
  for (auto row = middle; row != order.end(); ++row) left_out += sent(*row);
  to[name + "_left_out"] = {{"rows", order.size() - most}, {"sent", left_out}};
}

}  // namespace

std::string page_of(const Document& document, const PageTemplate& page, std::size_t most_rows) {
  Document shown;
  for (const auto& [name, value] : document.items()) {
    if (name == "users" || name == "flows") {
      add_shortened(shown, name, value, most_rows);
    } else {
      shown[name] = value;
    }
  }
  std::string text;
  for (const auto piece : page.before) text += piece;
  // In JSON this character stands in texts only; a name such as "</script>" would end the element it is in.
  for (const char character : shown.dump(-1, ' ', true, Document::error_handler_t::replace)) {
    if (character == '<') {
      text += "\\u003c";
    } else {
      text += character;
    }
  }
  for (const auto piece : page.after) text += piece;
  return text + "\n";
}

}  // namespace vmlan::apps
