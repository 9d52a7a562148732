// What each part of a replay's pipeline is told of the options.
//
// Threads: any.
#pragma once

#include <cstdint>

#include "apps/replay/closed_loop.h"
#include "apps/replay/courier.h"
#include "apps/replay/members.h"
#include "apps/replay/post.h"
#include "apps/replay/replay.h"

namespace vmlan::apps {

MemberSettings member_settings(const ReplayOptions& options);
PostSettings post_settings(const ReplayOptions& options);
CourierSettings courier_settings(const ReplayOptions& options);
ClosedLoop::Settings closed_settings(const ReplayOptions& options);
bool wants_books(const ReplayOptions& options);

}  // namespace vmlan::apps
