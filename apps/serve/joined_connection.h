// One connection of the link desk: before HELLO nobody, after it one virtual NIC of a user.
//
// Owns: the decoder and what the NIC's ports give frames to. Threads: the base's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apps/serve/link_desk.h"
#include "apps/serve/link_sink.h"
#include "guestlan/nic.h"
#include "link/decoder.h"

namespace vmlan::apps {

class LinkDesk::JoinedConnection final : public qdio::ControlReplies {
 public:
  JoinedConnection(LinkDesk& desk, host::ConnectionId id);
  ~JoinedConnection() override;

  // Bytes of the other end, and what is left over of them once the guest need not wait any more. false: the
  // connection ends.
  bool received(std::span<const std::byte> bytes);
  bool go_on();
  // The NIC is there no more, though the guest had joined.
  bool lost_its_nic() const { return joined_ && nic() == nullptr; }
  bool joined() const noexcept { return joined_; }
  // When it said something the last time, or came.
  arch::Time heard() const noexcept { return heard_; }
  std::uint64_t instance() const noexcept { return hello_.instance; }
  const std::string& user() const noexcept { return hello_.user; }
  void end(std::string_view reason, link::AfterEnd after);

  void reply(unsigned device_index, qdio::Message message) override;

 private:
  // false: the connection ends.
  bool take(std::span<const std::byte> bytes);
  bool take_messages();
  bool handle(const link::MessageView& message);
  bool join(std::span<const std::byte> body);
  bool refuse(std::string_view reason);
  void carry_out(std::span<const std::byte> command);
  void forward(const link::MessageView& message);
  void publish();
  void count_losses(const link::MessageView& message);
  void start_queues(unsigned device_index);
  void stop_queues(unsigned device_index);
  // The logon that it joined with still lasts.
  bool is_logged_on() const;
  guestlan::Nic* nic() const;
  bool waits() const noexcept { return desk_.congestion_.waits(id_); }
  bool send(link::MessageType type, unsigned device_index, std::span<const std::byte> body);
  bool send_text(link::MessageType type, std::string_view text);

  LinkDesk& desk_;
  host::ConnectionId id_;
  arch::Time heard_;
  link::Decoder decoder_{link::Sender::client};
  std::vector<std::byte> left_over_;  // read, but the guest waits: not in the decoder yet
  link::Hello hello_;
  bool joined_ = false;
  bool unpublished_ = false;                             // a frame was forwarded since the last publish()
  std::uint64_t logon_ = 0;                              // which logon of the user it is
  std::map<unsigned, std::unique_ptr<LinkSink>> sinks_;  // by data device
};

}  // namespace vmlan::apps
