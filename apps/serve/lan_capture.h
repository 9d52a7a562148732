// A LAN captured by somebody at the system's socket: each frame goes out at once, as pcapng blocks in
// messages of the link. Who does not read costs only the frames that find no room.
//
// Owns: the trace. Threads: the base's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apps/system/trace_output.h"
#include "guestlan/trace_lan.h"
#include "host/connections.h"
#include "link/protocol.h"

namespace vmlan::apps {

class LanCapture final : private host::BlockOutput {
 public:
  // What may wait for its reader, bytes.
  static constexpr std::size_t most_owed = std::size_t{2} << 20U;

  // `ended`: told at once that the LAN has gone.
  LanCapture(host::Connections& connections, host::ConnectionId id, const arch::Clock& clock,
             const link::Capture& wanted, std::function<void()> ended);
  ~LanCapture() override;

  void start(guestlan::Lan& lan) { watch_.start(lan); }
  // The statistics go out too, and nothing after them.
  void stop() noexcept;

 private:
  bool has_room() const noexcept override { return connections_.owed(id_) <= most_owed; }
  Took take(std::span<const std::span<const std::byte>> pieces) noexcept override;

  host::Connections& connections_;
  host::ConnectionId id_;
  bool last_words_ = false;
  std::function<void()> ended_;
  PcapngTrace trace_;
  guestlan::LanTrace watch_;
};

}  // namespace vmlan::apps
