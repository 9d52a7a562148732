// The link desk between bytes of several connections and commands of the operator, against a real control
// program and without sockets. The input is a series of steps; the first byte of each says what it is and on
// which of four connections. A guest may say what Linux' driver said in a recorded life, so that a few bytes
// of input bring it up, and send packets of every shape.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/link_desk.h"
#include "cp/control_program.h"
#include "link/protocol.h"
#include "tests/fuzz/guest_talk.h"
#include "tests/fuzz/input.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/recording.h"

namespace {

using namespace vmlan;

class NoConsoles final : public cp::ConsoleSink {
 public:
  void line(std::string_view, std::string_view) override {}
};

// What the desk has said to each connection is only counted.
class Wires final : public host::Connections {
 public:
  static constexpr std::size_t limit = std::size_t{1} << 20U;
  struct Wire {
    std::size_t owed = 0;
    bool paused = false;
    bool closing = false;
  };

  bool send(host::ConnectionId id, std::span<const std::span<const std::byte>> pieces) override {
    Wire* wire = find(id);
    if (wire == nullptr || wire->closing) return false;
    std::size_t length = 0;
    for (const auto& piece : pieces) length += piece.size();
    if (wire->owed + length > limit) return false;
    wire->owed += length;
    return true;
  }
  void flush(host::ConnectionId) override {}
  void pause(host::ConnectionId id, bool paused) override {
    if (Wire* wire = find(id)) wire->paused = paused;
  }
  void close(host::ConnectionId id) override {
    if (Wire* wire = find(id)) wire->closing = true;
  }
  std::size_t owed(host::ConnectionId id) const noexcept override {
    const auto found = wires.find(id);
    return found == wires.end() ? 0 : found->second.owed;
  }
  Wire* find(host::ConnectionId id) {
    const auto found = wires.find(id);
    return found == wires.end() ? nullptr : &found->second;
  }

  std::map<host::ConnectionId, Wire> wires;
};

constexpr std::array<std::string_view, 4> users{"ALICE", "BOB", "CAROL", "DAVE"};
constexpr std::array<std::string_view, 16> commands{"FORCE ALICE",
                                                    "FORCE BOB",
                                                    "DETACH LAN LAN1 OWNERID SYSTEM",
                                                    "DETACH LAN HIPER1 OWNERID SYSTEM",
                                                    "SET LAN LAN1 OWNERID SYSTEM RESTRICTED",
                                                    "SET LAN LAN1 OWNERID SYSTEM GRANT ALICE",
                                                    "SET LAN LAN1 OWNERID SYSTEM REVOKE ALICE",
                                                    "QUERY LAN ALL DETAILS",
                                                    "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP",
                                                    "DEFINE LAN HIPER1 OWNERID SYSTEM TYPE HIPERS",
                                                    "QUERY LAN LAN1 BUFFERS",
                                                    "QUERY NIC",
                                                    "LOGOFF",
                                                    "FORCE OPERATOR",
                                                    "QUERY NAMES",
                                                    "SHUTDOWN"};
// What a class G user whose guest is outside may type by its module.
constexpr std::array<std::string_view, 4> own_commands{"UNCOUPLE 0600", "COUPLE 0600 TO SYSTEM LAN1",
                                                       "DETACH NIC 0600", "LOGOFF"};

void append(std::vector<std::byte>& bytes, link::MessageType type, unsigned device,
            std::span<const std::byte> body) {
  link::Header header;
  header.length = static_cast<std::uint32_t>(body.size());
  header.type = static_cast<std::uint16_t>(type);
  header.device_index = static_cast<std::uint16_t>(device);
  const auto head = std::as_bytes(std::span(&header, 1));
  bytes.insert(bytes.end(), head.begin(), head.end());
  bytes.insert(bytes.end(), body.begin(), body.end());
}

// Of the kinds of tests/golden/dialogue, read once.
const kit::Recording& life(unsigned number) {
  static const std::array lives{kit::read_recording("osd-layer3"), kit::read_recording("osd-layer2"),
                                kit::read_recording("hipersockets-layer3"),
                                kit::read_recording("hipersockets-layer2")};
  return lives[number % lives.size()];
}

class Office {
 public:
  Office() : system_({clock_, consoles_, {}, {}}), desk_(system_, clock_, {}) {
    desk_.attach(wires_);
    for (auto& id : ids_) id = open();
  }
  ~Office() {
    desk_.shut_down();
    for (const auto& [id, wire] : wires_.wires) desk_.closed(id);
  }

  void step(fuzz::Input& input) {
    const unsigned what = input.byte();
    auto& id = ids_[what % ids_.size()];
    std::vector<std::byte> bytes;
    // Several messages may come in one write.
    for (unsigned left = 1 + (what >> 2U) % 4; left > 0; --left) add(input, what % ids_.size(), bytes);
    if (!bytes.empty()) hear(id, bytes);
    if ((what & 0x40U) != 0) {
      clock_.advance_to(clock_.now() + std::chrono::milliseconds(500));
      system_.run_until_idle(10);
    }
    // Most of the time a pass of the loop ends here; several connections may have said something in it.
    if ((what & 0x30U) != 0x30U) {
      desk_.look_after();
      desk_.give_turns();
    }
    if ((what & 0x80U) != 0) wires_.find(id)->owed = 0;  // it takes what it was sent
    sweep();
  }

