#include "cms/shell/cms.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <utility>

#include "cms/shell/command.h"
#include "cms/shell/dhcp_user.h"
#include "cms/shell/tcpip_start.h"

namespace vmlan::cms {
namespace {

constexpr arch::DeviceNumber first_disk{0x0191};
// Bounds of one turn.
constexpr int interruptions_per_turn = 256;
constexpr int commands_per_turn = 16;

class Cms final : public arch::Program {
 public:
  explicit Cms(arch::Machine& machine) : machine_(machine), session_(machine) {}

  arch::Wait run() override;
  void external_interrupt() override {
    if (activity_ != nullptr) activity_->interrupt();
  }

 private:
  void start();
  void take_interruptions();
  void take_input();
  void run_commands();
  // Displays the prompt that tells a command's end.
  void ready(int return_code);
  arch::Wait next_wait();

  arch::Machine& machine_;
  Session session_;
  // Goes before the session whose stack it uses.
  std::unique_ptr<Activity> activity_;
  std::deque<std::string> typed_;
  bool started_ = false;
};

// The banner has the shape of "z/VM V6.3.0    2015-06-18 16:09".
void Cms::start() {
  started_ = true;
  const auto days = std::chrono::floor<std::chrono::days>(machine_.clock().date());
  const std::chrono::year_month_day date(days);
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(machine_.clock().date() - days).count();
  session_.say("vmlan CMS V{}    {:04}-{:02}-{:02} {:02}:{:02}", VMLAN_VERSION, static_cast<int>(date.year()),
               static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), minutes / 60,
               minutes % 60);
  session_.disks.access('A', first_disk);
  ready(start_if_configured(session_));
}

void Cms::ready(int return_code) {
  if (return_code == 0) {
    session_.say("Ready;");
  } else {
    session_.say("Ready({:05});", return_code);
  }
}

void Cms::take_interruptions() {
  for (int taken = 0; taken < interruptions_per_turn; ++taken) {
    const auto subchannel = machine_.test_pending_interruption();
    if (!subchannel) return;
    session_.tcpip.handle_interruption(*subchannel);
  }
}

// HX halts what is running and drops what was typed before it; everything else waits for its turn.
void Cms::take_input() {
  for (auto line = machine_.read_console(); line; line = machine_.read_console()) {
    if (activity_ != nullptr && to_upper(trim(*line)) == "HX") {
      activity_.reset();
      typed_.clear();
      session_.say("CMS");
      ready(0);
    } else {
      typed_.push_back(std::move(*line));
    }
  }
}

void Cms::run_commands() {
  for (int done = 0; done < commands_per_turn; ++done) {
    if (activity_ != nullptr) {
      const auto code = activity_->poll();
      if (!code) return;
      activity_.reset();
      ready(*code);
    }
    if (typed_.empty() || session_.moved >= file_part) return;
    const std::string line = std::move(typed_.front());
    typed_.pop_front();
    Outcome outcome = run_command(session_, line);
    activity_ = std::move(outcome.activity);
    if (activity_ == nullptr) ready(outcome.return_code);
  }
}

arch::Wait Cms::next_wait() {
  arch::Wait wait;
  wait.console_read = activity_ == nullptr && typed_.empty();
  wait.until = session_.tcpip.next_timer();
  const auto at_latest = [&](arch::Time time) { wait.until = std::min(wait.until.value_or(time), time); };
  if (activity_ != nullptr) {
    if (const auto deadline = activity_->deadline(); deadline) at_latest(*deadline);
  }
  if (session_.tcpip.more() || (activity_ == nullptr && !typed_.empty())) at_latest(machine_.clock().now());
  return wait;
}

arch::Wait Cms::run() {
  session_.moved = 0;
  if (!started_) start();
  take_interruptions();
  session_.tcpip.poll();
  follow_leases(session_);
  take_input();
  run_commands();
  session_.tcpip.flush();
  return next_wait();
}

}  // namespace

std::unique_ptr<arch::Program> make_cms(arch::Machine& machine) { return std::make_unique<Cms>(machine); }

}  // namespace vmlan::cms
