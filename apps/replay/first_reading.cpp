#include "apps/replay/first_reading.h"

#include <variant>

#include "apps/replay/record_choice.h"
#include "apps/replay/sorted_inputs.h"
#include "apps/system/messages.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {
constexpr std::uint64_t records_between_looks = 1024;  // at the time
}

std::string read_first(
    const ReplayOptions& options, Progress& progress,
    const std::function<void(const JudgedRecord& packet, arch::Time time, bool first)>& packet) {
  using Next = TraceInputs::Next;
  auto opened = TraceInputs::open(options.traces, {});
  if (const auto* error = std::get_if<TraceInputs::Error>(&opened)) {
    return format(Message::cannot_read_trace, {error->path, error->message});
  }
  auto& inputs = std::get<TraceInputs>(opened);
  SortedInputs source(options.sort_window);
  RecordChoice choice(options);
  Judge judge(options.judge);
  host::CaptureRecord record;
  for (std::uint64_t records = 0; !choice.is_over();) {
    if (records % records_between_looks == 0) progress.tell_reading(inputs, records);
    const auto next = source.next(inputs, record);
    if (next == Next::end) break;
    if (next == Next::not_yet) host::wait_readable(inputs.descriptor(), std::nullopt);
    if (host::interrupted()) break;
    if (next == Next::record) ++records;
    if (next != Next::record || choice.refuse(record)) continue;
    if (!judge.begin(record).is_packet) continue;
    for (bool first = true; first || judge.next(); first = false) packet(judge.judged(), record.time, first);
  }
  progress.clear();
  return {};
}

}  // namespace vmlan::apps
