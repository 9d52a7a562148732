#include "apps/replay/report_page.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace vmlan::apps {

namespace {

constexpr std::size_t most_parties = 64;  // the page names 40 of its own choice

std::uint64_t sent(const Document& row) { return row["sent"].get<std::uint64_t>(); }
std::string_view text_in(const Document& row, const char* key) {
  return row.at(key).get_ref<const std::string&>();
}

// The addresses with the most packets.
std::set<std::string_view> biggest_parties(const Document& flows) {
  std::unordered_map<std::string_view, std::uint64_t> sizes;
  for (const auto& flow : flows) {
    for (const char* end : {"source", "destination"}) {
      if (!text_in(flow, end).empty()) sizes[text_in(flow, end)] += sent(flow);
    }
  }
  std::vector<std::pair<std::uint64_t, std::string_view>> order;
  for (const auto& [address, packets] : sizes) order.emplace_back(packets, address);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), most_parties));
  std::partial_sort(order.begin(), end, order.end(), std::greater<>());
  std::set<std::string_view> biggest;
  for (auto party = order.begin(); party != end; ++party) biggest.insert(party->second);
  return biggest;
}

// Flows that are left out, as who sent how much to whom: all of them together are most of some traces.
// Whoever is not among the biggest is "".
Document pairs_of(const Document& flows, std::span<const std::size_t> left_out) {
  struct Pair {
    std::uint64_t flows = 0;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
  };
  const auto biggest = biggest_parties(flows);
  const auto party = [&](std::string_view address) {
    return biggest.contains(address) ? address : std::string_view();
  };
  std::map<std::pair<std::string_view, std::string_view>, Pair> pairs;
  for (const auto row : left_out) {
    const auto& flow = flows[row];
    auto& pair = pairs[{party(text_in(flow, "source")), party(text_in(flow, "destination"))}];
    ++pair.flows;
    pair.packets += sent(flow);
    pair.bytes += flow["sent_bytes"].get<std::uint64_t>();
  }
  auto list = Document::array();
  for (const auto& [ends, pair] : pairs) {
    list.push_back({{"source", ends.first},
                    {"destination", ends.second},
                    {"flows", pair.flows},
                    {"sent", pair.packets},
                    {"sent_bytes", pair.bytes}});
  }
  return list;
}

void add_shortened(Document& to, const std::string& name, const Document& rows, std::size_t most) {
  if (rows.size() <= most) {
    to[name] = rows;
    return;
  }
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(order.begin(), middle, order.end(),
                   [&](std::size_t one, std::size_t other) { return sent(rows[one]) > sent(rows[other]); });
  std::sort(order.begin(), middle);
  to[name] = Document::array();
  for (auto row = order.begin(); row != middle; ++row) to[name].push_back(rows[*row]);
  auto& left_out = to[name + "_left_out"];
  left_out["rows"] = order.size() - most;
  if (name == "flows") left_out["pairs"] = pairs_of(rows, std::span(order).subspan(most));
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
