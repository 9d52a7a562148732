#include "apps/replay/first_reading.h"

#include <variant>

#include "apps/replay/record_choice.h"
#include "apps/replay/sorted_inputs.h"
#include "apps/system/messages.h"
#include "host/waiting.h"

namespace vmlan::apps {

std::string read_first(
    const ReplayOptions& options,
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
  while (!choice.is_over()) {
    const auto next = source.next(inputs, record);
    if (next == Next::end) break;
    if (next == Next::not_yet) host::wait_readable(inputs.descriptor(), std::nullopt);
    if (host::interrupted()) return format(Message::interrupted);
    if (next != Next::record || choice.refuse(record)) continue;
    if (!judge.begin(record).is_packet) continue;
    for (bool first = true; first || judge.next(); first = false) packet(judge.judged(), record.time, first);
  }
  return {};
}

}  // namespace vmlan::apps
