// What a Hercules module and the base say to each other over a UNIX stream socket: messages of a fixed header
// and a body, many per read() and write(). Facts and conversions only; no socket here.
//
// The module (client) runs the queue engine and the channel commands, because they need the emulated main
// storage; adapter, virtual NIC and LAN are the base's. So control messages and frames cross, and what starts
// and ends them. One connection is one virtual NIC.
//
// Each side takes the other for hostile: an unknown type, a body too short or too long, a field without sense
// ends the connection under a name (Fault). Neither blocks: a side that can't take more stops reading, a side
// that can't write keeps a bounded SendBuffer.
//
// Our own protocol, no document but this.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "arch/big_endian.h"
#include "arch/types.h"
#include "qdio/adapter/adapter_port.h"
#include "wire/mac_address.h"
#include "wire/transport_header.h"

namespace vmlan::link {

inline constexpr std::uint16_t protocol_version = 2;
// Body bytes at most: a TSO super-frame of 64 KiB with its transport header, and some room.
inline constexpr std::size_t max_body = 70000;
// Devices of one NIC at most: 3 to this many.
inline constexpr unsigned min_devices = 3;
inline constexpr unsigned max_devices = 64;

enum class MessageType : std::uint16_t {
  // client to base
  hello = 0x0101,           // HelloBody, then text: the program and its device ("Hercules 3.13, device 0A00")
  reset = 0x0102,           // no body: that device was halted, cleared or reset; its session is over
  queues_started = 0x0103,  // no body: ACTIVATE QUEUES succeeded
  queues_stopped = 0x0104,  // no body
  losses = 0x0106,          // LossesBody: of a data device, since the last one
  command = 0x0105,         // text: a CP command of the operator; needs no HELLO
  capture = 0x0107,         // CaptureBody: of a LAN; instead of HELLO
  capture_stop = 0x0108,    // no body: what was captured so far is sent, then END
  // base to client
  accept = 0x0201,  // AcceptBody, then text: the LAN as QUERY NIC shows it, empty if not coupled
  refuse =
      0x0202,    // text: message number and why ("HCPLGA054E LINUX1 already logged on"); then the base closes
  end = 0x0203,  // text: why the NIC goes away (FORCE, SHUTDOWN, DETACH NIC); then the base closes
  response = 0x0204,     // text: a line of a command's response
  return_code = 0x0205,  // be32: CP's return code; the command is over
  captured = 0x0206,     // whole blocks of a pcapng section that begins with the first
  // both ways
  control = 0x0301,  // IDX ACTIVATE or a PDU, as the guest wrote it or shall READ it
  // Transport header (32 bytes, 64 with TSO identifiers) and payload, exactly as taken from the guest's
  // output
  // buffer; towards the guest as it shall lie in the input buffer.
  frame = 0x0302,
  // To the client: OffloadBody, transport header, payload. The client completes what the sender's driver left
  // to its adapter: see offload.h.
  unfinished_frame = 0x0303,
};

struct Header {
  arch::be32 length;  // of the body
  arch::be16 type;
  arch::be16 device_index;  // counts from the NIC's base device; 0 where a message means the whole NIC
};
static_assert(sizeof(Header) == 8);

inline constexpr std::size_t name_length = 8;
inline constexpr std::uint16_t highest_vlan = 4094;
using Name = std::array<char, name_length>;  // ASCII, padded with blanks

namespace adapter_code {  // HelloBody::kind
inline constexpr std::uint8_t osd = 0;
inline constexpr std::uint8_t iqd = 1;
}  // namespace adapter_code

namespace hello_flag {  // HelloBody::flags; the others are zero
// The MAC address is the one this guest had from a base before: taken if it is free, and one of the base's.
// Without: the one its operator names.
inline constexpr std::uint8_t mac_is_wish = 0x80;
// The guest takes super-frames in one piece.
inline constexpr std::uint8_t whole_super_frames = 0x40;
}  // namespace hello_flag

struct HelloBody {
  arch::be16 version;
  arch::be16 base_device;
  std::uint8_t devices = 0;
  std::uint8_t kind = 0;
  std::uint8_t channel_path = 0;
  std::uint8_t flags = 0;
  // Chosen once per Hercules process: several NICs of one user come from one instance, a second Hercules
  // with the same user has another one and is refused.
  arch::be64 instance;
  Name user{};
  Name lan_owner{};  // blank: none named, the base decides
  Name lan_name{};
  std::array<std::uint8_t, 6> mac{};  // zeros: the base assigns one
  arch::be16 vlan;                    // of a virtual switch: the one it asks for, untagged; 0: none
};
static_assert(sizeof(HelloBody) == 48);

struct AcceptBody {
  std::array<std::uint8_t, 6> mac{};
  std::uint8_t channel_path = 0;
  std::uint8_t reserved = 0;
  arch::be32 max_frame_size;  // longest payload either way
};
static_assert(sizeof(AcceptBody) == 12);

// Packets that were lost on the client's side; more than a field holds are told the next time.
struct LossesBody {
  // Of the guest's.
  arch::be32 no_system;  // while the base was away, or before the session began
  arch::be32 malformed;
  // For the guest, after they had been sent to the client.
  arch::be32 no_empty_buffer;
  arch::be32 unusable_buffer;  // or too short
  arch::be32 not_active;
};
static_assert(sizeof(LossesBody) == 20);

// The frames of a LAN, from now on.
struct CaptureBody {
  Name lan_owner{};
  Name lan_name{};
  Name user{};             // blank: everybody's frames
  arch::be32 snap_length;  // bytes kept of a frame; 0: all
  std::uint8_t flags = 0;
  std::array<std::uint8_t, 3> reserved{};
};
static_assert(sizeof(CaptureBody) == 32);

namespace capture_flag {  // CaptureBody::flags; the others are zero
inline constexpr std::uint8_t dropped = 0x80;
inline constexpr std::uint8_t control = 0x40;  // besides: what is said on control channels
}  // namespace capture_flag

// What the client does after END. Without END, or after REFUSE, it tries again by itself.
enum class AfterEnd : std::uint8_t {
  come_again = 0,  // the base stops (SHUTDOWN): the client waits for the next one
  stay_away = 1,   // this user is not wanted any more (FORCE, DETACH NIC): only its operator brings it back
};

struct EndBody {
  AfterEnd after = AfterEnd::come_again;
};
static_assert(sizeof(EndBody) == 1);

// The same, read and judged. Names are without blanks, text is printable ASCII.
struct Hello {
  std::uint64_t instance = 0;
  std::string user;
  arch::DeviceNumber base_device;
  unsigned devices = min_devices;
  qdio::AdapterKind kind = qdio::AdapterKind::osd;
  std::uint8_t channel_path = 0;
  wire::MacAddress mac;
  bool mac_is_wish = false;
  bool whole_super_frames = false;
  std::string lan_owner;
  std::string lan_name;
  std::uint16_t vlan = 0;
  std::string program;
};

struct Accept {
  wire::MacAddress mac;
  std::uint8_t channel_path = 0;
  std::uint32_t max_frame_size = 0;
  std::string lan;
};

struct Capture {
  std::string lan_owner;
  std::string lan_name;
  std::string user;
  std::uint32_t snap_length = 0;
  bool dropped = false;
  bool control = false;
};

// Why a connection ends.
enum class Fault : std::uint8_t {
  none,
  unknown_type,   // or a type that this side does not send
  too_short,      // body shorter than its type needs
  too_long,       // body longer than its type may have
  wrong_device,   // a device the NIC does not have
  wrong_version,  // HELLO of another version of this protocol
  wrong_field,    // HELLO: a name, a kind, a number of devices without sense
  out_of_order,   // before HELLO or ACCEPT, or a second one
};
std::string_view to_string(Fault fault) noexcept;
std::string_view to_string(MessageType type) noexcept;

// Everything longer than its field is cut off; sentences of the host's operator, not of a guest.
HelloBody to_body(const Hello& hello) noexcept;
AcceptBody to_body(const Accept& accept) noexcept;

struct HelloResult {
  Hello hello;
  Fault fault = Fault::none;
};
// `body` as the decoder passed it (long enough).
HelloResult parse_hello(std::span<const std::byte> body);
CaptureBody to_body(const Capture& capture) noexcept;
struct CaptureResult {
  Capture capture;
  Fault fault = Fault::none;
};
// `body` as the decoder passed it.
CaptureResult parse_capture(std::span<const std::byte> body);
Accept parse_accept(std::span<const std::byte> body);
LossesBody parse_losses(std::span<const std::byte> body) noexcept;
struct End {
  AfterEnd after = AfterEnd::come_again;
  std::string text;
};
End parse_end(std::span<const std::byte> body);
// A text of the other side for a person: printable ASCII, everything else shown as a period. Whole: the
// decoder bounds it.
std::string text_of(std::span<const std::byte> text);

// One message in a receive buffer; valid until the decoder is touched again.
struct MessageView {
  MessageType type{};
  unsigned device_index = 0;
  std::span<const std::byte> body;
};

}  // namespace vmlan::link
