// The three descriptors that a program finds open when it starts, or should.
#pragma once

#include <optional>

namespace vmlan::host {

inline constexpr int standard_input = 0;
inline constexpr int standard_output = 1;
inline constexpr int standard_error = 2;

// Occupies those that whoever started the program has closed, so that no file or socket that is opened later
// takes the place of one, and hears what was meant for a person. Reading and writing them fails as before.
void hold_standard_streams() noexcept;

// It can be written to now, or its reader is known to have gone.
bool takes_more(int descriptor) noexcept;

// One byte, when one can be read; nothing: the end, or an error.
std::optional<char> read_byte(int descriptor) noexcept;

}  // namespace vmlan::host
