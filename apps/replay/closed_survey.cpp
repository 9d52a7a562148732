#include "apps/replay/closed_survey.h"

#include "apps/replay/addressing.h"
#include "apps/replay/record_filters.h"
#include "apps/replay/sorted_inputs.h"
#include "apps/system/messages.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

// The same packets at the same times as those that the replay will send (ReplayRun).
class ConnectionSurvey {
 public:
  explicit ConnectionSurvey(const ReplayOptions& options)
      : options_(options),
        judge_(options.judge),
        filters_(options.filter),
        departures_(options.pace),
        conversations_(TcpConversations::Limits{}) {}

  void take(const host::CaptureRecord& record) {
    if (!is_wanted(record)) return;
    const auto& judged = judge_.begin(record);
    if (!judged.is_packet) return;
    departures_.next(record.time, static_cast<std::uint32_t>(judged.packet.size()));
    for (bool first = true; first || judge_.next(); first = false) note(judge_.judged());
  }

  TcpScripts end() { return conversations_.end(); }

 private:
  bool is_wanted(const host::CaptureRecord& record) {
    if (!first_time_) first_time_ = record.time;
    const auto since = record.time - *first_time_;
    if ((options_.from && since < *options_.from) || (options_.to && since >= *options_.to)) return false;
    return filters_.pass(record);
  }

  void note(const JudgedRecord& judged) {
    const auto parties = parties_of(judged, options_);
    if (!parties.to_one) return;
    const auto segment = traced_segment_of(judged, parties.source, parties.destination);
    if (segment) conversations_.take(*segment, judged.vlan, departures_.own_time());
  }

  const ReplayOptions& options_;
  Judge judge_;
  RecordFilters filters_;
  Departures departures_;
  TcpConversations conversations_;
  std::optional<arch::Time> first_time_;
};

}  // namespace

std::variant<TcpScripts, std::string> survey_connections(const ReplayOptions& options) {
  auto opened = TraceInputs::open(options.traces, {});
  if (const auto* error = std::get_if<TraceInputs::Error>(&opened)) {
    return format(Message::cannot_read_trace, {error->path, error->message});
  }
  auto& inputs = std::get<TraceInputs>(opened);
  ConnectionSurvey survey(options);
  SortedInputs source(options.sort_window);
  host::CaptureRecord record;
  std::uint64_t records = 0;
  while (!options.first || records < *options.first) {
    const auto next = source.next(inputs, record);
    if (next == TraceInputs::Next::end) break;
    if (next == TraceInputs::Next::not_yet) host::wait_readable(inputs.descriptor(), std::nullopt);
    if (host::interrupted()) return format(Message::interrupted);
    if (next != TraceInputs::Next::record) continue;
    ++records;
    survey.take(record);
  }
  return survey.end();
}

}  // namespace vmlan::apps
