#include "apps/serve/joined_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "cp/virtual_machine.h"
#include "cp/virtual_nic.h"
#include "guestlan/data_port.h"

namespace vmlan::apps {

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

LinkDesk::JoinedConnection::JoinedConnection(LinkDesk& desk, host::ConnectionId id)
    : desk_(desk), id_(id), heard_(desk.clock_.now()) {}

LinkDesk::JoinedConnection::~JoinedConnection() {
  if (!is_logged_on()) return;
  const bool last = std::none_of(desk_.guests_.begin(), desk_.guests_.end(), [this](const auto& entry) {
    const JoinedConnection* other = entry.second.get();
    return other != nullptr && other != this && other->user() == user() && other->is_logged_on();
  });
  desk_.system_.leave(hello_.user, hello_.base_device, last);
}

bool LinkDesk::JoinedConnection::is_logged_on() const {
  const auto* machine = joined_ ? desk_.system_.find(hello_.user) : nullptr;
  return machine != nullptr && machine->sequence() == logon_;
}

// nullptr: not joined, or CP has taken it away since.
guestlan::Nic* LinkDesk::JoinedConnection::nic() const {
  if (!is_logged_on()) return nullptr;
  // Another NIC may have the number by now: one that was defined since is the user's own.
  auto* found = desk_.system_.find(hello_.user)->find_nic(hello_.base_device);
  return found != nullptr && found->handed_over() ? &found->base() : nullptr;
}

bool LinkDesk::JoinedConnection::send(link::MessageType type, unsigned device_index,
                                      std::span<const std::byte> body) {
  const auto header = header_of(type, device_index, body.size());
  const std::array pieces{bytes_of_block(header), body};
  const bool sent = desk_.connections_->send(id_, pieces);
  desk_.connections_->flush(id_);
  return sent;
}

bool LinkDesk::JoinedConnection::send_text(link::MessageType type, std::string_view text) {
  return send(type, 0, bytes_of(text));
}

bool LinkDesk::JoinedConnection::refuse(std::string_view reason) {
  send_text(link::MessageType::refuse, reason);
  return false;
}

void LinkDesk::JoinedConnection::end(std::string_view reason, link::AfterEnd after) {
  const link::EndBody body{after};
  const auto header = header_of(link::MessageType::end, 0, sizeof(body) + reason.size());
  const std::array pieces{bytes_of_block(header), bytes_of_block(body), bytes_of(reason)};
  const bool sent = desk_.connections_->send(id_, pieces);
  close();
  const bool heard = sent && desk_.connections_->owed(id_) == 0;
  if (!heard && after == link::AfterEnd::stay_away) desk_.note_unheard_end(hello_);
}

void LinkDesk::JoinedConnection::close() {
  ending_ = true;
  desk_.connections_->close(id_);
}

void LinkDesk::JoinedConnection::reply(unsigned device_index, qdio::Message message) {
  // No room for an answer: the guest takes nothing any more, and what it hears would be out of step.
  if (!send(link::MessageType::control, device_index, message)) close();
}

bool LinkDesk::JoinedConnection::received(std::span<const std::byte> bytes) {
  heard_ = desk_.clock_.now();
  if (left_over_.waiting() == 0 && !turn_is_over()) work_ = 0;
  // Read in the same look that its turn ended in.
  bool goes_on = true;
  if (hears()) goes_on = take(bytes);
  left_over_.add(bytes);
  finish_turn(goes_on);
  return goes_on;
}

void LinkDesk::JoinedConnection::go_on() {
  heard_ = desk_.clock_.now();
  if (command_) {
    if (!desk_.take_command_turn(id_)) return;
    const auto command = *std::exchange(command_, std::nullopt);
    carry_out(command);
    return finish_turn(true);
  }
  work_ = 0;
  bool goes_on = take_messages();
  if (goes_on) {
    auto left = left_over_.pending();
    goes_on = take(left);
    left_over_.sent(left_over_.waiting() - left.size());
  }
  finish_turn(goes_on);
  if (!goes_on) close();
}

void LinkDesk::JoinedConnection::finish_turn(bool goes_on) {
  publish();
  ending_ = ending_ || !goes_on;
  if (ending_) left_over_.clear();
  // Its memory is a flood's.
  if (left_over_.waiting() == 0) left_over_ = {};
  if (turn_is_over() && !ending_) desk_.connections_->pause(id_, true);
}

// Receivers learn of the frames so far.
void LinkDesk::JoinedConnection::publish() {
  if (!std::exchange(unpublished_, false)) return;
  if (auto* nic_there = nic()) {
    for (const auto& port : nic_there->ports()) port->publish();
  }
}

// What it does not take remains in `bytes`.
bool LinkDesk::JoinedConnection::take(std::span<const std::byte>& bytes) {
  while (!bytes.empty() && hears()) {
    const auto room = decoder_.room();
    const auto part = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), part);
    decoder_.received(part);
    bytes = bytes.subspan(part);
    if (!take_messages()) return false;
  }
  return true;
}

bool LinkDesk::JoinedConnection::take_messages() {
  while (hears()) {
    const auto message = decoder_.next();
    if (!message) break;
    if (!handle(*message)) return false;
  }
  return decoder_.fault() == link::Fault::none ||
         refuse(fmt::format("VMLLNK001E {}", to_string(decoder_.fault())));
}

