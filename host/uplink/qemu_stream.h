// An uplink that speaks QEMU's stream framing on a UNIX socket: to a virtual machine (`-netdev stream`), or
// to passt, which is a NAT engine.
//
// It connects to a path, and again with growing pauses whenever nobody is there; or it listens at one, for
// one peer at a time. Only this host user's programs and root's are talked to. QEMU 7.2 does not connect
// again by itself: of a pair that includes it, the other one should connect ("observed").
//
// Frames of a batch are collected and written by flush(); what the peer does not take waits, up to a bound.
//
// Owns: the sockets, and the socket's file if it listens. Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/descriptor.h"
#include "host/output_buffer.h"
#include "host/unix_socket.h"
#include "host/uplink/ethernet_device.h"
#include "host/uplink/pauses.h"
#include "host/uplink/qemu_stream_frames.h"

namespace vmlan::host {

class StreamDevice final : public EthernetDevice {
 public:
  enum class Role : std::uint8_t { connects, listens };
  // Bytes that may wait for the peer.
  static constexpr std::size_t output_limit = std::size_t{2} << 20U;
  // Nobody is let in for so long after descriptors or memory for one more were missing.
  static constexpr arch::Time pause_without_room = std::chrono::milliseconds(250);

  // That nobody is at the path yet is no error for who connects. Errors: "PATH: reason".
  static std::variant<std::unique_ptr<StreamDevice>, std::string> open(const std::string& path, Role role);
  StreamDevice(const StreamDevice&) = delete;
  StreamDevice& operator=(const StreamDevice&) = delete;

  void start(FrameReceiver& receiver) override { receiver_ = &receiver; }
  Sent send(std::span<const std::span<const std::byte>> pieces, const FrameWork& work) override;
  void flush() override;
  std::size_t frame_limit() const override;
  State state() const override { return peer_ && lost_.empty() ? State::ready : State::waiting; }
  std::string name() const override;
  std::string trouble() const override;
  std::vector<std::string> details() const override;

  void tend(arch::Time now) override;
  std::optional<arch::Time> deadline() const override;
  void add_to(std::vector<pollfd>& polled) override;
  void happened(std::span<const pollfd> polled) override;

 private:
  StreamDevice(std::string path, std::optional<UnixListener> listener);
  // Why the path has no peer now; empty: it has.
  std::string connect();
  void take_peer(Descriptor socket);
  void accept();
  void read();
  void give();
  // The peer is gone at the next tend(): its owner may be in the middle of send().
  void lose(const std::string& reason);
  void forget_peer(arch::Time now);

  std::string path_;
  std::optional<UnixListener> listener_;
  FrameReceiver* receiver_ = nullptr;
  Descriptor peer_;
  std::string peer_text_;
  StreamFrames input_{longest_frame};
  OutputBuffer output_;
  std::string lost_;     // why the peer is to be forgotten
  std::string trouble_;  // while there is none
  unsigned may_give_ = 0;
  unsigned refused_ = 0;                   // peers: one is there already, or they are somebody else's
  Pauses pauses_;                          // between attempts to connect
  bool no_room_ = false;                   // accept() has found no descriptor since the last tend()
  std::optional<arch::Time> accept_from_;  // not before
};

}  // namespace vmlan::host
