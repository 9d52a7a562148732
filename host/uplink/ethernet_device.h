// A real device of an uplink, where z/VM has an OSA: it carries Ethernet frames between a LAN and something
// outside of it (a NAT engine, a TAP device, a VDE switch, an emulator's socket).
//
// Nothing here waits: what the other side does not take is refused under a name. A device whose other side
// goes away says so, and looks for it again from tend(); until then it is down, and nobody else is held up.
// What comes from outside is hostile: a device gives it on as it came, bounded in length and in number in
// each pass, and judges only what it acts upon itself.
//
// It gives frames to its receiver from within tend() and happened() only, never from within send(): an
// answer that its engine has at once waits there until the next tend(), for which deadline() asks.
//
// Owns: its descriptors and whatever engine is behind them. Threads: the base's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/event_loop.h"
#include "wire/mac_address.h"

namespace vmlan::host {

// What is still to be done to a frame, as virtio's net header has it (struct virtio_net_hdr). All zero: the
// frame is finished.
struct FrameWork {
  enum class Segmentation : std::uint8_t { none, tcp_v4, tcp_v6 };

  bool checksum = false;              // to be filled in: of all from checksum_start on
  bool checksum_good = false;         // from outside: it has been verified, or nobody needs it
  std::uint16_t checksum_start = 0;   // of the TCP or UDP header
  std::uint16_t checksum_offset = 0;  // from there: where it goes
  Segmentation segmentation = Segmentation::none;
  std::uint16_t segment_size = 0;   // payload bytes of each packet but the last
  std::uint16_t header_length = 0;  // Ethernet, IP and TCP headers

  // The same with so many bytes more in front of the frame.
  FrameWork behind(std::size_t bytes) const noexcept {
    const auto more = static_cast<std::uint16_t>(bytes);
    FrameWork moved = *this;
    if (checksum) moved.checksum_start = static_cast<std::uint16_t>(checksum_start + more);
    if (segmentation != Segmentation::none)
      moved.header_length = static_cast<std::uint16_t>(header_length + more);
    return moved;
  }
};

class FrameReceiver {
 public:
  virtual ~FrameReceiver() = default;
  // A frame from outside, without FCS. The bytes are the device's and stay until it returns.
  virtual void received(std::span<const std::byte> frame, const FrameWork& work) = 0;
  // After the last frame of a batch.
  virtual void batch_received() = 0;
  // The device has come or gone: see state(). As with frames, from within tend() and happened() only: send()
  // runs in the middle of a LAN's forwarding, which this changes.
  virtual void state_changed() = 0;
};

class EthernetDevice : public EventSource {
 public:
  enum class State : std::uint8_t {
    ready,
    waiting,  // the other side is away; it is looked for again
    dead,     // for good, until somebody defines it anew
  };
  enum class Sent : std::uint8_t {
    sent,
    full,      // the other side has taken nothing for a while
    too_long,  // longer than the other side takes
    down,      // there is no other side
  };
  // The largest frame any device takes or gives: a super-frame, its headers and a VLAN tag.
  static constexpr std::size_t longest_frame = 65536 + 18;
  // Frames given on in one pass, so that nobody else waits.
  static constexpr unsigned most_in_a_pass = 256;

  // Once, before it is added to a loop. The receiver outlives the device.
  virtual void start(FrameReceiver& receiver) = 0;
  // The pieces together are one frame, from its Ethernet header on, of at most longest_frame bytes; they are
  // copied or written before it returns. Of a device that does no work the sender finishes frames first:
  // does_work() says so.
  virtual Sent send(std::span<const std::span<const std::byte>> pieces, const FrameWork& work) = 0;
  // After the last frame of a batch.
  virtual void flush() = 0;

  virtual bool does_work() const { return false; }
  // The longest TCP super-frame that it takes in one piece, with its checksums filled in, though it does no
  // work: its own sockets cut it anew. The frame's work names the segmentation. 0: none.
  virtual std::size_t super_frame_limit() const { return 0; }
  // For a LAN whose guests know no Ethernet: every address of theirs is at this one, and the device answers
  // for it. Nothing: guests answer themselves. Only a device that says so serves such LANs.
  virtual void answer_for(std::optional<wire::MacAddress> /*mac*/) {}
  virtual bool answers() const { return false; }
  // The name of the group whose devices it stands for; empty: it is one device.
  virtual std::string group() const { return {}; }
  // Longest frame it takes now, without a VLAN tag: its MTU and 14 bytes.
  virtual std::size_t frame_limit() const = 0;
  virtual State state() const = 0;
  // "NAT 10.0.2.0/24", "TAP tap0": what QUERY shows behind the device number.
  virtual std::string name() const = 0;
  // Why it is not ready: "vde_switch has gone", empty if it is.
  virtual std::string trouble() const { return {}; }
  // Further lines of QUERY UPLINK ... DETAILS, without indentation: leases, forwarded ports, the peer.
  virtual std::vector<std::string> details() const { return {}; }
  // Real time passes outside: such a device cannot serve a system with a virtual clock.
  virtual bool needs_real_clock() const { return true; }
};

}  // namespace vmlan::host
