#include "cp/traces.h"

#include "cp/messages.h"
#include "cp/system.h"

namespace vmlan::cp {

Trace::Trace(System& system, TraceDefinition definition)
    : system_(system), definition_(std::move(definition)) {}

bool Trace::enabled() const noexcept {
  return watch_ && watch_->started() && watch_->end() == guestlan::LanTrace::End::none;
}

std::optional<std::string> Trace::enable(guestlan::Lan& lan) {
  if (sink_ == nullptr) {
    const auto& make = system_.options().trace_sink;
    if (!make) return "this system has no place for traces";
    auto made = make(definition_.id);
    if (auto* why = std::get_if<std::string>(&made)) return std::move(*why);
    sink_ = std::get<std::unique_ptr<guestlan::TraceSink>>(std::move(made));
    watch_ = std::make_unique<guestlan::LanTrace>(system_.clock(), definition_.choice, *sink_,
                                                  [this](guestlan::LanTrace::End why) { ended(why); });
  }
  if (auto trouble = sink_->trouble(); !trouble.empty()) return trouble;
  watch_->stop();
  watch_->start(lan);
  return std::nullopt;
}

void Trace::disable() noexcept {
  if (watch_) watch_->stop();
}

// The LAN may be forwarding: it goes on watching in vain until somebody disables it.
void Trace::ended(guestlan::LanTrace::End why) {
  std::string reason = sink_->trouble();
  if (why == guestlan::LanTrace::End::lan_gone) reason = "its LAN has gone";
  if (why == guestlan::LanTrace::End::grant_revoked) reason = "the grant it needs was revoked";
  const auto line = format(Message::trace_ended, "TRC", {definition_.id, reason});
  if (system_.find(definition_.issuer) != nullptr) system_.tell(definition_.issuer, line);
  system_.tell_operator_unless(definition_.issuer, line);
}

Trace* Traces::find(std::string_view id) const {
  const auto found = traces_.find(id);
  return found == traces_.end() ? nullptr : found->second.get();
}

std::vector<Trace*> Traces::all() const {
  std::vector<Trace*> result;
  result.reserve(traces_.size());
  for (const auto& [id, trace] : traces_) result.push_back(trace.get());
  return result;
}

void Traces::add(std::unique_ptr<Trace> trace) {
  std::string id = trace->definition().id;
  traces_.insert_or_assign(std::move(id), std::move(trace));
}

void Traces::drop(std::string_view id) {
  const auto found = traces_.find(id);
  if (found != traces_.end()) traces_.erase(found);
}

}  // namespace vmlan::cp
