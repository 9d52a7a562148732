// The three descriptors that a program finds open when it starts, or should.
#pragma once

namespace vmlan::host {

// Occupies those that whoever started the program has closed, so that no file or socket that is opened later
// takes the place of one, and hears what was meant for a person. Reading and writing them fails as before.
void hold_standard_streams() noexcept;

}  // namespace vmlan::host