bool LinkDesk::JoinedConnection::handle(const link::MessageView& message) {
  using link::MessageType;
  // Whatever is no frame may end a port that one was given to.
  if (message.type != MessageType::frame) {
    publish();
    work_ += work_of_message;
  }
  if (message.type == MessageType::hello) return join(message.body);
  if (message.type == MessageType::command) {
    work_ = work_of_turn;
    if (desk_.take_command_turn(id_)) {
      carry_out(message.body);
    } else {
      command_.emplace(message.body.begin(), message.body.end());
    }
    return true;
  }
  if (message.type == MessageType::capture) return start_capture(message.body);
  if (message.type == MessageType::capture_stop) {
    end_capture();
    return true;
  }
  auto* nic_there = nic();
  if (!joined_) return refuse("VMLLNK002E HELLO is missing");
  if (nic_there == nullptr) return true;  // taken away; END is on its way
  switch (message.type) {
    case MessageType::control:
      nic_there->send(message.device_index, message.body);
      break;
    case MessageType::reset:
      nic_there->reset(message.device_index);
      break;
    case MessageType::queues_started:
      start_queues(message.device_index);
      break;
    case MessageType::queues_stopped:
      stop_queues(message.device_index);
      break;
    case MessageType::frame:
      forward(message);
      break;
    case MessageType::losses:
      count_losses(message);
      break;
    default:
      break;  // the decoder lets nothing else through
  }
  return true;
}

bool LinkDesk::JoinedConnection::join(std::span<const std::byte> body) {
  const auto parsed = link::parse_hello(body);
  if (parsed.fault != link::Fault::none) return refuse(fmt::format("VMLLNK001E {}", to_string(parsed.fault)));
  if (joined_ || captures()) return refuse("VMLLNK003E A second HELLO");
  if (desk_.take_unheard_end(parsed.hello)) {
    hello_ = parsed.hello;
    end_for_good();
    return true;
  }
  const link::Hello& hello = parsed.hello;
  const LinkDefaults& defaults = desk_.defaults_;
  const bool iqd = hello.kind == qdio::AdapterKind::iqd;

  cp::JoinRequest guest;
  guest.userid = hello.user;
  guest.nic.device = hello.base_device;
  guest.nic.devices = hello.devices;
  guest.nic.kind = hello.kind;
  guest.nic.channel_path = hello.channel_path;
  guest.nic.lan_owner = hello.lan_name.empty() ? defaults.lan_owner : hello.lan_owner;
  guest.nic.lan_name =
      hello.lan_name.empty() ? (iqd ? defaults.hipers_lan : defaults.qdio_lan) : hello.lan_name;
  guest.create_lan = defaults.create_lans;
  guest.transport = iqd ? qdio::Transport::ip : qdio::Transport::ethernet;
  if (!hello.mac.is_zero()) guest.mac = hello.mac;
  guest.mac_is_wish = hello.mac_is_wish;
  guest.whole_super_frames = hello.whole_super_frames;
  guest.vlan = hello.vlan;
  for (const auto& [id, other] : desk_.guests_) {
    const bool same = other.get() != this && other->user() == hello.user && other->is_logged_on();
    if (!same || other->instance() != hello.instance) continue;
    if (other->hello_.base_device == hello.base_device) {
      return refuse(fmt::format("VMLLNK006E {} has NIC {:04X} already", hello.user, hello.base_device.value));
    }
    guest.may_be_logged_on = true;
  }
  const cp::Joined result = desk_.system_.join(guest, *this);
  if (result.nic == nullptr) return refuse(result.refusal);

  hello_ = hello;
  joined_ = true;
  desk_.had_guests_ = true;
  logon_ = desk_.system_.find(hello.user)->sequence();
  decoder_.set_devices(result.nic->settings().devices);
  link::Accept accept;
  accept.mac = result.nic->settings().mac;
  accept.channel_path = result.nic->settings().channel_path;
  accept.max_frame_size = result.nic->lan() == nullptr ? 0 : result.nic->lan()->attributes().max_frame_size;
  if (const auto* lan = result.nic->lan()) {
    accept.lan = fmt::format("{} {}", lan->attributes().owner, lan->attributes().name);
  }
  const auto accept_body = link::to_body(accept);
  const auto header = header_of(link::MessageType::accept, 0, sizeof(accept_body) + accept.lan.size());
  const std::array pieces{bytes_of_block(header), bytes_of_block(accept_body), bytes_of(accept.lan)};
  desk_.connections_->send(id_, pieces);
  desk_.connections_->flush(id_);
  return true;
}

// A CP command of the host's operator, under the system's own identity: the socket is the host user's own.
void LinkDesk::JoinedConnection::carry_out(std::span<const std::byte> command) {
  const auto reply = desk_.system_.command({reinterpret_cast<const char*>(command.data()), command.size()});
  for (const auto& line : reply.lines) {
    if (send_text(link::MessageType::response, line)) continue;
    // Half an answer is none.
    close();
    return;
  }
  const arch::be32 code = static_cast<std::uint32_t>(reply.return_code);
  send(link::MessageType::return_code, 0, bytes_of_block(code));
}

}  // namespace vmlan::apps
