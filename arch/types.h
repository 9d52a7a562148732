// The words of the Principles of Operation (PoP, SA22-7832) that every layer uses.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace vmlan::arch {

// Absolute storage address in a virtual machine.
using Address = std::uint64_t;

inline constexpr std::uint64_t page_size = 4096;

// What an instruction leaves in the PSW.
enum class ConditionCode : std::uint8_t { zero = 0, one = 1, two = 2, three = 3 };

// Program-interruption codes a storage access or an operand can end in (PoP, chapter 6). `none` = no
// interruption.
enum class ProgramCheck : std::uint16_t { none = 0, protection = 4, addressing = 5, specification = 6 };

std::string_view to_string(ProgramCheck check) noexcept;

// Access key of a channel program or of a queue descriptor, 0-15. Key 0 may access everything.
enum class AccessKey : std::uint8_t { zero = 0 };

constexpr AccessKey access_key(unsigned nibble) noexcept { return static_cast<AccessKey>(nibble & 0x0fU); }

// Device number as the guest knows it, 0000-FFFF.
struct DeviceNumber {
  std::uint16_t value = 0;
  auto operator<=>(const DeviceNumber&) const = default;
};

// Subchannel number within the machine, 0-FFFF; the identification word is 0001ssss.
struct SubchannelNumber {
  std::uint16_t value = 0;
  auto operator<=>(const SubchannelNumber&) const = default;
};

}  // namespace vmlan::arch
