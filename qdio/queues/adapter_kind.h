// The two kinds of adapter a virtual NIC can be, and the two layers a driver can speak to it in.
#pragma once

#include <cstdint>

namespace vmlan::qdio {

enum class AdapterKind : std::uint8_t { osd, iqd };
enum class Transport : std::uint8_t { ip, ethernet };  // layer 3, layer 2

}  // namespace vmlan::qdio
