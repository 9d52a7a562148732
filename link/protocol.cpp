#include "link/protocol.h"

#include <algorithm>
#include <cstring>

namespace vmlan::link {

namespace {

bool printable(char character) noexcept { return character > ' ' && character <= '~'; }

Name to_name(std::string_view text) noexcept {
  Name name;
  name.fill(' ');
  std::copy_n(text.begin(), std::min(text.size(), name.size()), name.begin());
  return name;
}

// Without the blanks on the right; nothing if a character is no part of a name.
std::optional<std::string> from_name(const Name& name) {
  std::string_view text(name.data(), name.size());
  const std::size_t last = text.find_last_not_of(' ');
  text = last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
  if (!std::all_of(text.begin(), text.end(), printable)) return std::nullopt;
  return std::string(text);
}

template <class Body>
Body head_of(std::span<const std::byte> body) noexcept {
  Body head;
  std::memcpy(static_cast<void*>(&head), body.data(), std::min(sizeof(head), body.size()));
  return head;
}

std::span<const std::byte> behind(std::span<const std::byte> body, std::size_t head) noexcept {
  return body.subspan(std::min(head, body.size()));
}

std::optional<qdio::AdapterKind> kind_of(std::uint8_t code) noexcept {
  switch (code) {
    case adapter_code::osd:
      return qdio::AdapterKind::osd;
    case adapter_code::iqd:
      return qdio::AdapterKind::iqd;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view to_string(Fault fault) noexcept {
  switch (fault) {
    case Fault::none:
      return "no fault";
    case Fault::unknown_type:
      return "message of unknown type";
    case Fault::too_short:
      return "message too short";
    case Fault::too_long:
      return "message too long";
    case Fault::wrong_device:
      return "message for a device that does not exist";
    case Fault::wrong_version:
      return "other version of the link protocol";
    case Fault::wrong_field:
      return "field without sense";
    case Fault::out_of_order:
      return "message out of order";
  }
  return "unknown fault";
}

std::string_view to_string(MessageType type) noexcept {
  switch (type) {
    case MessageType::hello:
      return "HELLO";
    case MessageType::reset:
      return "RESET";
    case MessageType::queues_started:
      return "QUEUES_STARTED";
    case MessageType::queues_stopped:
      return "QUEUES_STOPPED";
    case MessageType::losses:
      return "LOSSES";
    case MessageType::command:
      return "COMMAND";
    case MessageType::capture:
      return "CAPTURE";
    case MessageType::capture_stop:
      return "CAPTURE_STOP";
    case MessageType::captured:
      return "CAPTURED";
    case MessageType::response:
      return "RESPONSE";
    case MessageType::return_code:
      return "RETURN_CODE";
    case MessageType::accept:
      return "ACCEPT";
    case MessageType::refuse:
      return "REFUSE";
    case MessageType::end:
      return "END";
    case MessageType::control:
      return "CONTROL";
    case MessageType::frame:
      return "FRAME";
    case MessageType::unfinished_frame:
      return "UNFINISHED_FRAME";
  }
  return "unknown message";
}

HelloBody to_body(const Hello& hello) noexcept {
  HelloBody body;
  body.version = protocol_version;
  body.base_device = hello.base_device.value;
  body.devices = static_cast<std::uint8_t>(hello.devices);
  body.kind = hello.kind == qdio::AdapterKind::iqd ? adapter_code::iqd : adapter_code::osd;
  body.channel_path = hello.channel_path;
  body.flags = static_cast<std::uint8_t>((hello.mac_is_wish ? hello_flag::mac_is_wish : 0U) |
                                         (hello.whole_super_frames ? hello_flag::whole_super_frames : 0U));
  body.instance = hello.instance;
  body.user = to_name(hello.user);
  body.lan_owner = to_name(hello.lan_owner);
  body.lan_name = to_name(hello.lan_name);
  body.mac = hello.mac.bytes;
  body.vlan = hello.vlan;
  return body;
}

AcceptBody to_body(const Accept& accept) noexcept {
  AcceptBody body;
  body.mac = accept.mac.bytes;
  body.channel_path = accept.channel_path;
  body.max_frame_size = accept.max_frame_size;
  return body;
}

HelloResult parse_hello(std::span<const std::byte> body) {
  if (body.size() < sizeof(HelloBody)) return {{}, Fault::too_short};
  const auto head = head_of<HelloBody>(body);
  if (head.version != protocol_version) return {{}, Fault::wrong_version};

  const auto kind = kind_of(head.kind);
  auto user = from_name(head.user);
  auto owner = from_name(head.lan_owner);
  auto name = from_name(head.lan_name);
  if (!kind || !user || user->empty() || !owner || !name || owner->empty() != name->empty() ||
      head.devices < min_devices || head.devices > max_devices ||
      head.base_device + (head.devices - 1U) > 0xffffU || (head.mac[0] & 1U) != 0 ||
      head.vlan > highest_vlan ||
      (head.flags & ~(hello_flag::mac_is_wish | hello_flag::whole_super_frames)) != 0) {
    return {{}, Fault::wrong_field};
  }
  Hello hello;
  hello.instance = head.instance;
  hello.user = std::move(*user);
  hello.base_device = {head.base_device};
  hello.devices = head.devices;
  hello.kind = *kind;
  hello.channel_path = head.channel_path;
  hello.mac = {head.mac};
  hello.mac_is_wish = (head.flags & hello_flag::mac_is_wish) != 0;
  hello.whole_super_frames = (head.flags & hello_flag::whole_super_frames) != 0;
  hello.lan_owner = std::move(*owner);
  hello.lan_name = std::move(*name);
  hello.vlan = head.vlan;
  hello.program = text_of(behind(body, sizeof(HelloBody)));
  return {std::move(hello), Fault::none};
}

CaptureBody to_body(const Capture& capture) noexcept {
  CaptureBody body;
  body.lan_owner = to_name(capture.lan_owner);
  body.lan_name = to_name(capture.lan_name);
  body.user = to_name(capture.user);
  body.snap_length = capture.snap_length;
  body.flags = static_cast<std::uint8_t>((capture.dropped ? capture_flag::dropped : 0) |
                                         (capture.control ? capture_flag::control : 0));
  return body;
}

CaptureResult parse_capture(std::span<const std::byte> body) {
  if (body.size() < sizeof(CaptureBody)) return {{}, Fault::too_short};
  const auto head = head_of<CaptureBody>(body);
  auto owner = from_name(head.lan_owner);
  auto name = from_name(head.lan_name);
  auto user = from_name(head.user);
  const bool zeros = std::ranges::all_of(head.reserved, [](std::uint8_t byte) { return byte == 0; });
  if (!owner || owner->empty() || !name || name->empty() || !user || !zeros ||
      (head.flags & ~(capture_flag::dropped | capture_flag::control)) != 0) {
    return {{}, Fault::wrong_field};
  }
  return {{std::move(*owner), std::move(*name), std::move(*user), head.snap_length,
           (head.flags & capture_flag::dropped) != 0, (head.flags & capture_flag::control) != 0},
          Fault::none};
}

Accept parse_accept(std::span<const std::byte> body) {
  const auto head = head_of<AcceptBody>(body);
  return {{head.mac}, head.channel_path, head.max_frame_size, text_of(behind(body, sizeof(AcceptBody)))};
}

LossesBody parse_losses(std::span<const std::byte> body) noexcept { return head_of<LossesBody>(body); }

End parse_end(std::span<const std::byte> body) {
  const auto after = body.empty() ? std::byte{0} : body.front();
  return {after == std::byte{0} ? AfterEnd::come_again : AfterEnd::stay_away,
          text_of(behind(body, sizeof(EndBody)))};
}

std::string text_of(std::span<const std::byte> text) {
  std::string result(reinterpret_cast<const char*>(text.data()), text.size());
  std::replace_if(
      result.begin(), result.end(), [](char character) { return character != ' ' && !printable(character); },
      '.');
  return result;
}

}  // namespace vmlan::link
