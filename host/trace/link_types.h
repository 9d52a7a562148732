// The numbers by which a capture file says what its records begin with, their names, and who reads them.
//
// Source: the tcpdump project's list of link types (LINKTYPE_*, which is what files hold; a program's DLT_*
// may differ). Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include "wire/link_layer.h"

namespace vmlan::host {

// "EN10MB", as tcpdump calls it; "LINKTYPE 65000" if it has no name here.
std::string link_type_name(std::uint32_t number);
// What reads it; LinkType::unsupported if nothing does.
wire::LinkType link_type_of(std::uint32_t number) noexcept;

}  // namespace vmlan::host
