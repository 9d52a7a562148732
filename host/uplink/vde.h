// An uplink on a VDE network: the port of a vde_switch, or what else libvdeplug's URLs name.
//
// Taken are paths of switches and the URLs vde, vxvde, vxlan, udp and tap. Others are refused by name: they
// start threads or programs (slirp, cmd, hub, switch, bonding, multi), wait inside the library (ptp, pcap),
// or do not work (seqpacket). A switch that does not answer is waited for by a thread (VdeOpening);
// everything else returns at once.
//
// vde_switch cuts frames of more than 1518 bytes without a word ("observed, 2.3.2"): none is sent to one.
//
// Owns: the connection. Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/uplink/datagram_batch.h"
#include "host/uplink/ethernet_device.h"
#include "host/uplink/pauses.h"
#include "host/uplink/vde_connection.h"
#include "host/uplink/vde_opening.h"

namespace vmlan::host {

class VdeDevice final : public EthernetDevice {
 public:
  // Ethernet headers and payload that a switch takes, and what libvdeplug's other kinds do (VDE_MAXMTU).
  static constexpr std::size_t switch_limit = 1500 + 14;
  static constexpr std::size_t library_limit = 9216 + 14;
  // A new device waits so long for the answer of a switch that is well.
  static constexpr arch::Time patience = std::chrono::milliseconds(500);

  // That there is no switch at the place is no error. Errors: "URL: reason", or that VDE is not built in.
  static std::variant<std::unique_ptr<VdeDevice>, std::string> open(const std::string& url);
  VdeDevice(const VdeDevice&) = delete;
  VdeDevice& operator=(const VdeDevice&) = delete;

  void start(FrameReceiver& receiver) override { receiver_ = &receiver; }
  Sent send(std::span<const std::span<const std::byte>> pieces, const FrameWork& work) override;
  void flush() override {}
  std::size_t frame_limit() const override { return limit_; }
  State state() const override { return connection_ && lost_.empty() ? State::ready : State::waiting; }
  std::string name() const override { return "VDE " + url_; }
  std::string trouble() const override { return lost_.empty() ? trouble_ : lost_; }
  std::vector<std::string> details() const override;

  void tend(arch::Time now) override;
  std::optional<arch::Time> deadline() const override;
  void add_to(std::vector<pollfd>& polled) override;
  void happened(std::span<const pollfd> polled) override;

 private:
  explicit VdeDevice(std::string url);
  void begin_opening();
  // What the attempt has come to.
  void take(VdeOpening::Result result);
  void tend_opening(arch::Time now);
  void read();
  void read_batches();
  ssize_t receive();
  // false: it is not one.
  bool give(std::span<const std::byte> frame);
  void batch_is_over();
  void see_whether_it_has_gone();
  Sent failed(int reason);

  std::string url_;
  std::size_t limit_;
  FrameReceiver* receiver_ = nullptr;
  VdeConnection connection_;
  bool asks_first_ = false;  // the library would wait for a frame, whatever the descriptor says
  std::shared_ptr<VdeOpening> opening_;
  std::optional<arch::Time> opening_since_;
  std::string lost_;  // why the connection is to be closed
  std::string trouble_;
  Pauses pauses_;
  unsigned failures_ = 0;       // of the library, one after the other
  std::uint64_t too_long_ = 0;  // frames from outside
  std::vector<std::byte> input_;
  std::unique_ptr<DatagramBatch> batch_;  // of a switch, whose frames are datagrams
  std::vector<std::byte> output_;
};

}  // namespace vmlan::host
