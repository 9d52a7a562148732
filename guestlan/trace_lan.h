// A trace of a LAN: each frame once, on the interface of its sender, with what became of it. With a NIC
// chosen, what goes out of it and what comes into it. If asked for, also what guests and their adapters say
// to each other, on interfaces of its own.
//
// Frames of the IP transport get a made-up Ethernet header (guestlan/trace_header.h). What a frame's sender
// left to its adapter is still undone in it: checksums, the cutting of a super-frame.
//
// Source: CP TRSOURCE TYPE LAN.
// Owns: nothing of what it watches. Threads: the base's.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "arch/clock.h"
#include "arch/types.h"
#include "guestlan/lan.h"
#include "guestlan/trace_sink.h"
#include "guestlan/watcher.h"

namespace vmlan::guestlan {

struct TraceChoice {
  enum class Frames : std::uint8_t {
    all,
    of_nic,   // out of and into the user's NIC, or all of the user's
    trunk,    // out of and into uplinks
    dropped,  // of which a copy went nowhere
  };
  Frames frames = Frames::all;
  std::string userid;  // whose NIC; with `dropped`: whose frames, empty: anybody's
  std::optional<arch::DeviceNumber> nic;
  std::vector<std::uint16_t> vlans;  // empty: all, and frames without a tag
  std::uint32_t length = 0;          // bytes kept of a frame; 0: all
  bool control = false;  // besides: what the chosen NICs and their guests say to each other, whole
  // Who traces with no more right than a promiscuous grant gives (guestlan/trace_rights.h); empty: whoever
  // may see everything.
  std::string by_grant_of;
};

// Of its frames' interface: "ALICE.0600".
std::string trace_name_of(const Nic& nic);

class LanTrace final : public Watcher {
 public:
  // While its sink has no room it costs next to nothing: asked again after so many frames.
  static constexpr unsigned frames_without_room = 32;
  // Beyond so many interfaces the rest of them are one.
  static constexpr std::size_t most_interfaces = 4096;

  // Why it records no more, while it watches the LAN or because that has gone.
  enum class End : std::uint8_t { none, sink_full, grant_revoked, lan_gone };

  // `ended`: told at once, whatever the LAN is doing; stop() it later.
  LanTrace(const arch::Clock& clock, TraceChoice choice, TraceSink& sink, std::function<void(End)> ended);
  ~LanTrace() override;  // stops
  LanTrace(const LanTrace&) = delete;
  LanTrace& operator=(const LanTrace&) = delete;

  // It watches one LAN at most. stop() settles the sink.
  void start(Lan& lan);
  void stop() noexcept;
  // Its sink is told of all that is lost by now.
  void catch_up() noexcept;
  bool started() const noexcept { return lan_ != nullptr; }
  // Until stop() it watches in vain.
  End end() const noexcept { return end_; }
  std::uint64_t recorded() const noexcept { return recorded_; }

  unsigned passes_over() const noexcept override;
  void passed_over(const Port& from, unsigned frames) noexcept override;
  bool before(const Port& from, const qdio::Frame& frame) noexcept override;
  void after(const Port& from, const qdio::Frame& frame) noexcept override;
  void control(const Nic& nic, bool to_guest, std::span<const std::byte> message) noexcept override;
  void joined(const Port& port) noexcept override;
  void left(const Port& port) noexcept override;
  void ended(const Lan& lan) noexcept override;

 private:
  // A port of the chosen NIC, or an uplink, and what it had received before a frame.
  struct Chosen {
    const Port* port;
    std::uint64_t received;
    std::uint64_t discarded;
  };
  struct Outcome {
    std::array<std::uint64_t, drop_reasons> dropped{};
    bool any_dropped = false;
    bool any_copies = false;
  };

  void end(End why) noexcept;
  bool is_chosen(const Port& port) const noexcept;
  bool is_chosen(const Nic& nic) const noexcept;
  bool may_record() noexcept;
  bool may_record(const Port& from, const qdio::Frame& frame) noexcept;
  bool takes_vlan_of(const qdio::Frame& frame) const noexcept;
  Outcome outcome_of(const Port& from) const noexcept;
  bool loses(const Port& from, const qdio::Frame& frame) noexcept;
  std::uint32_t interface_of(const Port& port);
  std::uint32_t find_interface(const Port& port);
  std::uint32_t interface_named(std::string name, TraceSink::Link link);
  void record(const Port& interface, bool inbound, const Port& from, const qdio::Frame& frame,
              const Outcome& outcome) noexcept;

  const arch::Clock& clock_;
  TraceChoice choice_;
  TraceSink& sink_;
  std::function<void(End)> tell_;
  Lan* lan_ = nullptr;
  End end_ = End::none;
  std::uint64_t recorded_ = 0;
  unsigned frames_to_lose_ = 0;
  bool lost_ = false;  // the frame that it was shown last
  std::vector<Chosen> chosen_;
  std::uint64_t copies_ = 0;  // of the sender's packets, before the frame
  std::array<std::uint64_t, drop_reasons> dropped_{};
  const Port* last_port_ = nullptr;  // whose interface was asked for the last time
  std::uint32_t last_interface_ = 0;
  std::unordered_map<const Port*, std::uint32_t> by_port_;
  std::map<std::string, std::uint32_t> by_name_;
};

}  // namespace vmlan::guestlan
