// What a TCP/IP stack needs of the adapter under it: a QDIO NIC of either layer, or a test's wire.
//
// Threads: the program's own turn. One virtual call per packet beside some hundred nanoseconds of TCP/IP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "qdio/adapter/ipa_codes.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"
#include "wire/transport_header.h"

namespace vmlan::cms {

class PacketReceiver {
 public:
  virtual ~PacketReceiver() = default;
  // `payload`: an IP packet, or an Ethernet frame if the header says passthru. Valid during the call only.
  virtual void receive(const wire::Layer3Header& header, std::span<const std::byte> payload) = 0;
  // Layer 2. Valid during the call only.
  virtual void receive_frame(std::span<const std::byte> frame) = 0;
};

// What may change under an interface, with its LAN.
struct LinkState {
  bool started = false;  // the adapter is there and in use
  bool online = false;   // and has a LAN
  bool layer2 = false;   // Ethernet frames; false: IP packets
  unsigned session = 0;  // counts the adapter's sessions

  bool operator==(const LinkState&) const = default;
};

class IpLink {
 public:
  virtual ~IpLink() = default;

  virtual LinkState state() const = 0;
  // Layer 3: IPv6 travels in Ethernet frames (OSD); false: as bare packets (HiperSockets).
  virtual bool ipv6_in_ethernet() const = 0;
  virtual wire::MacAddress mac() const = 0;
  virtual std::uint32_t mtu() const = 0;        // the largest
  virtual std::uint32_t usual_mtu() const = 0;  // what is taken if nobody says

  // Room for a packet of `length` bytes, or nullptr (ring full, link down); commit() sends what was
  // written there at the next flush(). The header is of the link's layer, its length filled in by the link.
  virtual std::byte* reserve(std::uint32_t length) = 0;
  virtual void commit(const wire::Layer3Header& header, std::uint32_t length) = 0;
  virtual void commit(const wire::Layer2Header& header, std::uint32_t length) = 0;
  virtual void flush() = 0;
  // What was flushed could not leave (HiperSockets: the receiver is full); the next flush() tries again.
  virtual bool busy() const = 0;

  // Hands over what has arrived, bounded; more() tells whether to come again.
  virtual void poll(PacketReceiver& receiver) = 0;
  virtual bool more() const = 0;

  virtual qdio::IpaCode set_ip(const wire::IpAddress& address, unsigned prefix_length) = 0;
  virtual qdio::IpaCode delete_ip(const wire::IpAddress& address) = 0;
  virtual qdio::IpaCode join(const wire::IpAddress& group) = 0;
  virtual qdio::IpaCode leave(const wire::IpAddress& group) = 0;
};

}  // namespace vmlan::cms
