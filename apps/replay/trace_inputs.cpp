#include "apps/replay/trace_inputs.h"

#include <algorithm>
#include <utility>

namespace vmlan::apps {

using host::CaptureReader;

std::variant<TraceInputs, TraceInputs::Error> TraceInputs::open(const std::vector<std::string>& paths,
                                                                const host::CaptureOptions& options) {
  TraceInputs inputs;
  for (const auto& path : paths) {
    if (path == "-" && std::count(paths.begin(), paths.end(), path) > 1) {
      return Error{path, "standard input can be read once only"};
    }
    auto opened = CaptureReader::open(path, options);
    if (auto* error = std::get_if<host::CaptureError>(&opened)) {
      if (error->interrupted) break;
      return Error{path, std::move(error->message)};
    }
    inputs.inputs_.push_back({path, std::get<CaptureReader>(std::move(opened)), {}, false, false, 0, {}});
  }
  return inputs;
}

TraceInputs::Next TraceInputs::next(host::CaptureRecord& record) {
  if (given_ != none) inputs_[std::exchange(given_, none)].has_head = false;
  for (Input& input : inputs_) {
    if (input.has_head || input.ended) continue;
    const auto read = input.reader.next(input.head);
    if (read == Next::not_yet) {
      waits_for_ = input.reader.descriptor();
      return read;
    }
    input.ended = read != Next::record;
    if (read == Next::damaged) return read;
    if (!input.ended) note_record(input);
  }
  std::size_t earliest = none;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].has_head) continue;
    if (earliest == none || inputs_[i].head.time < inputs_[earliest].head.time) earliest = i;
  }
  if (earliest == none) return Next::end;
  given_ = earliest;
  record = inputs_[earliest].head;
  return Next::record;
}

std::optional<arch::Time> TraceInputs::first_time() {
  std::optional<arch::Time> first;
  for (Input& input : inputs_) {
    if (input.has_head || input.ended) continue;
    const auto read = input.reader.wait_for_next(input.head);
    if (read == Next::interrupted) return std::nullopt;
    // An end or damage is found once more by next().
    if (read != Next::record) continue;
    note_record(input);
    if (!first || input.head.time < *first) first = input.head.time;
  }
  return first;
}

void TraceInputs::note_record(Input& input) {
  input.has_head = true;
  ++input.records;
  if (!input.links.contains(input.head.link_number)) input.links.insert(input.head.link_number);
}

std::uint64_t TraceInputs::bytes_read() const noexcept {
  std::uint64_t sum = 0;
  for (const Input& input : inputs_) sum += input.reader.bytes_read();
  return sum;
}

std::uint64_t TraceInputs::size() const noexcept {
  std::uint64_t sum = 0;
  for (const Input& input : inputs_) {
    if (input.reader.size() == 0) return 0;
    sum += input.reader.size();
  }
  return sum;
}

}  // namespace vmlan::apps
