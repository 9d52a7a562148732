// The program in each user of a replay: a QDIO driver without a TCP/IP stack, one IP address, and a mailbag.
//
// Owns: its driver. Threads: the base's.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "arch/machine.h"
#include "cms/driver/qdio_driver.h"
#include "wire/ip_address.h"

namespace vmlan::apps {

// Who gives a user its packets and gets what it received.
class ReplayMail {
 public:
  virtual ~ReplayMail() = default;
  // The user's turn to send: everything that waits goes to `driver`.
  virtual void send(cms::QdioDriver& driver) = 0;
  virtual void received(std::uint32_t user, std::span<const std::byte> packet) = 0;
};

struct ReplayBuffers {
  std::uint32_t count = 16;    // of each kind; a power of two from 8 to 128
  std::uint32_t bytes = 2048;  // each, transport header included
};

class ReplayUser final : public arch::Program {
 public:
  // `number` is what the mail knows the user by.
  ReplayUser(arch::Machine& machine, ReplayMail& mail, std::uint32_t number, const wire::IpAddress& address,
             const ReplayBuffers& buffers);

  // Storage such a user needs, in bytes.
  static std::uint64_t storage_needed(const ReplayBuffers& buffers) noexcept;

  arch::Wait run() override;
  // There is something to send.
  void external_interrupt() override { has_mail_ = true; }

  // Started and its address registered; `why_not` otherwise tells the reason.
  bool is_ready() const noexcept { return ready_; }
  const std::string& why_not() const noexcept { return why_not_; }

 private:
  void start();

  arch::Machine& machine_;
  ReplayMail& mail_;
  std::uint32_t number_;
  wire::IpAddress address_;
  cms::QdioDriver driver_;
  bool has_mail_ = false;
  bool ready_ = false;
  std::string why_not_ = "it has not run";
};

}  // namespace vmlan::apps
