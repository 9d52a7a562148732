// Tells the traces of other programs, which are not read here, from the first bytes of a file, and what makes
// one of them that is.
//
// Source: wireshark 4.0, wiretap (the magic numbers of its readers). Threads: any.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace vmlan::host {

// How much of a file it takes to tell all of them; less tells fewer.
inline constexpr std::size_t foreign_format_bytes = 4096;

// "a Sun snoop file: editcap -F pcapng IN OUT (of wireshark) makes one that is read"; empty: none that is
// known.
std::string foreign_format(std::span<const std::byte> first_bytes);

}  // namespace vmlan::host
