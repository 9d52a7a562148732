// An account in a replay's report for programs.
//
// Threads: any.
#pragma once

#include "apps/replay/account.h"
#include "apps/replay/report_document.h"

namespace vmlan::apps {

// `of`: what it counts.
Document latency_member(const LatencyHistogram& histogram, const char* of = "packets");
// Its members are added to `to`; times count from `began`.
void add_account(Document& to, const Account& account, arch::Time began);

}  // namespace vmlan::apps
