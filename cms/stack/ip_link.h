// What a TCP/IP stack needs of the adapter under it: a layer-3 QDIO NIC, or a test's wire.
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
};

class IpLink {
 public:
  virtual ~IpLink() = default;

  // IPv6 travels in Ethernet frames (OSD); false: as bare packets (HiperSockets).
  virtual bool ipv6_in_ethernet() const = 0;
  virtual wire::MacAddress mac() const = 0;
  virtual std::uint32_t mtu() const = 0;

  // Room for a packet of `length` bytes, or nullptr (ring full, link down); commit() sends what was
  // written there at the next flush(). The header's length field is filled in by the link.
  virtual std::byte* reserve(std::uint32_t length) = 0;
  virtual void commit(const wire::Layer3Header& header, std::uint32_t length) = 0;
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
