// What a driver leaves to its adapter: checksums to be filled in, and super-frames (TSO), TCP segments of up
// to 64 KiB that become packets of the network's size. Here a frame becomes the packets that its receiver
// gets, with everything filled in.
//
// Sums are always computed, from the packet's own bytes, whatever the driver left in their fields: a receiver
// that relies on its adapter may pass the packet on. Only who asks for partial sums gets them, as virtio has
// it: the field holds the pseudo header's.
//
// Owns: nothing of the sender's, whose storage is only read; headers are completed in a copy. What the sender
// changes meanwhile makes its packets wrong, nothing else. Threads: one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "qdio/queues/buffer_element.h"
#include "qdio/queues/frame.h"
#include "wire/transport_packet.h"

namespace vmlan::qdio {

struct Offload {
  bool ethernet = false;            // the payload begins with an Ethernet header
  bool ip_checksum = false;         // IPv4's header
  bool transport_checksum = false;  // TCP's or UDP's
  bool whole = false;               // the receiver takes super-frames as they are
  bool partial_sums = false;        // and fills in TCP's and UDP's checksums, from the pseudo header's sum on
  std::uint16_t header_length = 0;  // a super-frame's protocol headers; 0: an ordinary packet
  std::uint16_t segment_size = 0;   // payload bytes of each packet but the last; 0: an ordinary packet
};

Offload offload_of(const Frame& frame) noexcept;

class FinishedPackets {
 public:
  struct Packet {
    const Segment* segment = nullptr;
    unsigned segments = 0;
    std::uint32_t length = 0;
    // As what it counts: a super-frame that stays whole as the packets it would be cut into, and their bytes.
    unsigned counts = 1;
    std::uint64_t bytes = 0;
  };

  // The segments, at most most_segments, are `length` bytes together and stay while this is used.
  FinishedPackets(const Offload& offload, const Segment* payload, unsigned segments,
                  std::uint32_t length) noexcept;
  FinishedPackets(const FinishedPackets&) = delete;
  FinishedPackets& operator=(const FinishedPackets&) = delete;

  // false: a super-frame that is no TCP segment with these headers, or longer than IP allows.
  bool usable() const noexcept { return usable_; }
  // TCP's or UDP's checksum will be right. Not so if nobody asked, or if what was asked for cannot be done: a
  // fragment, another protocol, headers cut short. Such a packet goes on as it is.
  bool summed() const noexcept { return summed_; }
  // The packet's, if summed().
  wire::IpVersion version() const noexcept { return ip_.version; }
  // Where its TCP or UDP header lies, if summed().
  const wire::TransportLayout& transport() const noexcept { return transport_; }
  // Packets to be delivered.
  unsigned count() const noexcept { return count_; }
  // The packet of that number, in any order; valid until the next call.
  Packet packet(unsigned number) noexcept;

 private:
  // A packet's protocol headers are looked for, and completed, in this many bytes.
  static constexpr std::uint32_t most_head = 256;

  void prepare_packet() noexcept;
  void prepare_super_frame() noexcept;
  Packet plain_packet() noexcept;
  Packet part(unsigned number) noexcept;
  std::byte* head_at(std::uint32_t offset) noexcept { return head_.data() + offset; }
  std::span<const std::byte> head() const noexcept { return std::span(head_).first(head_length_); }
  void complete_ip(std::uint32_t length, unsigned number) noexcept;
  void complete_tcp(std::uint32_t offset, bool last) noexcept;
  void fill_ip_checksum() noexcept;
  void fill_transport_checksum(std::uint32_t end) noexcept;
  // Behind the head: `length` payload bytes from `offset` on.
  void append_payload(std::uint32_t offset, std::uint32_t length) noexcept;

  Offload offload_;
  const Segment* payload_;
  unsigned payload_segments_;
  std::uint32_t length_;
  bool usable_ = true;
  bool summed_ = false;
  bool ip_summed_ = false;
  unsigned count_ = 1;
  wire::IpLayout ip_;
  wire::TransportLayout transport_;
  std::uint32_t head_length_ = 0;
  std::array<std::byte, most_head> original_;  // the sender's headers, copied once
  std::array<std::byte, most_head> head_;      // completed for one packet
  unsigned segments_ = 0;
  std::array<Segment, 1 + most_segments> segment_;
};

// A transport header as a receiver shall find it: made for one receiver, then given the length of each
// packet.
class HeaderForReceiver {
 public:
  // `header` as for an ordinary packet, its identifier possibly a super-frame's.
  HeaderForReceiver(const ReceiveHeader& header, bool ethernet, bool verified) noexcept;
  // The same, finished elsewhere but for the length.
  explicit HeaderForReceiver(const wire::Layer3Header& header) noexcept;
  const wire::Layer3Header& bytes() const noexcept { return layer3_; }
  ReceiveHeader with_length(std::uint32_t length) noexcept;

 private:
  union {
    wire::Layer3Header layer3_;
    wire::Layer2Header layer2_;
  };
  bool ethernet_;
};

}  // namespace vmlan::qdio