 private:
  host::ConnectionId open() {
    const auto id = ++last_;
    wires_.wires[id];
    desk_.connected(id);
    return id;
  }
  void hear(host::ConnectionId id, std::span<const std::byte> bytes) {
    const auto* wire = wires_.find(id);
    if (wire->paused || wire->closing) return;
    if (!desk_.received(id, bytes)) wires_.close(id);
  }
  void sweep() {
    for (auto& id : ids_) {
      if (!wires_.find(id)->closing) continue;
      desk_.closed(id);
      wires_.wires.erase(id);
      id = open();
    }
  }
  void add(fuzz::Input& input, std::size_t user, std::vector<std::byte>& bytes) {
    const unsigned kind = input.byte() % 11;
    switch (kind) {
      case 8:
        return live(input, user, bytes);
      case 9:
      case 10:
        return append(bytes, link::MessageType::frame, 2, fuzz::packet(input, lives_[user].number % 2 == 1));
      case 0:
        return hello(input, user, bytes);
      case 1:
        return command(commands[input.byte() % commands.size()], bytes);
      case 2: {  // by the user itself, as its own class allows
        if (auto* machine = system_.find(users[user])) {
          system_.type(users[user], own_commands[input.byte() % own_commands.size()]);
          static_cast<void>(machine);
        }
        return;
      }
      case 3:
        wires_.close(ids_[user]);
        return;
      case 5: {  // of a LAN that may be there
        link::CaptureBody body =
            link::to_body(link::Capture{"SYSTEM", "LAN1", std::string(users[user]), 0, false});
        if ((input.byte() & 1U) != 0) body.flags = link::capture_flag::dropped;
        return append(bytes, link::MessageType::capture, 0, std::as_bytes(std::span(&body, 1)));
      }
      case 4: {  // as they come
        const auto raw = input.take(input.byte());
        bytes.insert(bytes.end(), raw.begin(), raw.end());
        return;
      }
      default: {
        constexpr std::array types{link::MessageType::control,        link::MessageType::frame,
                                   link::MessageType::queues_started, link::MessageType::queues_stopped,
                                   link::MessageType::reset,          link::MessageType::losses,
                                   link::MessageType::command,        link::MessageType::unfinished_frame,
                                   link::MessageType::capture,        link::MessageType::capture_stop};
        const auto type = types[input.byte() % types.size()];
        const unsigned device = input.byte() % 4;
        append(bytes, type, device, input.take(input.half() % 2048));
      }
    }
  }
  // What the driver of a recorded life says next, several messages at once; the IPv4 address it registers is
  // that of the user's packets.
  void live(fuzz::Input& input, std::size_t user, std::vector<std::byte>& bytes) {
    constexpr std::byte set_ip{0xb1};
    constexpr std::size_t address = 20;
    auto& [number, at] = lives_[user];
    const unsigned how = input.byte();
    if ((how & 0x80U) != 0) {
      number = how & 3U;
      at = 0;
    }
    const auto& messages = life(number).messages;
    for (unsigned left = input.byte(); left > 0 && at < messages.size(); --left, ++at) {
      if (!messages[at].from_guest) continue;
      auto message = messages[at].bytes;
      const auto body = kit::LinuxDriver::body_of(message);
      if (body.size() > address + 4 && body[0] == set_ip && body[11] == std::byte{4}) {
        const std::size_t at_address = message.size() - body.size() + address;
        const auto own = kit::from_hex("0A000000");
        std::copy(own.begin(), own.end(), message.begin() + static_cast<std::ptrdiff_t>(at_address));
        message[at_address + 3] = static_cast<std::byte>(user + 1);
      }
      append(bytes, link::MessageType::control, messages[at].device_index, message);
    }
    append(bytes, link::MessageType::queues_started, 2, {});
  }
  static void command(std::string_view text, std::vector<std::byte>& bytes) {
    append(bytes, link::MessageType::command, 0, std::as_bytes(std::span(text.data(), text.size())));
  }
  static void hello(fuzz::Input& input, std::size_t user, std::vector<std::byte>& bytes) {
    const unsigned how = input.byte();
    link::Hello hello;
    hello.instance = 1 + (how & 1U);
    hello.user = users[(how & 2U) != 0 ? 0 : user];
    hello.base_device = {static_cast<std::uint16_t>((how & 4U) != 0 ? 0x700 : 0x600)};
    hello.kind = (how & 8U) != 0 ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    hello.whole_super_frames = (how & 16U) != 0;
    hello.channel_path = 4;
    if ((how & 32U) != 0) {
      hello.lan_owner = "SYSTEM";
      hello.lan_name =
          (hello.kind == qdio::AdapterKind::iqd ? "HIPER" : "LAN") + std::to_string(input.byte() % 8);
    }
    hello.program = "fuzz";
    const auto body = link::to_body(hello);
    append(bytes, link::MessageType::hello, 0, std::as_bytes(std::span(&body, 1)));
  }

  arch::VirtualClock clock_;
  NoConsoles consoles_;
  cp::ControlProgram system_;
  Wires wires_;
  apps::LinkDesk desk_;
  std::array<host::ConnectionId, users.size()> ids_{};
  struct Life {
    unsigned number = 0;
    std::size_t at = 0;
  };
  std::array<Life, users.size()> lives_{};
  host::ConnectionId last_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr unsigned most_steps = 200;
  fuzz::Input input(std::span(data, size));
  Office office;
  for (unsigned count = 0; count < most_steps && !input.empty(); ++count) office.step(input);
  return 0;
}
