// One connection of the link desk: before HELLO nobody, after it one virtual NIC of a user.
//
// Owns: the decoder and what the NIC's ports give frames to. Threads: the base's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/lan_capture.h"
#include "apps/serve/link_desk.h"
#include "apps/serve/link_sink.h"
#include "guestlan/nic.h"
#include "host/output_buffer.h"
#include "link/decoder.h"

namespace vmlan::apps {

class LinkDesk::JoinedConnection final : public qdio::ControlReplies {
 public:
  JoinedConnection(LinkDesk& desk, host::ConnectionId id);
  ~JoinedConnection() override;

  // A turn is a bounded piece of work. A copy of a group frame counts as its LAN counts it, a message that is
  // no frame so much, a command as a whole turn, and a frame for one receiver not at all: there are no more
  // of these than one read brings. What is left of that waits, and the connection is paused until it was
  // heard.
  static constexpr std::uint64_t work_of_turn = 2048;
  static constexpr std::uint64_t work_of_message = 32;

  // A turn with bytes of the other end; false: the connection ends. And one with what is left over of them.
  bool received(std::span<const std::byte> bytes);
  void go_on();
  // A command of its own waits for those of others.
  bool has_command() const noexcept { return command_.has_value(); }
  // Its turn ended before what was read did, and it waits for nobody.
  bool wants_a_turn() const noexcept { return turn_is_over() && !ending_ && !waits(); }
  // The NIC is there no more, though the guest had joined.
  bool lost_its_nic() const { return joined_ && nic() == nullptr; }
  bool joined() const noexcept { return joined_; }
  // It captures a LAN: no guest, and may be silent all the same.
  bool captures() const noexcept { return capture_ != nullptr; }
  // When it said something the last time, or came.
  arch::Time heard() const noexcept { return heard_; }
  std::uint64_t instance() const noexcept { return hello_.instance; }
  const std::string& user() const noexcept { return hello_.user; }
  void end(std::string_view reason, link::AfterEnd after);
  // CP has taken its NIC away.
  void end_for_good() { end("VMLLNK004I The virtual NIC was taken away", link::AfterEnd::stay_away); }
  // Nothing more of it is heard.
  void close();
  bool ending() const noexcept { return ending_; }

  void reply(unsigned device_index, qdio::Message message) override;

 private:
  // false: the connection ends.
  bool take(std::span<const std::byte>& bytes);
  bool take_messages();
  void finish_turn(bool goes_on);
  bool turn_is_over() const noexcept { return work_ >= work_of_turn; }
  bool hears() const noexcept { return !turn_is_over() && !ending_ && !waits(); }
  bool handle(const link::MessageView& message);
  bool join(std::span<const std::byte> body);
  bool refuse(std::string_view reason);
  bool start_capture(std::span<const std::byte> body);
  void end_capture();
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
  host::OutputBuffer left_over_;                   // read, but not in the decoder yet
  std::uint64_t work_ = 0;                         // of this turn
  std::optional<std::vector<std::byte>> command_;  // read, and not carried out yet
  bool ending_ = false;
  link::Hello hello_;
  bool joined_ = false;
  bool unpublished_ = false;                             // a frame was forwarded since the last publish()
  std::uint64_t logon_ = 0;                              // which logon of the user it is
  std::map<unsigned, std::unique_ptr<LinkSink>> sinks_;  // by data device
  std::unique_ptr<LanCapture> capture_;
};

}  // namespace vmlan::apps
