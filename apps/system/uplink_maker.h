// Makes the uplinks of a running system: from what DEFINE UPLINK says to a real device in its event loop.
//
// Threads: the base's.
#pragma once

#include "cp/port_groups.h"
#include "cp/uplinks.h"
#include "host/event_loop.h"

namespace vmlan::apps {

// The loop outlives the uplinks. Under a virtual clock there are none: time passes outside.
cp::Uplinks::Maker uplink_maker(host::EventLoop& loop, bool real_clock);
// Port groups of these.
cp::PortGroups::Maker group_maker(host::EventLoop& loop, const arch::Clock& clock);

}  // namespace vmlan::apps
