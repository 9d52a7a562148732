// A TCP connection packet by packet, as a trace holds it: numbers follow from what was said. IP packets
// without link headers; their checksums are 0.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tests/kit/trace_file.h"
#include "wire/ip_address.h"

namespace vmlan::kit {

class TcpTalk {
 public:
  static constexpr unsigned fin = 1;
  static constexpr unsigned syn = 2;
  static constexpr unsigned rst = 4;
  static constexpr unsigned ack = 16;

  struct End {
    std::string address;
    unsigned port = 0;
    std::uint32_t next = 0;  // sequence number
  };
  TcpTalk(End client, End server) : client_(std::move(client)), server_(std::move(server)) {}

  std::string from_client(unsigned flags, const std::string& data = {}) {
    return say(client_, server_, flags, data);
  }
  std::string from_server(unsigned flags, const std::string& data = {}) {
    return say(server_, client_, flags, data);
  }
  const End& client() const { return client_; }
  const End& server() const { return server_; }

 private:
  static void append(std::string& to, std::uint64_t value, unsigned bytes) {
    while (bytes-- > 0) to += static_cast<char>(value >> bytes * 8U & 0xffU);
  }

  static std::string say(End& from, const End& to, unsigned flags, const std::string& data) {
    std::string tcp;
    append(tcp, from.port, 2);
    append(tcp, to.port, 2);
    append(tcp, from.next, 4);
    append(tcp, (flags & ack) != 0 ? to.next : 0, 4);
    append(tcp, 0x5000 | flags, 2);
    append(tcp, 0xffff, 2);
    append(tcp, 0, 4);
    tcp += data;
    from.next += static_cast<std::uint32_t>(data.size()) + ((flags & (syn | fin)) != 0 ? 1U : 0U);
    const auto source = *wire::parse_ip_address(from.address);
    const auto destination = *wire::parse_ip_address(to.address);
    std::string ip;
    if (source.is_v4()) {
      append(ip, 0x4500, 2);
      append(ip, 20 + tcp.size(), 2);
      append(ip, 0x0000400040060000, 8);
      ip.append(reinterpret_cast<const char*>(source.v4_bytes()), 4);
      ip.append(reinterpret_cast<const char*>(destination.v4_bytes()), 4);
    } else {
      append(ip, 0x60000000, 4);
      append(ip, tcp.size(), 2);
      append(ip, 0x0640, 2);
      ip.append(reinterpret_cast<const char*>(source.bytes.data()), 16);
      ip.append(reinterpret_cast<const char*>(destination.bytes.data()), 16);
    }
    return ip + tcp;
  }

  End client_;
  End server_;
};

}  // namespace vmlan::kit
