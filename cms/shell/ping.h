// PING: echo requests one after the other, each answered or timed out before the next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cms/shell/session.h"

namespace vmlan::cms {

class Ping final : public Activity {
 public:
  struct Request {
    std::string host;  // as typed
    wire::IpAddress address;
    std::uint32_t count = 1;     // 0 = until interrupted
    std::uint32_t length = 256;  // data bytes
    arch::Time timeout{std::chrono::seconds(10)};
  };

  // Requires a stack.
  Ping(Session& session, Request request);
  ~Ping() override;

  std::optional<int> poll() override;
  std::optional<arch::Time> deadline() const override;
  void interrupt() override { interrupted_ = true; }

 private:
  enum class State : std::uint8_t {
    ready,    // the next request is to be sent when wake_ comes
    waiting,  // for an answer, until wake_
    answered,
  };

  void send();
  void finish_one(bool success);
  bool take_reply(const pbuf& packet);
  arch::Time now() const { return session_.machine.clock().now(); }
  static std::uint8_t receive(void* argument, raw_pcb* pcb, pbuf* packet, const ip_addr_t* source);

  Session& session_;
  Stack& stack_;
  Request request_;
  raw_pcb* pcb_ = nullptr;
  std::vector<std::byte> message_;
  std::uint16_t identifier_ = 0;
  State state_ = State::ready;
  arch::Time wake_;
  arch::Time sent_{0};
  arch::Time answered_{0};
  std::uint32_t number_ = 0;
  std::uint32_t successes_ = 0;
  bool interrupted_ = false;
  bool unsendable_ = false;
};

}  // namespace vmlan::cms
