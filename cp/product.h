// What the system calls itself, in the shape of z/VM's banner.
#pragma once

#include <string_view>

namespace vmlan::cp {

inline constexpr std::string_view product_level = "vmlan Version 0 Release 1.0";
inline constexpr std::string_view service_level = "0000";
inline constexpr std::string_view product_foundation = "built on virtual QDIO adapters";

}  // namespace vmlan::cp
