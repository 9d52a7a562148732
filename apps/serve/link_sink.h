// Where a port's packets go instead of an input queue: into the connection of a guest outside.
//
// Owns: nothing. Threads: the base's.
#pragma once

#include <cstddef>
#include <span>

#include "apps/serve/link_desk.h"
#include "guestlan/frame_sink.h"
#include "link/protocol.h"

namespace vmlan::apps {

link::Header header_of(link::MessageType type, unsigned device_index, std::size_t length);

template <class Block>
std::span<const std::byte> bytes_of_block(const Block& block) {
  return std::as_bytes(std::span(&block, 1));
}

class LinkSink final : public guestlan::FrameSink {
 public:
  // `lossless`: HiperSockets, whose senders wait or are told if this port alone is meant.
  LinkSink(LinkDesk& desk, host::ConnectionId id, unsigned device_index, bool lossless)
      : desk_(desk), id_(id), device_index_(device_index), lossless_(lossless) {}

  qdio::GiveResult give(const qdio::ReceiveHeader& received, const qdio::Frame& frame,
                        guestlan::WhenFull when_full) override;
  qdio::GiveResult give_unfinished(const wire::Layer3Header& received, const qdio::Offload& offload,
                                   const qdio::Frame& frame, guestlan::WhenFull when_full) override;
  void publish() override;

 private:
  qdio::GiveResult send(link::MessageType type, std::span<const std::byte> head, const qdio::Frame& frame,
                        guestlan::WhenFull when_full);

  LinkDesk& desk_;
  host::ConnectionId id_;
  unsigned device_index_;
  bool lossless_;
};

}  // namespace vmlan::apps
