#include "host/uplink/vde_opening.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "host/this_process.h"

namespace vmlan::host {

namespace {

std::atomic<int> attempts{0};

// Signals are the base's.
class SignalsElsewhere {
 public:
  SignalsElsewhere() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsElsewhere() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsElsewhere(const SignalsElsewhere&) = delete;
  SignalsElsewhere& operator=(const SignalsElsewhere&) = delete;

 private:
  sigset_t before_{};
};

std::string why_not(const std::string& url, int reason) {
  if (reason == EPROTONOSUPPORT) return fmt::format("{}: libvdeplug is installed without its kind", url);
  return fmt::format("{}: {}", url, std::strerror(reason));
}

}  // namespace

std::shared_ptr<VdeOpening> VdeOpening::begin(const std::string& url) {
  if (attempts.fetch_add(1) >= most_at_a_time) {
    --attempts;
    return nullptr;
  }
  auto opening = std::make_shared<VdeOpening>(url);
  opening->done_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  try {
    if (!opening->done_) throw std::system_error(errno, std::generic_category());
    const SignalsElsewhere none;
    std::thread thread([opening] { opening->work(); });
    name_thread(thread, "vde_open");
    thread.detach();
  } catch (const std::system_error&) {  // no thread is to be had
    --attempts;
    return nullptr;
  }
  return opening;
}

void VdeOpening::work() {
  auto connection = VdeConnection::open(url_);
  const int reason = errno;
  if (connection)
    result_ = std::move(connection);
  else
    result_ = why_not(url_, reason);
  --attempts;
  has_result_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  // It cannot fail: nobody has written before.
  if (::write(done_.number(), &one, sizeof(one)) < 0) return;
}

std::optional<VdeOpening::Result> VdeOpening::result() {
  if (!has_result_.load(std::memory_order_acquire)) return std::nullopt;
  return std::move(result_);
}

std::optional<VdeOpening::Result> VdeOpening::result_within(arch::Time limit) {
  pollfd done{done_.number(), POLLIN, 0};
  ::poll(&done, 1, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count()));
  return result();
}

}  // namespace vmlan::host
