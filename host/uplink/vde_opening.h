// An attempt to open a VDE connection, in a thread of its own: the library waits for the switch's answer, and
// one that has been stopped never gives it ("observed, libvdeplug 4.0.1: recv(2) of a blocking socket"). A
// name in a URL may have to be looked up, too.
//
// An attempt that nobody waits for any more stays until the library returns, and closes what it has made.
// There are so few of them at a time that forgotten ones do no harm.
//
// Threads: the base's, and one that takes no signals and touches nothing but its part of this.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "arch/clock.h"
#include "host/descriptor.h"
#include "host/uplink/vde_connection.h"

namespace vmlan::host {

class VdeOpening {
 public:
  static constexpr int most_at_a_time = 16;
  // The connection, or why there is none.
  using Result = std::variant<VdeConnection, std::string>;

  // Nothing: too many attempts wait already, or the system has no thread or descriptor for one more.
  static std::shared_ptr<VdeOpening> begin(const std::string& url);

  // Readable when there is a result.
  int done() const noexcept { return done_.number(); }
  // Once it is there.
  std::optional<Result> result();
  // The same after at most `limit`.
  std::optional<Result> result_within(arch::Time limit);

  explicit VdeOpening(std::string url) : url_(std::move(url)) {}

 private:
  void work();

  std::string url_;
  Descriptor done_;
  std::atomic<bool> has_result_{false};
  Result result_;
};

}  // namespace vmlan::host
