// Capture files by hand, byte for byte: what the trace reader and the replay are held against.
// Layouts: pcap (the "savefile" format) and pcapng (IETF draft-ietf-opsawg-pcapng).
#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/kit/hex.h"
#include "wire/ip_address.h"

namespace vmlan::kit {

inline void append16(std::string& to, unsigned value) {
  to += static_cast<char>(value & 0xffU);
  to += static_cast<char>(value >> 8U & 0xffU);
}
inline void append32(std::string& to, std::uint64_t value) {
  append16(to, static_cast<unsigned>(value & 0xffffU));
  append16(to, static_cast<unsigned>(value >> 16U & 0xffffU));
}

inline constexpr unsigned link_ethernet = 1;
inline constexpr unsigned link_raw = 101;

// A pcap file in little-endian byte order, microseconds.
class PcapFile {
 public:
  explicit PcapFile(unsigned link = link_ethernet) {
    append32(bytes, 0xa1b2c3d4);
    append16(bytes, 2);
    append16(bytes, 4);
    append32(bytes, 0);
    append32(bytes, 0);
    append32(bytes, 262144);
    append32(bytes, link);
  }
  // `cut`: bytes of the frame that are missing in the record.
  PcapFile& add(const std::string& frame, std::size_t cut = 0, std::uint32_t microseconds = 0) {
    append32(bytes, 1000 + microseconds / 1'000'000);
    append32(bytes, microseconds % 1'000'000);
    append32(bytes, frame.size() - cut);
    append32(bytes, frame.size());
    bytes += frame.substr(0, frame.size() - cut);
    return *this;
  }

  std::string bytes;
};

// A pcapng file: section header, one interface, enhanced packet blocks.
class PcapngFile {
 public:
  explicit PcapngFile(unsigned link = link_ethernet) {
    std::string section;
    append32(section, 0x1a2b3c4d);
    append16(section, 1);
    append16(section, 0);
    append32(section, 0xffffffff);
    append32(section, 0xffffffff);
    add_block(0x0a0d0d0a, section);
    std::string interface;
    append16(interface, link);
    append16(interface, 0);
    append32(interface, 0);
    add_block(1, interface);
  }
  PcapngFile& add(const std::string& frame, std::size_t cut = 0, std::uint32_t interface = 0) {
    std::string packet;
    append32(packet, interface);
    append32(packet, 0);
    append32(packet, 1'000'000);
    append32(packet, frame.size() - cut);
    append32(packet, frame.size());
    packet += frame.substr(0, frame.size() - cut);
    packet.resize((packet.size() + 3) / 4 * 4);
    return add_block(6, packet);
  }
  PcapngFile& add_block(std::uint32_t type, const std::string& body) {
    append32(bytes, type);
    append32(bytes, body.size() + 12);
    bytes += body;
    append32(bytes, body.size() + 12);
    return *this;
  }

  std::string bytes;
};

inline std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// An IP packet with `length` bytes of payload, which differ with `seed`.
inline std::string ip_packet(const std::string& source, const std::string& destination, std::size_t length,
                             unsigned seed = 0) {
  const auto from = *wire::parse_ip_address(source);
  const auto to = *wire::parse_ip_address(destination);
  std::string packet;
  const auto append = [&packet](const std::uint8_t* bytes, std::size_t size) {
    packet.append(reinterpret_cast<const char*>(bytes), size);
  };
  const auto network16 = [](std::size_t value) {
    return std::string{static_cast<char>(value >> 8U), static_cast<char>(value & 0xffU)};
  };
  if (from.is_v4()) {
    packet = text_of(from_hex("4500")) + network16(length + 20) + text_of(from_hex("0000000040110000"));
    append(from.v4_bytes(), 4);
    append(to.v4_bytes(), 4);
  } else {
    packet = text_of(from_hex("60000000")) + network16(length) + text_of(from_hex("1140"));
    append(from.bytes.data(), 16);
    append(to.bytes.data(), 16);
  }
  for (std::size_t i = 0; i < length; ++i) packet += static_cast<char>((i * 7 + seed) & 0xffU);
  return packet;
}

inline std::string ethernet_frame(const std::string& packet, const std::string& tags_and_type_hex) {
  return text_of(from_hex("020000000001020000000002" + tags_and_type_hex)) + packet;
}
inline std::string ethernet_frame(const std::string& packet) {
  return ethernet_frame(packet, (static_cast<unsigned char>(packet.at(0)) >> 4U) == 4 ? "0800" : "86dd");
}

// A file that is gone when the test is over.
// Of this process alone: ctest runs tests of one program side by side, each in a process of its own.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name, const std::string& contents)
      : path_(std::filesystem::temp_directory_path() / (name + "-" + std::to_string(::getpid()))) {
    std::ofstream(path_, std::ios::binary) << contents;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace vmlan::kit
