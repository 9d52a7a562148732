// NatDevice on libslirp 4.7. What was found in its source about waiting and ending, and what is done here:
// * Listening and UDP sockets are blocking ones: all are made non-blocking when they are registered,
// listening
//   ones when they are added.
// * accept() and recvfrom() follow from what poll() said: each of its answers is used once.
// * A closed peer raises SIGPIPE: ignored in this process.
// * Its time stands still between calls of slirp_pollfds_poll(): one is made before a frame that comes after
//   a while, or the UDP socket that the frame opens would be over at once.
// * A packet that waits for a neighbor goes with the next slirp_pollfds_poll(): made when the answer came.
// * /etc/resolv.conf is read when somebody asks the name server, at most once a second, if it has changed.
// * There is no bound on its sockets: here there is one.
//
// Threads: the base's.
#pragma once

#include <map>

#include "host/uplink/nat_device.h"
#include "host/uplink/nat_queue.h"
#include "wire/ethernet.h"

struct Slirp;

namespace vmlan::host {

class SlirpNat final : public NatDevice {
 public:
  SlirpNat(const NatSettings& settings, const NatPlan& plan);
  ~SlirpNat() override;
  SlirpNat(const SlirpNat&) = delete;
  SlirpNat& operator=(const SlirpNat&) = delete;
  // False: libslirp did not take the settings.
  bool is_made() const noexcept { return slirp_ != nullptr; }

  void start(FrameReceiver& receiver) override { receiver_ = &receiver; }
  Sent send(std::span<const std::span<const std::byte>> pieces, const FrameWork& work) override;
  void flush() override {}
  std::size_t frame_limit() const override;
  State state() const override { return State::ready; }
  std::string name() const override;
  std::vector<std::string> details() const override;

  void tend(arch::Time now) override;
  std::optional<arch::Time> deadline() const override;
  void add_to(std::vector<pollfd>& polled) override;
  void happened(std::span<const pollfd> polled) override;

  // The engine's sockets make segments of their own.
  std::size_t super_frame_limit() const override { return longest_packet + sizeof(wire::EthernetHeader); }
  std::optional<std::string> add_forward(const ForwardedPort& port) override;
  std::optional<std::string> remove_forward(const ForwardedPort& port) override;
  void answer_for(std::optional<wire::MacAddress> mac) override { answer_for_ = mac; }
  const NatPlan& plan() const noexcept override { return plan_; }
  const std::array<std::uint64_t, nat_drops>& drops() const noexcept override { return drops_; }
  std::size_t connections() const noexcept override { return connections_; }

 private:
  static constexpr std::size_t longest_packet = 65521;  // libslirp's limit

  struct Callbacks;

  void drop(NatDrop reason) noexcept { ++drops_[static_cast<std::size_t>(reason)]; }
  bool has_room_for(const NatPacket& packet) const noexcept;
  void input(std::span<const std::byte> frame);
  void output(std::span<const std::byte> frame);
  // What is due by time, and what has waited for a neighbor.
  void run_timers();
  // The engine's questions were answered while it ran: what waited for them goes now.
  void settle();
  void give_on();
  short wanted_events(int descriptor, short events) const noexcept;
  int happened_to(int index) const noexcept;
  void register_descriptor(int descriptor);
  void unregister_descriptor(int descriptor);
  bool is_registered(int descriptor) const noexcept;

  NatPlan plan_;
  std::size_t mtu_;
  unsigned prefix_length_;
  bool dhcp_;
  std::size_t most_connections_;
  NatFilter filter_;
  std::optional<wire::MacAddress> answer_for_;
  FrameReceiver* receiver_ = nullptr;
  Slirp* slirp_ = nullptr;

  NatQueue queue_;
  std::uint64_t merged_ = 0;     // acknowledgments that a later one said too
  bool newest_repeats_ = false;  // the queue's newest acknowledges what the one before did
  bool giving_ = false;
  bool answered_ = false;                  // a question of the engine, in this call of it
  std::vector<std::byte> pieces_;          // of a frame, together
  std::vector<pollfd>* adding_ = nullptr;  // in slirp_pollfds_fill()
  std::size_t adding_from_ = 0;
  std::span<const pollfd> happened_;  // in slirp_pollfds_poll()
  std::vector<bool> registered_;      // by descriptor
  std::size_t connections_ = 0;

  // By nat_time(): the engine's own time, its next timer, the next router advertisement.
  arch::Time polled_at_{0};
  std::optional<arch::Time> due_;
  std::optional<arch::Time> advertise_at_;
  // The same moment by the loop's clock and by nat_time().
  arch::Time tended_{0};
  arch::Time tended_at_{0};
  arch::Time looked_at_host_{0};
  std::map<wire::IpAddress, wire::MacAddress> leases_;
  std::array<std::uint64_t, nat_drops> drops_{};
};

}  // namespace vmlan::host
