// One virtual NIC of a Hercules guest: joins the guest side (GuestNic) to the base (BaseConnection) with a
// thread of its own, and keeps both apart from Hercules' threads.
//
// Threads: the emulated CPUs call signal(), which touches atomics only. Device threads call the command
// functions, which take the lock for as long as one command needs. The own thread sleeps over its bell
// without the lock; with it, it moves frames and messages, all without waiting; after it, it raises
// interruptions and says messages. So no lock is ever held while somebody waits, and none together with one
// of Hercules'.
//
// A base that goes away is looked for again; the guest is told meanwhile (OfflineSession).
//
// Owns: the NIC, the connection, the thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "hercules/base_connection.h"
#include "hercules/base_starter.h"
#include "hercules/guest_nic.h"
#include "hercules/reminders.h"
#include "hercules/statement.h"
#include "hercules/trace.h"
#include "hercules/vnic_client.h"
#include "host/bell.h"

namespace vmlan::hercules {

class NicClient {
 public:
  NicClient(const Statement& statement, const vnic_machine& machine);
  ~NicClient();
  NicClient(const NicClient&) = delete;
  NicClient& operator=(const NicClient&) = delete;

  // Opens the trace and starts the thread. false after a message.
  bool start();
  void stop();

  unsigned devices() const noexcept { return nic_.devices(); }
  // Before each channel command: device threads need not agree on who says it first.
  void set_storage(arch::GuestStorage storage);
  arch::CommandEnding write(unsigned index, std::uint8_t command, std::span<const std::byte> data);
  arch::CommandEnding read(unsigned index, std::uint8_t command, std::span<std::byte> room);
  arch::CommandEnding wait(unsigned index, std::span<std::byte> room);
  void wake() noexcept { changed_.notify_all(); }
  void halt(unsigned index);
  bool indicate_at(unsigned index, const std::optional<Indicators>& indicators);
  std::array<std::uint8_t, 32> take_sense(unsigned index);
  void signal_write(unsigned index, std::uint32_t queues) noexcept;
  void signal_read() noexcept { ring(); }
  std::string describe();

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  // How long the thread may sleep.
  std::chrono::milliseconds sleep_for(Clock::time_point now) const;
  void ring() noexcept;
  // With the lock: everything that can be done now.
  void turn();
  void connect_if_due(Clock::time_point now);
  void start_base_if_allowed(Clock::time_point now, const std::string& reason);
  void say_settings_are_wrong();
  void disconnect(const std::string& reason, Clock::duration pause);
  void stop_stale_queues();
  void transmit();
  void write();
  void hear_last_words();
  void remind(Clock::time_point now);
  void receive(Clock::time_point now);
  bool receive_message(const link::MessageView& message, Clock::time_point now);
  // true: the guest has it; false: it waits in `held_` until the guest has room.
  bool give_or_hold(const link::MessageView& message, Clock::time_point now);
  void let_go() noexcept;
  void note_refusal(std::span<const std::byte> reply);
  void handle_end(const link::MessageView& message);
  void say(std::string text);
  link::Hello hello() const;

  Statement statement_;
  vnic_machine machine_;
  std::string path_;
  Trace trace_;
  host::Bell bell_;
  std::atomic<bool> stopping_ = false;
  std::array<std::atomic<std::uint32_t>, link::max_devices> signalled_{};  // output queues, by device

  std::mutex lock_;  // guards everything below
  std::condition_variable changed_;
  BaseConnection base_;
  GuestNic nic_;
  arch::GuestStorage storage_;
  BaseStarter starter_;
  Reminders reminders_;
  std::array<std::uint32_t, link::max_devices> to_do_{};  // queues that had to wait for room
  std::optional<link::MessageView> held_;                 // a frame for which the guest has no buffer yet
  Clock::time_point give_up_;                             // on held_
  std::uint64_t stalled_ = 0;                             // devices whose guest was waited for in vain
  Clock::time_point next_try_{};
  Clock::time_point next_start_{};
  Clock::time_point next_report_{};
  bool may_start_base_ = true;
  bool banished_ = false;     // FORCE, DETACH NIC: no coming back
  std::string last_trouble_;  // said once
  std::string lan_;
  wire::MacAddress mac_;  // of the last base; the next one is asked for it, since the guest keeps using it
  static constexpr std::size_t most_refusals = 100;
  std::set<std::string> refusals_;  // said once
  std::vector<std::string> messages_;

  std::thread thread_;
};

}  // namespace vmlan::hercules
