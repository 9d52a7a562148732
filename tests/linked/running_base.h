// A base as `vmlan serve` runs it, on a thread of its own, with its socket in a folder of its own: what the
// module's client is tested against.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "apps/serve/link_desk.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"
#include "host/event_loop.h"
#include "host/real_clock.h"
#include "host/stream_server.h"

namespace vmlan::linked {

class RunningBase {
 public:
  enum class Patience {
    real,
    // The desk's clock stands still until pass(): what depends on how long somebody waits does not depend on
    // how busy the machine is.
    until_told,
  };

  explicit RunningBase(Patience patience = Patience::real) : patience_(patience) {
    std::string name = (std::filesystem::temp_directory_path() / "vmlan-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    start();
  }
  ~RunningBase() {
    stop();
    std::filesystem::remove_all(folder_);
  }
  RunningBase(const RunningBase&) = delete;
  RunningBase& operator=(const RunningBase&) = delete;

  std::string path() const { return folder_ + "/system.sock"; }

  void start() {
    stopping_ = false;
    std::promise<void> ready;
    thread_ = std::thread([this, &ready] { run(ready); });
    ready.get_future().wait();
  }
  // As a killed base: every connection is cut. With `shut_down` the guests are told before.
  void stop(bool shut_down = false) {
    if (!thread_.joinable()) return;
    shut_down_ = shut_down;
    stopping_ = true;
    thread_.join();
  }

  void pass(arch::Time time) {
    call<bool>([&](cp::ControlProgram&) {
      desk_clock_.advance_to(desk_clock_.now() + time);
      return true;
    });
  }

  // Runs something on the base's thread.
  template <class Result>
  Result call(std::function<Result(cp::ControlProgram&)> work) {
    std::promise<Result> promise;
    post([&](cp::ControlProgram& system) { promise.set_value(work(system)); });
    return promise.get_future().get();
  }
  // A command of the operator: return code and lines.
  arch::DiagnoseReply cp(const std::string& command) {
    return call<arch::DiagnoseReply>([&](cp::ControlProgram& system) { return system.command(command); });
  }
  std::string answer(const std::string& command) {
    std::string text;
    for (const std::string& line : cp(command).lines) text += line + "\n";
    return text;
  }

  // As if the connection of this number (from 1 on) had sent them in one write.
  void hear(host::ConnectionId connection, std::vector<std::byte> bytes) {
    call<bool>([&](cp::ControlProgram&) { return desk_->received(connection, bytes); });
  }

 private:
  class Silent final : public cp::ConsoleSink {
   public:
    void line(std::string_view, std::string_view) override {}
  };
  using Work = std::function<void(cp::ControlProgram&)>;

  void post(Work work) {
    const std::lock_guard guard(lock_);
    work_.push_back(std::move(work));
  }
  void run(std::promise<void>& ready) {
    Silent silent;
    const host::RealClock clock;
    const cp::Options options{clock, silent, nullptr, nullptr};
    cp::ControlProgram system(options);
    const arch::Clock& desk_clock =
        patience_ == Patience::real ? static_cast<const arch::Clock&>(clock) : desk_clock_;
    apps::LinkDesk desk(system, desk_clock, {});
    auto listening = host::StreamServer::listen(path(), desk);
    auto& sockets = *std::get<std::unique_ptr<host::StreamServer>>(listening);
    desk.attach(sockets);
    desk_ = &desk;
    ready.set_value();
    host::EventLoop loop(clock);
    loop.add(sockets);
    while (!stopping_) {
      std::vector<Work> work;
      {
        const std::lock_guard guard(lock_);
        work.swap(work_);
      }
      for (const Work& piece : work) piece(system);
      while (system.run_turns()) {
      }
      desk.look_after();
      loop.pass(clock.now() + std::chrono::milliseconds(1));
    }
    if (!shut_down_) return;
    desk.shut_down();
  }

  Patience patience_;
  arch::VirtualClock desk_clock_;  // of its thread
  std::string folder_;
  apps::LinkDesk* desk_ = nullptr;  // of its thread
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> shut_down_ = false;
  std::mutex lock_;
  std::vector<Work> work_;
  std::thread thread_;
};

}  // namespace vmlan::linked
