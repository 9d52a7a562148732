// The member `closed` of a replay's report for programs.
//
// Threads: any.
#pragma once

#include "apps/replay/closed_tally.h"
#include "apps/replay/report_document.h"

namespace vmlan::apps {

// Times of packets count from `began`.
Document closed_member(const ClosedTally& tally, arch::Time began);

}  // namespace vmlan::apps
