// Numbers of the pcapng format. Source: IETF draft-ietf-opsawg-pcapng.
#pragma once

#include <cstdint>

namespace vmlan::host::pcapng {

inline constexpr std::uint32_t section_header = 0x0a0d0d0a;  // the same in either byte order
inline constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
inline constexpr std::uint32_t interface_description = 1;
inline constexpr std::uint32_t old_packet = 2;
inline constexpr std::uint32_t simple_packet = 3;
inline constexpr std::uint32_t interface_statistics = 5;
inline constexpr std::uint32_t enhanced_packet = 6;

namespace option {
inline constexpr std::uint16_t end = 0;
inline constexpr std::uint16_t comment = 1;
// Of a section.
inline constexpr std::uint16_t hardware = 2;
inline constexpr std::uint16_t system = 3;
inline constexpr std::uint16_t application = 4;
// Of an interface.
inline constexpr std::uint16_t name = 2;
inline constexpr std::uint16_t description = 3;
inline constexpr std::uint16_t time_resolution = 9;
inline constexpr std::uint16_t time_offset = 14;
// Of a packet.
inline constexpr std::uint16_t flags = 2;
inline constexpr std::uint16_t drop_count = 4;
// Of statistics.
inline constexpr std::uint16_t received = 4;
inline constexpr std::uint16_t dropped = 5;
}  // namespace option

}  // namespace vmlan::host::pcapng
