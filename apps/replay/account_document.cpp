#include "apps/replay/account_document.h"

namespace vmlan::apps {

Document latency_member(const LatencyHistogram& histogram, const char* of) {
  return {{of, histogram.count()},
          {"least_ns", histogram.least().count()},
          {"mean_ns", histogram.mean().count()},
          {"p50_ns", histogram.percentile(0.5).count()},
          {"p90_ns", histogram.percentile(0.9).count()},
          {"p99_ns", histogram.percentile(0.99).count()},
          {"most_ns", histogram.most().count()}};
}

void add_account(Document& to, const Account& account, arch::Time began) {
  to["sent"] = account.sent;
  to["sent_bytes"] = account.sent_bytes;
  to["copies"] = account.copies;
  to["received"] = account.received;
  to["received_bytes"] = account.received_bytes;
  to["dropped"] = Document::object();
  for (const auto& [ending, packets] : account.dropped) to["dropped"][std::string(ending.name())] = packets;
  to["first_ns"] = (account.first - began).count();
  to["last_ns"] = (account.last - began).count();
  to["latency"] = latency_member(account.latency);
}

}  // namespace vmlan::apps
