// Where a console session's lines come from: libedit at a terminal, plain lines from a pipe.
//
// Threads: the base's.
#pragma once

#include <memory>

#include "apps/script/console_session.h"

namespace vmlan::apps {

// Standard input and output; which of the two depends on whether a person sits at both.
std::unique_ptr<LineSource> standard_input();

}  // namespace vmlan::apps
