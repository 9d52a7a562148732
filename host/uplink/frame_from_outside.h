// A frame from outside becomes one of the LAN's transport, as a guest's driver would have sent it.
//
// Threads: the base's.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "guestlan/counters.h"
#include "host/uplink/ethernet_device.h"
#include "qdio/adapter/adapter_port.h"
#include "qdio/queues/frame.h"

namespace vmlan::host {

// Into `frame`, which points to the bytes; nothing: done, else why not. What the work asks for is judged
// against the length only: whoever carries it out judges the headers.
std::optional<guestlan::Drop> frame_from_outside(std::span<const std::byte> bytes, const FrameWork& work,
                                                 qdio::Transport transport, qdio::Frame& frame) noexcept;

}  // namespace vmlan::host
