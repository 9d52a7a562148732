// The program in each user of a replay: a QDIO driver, its addresses and groups, and a mailbag. It has no
// TCP/IP stack, unless it was given one (--closed).
//
// Owns: its driver. Threads: the base's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arch/machine.h"
#include "cms/driver/qdio_driver.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::apps {

// Who gives a user its packets and gets what it received.
class ReplayMail {
 public:
  virtual ~ReplayMail() = default;
  // What waits to be sent leaves now: who is on a LAN, or in a group of it, is about to change. Never called
  // while it leaves.
  virtual void flush() = 0;
  // The user's turn to send: everything that waits goes to `driver`.
  virtual void send(cms::QdioDriver& driver) = 0;
  virtual void received(std::uint32_t user, std::span<const std::byte> packet) = 0;
};

// What a user has beside its mail: takes its own packets and sends by the same driver.
class UserStack {
 public:
  using Mail = std::function<void(std::span<const std::byte>)>;
  virtual ~UserStack() = default;
  // Its part of the user's turn: everything that has arrived is its own or goes to `mail`. When it wants the
  // next turn.
  virtual std::optional<arch::Time> run(cms::QdioDriver& driver, const Mail& mail) = 0;
};

struct ReplayBuffers {
  std::uint32_t count = 1;     // for input; a power of two up to 128
  std::uint32_t outputs = 1;   // for output, the same range
  std::uint32_t bytes = 8192;  // each, transport header included
};

class ReplayUser final : public arch::Program {
 public:
  struct Options {
    std::uint32_t number = 0;  // what the mail knows the user by
    ReplayBuffers buffers;
    std::optional<wire::MacAddress> mac;  // Ethernet frames, from this address; nothing: IP packets
    bool slow = false;                    // takes from its buffers only what take() allows
  };
  ReplayUser(arch::Machine& machine, ReplayMail& mail, const Options& options);

  // Storage such a user needs, in bytes.
  static std::uint64_t storage_needed(const ReplayBuffers& buffers) noexcept;
  // How much of it is used before the first packet.
  static std::uint64_t storage_to_start(const ReplayBuffers& buffers) noexcept;

  arch::Wait run() override;

  // From now on it has these too. Why not; empty: it has.
  std::string add_address(const wire::IpAddress& address);
  std::string join(const wire::IpAddress& group);
  void leave(const wire::IpAddress& group) { driver_.delete_multicast(group); }
  // It stays the caller's.
  void attach(UserStack& stack) noexcept { stack_ = &stack; }
  UserStack* stack() const noexcept { return stack_; }
  // In its next turn:
  void send_mail() noexcept { has_mail_ = true; }
  // One more buffer is taken; for slow ones.
  void take() noexcept { ++may_take_; }

  // Started; `why_not` otherwise tells the reason.
  bool is_ready() const noexcept { return ready_; }
  const std::string& why_not() const noexcept { return why_not_; }
  std::uint64_t interruptions() const noexcept { return interruptions_; }

 private:
  void start();
  void take_packets();

  arch::Machine& machine_;
  ReplayMail& mail_;
  std::uint32_t number_;
  cms::QdioDriver driver_;
  UserStack* stack_ = nullptr;
  UserStack::Mail to_mail_;
  bool slow_;
  bool has_mail_ = false;
  bool ready_ = false;
  unsigned may_take_ = 0;
  std::uint64_t interruptions_ = 0;
  std::string why_not_ = "it has not run";
};

}  // namespace vmlan::apps
