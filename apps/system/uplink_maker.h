// Makes the uplinks of a running system: from what DEFINE UPLINK says to a real device in its event loop.
//
// Threads: the base's.
#pragma once

#include "cp/uplinks.h"
#include "host/event_loop.h"

namespace vmlan::apps {

// The loop outlives the uplinks. Under a virtual clock there are none: time passes outside.
cp::Uplinks::Maker uplink_maker(host::EventLoop& loop, bool real_clock);

}  // namespace vmlan::apps
