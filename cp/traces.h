// The traces that TRSOURCE has defined, enabled or not.
//
// Owns: the traces and where they go. Threads: the base's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guestlan/trace_lan.h"
#include "guestlan/trace_sink.h"

namespace vmlan::cp {

class System;

struct TraceDefinition {
  std::string id;
  std::string set;        // empty: none
  std::string issuer;     // whose it is
  bool any_lan = false;   // the issuer needs no right to a LAN
  bool complete = false;  // it has a type
  std::string lan_owner;
  std::string lan_name;
  guestlan::TraceChoice choice;
};

// A definition, what it records and where to. What was recorded before DISABLE stays in its place.
class Trace {
 public:
  Trace(System& system, TraceDefinition definition);

  const TraceDefinition& definition() const noexcept { return definition_; }
  bool enabled() const noexcept;
  // Nothing: it is; or why not.
  std::optional<std::string> enable(guestlan::Lan& lan);
  void disable() noexcept;
  std::uint64_t recorded() const noexcept { return watch_ ? watch_->recorded() : 0; }
  std::uint64_t lost() const noexcept {
    if (watch_) watch_->catch_up();
    return sink_ ? sink_->lost() : 0;
  }
  // Empty: it was never enabled.
  std::string place() const { return sink_ ? sink_->place() : std::string(); }

 private:
  void ended(guestlan::LanTrace::End why);

  System& system_;
  TraceDefinition definition_;
  std::unique_ptr<guestlan::TraceSink> sink_;
  std::unique_ptr<guestlan::LanTrace> watch_;
};

class Traces {
 public:
  static constexpr std::size_t most = 64;
  static constexpr std::size_t most_of_a_general_user = 4;

  Trace* find(std::string_view id) const;
  // In the order of their ids.
  std::vector<Trace*> all() const;
  void add(std::unique_ptr<Trace> trace);  // in place of one with its id
  void drop(std::string_view id);

 private:
  std::map<std::string, std::unique_ptr<Trace>, std::less<>> traces_;
};

}  // namespace vmlan::cp
